# SPDX-License-Identifier: MIT
"""What the ESP32 itself knows: why it started, and two coils.

What the firmware was about to do is told by a number in the NVS: a reset that was asked for and
a panic of the interpreter are one and the same to the chip, and so are power-up and brown-out.
"""

import machine
from esp32 import NVS, RMT
from machine import Pin

from micropython import const

# As node/health.py numbers them.
POWER = const(1)
WATCHDOG = const(2)
CRASH = const(3)
COMMAND = const(4)
SOFT = const(5)

_SPACE = "mbus"
_KEY = "cause"
_NONE = const(0)

_HZ = const(312_500)  # the slowest
_MOST_TICKS = const(32_000)  # of a part of a pulse; a longer one has several


def reset_cause() -> int:
    """Why the device started; to be asked once."""
    store = NVS(_SPACE)
    try:
        left = store.get_i32(_KEY)
    except OSError:  # a new device
        left = _NONE
    if left != _NONE:
        store.set_i32(_KEY, _NONE)
        store.commit()
    cause = machine.reset_cause()
    if cause == machine.SOFT_RESET:
        return SOFT
    if cause == machine.PWRON_RESET:
        return POWER
    if cause == machine.WDT_RESET:
        return WATCHDOG
    return left or CRASH  # the interpreter itself has died


def restart(crashed: bool = True):
    """Reset the device, and remember why."""
    store = NVS(_SPACE)
    store.set_i32(_KEY, CRASH if crashed else COMMAND)
    store.commit()
    machine.reset()


class CoilPair:
    """The two coils of a bistable relay, pulsed by the RMT: no software ends a pulse."""

    def __init__(self, pin_on: int, pin_off: int):
        self._on = RMT(pin=Pin(pin_on), resolution_hz=_HZ)
        self._off = RMT(pin=Pin(pin_off), resolution_hz=_HZ)

    def pulse(self, which: str, ms: int) -> bool:
        """Drive the coil "on" or "off" for so long; False, and nothing done, while one is."""
        if self.busy():
            return False
        ticks = ms * (_HZ // 1000)
        parts = -(-ticks // _MOST_TICKS)
        durations = [ticks // parts] * parts
        (self._on if which == "on" else self._off).write_pulses(durations, [1] * parts)
        return True

    def busy(self) -> bool:
        """Whether a pulse lasts."""
        return not (self._on.wait_done(timeout=0) and self._off.wait_done(timeout=0))
