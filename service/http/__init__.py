"""HTTP for all requests: answers, bodies, errors, links, connections, the access log."""
