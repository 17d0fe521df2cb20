"""The OpenAPI document, made from the routes and from the types of bodies and answers."""
