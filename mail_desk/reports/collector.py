"""Python's cyclic garbage collector, paused while a hundred thousand rows pass.

Reports make many small objects, all of them kept and none in a cycle; the collector would walk over
them again and again, for a quarter of the time a large summary takes. Reference counts free what is
done with as always.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused() -> Iterator[None]:
    """Pause the collector where it runs, and only there."""
    ran = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if ran:
            # Moves what was made to the oldest generation unlooked at, instead of walking over all of it now.
            gc.freeze()
            gc.unfreeze()
            gc.enable()
