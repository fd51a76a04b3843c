# SPDX-License-Identifier: MIT
"""PIO that keeps its time whatever the processor does.

rp2040py steps its state machines as instructions of the processor pass, and once for each jump
of the clock while that sleeps, with the pins as they are after it: a program that samples then
sees the wrong level.  Here an alarm stands for the cycle at which the next state machine is
due, so that each instruction is executed at its time; and what changes a pin, or is seen by the
processor, finds the blocks brought up to that time.  A WAIT that is over goes on at once, not
at the next tick of its divider.
"""

from contextlib import contextmanager

_PER_NS = 32  # the unit of the blocks' time is a 256th of 8 ns
_NEVER = 1 << 62
_PIO0, _PIO1, _PINS, _PADS = 0x50200, 0x50300, 0x40014, 0x4001C


def _nothing():
    pass


class Timed:
    """A block of registers whose every access finds PIO up to date."""

    def __init__(self, steps, block, after):
        self._steps, self._block, self._after = steps, block, after

    def read_uint32(self, offset):
        with self._steps.now():
            return self._block.read_uint32(offset)

    def write_uint32(self, offset, value):
        with self._steps.now():
            self._block.write_uint32(offset, value)
        self._after()

    def write_uint32_atomic(self, offset, value, kind):
        with self._steps.now():
            self._block.write_uint32_atomic(offset, value, kind)
        self._after()

    def reset(self):
        self._block.reset()


class Steps:
    """Executes the PIO of an RP2040; rp2040py is kept from doing so.

    on_pads  called when what a pin or its pad does may have been changed
    """

    def __init__(self, chip):
        self.on_pads = _nothing
        self._clock = chip.clock
        self._blocks = list(chip.pio)
        self._alarm = chip.clock.create_alarm(self._fire)
        self._armed = None
        # Else a block would run for a while by itself as it is enabled.
        if chip.simulator is None:
            chip.simulator = self
        for key in (_PIO0, _PIO1):
            chip.peripherals[key] = Timed(self, chip.peripherals[key], _nothing)
        for key in (_PINS, _PADS):
            chip.peripherals[key] = Timed(self, chip.peripherals[key], self._pads_changed)

    def _pads_changed(self):
        self.on_pads()

    @contextmanager
    def now(self):
        """To change something that a state machine sees, at the time that is now."""
        self._run(int(self._clock.nanos * _PER_NS))
        yield
        self._plan()

    def _run(self, until):
        for block in self._blocks:
            while block.next_due_fp <= until:
                block.cycle_fp = block.next_due_fp
                block.advance(0)
            block.cycle_fp = until

    def _plan(self):
        due = _NEVER
        for block in self._blocks:
            block.stopped = True  # for rp2040py
            due = min(due, block.next_due_fp)
        if due == self._armed:
            return
        if due == _NEVER:
            self._alarm.cancel()
            self._armed = None
        else:
            self._armed = due
            self._alarm.schedule(max(0.0, due / _PER_NS - self._clock.nanos))

    def _fire(self):
        # Rounding must not leave what the alarm stood for to another one at the same time.
        until = max(self._armed, int(self._clock.nanos * _PER_NS))
        self._armed = None
        self._run(until)
        self._plan()
