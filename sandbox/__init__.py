"""A WeChat platform of its own, so that Leadloop can be tried and tested without an account.

It plays the official account and WeCom towards the product: the server APIs with their checks,
quotas and error codes, encrypted callbacks with retries, and two phones in the browser. It imports
nothing of the product and knows it only over HTTP. See README.md.
"""
