"""Making, starting, listing and deleting interviews."""
