"""Interviews while they go on: the socket, its wire, who may connect, how many at once."""
