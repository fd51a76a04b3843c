# SPDX-License-Identifier: MIT
"""The emulated meter 1 at address 5 behind a station, for tests."""

from binascii import hexlify

# In front of the register table: compiling the station takes room that it leaves again.
from stations import Line

# isort: split
from node import profile
from node.config import Config
from node.module import Module
from node.settings import Settings


class Meter:
    """A module behind a station, with slots that can be read again after a restart."""

    def __init__(self, slots=None, telegrams=2):
        self.slots = slots if slots is not None else [None, None]
        settings = Settings(lambda slot: self.slots[slot], self.save)
        config = Config({"primary": 5, "telegrams": telegrams})
        self.module = Module(config, profile.values(1), settings)
        self.line = Line(self.module)

    def save(self, slot, octets):
        self.slots[slot] = octets

    def send(self, data, a=5, ci=0x51):
        """The application error behind the acknowledged command."""
        assert self.line.send(0x53, a, ci, data) == "E5", data
        return self.module.error

    def restarted(self):
        return Meter(self.slots)

    def number(self):
        """The secondary address, in wire order."""
        return hexlify(self.module.identification).decode()
