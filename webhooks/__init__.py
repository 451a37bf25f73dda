"""Tells other programs what happened: signed, over connections that cannot lead inside."""
