"""Reasons not to start that a person can remove: one line, no traceback."""


class CannotStart(Exception):
    """The text says what is in the way and what to do."""
