"""Admission: how many sessions this process holds, and who holds which."""
