"""Properties of the rules are checked without a stop-watch: a busy machine is no failure."""

from hypothesis import settings

settings.register_profile("rules", deadline=None, max_examples=50)
settings.load_profile("rules")
