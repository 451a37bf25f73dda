"""Runs what is due: queue rows, timers and periodic duties, with or without Redis."""
