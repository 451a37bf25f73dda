"""A market to try the loop on: made-up customers and advisers meet the real handlers.

`chance`, `seasons`, `customers`, `advisers` and `talking` are pure: who these people are and what
they do, with every number in `market.toml`. The others play them against the product. What a
customer really wants is known here and nowhere else: the product hears only what they say and do.
"""
