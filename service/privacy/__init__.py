"""Consent, retention and erasure: how long what is kept, and how it goes."""
