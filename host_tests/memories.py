# SPDX-License-Identifier: MIT
"""Chips that remember, as machine.I2C and machine.mem32 show them, for tests."""

from errno import EIO, ENODEV


class FakeFramBus:
    """A machine.I2C with an MB85RC256V at 0x50 on it; `left` octets until the supply goes."""

    def __init__(self):
        self.octets = bytearray(32768)
        self.left = None
        self.absent = False
        self.written = 0

    def _reach(self, address, addrsize):
        if self.absent or address != 0x50:
            raise OSError(ENODEV)
        assert addrsize == 16, "a chip of 32 KB has addresses of two octets"

    def readfrom_mem_into(self, address, at, buf, *, addrsize=8):
        self._reach(address, addrsize)
        for i in range(len(buf)):
            buf[i] = self.octets[(at + i) % 32768]

    def writeto_mem(self, address, at, buf, *, addrsize=8):
        self._reach(address, addrsize)
        for i in range(len(buf)):
            if self.left == 0:
                raise OSError(EIO)
            if self.left:
                self.left -= 1
            self.octets[(at + i) % 32768] = buf[i]
            self.written += 1


class Memory:
    """The memory of a chip that outlives a reset, and the power cut that it does not."""

    def __init__(self):
        self.octets = b""

    def read(self):
        return self.octets

    def write(self, octets):
        self.octets = bytes(octets)

    def power_cut(self):
        self.octets = b"\x5a" * 20
