# SPDX-License-Identifier: MIT
"""The serial hardware behind machine.UART: FIFOs, the interrupt that empties them, the rings.

rp2: 32 places each way; the receiver interrupts at 4 octets (24 where RXIDLE is asked for),
or 32 bit times behind the last one.  any() empties the FIFO as well.  The handler clears the
error bits.  esp32: 128 places; the driver takes them at 120 octets, or as many characters behind
the last one as fit into timeout_char, flash or no flash; each at once where none does.  any()
knows of nothing before.
"""

from .line import BITS, BREAK, OVERRUN, Receiver, character

_ERRORS = 0x7F0


class _Source:
    """What interrupts, as Core.interrupt() wants it."""

    def __init__(self, service):
        self.service = service


class Serial:
    """One UART of a chip; lost counts octets that came and went, unsent those thrown away."""

    def __init__(self, chip, number):
        self.chip = chip
        self.number = number
        self.rp2 = chip.variant == "rp2"
        self.places = 32 if self.rp2 else 128
        self.lost = self.unsent = 0
        self._rx_irq = _Source(self._rx_service)
        self._tx_irq = _Source(self._tx_service)
        self.receiver = self._stuck = None
        self._idle = self._shifting = self._rxidle = None
        self._alert = False
        self.threshold, self.quiet_chars = 120, 10  # of esp32, until set by init()
        self.enabled = self.listening = False
        self.dma = None
        self.baud = 0
        self.timeout = self.timeout_char = 0
        self.rxbuf = self.txbuf = 256
        self.forget()

    def forget(self):
        self.fifo, self.ring, self.tx_fifo, self.tx_ring = [], [], [], []
        self.ris = self.last = 0
        self.handler = None
        self.trigger = 0
        self.hard = False
        self.uart = None

    def close(self):
        """Off: at a reset, or by deinit()."""
        clock = self.chip.clock
        clock.cancel(self._idle)
        clock.cancel(self._shifting)
        clock.cancel(self._rxidle)
        self._idle = self._shifting = self._rxidle = None
        if self.receiver:
            self.receiver.close()
        if self._stuck:
            self._stuck.sender.line.release(self._stuck)
        self.receiver = self._stuck = None
        self.enabled = self.listening = False
        self.forget()

    def open(self, tx, rx, baud, invert):
        """Connect to what the pins are wired to."""
        self.baud = baud
        self.inverted_rx = bool(invert & self.chip.INV_RX)
        self.tx_wire = self.chip.wires.get(tx)
        rx_wire = self.chip.wires.get(rx)
        if rx_wire:
            own = None if rx_wire.echo else self
            wrong = self.inverted_rx != rx_wire.invert
            self.receiver = Receiver(rx_wire.line, baud, self._took, own, wrong)
        if self.tx_wire and bool(invert & self.chip.INV_TX) != self.tx_wire.invert:
            self._stuck = self.tx_wire.line.space(None, self.tx_wire)
        self.enabled = True

    # Receiving

    def _took(self, octet, errors):
        if not self.listening:
            self.lost += 1
            return
        self.ris |= errors
        if len(self.fifo) >= self.places:
            self.lost += 1
            self.ris |= OVERRUN
            if not self.rp2:
                self.lost += len(self.fifo)
                self.fifo.clear()  # the driver's answer to an overflow
            return
        self.fifo.append(octet | errors << 8)
        clock = self.chip.clock
        self.last = clock.now
        if not self._idle:
            self._idle = clock.at(clock.now + self._idle_us(), self._timeout)
        if len(self.fifo) >= self._level():
            self._interrupt(self._rx_irq)

    def _interrupt(self, source):
        if self.rp2:
            self.chip.core.interrupt(source)
        else:
            source.service()  # in RAM: runs while the flash is busy too

    def _level(self):
        if not self.rp2:
            return self.threshold
        return 24 if self.trigger & self.chip.IRQ_RXIDLE else 4

    def _idle_us(self):
        return (32 if self.rp2 else self.quiet_chars * BITS) * 1000000 // self.baud

    def _timeout(self, _):
        """So many bit times without a character: what is in the FIFO is handed on."""
        clock = self.chip.clock
        self._idle = None
        due = self.last + self._idle_us()
        if due > clock.now:
            self._idle = clock.at(due, self._timeout)
        elif self.fifo:
            self._silent = self.rp2
            self._interrupt(self._rx_irq)

    _silent = False

    def _rx_service(self):
        self.ris &= ~_ERRORS
        had = len(self.fifo)
        self.drain()
        silent, self._silent = self._silent, False
        trigger = self.trigger & (self.chip.IRQ_RXIDLE if silent else 0)
        if had and not self.rp2:
            trigger |= self.trigger & self.chip.IRQ_RX
            self._watch_silence()
        self._call(trigger)

    def _call(self, trigger):
        if trigger:
            self.uart._flags = trigger
            self.chip.core.handle(self.hard, self.handler, self.uart)

    def _watch_silence(self):
        """On esp32 a timer of 20 bit times looks twice: 20 to 40 of them."""
        self._alert = True
        if self.trigger & self.chip.IRQ_RXIDLE and not self._rxidle:
            self._rxidle = self.chip.clock.after(self._period_us(), self._look)

    def _period_us(self):
        return max(500, 20 * 1000000 // self.baud)

    def _look(self, _):
        self._rxidle = None
        if self._alert:
            self._alert = False
            self._rxidle = self.chip.clock.after(self._period_us(), self._look)
        else:
            self._call(self.trigger & self.chip.IRQ_RXIDLE)

    def drain(self):
        """What the FIFO holds into the ring; breaks are dropped on rp2, 0 on esp32."""
        for word in self.fifo:
            if self.rp2 and word >> 8 & BREAK:
                continue
            if len(self.ring) < self.rxbuf:
                self.ring.append(word & 0xFF)
            else:
                self.lost += 1
        self.fifo.clear()

    # Sending

    def put(self, octets):
        """How many of them fit into ring and FIFO."""
        room = self.txbuf - len(self.tx_ring)
        self.tx_ring.extend(octets[:room])
        self.fill()
        return min(room, len(octets))

    def fill(self):
        """The FIFO, from the ring, and by DMA, which goes on whatever the processor is at."""
        n = self.places - len(self.tx_fifo)
        self.tx_fifo.extend(self.tx_ring[:n])
        self.tx_ring = self.tx_ring[n:]
        if self.dma:
            self.tx_fifo.extend(self.dma.give(self.places - len(self.tx_fifo)))
        if not self._shifting and self.tx_fifo:
            self._shift()

    def _shift(self):
        octet = self.tx_fifo.pop(0)
        wire = self.tx_wire
        if wire and not self._stuck:
            wire.line.send(character(octet), self.baud, self)
        if wire:
            wire.note(self.chip.clock.now, octet)
        self._shifting = self.chip.clock.after(BITS * 1000000 // self.baud, self._shifted)

    def _shifted(self, _):
        self._shifting = None
        if self.dma:
            self.fill()
        elif self.tx_fifo:
            self._shift()
        # Below 4 there is only something to do where the ring holds more.
        wanted = self.tx_ring or (len(self.tx_fifo) == 4 and self.trigger & self.chip.IRQ_TXIDLE)
        if wanted and len(self.tx_fifo) <= 4:
            self._interrupt(self._tx_irq)

    def _tx_service(self):
        self.fill()
        if not self.tx_ring and len(self.tx_fifo) <= 4 and self.trigger & self.chip.IRQ_TXIDLE:
            self._call(self.chip.IRQ_TXIDLE)

    def txdone(self):
        return not (self.tx_ring or self.tx_fifo or self._shifting)
