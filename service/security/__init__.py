"""Security: keys, tokens, origins, rate limits, the audit log."""
