"""Who may call and read: keys, tokens, origins, limits, the audit log."""
