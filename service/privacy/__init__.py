"""Privacy: consent, retention and erasure."""
