"""The OpenAPI document: made of the routes and of the types of bodies and answers."""
