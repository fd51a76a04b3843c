# SPDX-License-Identifier: MIT
"""Flash in RAM under littlefs, with supply that goes: every write step is kept, and can be torn.

Flash is as a NOR chip does it: erasing sets all bits of a sector of 4096 octets, programming
only clears bits.  Behind a cut every call returns -5 (EIO), as the driver of a port does;
nothing is ever raised into littlefs.
"""

BLOCK = 4096
_EIO = -5

ERASE = 0
PROGRAM = 1
FRAM = 2
MEMORY = 3


class BlockDevice:
    """So many blocks, for vfs.VfsLfs2; image what they hold.

    log   [(kind, block, offset, octets)] of all write steps, None where nobody asks
    cut   the number of write steps until the supply goes, None for never
    """

    def __init__(self, blocks, image=None):
        self.image = image or bytearray(b"\xff" * (BLOCK * blocks))
        self.blocks = blocks
        self.log = None
        self.cut = None
        self.erases = self.programs = 0

    def readblocks(self, block, buf, offset=0):
        if self.cut == 0:
            return _EIO
        at = block * BLOCK + offset
        buf[:] = memoryview(self.image)[at : at + len(buf)]
        return 0

    def writeblocks(self, block, buf, offset=0):
        if self._gone():
            return _EIO
        self.programs += 1
        if self.log is not None:
            self.log.append((PROGRAM, block, offset, bytes(buf)))
        program(self.image, block * BLOCK + offset, buf)
        return 0

    def ioctl(self, op, arg):
        if op == 4:
            return self.blocks
        if op == 5:
            return BLOCK
        if op == 6:
            if self._gone():
                return _EIO
            self.erases += 1
            if self.log is not None:
                self.log.append((ERASE, arg, 0, None))
            erase(self.image, arg * BLOCK)
        return 0

    def _gone(self):
        if self.cut:
            self.cut -= 1
        return self.cut == 0


def program(image, at, octets):
    """Clear bits; littlefs writes only where it has erased, which is checked."""
    view = memoryview(image)[at : at + len(octets)]
    if bytes(view) == b"\xff" * len(octets):
        view[:] = octets
        return
    for i, octet in enumerate(octets):
        view[i] &= octet


def erase(image, at):
    """Set all bits of a sector."""
    memoryview(image)[at : at + BLOCK] = b"\xff" * BLOCK


def tear_program(image, at, octets, rng):
    """Some first octets are programmed, of the next ones some bits, the others not at all."""
    whole = rng.below(len(octets) + 1)
    program(image, at, octets[:whole])
    for i in range(whole, min(whole + rng.below(64), len(octets))):
        image[at + i] &= octets[i] | rng.below(256)


def tear_erase(image, at, rng):
    """Some part of the sector is erased, of another part some bits are."""
    view = memoryview(image)[at : at + BLOCK]
    begin = rng.below(BLOCK + 1)
    end = begin + rng.below(BLOCK + 1 - begin)
    view[begin:end] = b"\xff" * (end - begin)
    for _ in range(rng.below(200)):
        view[rng.below(BLOCK)] |= rng.below(256)


class Random:
    """A fixed sequence of numbers, the same on every runtime."""

    def __init__(self, seed):
        self._state = seed * 2654435761 & 0xFFFFFFFF or 1

    def below(self, n):
        """A number from 0 to n - 1."""
        x = self._state
        x ^= x << 13 & 0xFFFFFFFF
        x ^= x >> 17
        x ^= x << 5 & 0xFFFFFFFF
        self._state = x
        return (x >> 8) % n

    def choice(self, among):
        """One of them."""
        return among[self.below(len(among))]
