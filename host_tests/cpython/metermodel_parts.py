# SPDX-License-Identifier: MIT
"""Parts around a module under test: storage whose supply goes, a source of all kinds."""

from meter import live
from meter.sources import ALL_KINDS
from meters import Slots


class PowerCut(Exception):
    """The supply went while the store was being written."""


class CutSlots(Slots):
    """Slots whose supply goes in the middle of a write, `left` writes from now; None: never."""

    def __init__(self):
        super().__init__()
        self.left = None
        self.written = []  # records, in their order

    def save(self, slot, octets):
        if self.left == 0:
            self.octets[slot] = bytes(octets[: len(octets) // 2])
            raise PowerCut
        if self.left:
            self.left -= 1
        super().save(slot, octets)
        self.written.append(slot >> 1)


class Feed:
    """A source of all kinds that hands on what a test gives it, and a power."""

    kinds = ALL_KINDS

    def __init__(self):
        self.due, self.watts = [], None

    def tick(self, now, seconds, sink):
        for kind, ratio in self.due:
            sink.add(kind, ratio.numerator, ratio.denominator)
        self.due = []
        sink.live.clear()
        sink.live.values[live.P] = self.watts
