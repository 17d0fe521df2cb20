"""The words of each language: those listened for, and those said without a language model."""
