"""Logs and metrics: what the service reports about itself, without ids in labels and without
anything that people said."""
