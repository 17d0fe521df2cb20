"""Measures and tests the service from outside: candidates, servers, databases, model shapes."""
