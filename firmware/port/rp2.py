# SPDX-License-Identifier: MIT
"""The port to RP2040 and RP2350: what board.PINS names is joined to what the chip has for it.

board.PINS: uart, tx, rx, invert_tx, invert_rx; pulse1, pulse2, tariff, coil_on, coil_off,
feedback, button, lock, power_good, enable; i2c, sda, scl.  What a board has not is not in it.
Contacts close to ground.
"""

import gc
import sys
import time

import board
from machine import I2C, WDT, Pin

from micropython import const

from . import rp2_chip, rp2_pio
from .files import Slots
from .fram import Fram
from .fram import Slots as FramSlots
from .scratch import RP2040_WATCHDOG, RP2350_WATCHDOG, Registers

_PINS = board.PINS
_WATCHDOG_MS = const(8000)  # the chip's limit is 8388
_I2C_HZ = const(400_000)
_FOUND = (300, 2400, 9600)

reset_cause, restart = rp2_chip.reset_cause, rp2_chip.restart


def ticks_ms() -> int:
    """Milliseconds, wrapping at 2**30."""
    return time.ticks_ms() & 0x3FFFFFFF


def store(where: str) -> Slots:
    """The slots in a directory of the littlefs in flash."""
    return Slots(where, in_place=True)


def _i2c():
    if "sda" not in _PINS:
        return None
    return I2C(_PINS.get("i2c", 0), sda=Pin(_PINS["sda"]), scl=Pin(_PINS["scl"]), freq=_I2C_HZ)


def _answers(i2c, address):
    return i2c is not None and address in i2c.scan()


def others():
    """(slots in FRAM or None, memory that outlives a reset)."""
    from .fram import ADDRESS

    i2c = _i2c()
    fram = FramSlots(Fram(i2c)) if _answers(i2c, ADDRESS) else None
    rp2350 = "RP2350" in sys.implementation._machine
    from machine import mem32

    return fram, Registers(mem32, RP2350_WATCHDOG if rp2350 else RP2040_WATCHDOG)


def backup_clock(calendar):
    """The DS3231 if one answers, else the chip's own clock."""
    from .ds3231 import ADDRESS, Ds3231

    i2c = _i2c()
    return Ds3231(i2c, calendar) if _answers(i2c, ADDRESS) else rp2_chip.ChipClock(calendar)


def open_bus(where: str, baud: int, find: bool):
    """The UART of the board; with parallel receivers where the rate is to be found out."""
    from .rp2_uart import Stream

    enable = _output("enable", 1)
    stream = Stream(
        _PINS["uart"],
        _PINS["tx"],
        _PINS["rx"],
        baud,
        _PINS.get("invert_tx", False),
        _PINS.get("invert_rx", False),
    )
    stream.enable = enable  # held, so that the transceiver stays on
    if find:
        from .rp2_receive import Receivers

        stream.feeds = Receivers(_PINS["rx"], _FOUND, rp2_pio.RECEIVERS).feeds
        stream.any = _nothing
    return stream


def _nothing():
    return 0


def _output(name, value):
    return Pin(_PINS[name], Pin.OUT, value=value) if name in _PINS else None


def _contact(name):
    return Pin(_PINS[name], Pin.IN, Pin.PULL_UP) if name in _PINS else None


class Inputs:
    """What the board has of inputs, as port/__init__.py wants it."""

    def __init__(self):
        from .rp2_pulse import MAINS_FREQ, PulseCounter

        self._contacts = [_contact("pulse1"), _contact("pulse2")]
        self._counters = [
            PulseCounter(_PINS[name], rp2_pio.PULSES[n]) if name in _PINS else None
            for n, name in enumerate(("pulse1", "pulse2"))
        ]
        self._button, self._lock = _contact("button"), _contact("lock")
        self._power_good = _contact("power_good")
        self._mains = self._mains_pin = None
        if "tariff" in _PINS:
            self._mains_pin = _contact("tariff")
            self._mains = PulseCounter(_PINS["tariff"], rp2_pio.MAINS, MAINS_FREQ)
            self._mains_count = self._mains.count()

    def pulses(self, n: int):
        """See port/__init__.py, as for the others."""
        counter = self._counters[n]
        return counter and counter.count()

    def level(self, n: int):
        contact = self._contacts[n]
        return contact and 1 - contact.value()

    def tariff(self):
        if not self._mains:
            return None
        count = self._mains.count()
        more, self._mains_count = (count - self._mains_count) & 0xFFFFFFFF, count
        return more, 1 - self._mains_pin.value()

    def button(self) -> bool:
        return self._button is not None and not self._button.value()

    def lock(self) -> bool:
        return self._lock is not None and not self._lock.value()

    def power_good(self):
        return None if self._power_good is None else bool(self._power_good.value())


class Coils:
    """The two coils and the contact of the breaker's relay."""

    def __init__(self):
        from .rp2_coil import CoilPair

        self._pair = CoilPair(_PINS["coil_on"], _PINS["coil_off"])
        self._feedback = _contact("feedback")

    def pulse(self, coil: int, ms: int):
        """Pulse a coil as meter/relay.py numbers them; by hardware, and never both."""
        self._pair.pulse("on" if coil == 1 else "off", ms)

    def feedback(self):
        """The contact: closed to ground is 1; None where there is none."""
        return None if self._feedback is None else 1 - self._feedback.value()


def coils():
    """The relay, if the board has one."""
    return Coils() if "coil_on" in _PINS else None


def inputs() -> Inputs:
    """The inputs of the board."""
    return Inputs()


def watchdog() -> WDT:
    """From now on it wants to be fed, and cannot be stopped."""
    return WDT(timeout=_WATCHDOG_MS)


def report() -> str:
    """The interpreter and its heap."""
    gc.collect()
    words = sys.implementation._machine, gc.mem_free(), gc.mem_alloc() + gc.mem_free()
    return "%s heap=%d of %d free" % words
