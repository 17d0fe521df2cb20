"""Conversations that the service holds with itself: the self-test and the load test."""
