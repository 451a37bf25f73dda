"""HTTP: parse, command, serialise. Authentication is on unless an endpoint says public."""
