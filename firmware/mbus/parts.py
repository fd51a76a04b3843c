# SPDX-License-Identifier: MIT
"""Beginnings of a buffer that are kept, for making a slice takes heap."""

from micropython import const

_KEPT = const(8)


class Parts:
    """A memoryview of some octets, and its beginnings."""

    def __init__(self, octets: int):
        self.buf = memoryview(bytearray(octets))
        self._made = {}

    def first(self, n: int):
        """buf[:n], the same object as long as not too many others are asked for."""
        part = self._made.get(n)
        if part is None:
            if len(self._made) >= _KEPT:
                self._made.clear()
            part = self._made[n] = self.buf[:n]
        return part
