# SPDX-License-Identifier: MIT
"""A UART of a microcontroller as a bus: 8E1.

MicroPython tells of no damaged octet.  Where the chip does not either (ESP32) only checksums
find damage; a break then comes as an octet 0, which is enough for a receiver that looks for the
rate of its master.
"""

from machine import UART, Pin

from micropython import const

_RXBUF = const(600)


class Stream:
    """A machine.UART in the shape that port/__init__.py wants."""

    _txbuf = 300  # a whole telegram, so that write() never waits

    def __init__(self, number: int, tx: int, rx: int, baud: int, invert_tx=False, invert_rx=False):
        self._pins = {"tx": Pin(tx), "rx": Pin(rx)}
        self._invert = (UART.INV_TX if invert_tx else 0) | (UART.INV_RX if invert_rx else 0)
        self.source = self._uart = uart = UART(number, **self._settings(baud), **self._pins)
        self.any, self.readinto, self.txdone = uart.any, uart.readinto, uart.txdone

    def write(self, octets):
        """Send octets, behind those that have not left."""
        return self._uart.write(octets)

    def _settings(self, baud):
        return {
            "baudrate": baud,
            "bits": 8,
            "parity": 0,
            "stop": 1,
            "txbuf": self._txbuf,
            "rxbuf": _RXBUF,
            "timeout": 0,
            # Given each time: the RP2 raises it for a slow rate, and leaves it there.
            "timeout_char": 0,
            "invert": self._invert,
        }

    def init(self, baudrate: int):
        """Another rate, once the last octet has left; what came in is lost."""
        self._uart.flush()
        self._uart.init(**self._settings(baudrate), **self._pins)
