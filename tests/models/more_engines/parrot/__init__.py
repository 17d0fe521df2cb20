"""A recognizer that understands what its file says."""
