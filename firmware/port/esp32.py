# SPDX-License-Identifier: MIT
"""The port to the ESP32 family: what a board names (wiring.py) is joined to what the chip has.

The counters of the chip do not debounce: behind a contact that bounces belongs a filter of 2 to
4 ms with a Schmitt trigger, which an electronic output does without.  A chip without counters
(ESP32-C3) takes interrupts, and is good for 5 pulses a second.
"""

import gc
import sys

import machine
from machine import RTC, Pin

from . import chipclock, esp32_chip, uart, wiring
from .scratch import ClockMemory
from .wiring import PINS

ticks_ms, ticks_us = wiring.ticks_ms, wiring.ticks_us
store, watchdog = wiring.store, wiring.watchdog
overload = wiring.overload
reset_cause, restart = esp32_chip.reset_cause, esp32_chip.restart

_NAMES = ("pulse1", "pulse2", "tariff")


def others():
    """(slots in FRAM or None, memory that outlives a reset)."""
    return wiring.fram_slots(), ClockMemory(RTC())


def backup_clock(calendar):
    """The DS3231 if one answers, else the chip's own clock."""
    return wiring.backup_clock(calendar, chipclock.ChipClock)


def open_bus(_where: str, baud: int, _find: bool):
    """The UART of the board; where the rate is to be found out its one receiver hunts."""
    return wiring.stream(uart.Stream, baud)


def inputs():
    """The inputs of the board, counted by hardware where the chip has a counter."""
    from . import esp32_count

    sampled = not hasattr(machine, "Counter")
    kind = esp32_count.Sampled if sampled else esp32_count.Counted
    return wiring.Inputs(lambda name: kind(_NAMES.index(name), Pin(PINS[name])), sampled)


def coils():
    """The relay, if the board has one."""
    if "coil_on" not in PINS:
        return None
    return wiring.Coils(esp32_chip.CoilPair(PINS["coil_on"], PINS["coil_off"]))


def report() -> str:
    """The chip and its heap, and what it cannot do."""
    gc.collect()
    free = gc.mem_free()
    limit = "" if hasattr(machine, "Counter") else ", pulses up to 5 Hz"
    words = sys.implementation._machine, free, free + gc.mem_alloc(), limit
    return "%s heap=%d of %d free%s" % words
