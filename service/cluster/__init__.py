"""Replicas of the service on one Postgres."""
