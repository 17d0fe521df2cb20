"""Fetch the files of models from wherever they can be had: each is what its hash says, or is not
taken at all."""
