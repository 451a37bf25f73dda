"""The official account (公众号): its APIs and what customers do on their phones."""
