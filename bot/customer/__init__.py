"""The bot's side of customers on the official account."""
