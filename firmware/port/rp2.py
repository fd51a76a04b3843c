# SPDX-License-Identifier: MIT
"""The port to RP2040 and RP2350: what a board names (wiring.py) is joined to what the chip has."""

import gc
import sys

from machine import mem32

from . import rp2_chip, rp2_pio, wiring
from .scratch import RP2040_WATCHDOG, RP2350_WATCHDOG, Registers
from .wiring import PINS

ticks_ms, ticks_us = wiring.ticks_ms, wiring.ticks_us
store, watchdog = wiring.store, wiring.watchdog
overload = wiring.overload
reset_cause, restart = rp2_chip.reset_cause, rp2_chip.restart

_FOUND = (300, 2400, 9600)


def others():
    """(slots in FRAM or None, memory that outlives a reset)."""
    rp2350 = "RP2350" in sys.implementation._machine
    memory = Registers(mem32, RP2350_WATCHDOG if rp2350 else RP2040_WATCHDOG)
    return wiring.fram_slots(), memory


def backup_clock(calendar):
    """The DS3231 if one answers, else the chip's own clock."""
    return wiring.backup_clock(calendar, rp2_chip.ChipClock)


def open_bus(_where: str, baud: int, find: bool):
    """The UART of the board; with parallel receivers where the rate is to be found out."""
    from .rp2_uart import Stream

    stream = wiring.stream(Stream, baud)
    if find:
        from .rp2_receive import Receivers

        stream.feeds = Receivers(PINS["rx"], _FOUND, rp2_pio.RECEIVERS).feeds
        stream.any = _nothing
        stream.source = None
    return stream


def _nothing():
    return 0


def inputs():
    """The inputs of the board, counted by PIO."""
    from .rp2_pulse import MAINS_FREQ, PulseCounter

    def counter(name):
        if name == "tariff":
            return PulseCounter(PINS[name], rp2_pio.MAINS, MAINS_FREQ)
        return PulseCounter(PINS[name], rp2_pio.PULSES[name == "pulse2"])

    return wiring.Inputs(counter)


def coils():
    """The relay, if the board has one."""
    if "coil_on" not in PINS:
        return None
    from .rp2_coil import CoilPair

    return wiring.Coils(CoilPair(PINS["coil_on"], PINS["coil_off"]))


def report() -> str:
    """The chip and its heap."""
    # All programs are made by now: their assembler is not needed any more.
    sys.modules.pop("rp2", None)
    gc.collect()
    free = gc.mem_free()
    return "%s heap=%d of %d free" % (sys.implementation._machine, free, free + gc.mem_alloc())
