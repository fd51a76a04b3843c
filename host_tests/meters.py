# SPDX-License-Identifier: MIT
"""The emulated meter 1 at address 5 behind a station, for tests."""

from binascii import hexlify

# In front of the register table: compiling the station takes room that it leaves again.
from stations import Line

# isort: split
from node.assembly import assemble
from node.config import Config
from slots import Slots


class Meter:
    """A module behind a station, with slots that can be read again after a restart."""

    def __init__(self, slots=None, now=1000, **given):
        self.slots = slots or Slots()
        self.given = given
        given.setdefault("primary", 5)
        given.setdefault("source", "host")
        self.module = assemble(Config(given), self.slots, now)
        self.module.persist(now)  # that it has started
        self.meter = self.module.meter
        self.line = Line(self.module)
        self.line.now = now

    def send(self, data, a=5, ci=0x51):
        """The application error behind the acknowledged command."""
        self.module.error = 0
        assert self.line.send(0x53, a, ci, data) == "E5", data
        return self.module.error

    def pass_time(self, ms, step_ms=1000):
        """Let so much time go by in steps."""
        while ms > 0:
            step = min(ms, step_ms)
            self.line.now = (self.line.now + step) & 0x3FFFFFFF
            self.module.tick(self.line.now)
            ms -= step

    def is_ahead(self) -> bool:
        """Whether a readout is ready to be sent."""
        return bool(self.module._ahead._ready)

    def persist(self):
        """Store what is due."""
        if self.module.due(self.line.now):
            self.module.persist(self.line.now)

    def restarted(self):
        """The module that starts from the same slots."""
        return Meter(self.slots, **self.given)

    def number(self):
        """The secondary address, in wire order."""
        return hexlify(self.module.identification).decode()
