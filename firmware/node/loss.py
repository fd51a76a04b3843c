# SPDX-License-Identifier: MIT
"""How many pulses a cut of the supply may lose, from the configuration."""

from mbus.timing import RATES, octets_ms, reply_max_ms
from micropython import const

PULSES_HZ = 25  # the fastest pulses that an input takes

_LOOK_MS = const(1000)  # between two ticks of the meter
_TICK_MS = const(10_000)  # and on a line that is never quiet (app.py)
_ERASE_MS = const(800)  # of two sectors of flash, at worst
_OCTETS = const(261)  # of the longest frame


def worst(config, fram: bool) -> int:
    """The pulses of one input, at 25 Hz, that a cut may lose; fram: whether there is FRAM.

    What is not yet due to be saved, and what comes until it is saved: the meter's next tick,
    a frame and its reply that are under way, and flash being erased twice.  A reset that the
    chip's own memory outlives loses what came since the last tick.
    """
    baud = config.baud or RATES[0]
    busy_ms = 2 * octets_ms(_OCTETS, baud) + reply_max_ms(baud)
    if fram:
        return _pulses(2 * _LOOK_MS + min(busy_ms, _TICK_MS))
    unsaved = min(config.save_pulses, config.save_min * 60 * PULSES_HZ)
    return unsaved + _pulses(_LOOK_MS + busy_ms + _ERASE_MS)


def _pulses(ms):
    return -(-ms * PULSES_HZ // 1000)
