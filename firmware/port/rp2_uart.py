# SPDX-License-Identifier: MIT
"""The UART of the RP2 as a bus: 8E1, and the errors that MicroPython does not tell.

The chip keeps parity, framing, overrun and break flags until they are cleared; they are read
behind MicroPython's back, at the time the octets are.
"""

import sys

from machine import UART, Pin, mem32

from micropython import const

# The first of the two, and how far the second is behind it.
_RP2350 = "RP2350" in sys.implementation._machine
_BASE = 0x40070000 if _RP2350 else 0x40034000
_NEXT = 0x8000 if _RP2350 else 0x4000
_RIS = const(0x3C)
_ICR = const(0x44)
_FLAGS = const(0x780)  # overrun, break, parity, framing
_TXBUF = const(300)  # a whole telegram, so that write() never waits
_RXBUF = const(600)


class Stream:
    """A UART in the shape that port/__init__.py wants; feeds where there are receivers."""

    def __init__(self, number: int, tx: int, rx: int, baud: int, invert_tx=False, invert_rx=False):
        self._pins = {"tx": Pin(tx), "rx": Pin(rx)}
        self._invert = (UART.INV_TX if invert_tx else 0) | (UART.INV_RX if invert_rx else 0)
        self._status = _BASE + number * _NEXT + _RIS
        self._clear = _BASE + number * _NEXT + _ICR
        self._uart = UART(number, **self._settings(baud), **self._pins)
        self.source = self._uart
        self.any = self._uart.any
        self.readinto = self._uart.readinto
        self.write = self._uart.write
        self.txdone = self._uart.txdone
        self.errors()

    def _settings(self, baud):
        return {
            "baudrate": baud,
            "bits": 8,
            "parity": 0,
            "stop": 1,
            "txbuf": _TXBUF,
            "rxbuf": _RXBUF,
            "timeout": 0,
            # Given each time: MicroPython raises it for a slow rate, and leaves it there.
            "timeout_char": 0,
            "invert": self._invert,
        }

    def init(self, baudrate: int):
        """Another rate, once the last octet has left; what came in is lost."""
        self._uart.flush()
        self._uart.init(**self._settings(baudrate), **self._pins)
        self.errors()

    def errors(self) -> bool:
        """Whether an error was flagged since the last call."""
        flags = mem32[self._status] & _FLAGS
        if flags:
            mem32[self._clear] = flags
        return flags != 0
