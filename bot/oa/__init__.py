"""The official account: what customers send and what they are shown."""
