"""Logs and metrics: what the service tells of itself, without ids in labels or words of people."""
