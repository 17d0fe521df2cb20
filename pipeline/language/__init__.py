"""The words of each language: what is listened for, and what is said without a language model."""
