# SPDX-License-Identifier: MIT
"""The UART of the RP2040, a PL011, on lines of levels; it takes the place of rp2040py's.

rp2040py's sends in no time, knows no level of its FIFOs, no timeout, no errors, and its
transmit interrupt never falls.  Here: FIFOs of 32, transmission at the rate with BUSY, TXFE and
TXFF; the transmit interrupt when the FIFO falls through its level, the receive interrupt at its
level and after 32 bit times of silence; parity, framing, break and overrun in DR, RSR and RIS;
a break that is sent; DMA that fills the transmit FIFO.  The rate is made of clk_peri.  Not
modelled: DMA that empties the other, modem lines, loopback.
"""

from rp2040py.peripherals.uart import RPUART

from .clocks import peripheral_hz
from .lines import EVEN, ODD, Line, Sampler, character

_DR, _RSR, _FR, _IBRD, _FBRD, _LCR, _CR = 0x00, 0x04, 0x18, 0x24, 0x28, 0x2C, 0x30
_IFLS, _IMSC, _RIS, _MIS, _ICR, _DMACR = 0x34, 0x38, 0x3C, 0x40, 0x44, 0x48

_RX, _TX, _TIMEOUT, _FRAMING, _PARITY, _BREAK, _OVERRUN = (1 << n for n in range(4, 11))
_BUSY, _RX_EMPTY, _TX_FULL, _RX_FULL, _TX_EMPTY = (1 << n for n in range(3, 8))
_RAISED = {"F": _FRAMING, "P": _PARITY, "B": _BREAK}
_IN_WORD = {"F": 0x100, "P": 0x200, "B": 0x400}
_OVERRUN_IN_WORD = 0x800
_ENABLED, _SENDS, _HEARS = 0x001, 0x100, 0x200
_BREAK_BIT, _PARITY_BIT, _EVEN_BIT, _TWO_STOPS, _FIFOS = 0x01, 0x02, 0x04, 0x08, 0x10
_LEVELS = (4, 8, 16, 24, 28, 28, 28, 28)
_FIFO, _TIMEOUT_BITS = 32, 32
_TX_DMA = 0x2
_STORED = {_IBRD: 0xFFFF, _FBRD: 0x3F, _CR: 0xFFFF, _IFLS: 0x3F, _DMACR: 7}
_AT_RESET = {_IBRD: 0, _FBRD: 0, _LCR: 0, _CR: _SENDS | _HEARS, _IFLS: 0x12, _IMSC: 0, _DMACR: 0}


class Uart(RPUART):
    """One of the two; rx and tx are the lines at its pins, after inversion by the pads.

    muxed      muxed(rx) tells whether a pin leads to its input, to its output
    sent       (octet, from_us, to_us) of each character it put on the line
    received   (octet, errors, from_us, to_us) of each it took off the line
    overruns   characters lost for want of room
    """

    def __init__(self, stock, scheduler):
        self._scheduler = scheduler
        self.muxed = lambda rx: True
        self.rx, self.tx = Line(), Line()
        super().__init__(stock.rp2040, stock.name, stock.irq, stock.dreq)
        self.sent, self.received = [], []
        self.overruns = 0
        self._timeout = self._step = None
        self._clear()
        Sampler(scheduler, self.rx, self._form, self._hear)

    def _clear(self):
        for event in (self._timeout, self._step):
            if event:
                event.cancel()
        self._registers = dict(_AT_RESET)
        self._in, self._out = [], []
        self._sending = self._overrun = False
        self._raised = self._status = 0
        self._timeout = self._step = None

    def reset(self):
        """As the chip is; the lines stay where they lead."""
        self._clear()
        self.tx.set(self, 1)
        self._interrupt()
        self._request()

    @property
    def bit_ns(self) -> float:
        """A bit time; 0 while no divider is set."""
        divider = self._registers[_IBRD] + self._registers[_FBRD] / 64
        return 16 * divider / peripheral_hz(self.rp2040.clocks) * 1e9

    @property
    def _format(self):
        lcr = self._registers[_LCR]
        parity = (EVEN if lcr & _EVEN_BIT else ODD) if lcr & _PARITY_BIT else None
        return 5 + (lcr >> 5 & 3), parity, 2 if lcr & _TWO_STOPS else 1

    @property
    def _depth(self):
        return _FIFO if self._registers[_LCR] & _FIFOS else 1

    @property
    def _rx_level(self):
        return _LEVELS[self._registers[_IFLS] >> 3 & 7] if self._depth > 1 else 1

    @property
    def _tx_level(self):
        return _LEVELS[self._registers[_IFLS] & 7] if self._depth > 1 else 0

    def _on(self, what):
        return self._registers[_CR] & _ENABLED and self._registers[_CR] & what and self.bit_ns

    def _interrupt(self):
        self.rp2040.set_interrupt(self.irq, bool(self._raised & self._registers[_IMSC]))

    def _raise(self, what):
        self._raised |= what
        self._interrupt()

    # What comes in.

    def _form(self):
        if not self._on(_HEARS) or not self.muxed(True):
            return None
        return (self.bit_ns, *self._format[:2])

    def _hear(self, octet, errors, begin, end):
        self.received.append((octet, errors, begin, end))
        word = octet
        for error in errors:
            word |= _IN_WORD[error]
            self._raised |= _RAISED[error]
        if len(self._in) >= self._depth:
            self._overrun = True
            self._raised |= _OVERRUN
            self.overruns += 1
        else:
            self._in.append(word | (_OVERRUN_IN_WORD if self._overrun else 0))
            self._overrun = False
            if len(self._in) >= self._rx_level:
                self._raised |= _RX
        if self._timeout:
            self._timeout.cancel()
        self._timeout = self._scheduler.after_ns(_TIMEOUT_BITS * self.bit_ns, self._silence)
        self._interrupt()

    def _silence(self):
        self._timeout = None
        if self._in:
            self._raise(_TIMEOUT)

    def _take(self):
        if not self._in:
            return 0
        word = self._in.pop(0)
        self._status = word >> 8
        if len(self._in) < self._rx_level:
            self._raised &= ~_RX
        if not self._in:
            self._raised &= ~_TIMEOUT
            if self._timeout:
                self._timeout.cancel()
                self._timeout = None
        self._interrupt()
        return word

    # What goes out.

    def _give(self, octet):
        if not self._on(_SENDS):
            return
        if len(self._out) < self._depth:
            self._out.append(octet)
        if len(self._out) > self._tx_level:
            self._raised &= ~_TX
        if not self._sending:
            self._load()
        else:
            self._request()
        self._interrupt()

    def _request(self):
        """Ask DMA for an octet as long as there is room."""
        dma = self.rp2040.dma
        wants = self._registers[_DMACR] & _TX_DMA and self._on(_SENDS)
        if wants and len(self._out) < self._depth:
            dma.set_dreq(self.dreq.tx)
        else:
            dma.clear_dreq(self.dreq.tx)

    def _load(self):
        octet = self._out.pop(0)
        self._sending = True
        begin, bit = self._scheduler.now_ns, self.bit_ns
        self._shift(octet, begin, bit, character(octet, *self._format), 0)
        if len(self._out) == self._tx_level:
            self._raise(_TX)
        self._request()

    def _shift(self, octet, begin, bit, levels, i):
        if i < len(levels):
            broken = self._registers[_LCR] & _BREAK_BIT
            self.tx.set(self, 0 if broken else levels[i] if self.muxed(False) else 1)
            self._step = self._scheduler.at_ns(
                begin + bit * (i + 1), lambda: self._shift(octet, begin, bit, levels, i + 1)
            )
            return
        self._sending, self._step = False, None
        self.sent.append((octet, begin / 1e3, self._scheduler.now_us))
        if self._out:
            self._load()
        elif self._depth == 1:
            self._raise(_TX)

    # The registers.

    @property
    def _flags(self):
        return (
            (_BUSY if self._sending or self._out else 0)
            | (0 if self._in else _RX_EMPTY)
            | (_TX_FULL if len(self._out) >= self._depth else 0)
            | (_RX_FULL if len(self._in) >= self._depth else 0)
            | (0 if self._out else _TX_EMPTY)
        )

    def read_uint32(self, offset):
        if offset == _DR:
            return self._take()
        if offset in self._registers:
            return self._registers[offset]
        if offset == _RSR:
            return self._status
        if offset == _FR:
            return self._flags
        if offset == _RIS:
            return self._raised
        if offset == _MIS:
            return self._raised & self._registers[_IMSC]
        return 0 if offset == _ICR else super().read_uint32(offset)

    def write_uint32(self, offset, value):
        if offset == _DR:
            self._give(value & 0xFF)
        elif offset in _STORED:
            self._registers[offset] = value & _STORED[offset]
            self._request()
        elif offset == _LCR:
            if (value ^ self._registers[_LCR]) & _BREAK_BIT:
                self.tx.set(self, 0 if value & _BREAK_BIT else 1)
            self._registers[_LCR] = value & 0xFF
        elif offset == _IMSC:
            self._registers[_IMSC] = value & 0x7FF
            self._interrupt()
        elif offset == _ICR:
            # What was written, not what the atomic access that may stand behind it made of it.
            self._raised &= ~(self.raw_write_value & 0x7FF)
            self._interrupt()
        elif offset == _RSR:
            self._status = 0
        else:
            super().write_uint32(offset, value)
