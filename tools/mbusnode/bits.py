# SPDX-License-Identifier: MIT
"""A line as its bits, and receivers that sample them at a rate of their own (8E1).

Who receives at the sender's rate gets what was sent.  Who receives at another one gets what a
UART makes of the same voltages: a start bit wherever the line falls, each bit as the line is
in the middle of it, and an error where parity or stop bit do not fit.

Times are integer microseconds, and an argument.
"""

from bisect import bisect_left, bisect_right

BAD = 0x100  # added to an octet received with a parity or framing error, or in a break

_CHARACTER_BITS = 11


def character_us(baud: int) -> int:
    """How long a character takes, rounded up."""
    return -(-_CHARACTER_BITS * 1_000_000 // baud)


class Line:
    """When the line is space; where several send, a space of any of them wins."""

    def __init__(self):
        self._starts = []  # of the spaces, in order; none touch
        self._ends = []

    def put(self, octet: int, at: int, baud: int):
        """Somebody sends an octet from `at` on."""
        data = octet << 1 | (octet.bit_count() & 1) << 9 | 1 << 10
        bit = 0
        while bit < _CHARACTER_BITS:
            first = bit
            while not data >> bit & 1:
                bit += 1
            if bit > first:
                self._add(at + first * 1_000_000 // baud, at + bit * 1_000_000 // baud)
            bit += 1

    def _add(self, start, end):
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def space(self, at: int) -> bool:
        """Whether the line is space then."""
        return bisect_right(self._starts, at) > bisect_right(self._ends, at)

    def fall(self, at: int) -> int | None:
        """When it turns from mark to space next, not before then; None where it never does."""
        i = bisect_left(self._starts, at)
        return self._starts[i] if i < len(self._starts) else None

    def forget(self, before: int):
        """Drop what ended before then."""
        n = bisect_left(self._ends, before)
        del self._starts[:n], self._ends[:n]


class Ear:
    """A UART that receives at a rate, from `now` on, what is put on its line."""

    _KEPT_US = 10_000_000

    def __init__(self, baud: int, now: int):
        self.baud = baud
        self.line = Line()
        self._from = now

    def put(self, octet: int, at: int, baud: int):
        """An octet is sent to this receiver."""
        self.line.put(octet, at, baud)

    def due(self) -> int | None:
        """When the next octet can have come at the earliest; None when the line stays mark."""
        start = self.line.fall(self._from)
        return None if start is None else self._sample(start, 10)

    def take(self, now: int) -> list:
        """[(start, octet)] of what was received until now; damaged ones with BAD added."""
        received = []
        line = self.line
        while True:
            start = line.fall(self._from)
            if start is None or self._sample(start, 10) > now:
                line.forget(now - self._KEPT_US)
                return received
            self._from = self._sample(start, 0)
            if not line.space(self._from):
                continue  # too short for a start bit
            bits = [not line.space(self._sample(start, k)) for k in range(1, _CHARACTER_BITS)]
            octet = sum(bit << k for k, bit in enumerate(bits[:8]))
            if sum(bits[:9]) & 1 or not bits[9]:
                octet |= BAD
            # Where the stop bit is none, the next start bit has to wait for the mark.
            self._from = self._sample(start, 10)
            received.append((start, octet))

    def _sample(self, start, bit):
        """The middle of a bit, the start bit being number 0, and a little behind it.

        A UART sees the edge late, by 1/32 bit here: where one rate is a multiple of the other,
        the very middle may be the end of a bit.
        """
        return start + ((2 * bit + 1) * 16 + 1) * 31_250 // self.baud
