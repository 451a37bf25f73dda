"""The garbage collector of a process that lives long and loads much before it begins."""

import gc

YOUNG_BEFORE_A_LOOK = 10_000
"""Objects; Python's own 700 look through the young ones several times in each request."""


def leave_what_is_loaded() -> None:
    """Never look again at what has been loaded by now: libraries, models, word lists.

    Looking through all of it froze a busy server for 100 to 150 ms every few seconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_BEFORE_A_LOOK)
