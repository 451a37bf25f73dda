"""The bot's side of dealer staff: what they may say and press, and what they are shown."""
