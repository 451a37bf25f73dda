"""The rules of the loop: pure functions over facts."""
