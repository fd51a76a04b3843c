# SPDX-License-Identifier: MIT
"""What plays the PIO programs of the firmware: a counter of pulses, two coils, a receiver."""

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

    def newest(self):
        """For DMA: the word that lies in memory by now, of a program that is computed."""
        return


class PulseCounter(Model):
    """count_pulses of port/rp2_pulse.py: X goes down with each pulse that is long enough.

    Low and high are steady for CYCLES of the state machine.

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

    def newest(self):
        """What the program has pushed last: the inverse of X, or None before the first pulse."""
        counted = self._counted()
        return counted if counted else None

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


class CoilPair(Model):
    """pulse_coil of port/rp2_coil.py: a word says which of two pads is driven, and how long."""

    EXTRA = 3  # cycles beside those counted

    def __init__(self, machine, pad, out):
        super().__init__(machine, pad, out)
        self._words = []
        self._driven = self._event = None

    def start(self):
        super().start()
        for pad in (self.out, self.machine.side):
            pad.drive(0)

    def put(self, word):
        self._words.append(word)
        if len(self._words) > 4:
            raise Misuse("StateMachine.put() waits for a pulse to end")
        if self.running and not self._driven:
            self._next()

    def _next(self):
        word = self._words.pop(0)
        self._driven = self.out if word & 1 else self.machine.side
        us = ((word >> 1 & 0xFFF) + self.EXTRA) * 1000000 // self.machine.freq
        self._driven.drive(1)
        self._event = self.clock.after(us, self._end)

    def _end(self, _):
        self._driven.drive(0)
        self._driven = None
        self.machine.push(0)
        if self._words:
            self._next()

    def stop(self):
        """Stays as it is: a pad that is driven is so until somebody else drives it."""
        self.clock.cancel(self._event)
        super().stop()


class SerialReceiver(Model):
    """receive_8e1 of port/rp2_receive.py; a word's bits 22 to 31: data, parity, stop bit."""

    PER_BIT = 16  # cycles

    _receiver = None

    def start(self):
        super().start()
        wire = self.chip.wires.get(self.pad.number)
        if wire and not self._receiver:
            baud = self.machine.freq // self.PER_BIT
            own = None if wire.echo else self.chip.serial_of(wire)
            self._receiver = Receiver(wire.line, baud, self._took, own, self._wrong(wire))

    def _wrong(self, wire):
        # The inversion is the pad's, which the UART on it has set.
        serial = self.chip.serial_of(wire)
        inverted = serial is not None and serial.inverted_rx
        return inverted != wire.invert

    def stop(self):
        if self._receiver:
            self._receiver.close()
        self._receiver = None
        super().stop()

    def _took(self, octet, errors):
        parity = (bin(octet).count("1") & 1) ^ bool(errors & PARITY)
        stop = not errors & FRAMING
        self.machine.push((octet | parity << 8 | stop << 9) << 22)


# The programs of the firmware.
PROGRAMS = {
    "count_pulses": PulseCounter,
    "pulse_coil": CoilPair,
    "receive_8e1": SerialReceiver,
}
