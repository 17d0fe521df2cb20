"""A voice that drums."""
