# SPDX-License-Identifier: MIT
"""What the RP2 itself knows: why it started, and the time while nothing stopped its clock.

Two registers of the watchdog outlive every reset but a power cut.  One says what the firmware
was about to do, because the chip itself tells a power-up from all else and no more; the other
that the clock was set to UTC by this firmware.  A clock that starts anew begins in 2021.
"""

import sys

import machine
from machine import RTC, mem32

from micropython import const

from . import chipclock

# As node/health.py numbers them.
POWER = const(1)
WATCHDOG = const(2)
CRASH = const(3)
COMMAND = const(4)
SOFT = const(5)

_WATCHDOG = 0x400D8000 if "RP2350" in sys.implementation._machine else 0x40058000
_CAUSE = _WATCHDOG + 0x0C + 4 * 6
_CLOCK_SET = _WATCHDOG + 0x0C + 4 * 7
_RUNNING = const(0x6D627573)
_CRASHING = const(0x6D627C72)
_RESTARTING = const(0x6D627273)
_UTC = const(0x6D627554)
_FIRST_YEAR = const(2021)
_BOOT_S = const(3)  # a start takes less


def reset_cause() -> int:
    """Why the device started; to be asked once."""
    left, mem32[_CAUSE] = mem32[_CAUSE] & 0xFFFFFFFF, _RUNNING
    if machine.reset_cause() != machine.WDT_RESET and left != _RUNNING:
        return POWER
    if left == _CRASHING:
        return CRASH
    if left == _RESTARTING:
        return COMMAND
    return SOFT if _clock_went_on() else WATCHDOG


def _clock_went_on():
    # Only a soft reset leaves the clock alone.
    year, month, day, _, hour, minute, second, _ = RTC().datetime()
    fresh = year == _FIRST_YEAR and month == day == 1
    return not fresh or (hour * 60 + minute) * 60 + second > _BOOT_S


def restart(crashed: bool = True):
    """Reset the device, and remember why."""
    mem32[_CAUSE] = _CRASHING if crashed else _RESTARTING
    machine.reset()


class ChipClock(chipclock.ChipClock):
    """As of chipclock.py; it may also have been set by others, to their local time."""

    def read(self):
        """As there, if it was this firmware that set it."""
        if mem32[_CLOCK_SET] & 0xFFFFFFFF != _UTC:
            return None
        return super().read()

    def set(self, utc_s: int):
        """As there."""
        super().set(utc_s)
        mem32[_CLOCK_SET] = _UTC
