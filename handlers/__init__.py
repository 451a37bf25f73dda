"""What happens on each command and event: one function, one transaction, no network."""
