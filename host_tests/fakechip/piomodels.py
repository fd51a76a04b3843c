# SPDX-License-Identifier: MIT
"""What plays the PIO programs of the firmware: a counter of pulses, a pulse, a receiver."""

from .clock import Misuse
from .line import FRAMING, PARITY, Receiver


class Model:
    """A program: x is its register X."""

    def __init__(self, machine, pad, out):
        self.machine = machine
        self.chip = machine._chip
        self.clock = self.chip.clock
        self.pad = pad
        self.out = out
        self.running = False
        self.x = 0

    def start(self):
        self.running = True

    def stop(self):
        self.running = False

    def restart(self):
        """Begin at the first instruction."""

    def put(self, word):
        raise Misuse("this PIO program takes no words")


class PulseCounter(Model):
    """X goes down by one for each pulse: low and high steady for CYCLES of the state machine.

    Goes on whatever the processor does.  Counts a train of outside.Pulses when it is asked;
    anything else, and everything with Chip.exact, edge by edge.
    """

    CYCLES = 96

    def __init__(self, machine, pad, out):
        self._offset = self._edges = 0
        self._since = self._settling = None
        self._steady = 1
        super().__init__(machine, pad, out)
        self._window_us = self.CYCLES * 1000000 // machine.freq

    def _counted(self):
        """Pulses since the start of the program."""
        if not self.running:
            return 0
        if not self._computed:
            return self._edges
        return self.pad.outside.count(self._since, self.clock.now, self._window_us)

    @property
    def x(self):
        return (self._offset - self._counted()) & 0xFFFFFFFF

    @x.setter
    def x(self, value):
        self._offset = value + self._counted()

    def start(self):
        if self.running:
            return
        self._since = self.clock.now
        self._edges = 0
        self._computed = hasattr(self.pad.outside, "count") and not self.chip.exact
        if not self._computed:
            self.pad.counters.append(self._edge)
            self.pad.watch()
        super().start()

    def stop(self):
        self._offset -= self._counted()
        if self.running and self._edge in self.pad.counters:
            self.pad.counters.remove(self._edge)
        super().stop()

    def _edge(self, level):
        self.clock.cancel(self._settling)
        self._settling = self.clock.after(self._window_us, self._settled, level)

    def _settled(self, level):
        self._edges += self._steady and not level
        self._steady = level


class OneShot(Model):
    """Drives its pad for as long as each word says, in cycles of the state machine."""

    EXTRA = 2  # cycles that the program itself takes

    def put(self, word):
        if self.running and not self.out.out:
            self.out.drive(1)
            us = (word + self.EXTRA) * 1000000 // self.machine.freq
            self._event = self.clock.after(us, self._end)

    _event = None

    def _end(self, _):
        self._event = None
        self.out.drive(0)

    def stop(self):
        if self._event:
            self.clock.cancel(self._event)
            self._end(None)
        super().stop()


class SerialReceiver(Model):
    """8E1 at freq / 8: bits 22 to 29 of a word the octet, 30 its parity, 31 its stop bit."""

    _receiver = None

    def start(self):
        super().start()
        wire = self.chip.wires.get(self.pad.number)
        if wire and not self._receiver:
            baud = (self.machine.freq + 4) // 8
            own = None if wire.echo else self.chip.serial_of(wire)
            self._receiver = Receiver(wire.line, baud, self._took, own, wire.invert)

    def stop(self):
        if self._receiver:
            self._receiver.close()
        self._receiver = None
        super().stop()

    def _took(self, octet, errors):
        parity = (bin(octet).count("1") & 1) ^ bool(errors & PARITY)
        stop = not errors & FRAMING
        self.machine.push((octet | parity << 8 | stop << 9) << 22)
