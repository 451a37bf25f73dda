"""Tortoise's two clients without their traps: bounded waits, leak-free BEGIN, one error type."""
