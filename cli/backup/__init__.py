"""`backup` and `restore`: one file that says what is in it, and proves it when it comes back."""

from cli.backup.restore import restore
from cli.backup.save import save

__all__ = ["restore", "save"]
