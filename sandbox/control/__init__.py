"""The sandbox's own API under /sandbox/: play the people, look at their phones, break things."""
