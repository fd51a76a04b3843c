# SPDX-License-Identifier: MIT
"""The millisecond tick, which wraps at 2**30."""

from micropython import const

_WRAP = const(0x3FFFFFFF)
_BACK = const(0x20000000)  # an elapsed time from here on is a tick that was read earlier


def elapsed(now: int, since: int) -> int:
    """The ms from one tick to another, at most 6 days; 0 when now was read before since."""
    ms = (now - since) & _WRAP
    return ms if ms < _BACK else 0
