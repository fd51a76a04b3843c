# SPDX-License-Identifier: MIT
"""Storage in RAM, for tests."""


class Slots:
    """Storage as a dict of octets by slot number."""

    def __init__(self):
        self.octets = {}
        self.full = False

    def load(self, slot):
        return self.octets.get(slot)

    def save(self, slot, octets):
        if self.full:
            raise OSError(28)
        self.octets[slot] = bytes(octets)
