# SPDX-License-Identifier: MIT
"""The UART of the RP2 as a bus, and the errors that MicroPython does not tell.

The chip keeps parity, framing, overrun and break flags until they are cleared; they are read
behind MicroPython's back, at the time the octets are.
"""

import sys

from machine import mem32

from micropython import const

from . import uart

# The first of the two, and how far the second is behind it.
_RP2350 = "RP2350" in sys.implementation._machine
_BASE = 0x40070000 if _RP2350 else 0x40034000
_NEXT = 0x8000 if _RP2350 else 0x4000
_RIS = const(0x3C)
_ICR = const(0x44)
_FLAGS = const(0x780)  # overrun, break, parity, framing


class Stream(uart.Stream):
    """A UART with errors()."""

    def __init__(self, number: int, tx: int, rx: int, baud: int, invert_tx=False, invert_rx=False):
        super().__init__(number, tx, rx, baud, invert_tx, invert_rx)
        self._status = _BASE + number * _NEXT + _RIS
        self._clear = _BASE + number * _NEXT + _ICR
        self.errors()

    def init(self, baudrate: int):
        """As of uart.Stream; errors of the old rate are none of the new one."""
        super().init(baudrate)
        self.errors()

    def errors(self) -> bool:
        """Whether an error was flagged since the last call."""
        flags = mem32[self._status] & _FLAGS
        if flags:
            mem32[self._clear] = flags
        return flags != 0
