# SPDX-License-Identifier: MIT
"""What a microcontroller's ports share: board.PINS joined to inputs, outputs and chips on I2C.

board.PINS: uart, tx, rx, invert_tx, invert_rx; pulse1, pulse2, tariff, coil_on, coil_off,
feedback, button, lock, power_good, enable, overload; i2c, sda, scl.  What a board has not is
not in it.  Contacts close to ground, enable is high for a transceiver, or a master's bus, that
works.
"""

import time

import board
from machine import I2C, WDT, Pin

from micropython import const

from .ds3231 import ADDRESS as DS3231
from .files import Slots
from .fram import ADDRESS as FRAM

PINS = board.PINS

# Before all else: a soft reset may have stopped a pulse with a coil on.
for _coil in ("coil_on", "coil_off"):
    if _coil in PINS:
        Pin(PINS[_coil], Pin.OUT, value=0)

_WATCHDOG_MS = const(8000)  # the RP2's limit is 8388
_I2C_HZ = const(400_000)
_COUNT = const(0xFFFFFFFF)
_COILS = (None, "on", "off")


def ticks_ms() -> int:
    """Milliseconds, wrapping at 2**30."""
    return time.ticks_ms() & 0x3FFFFFFF


def ticks_us() -> int:
    """Microseconds, wrapping at 2**30."""
    return time.ticks_us() & 0x3FFFFFFF


def store(where: str) -> Slots:
    """The slots in a directory of the littlefs in flash."""
    return Slots(where, in_place=True)


def watchdog() -> WDT:
    """From now on it wants to be fed, and cannot be stopped."""
    return WDT(timeout=_WATCHDOG_MS)


def _at(address):
    """The I2C of the board if a chip answers there, else None."""
    if "sda" not in PINS:
        return None
    i2c = I2C(PINS.get("i2c", 0), sda=Pin(PINS["sda"]), scl=Pin(PINS["scl"]), freq=_I2C_HZ)
    return i2c if address in i2c.scan() else None


def fram_slots():
    """The slots in the FRAM of the board, None if there is none."""
    i2c = _at(FRAM)
    if not i2c:
        return None
    from . import fram

    return fram.Slots(fram.Fram(i2c))


def backup_clock(calendar, own):
    """The DS3231 of the board, else the clock of the chip, own(calendar)."""
    i2c = _at(DS3231)
    if not i2c:
        return own(calendar)
    from .ds3231 import Ds3231

    return Ds3231(i2c, calendar)


def stream(kind, baud: int):
    """A stream of this class on the UART of the board; its transceiver is switched on."""
    made = kind(
        PINS["uart"],
        PINS["tx"],
        PINS["rx"],
        baud,
        PINS.get("invert_tx", False),
        PINS.get("invert_rx", False),
    )
    if "enable" in PINS:
        made.enable = Pin(PINS["enable"], Pin.OUT, value=1)
    return made


def contact(name: str):
    """The pin of a contact, None if the board has none of this name."""
    return Pin(PINS[name], Pin.IN, Pin.PULL_UP) if name in PINS else None


def _closed(pin):
    return pin is not None and not pin.value()


def overload() -> bool:
    """Whether the supply of the bus is overloaded, as a master's converter tells; else False."""
    return _closed(contact("overload"))


class Inputs:
    """What a board has of inputs, as port/__init__.py wants it.

    sampled        whether software counts
    counter(name)  what counts the pulses of an input, with count(); None if there is nothing
    """

    def __init__(self, counter, sampled: bool = False):
        self.sampled = sampled
        names = ("pulse1", "pulse2")
        self._contacts = [contact(name) for name in names]
        self._counters = [counter(name) if name in PINS else None for name in names]
        self._button, self._lock = contact("button"), contact("lock")
        self._power_good = contact("power_good")
        self._mains_pin = contact("tariff")
        self._mains = counter("tariff") if self._mains_pin else None
        self._mains_count = self._mains.count() if self._mains else 0

    def pulses(self, n: int):
        """See port/__init__.py, for all of them."""
        counter = self._counters[n]
        return counter and counter.count()

    def level(self, n: int):
        """1 while the contact is closed."""
        pin = self._contacts[n]
        return pin and 1 - pin.value()

    def tariff(self):
        """Pulses of the mains since the last call, and whether the optocoupler conducts."""
        if not self._mains:
            return None
        count = self._mains.count()
        more, self._mains_count = (count - self._mains_count) & _COUNT, count
        return more, 1 - self._mains_pin.value()

    def button(self) -> bool:
        """Whether it is pressed."""
        return _closed(self._button)

    def lock(self) -> bool:
        """Whether the jumper is set."""
        return _closed(self._lock)

    def power_good(self):
        """Whether the supply is sound; None where nothing tells."""
        return None if self._power_good is None else bool(self._power_good.value())


class Coils:
    """The relay of the breaker: a pair of coils, and a contact if there is one."""

    def __init__(self, pair):
        self._pair = pair
        self._feedback = contact("feedback")

    def pulse(self, coil: int, ms: int):
        """Pulse a coil as meter/relay.py numbers them; by hardware, and never both."""
        self._pair.pulse(_COILS[coil], ms)

    def feedback(self):
        """1 while the contact is closed; None where there is none."""
        return None if self._feedback is None else 1 - self._feedback.value()
