# SPDX-License-Identifier: MIT
"""A whole bus in one process and in virtual time: what hours take on a line takes no time."""

from mbusnode.bus import MASTER, Bus
from mbusnode.timeline import Port, Timeline


class VirtualBus(Timeline):
    """A bus whose time runs only while run() does: no test on it ever sleeps."""

    def __init__(self, baud: int, echo: bool = False, slave_echo: bool = False):
        super().__init__(Bus(baud, echo, slave_echo))
        self.master = self.port(MASTER)

    def slave(self, baud=None, feeds=()) -> Port:
        """Join another slave, at this rate if one is given; returns its port."""
        return self.port(self.bus.attach(baud, feeds), feeds)

    def run(self, for_us: int, done=lambda: False):
        """Let time pass until done(), or for so long."""
        self.advance(self.now_us + for_us, done)

    def exchange(self, link, procedure, limit_us: int = 3_600_000_000):
        """Run a procedure of the MasterLink that was joined; its result, or its error raised."""
        link.start(procedure, self.now_us // 1000 & 0x3FFFFFFF)
        self.run(limit_us, lambda: link.done)
        if link.error:
            raise link.error
        return link.result
