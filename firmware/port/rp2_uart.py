# SPDX-License-Identifier: MIT
"""The UART of the RP2 as a bus, sent by DMA, and the errors that MicroPython does not tell.

What MicroPython sends is put into the UART by an interrupt, 32 octets ahead: while a sector of
flash is erased, none runs for 45 ms or more, and the line would fall silent within a telegram.
DMA goes on meanwhile, so that a long reply is the best time to erase.  It keeps the UART's FIFO
filled, so that a UART which is done has sent all of it.

The chip keeps parity, framing, overrun and break flags until they are cleared; they are read
behind MicroPython's back, at the time the octets are.
"""

import sys

from machine import mem32

from micropython import const

from . import rp2_pio, uart

# The first of the two, and how far the second is behind it.
_RP2350 = "RP2350" in sys.implementation._machine
_BASE = 0x40070000 if _RP2350 else 0x40034000
_NEXT = 0x8000 if _RP2350 else 0x4000
_TREQ = 28 if _RP2350 else 20  # the first's request for an octet to send
_TREQ_NEXT = const(2)
_OCTET = const(0)  # size of a transfer
_RIS = const(0x3C)
_ICR = const(0x44)
_FLAGS = const(0x780)  # overrun, break, parity, framing


class Stream(uart.Stream):
    """A UART with errors(), that sends whatever the processor is at."""

    steady = True
    _txbuf = 32  # the least: DMA takes the octets from where they are

    def __init__(self, number: int, tx: int, rx: int, baud: int, invert_tx=False, invert_rx=False):
        super().__init__(number, tx, rx, baud, invert_tx, invert_rx)
        base = _BASE + number * _NEXT
        self._status = base + _RIS
        self._clear = base + _ICR
        self._dma = dma = rp2_pio.channel("UART")
        ctrl = dma.pack_ctrl(
            size=_OCTET, inc_read=True, inc_write=False, treq_sel=_TREQ + number * _TREQ_NEXT
        )
        # Its data register comes first.
        dma.config(write=base, ctrl=ctrl)
        self._sent = None  # not to be collected before it has left
        self.errors()

    def init(self, baudrate: int):
        """As of uart.Stream; errors of the old rate are none of the new one."""
        super().init(baudrate)
        self.errors()

    def write(self, octets) -> int:
        """Send octets, which are to stay as they are until txdone(), instead of those before."""
        dma = self._dma
        dma.active(0)
        self._sent = octets
        n = len(octets)
        dma.config(read=octets, count=n, trigger=True)
        return n

    def errors(self) -> bool:
        """Whether an error was flagged since the last call."""
        flags = mem32[self._status] & _FLAGS
        if flags:
            mem32[self._clear] = flags
        return flags != 0
