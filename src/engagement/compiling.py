"""Compiling loops to machine code that gives the same bits on any x86-64 processor.

What is written as + − × ÷ stays so: correctly rounded, in the written order, none fused (no fast-math). numba's cache watches the
file of a loop only: after a change here, save those files too.
"""

from numba import njit


def compiled(function):
    """Compile on first use and keep the machine code on disk where a folder for it can be written.

    numba looks beside the source, in the user's cache folder and in `NUMBA_CACHE_DIR`; its key holds the processor's
    name and features, so code for one processor is never run on another.
    """
    options = {"nogil": True, "error_model": "numpy", "fastmath": False, "boundscheck": False}
    try:
        return njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to write
        return njit(**options)(function)
