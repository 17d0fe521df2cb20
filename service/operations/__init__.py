"""What an operator runs and watches: logs, metrics, probes, checks, capacity, stopping."""
