"""Measures Leadloop from outside: real processes, real servers, its own encryption client."""
