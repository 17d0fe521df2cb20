"""Creating, starting, listing and deleting interviews."""
