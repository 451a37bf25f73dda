"""How the tables came to be, step by step. Made by `python -m db.migrate --make NAME`."""
