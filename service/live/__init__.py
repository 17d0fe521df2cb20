"""Running interviews: the WebSocket, its wire protocol, and the session behind it."""
