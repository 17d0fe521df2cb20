"""The model's scores beside those that a person gave."""
