"""What all requests have in common: answers, bodies, errors, links, connections, the access log."""
