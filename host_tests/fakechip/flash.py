# SPDX-License-Identifier: MIT
"""Flash that takes its time at its own will: 45 to 400 ms for a sector, interrupts off.

Flash is a block device for littlefs; FlashSlots the storage of a port (port/__init__.py),
written as littlefs writes small files in place.
"""

SECTOR = 4096
_PAGE = 256
_ERASE_US = (45000, 400000)
_PROGRAM_US = (400, 3000)
_ERASES_OF_100 = 7  # of 100 saves of a small record


class _Stalling:
    """stalls counts the erases, erasing has when each began and ended."""

    def __init__(self, chip, erase_us=_ERASE_US, program_us=_PROGRAM_US):
        self.chip = chip
        self.erase_us = erase_us
        self.program_us = program_us
        self.stalls = 0
        self.stalled_us = 0
        self.erasing = []

    def erase(self):
        """One sector; one in eight is slow."""
        low, high = self.erase_us
        chance = self.chip.clock.chance
        us = chance.between(low, high) if chance.below(8) == 0 else low
        self.stalls += 1
        self.stalled_us += us
        now = self.chip.clock.now
        self.erasing.append((now, now + us))
        self.chip.core.stall(us)

    def program(self, octets):
        low, high = self.program_us
        for _ in range(-(-octets // _PAGE)):
            chance = self.chip.clock.chance
            self.chip.core.stall(chance.between(low, high) if chance.below(8) == 0 else low)


class Flash(_Stalling):
    """The extended interface of vfs.AbstractBlockDev."""

    def __init__(self, chip, sectors=16, erase_us=_ERASE_US, program_us=_PROGRAM_US):
        super().__init__(chip, erase_us, program_us)
        self.octets = bytearray(SECTOR * sectors)
        for sector in range(sectors):
            self._blank(sector)

    def _blank(self, sector):
        self.octets[sector * SECTOR : (sector + 1) * SECTOR] = b"\xff" * SECTOR

    def readblocks(self, block, buf, offset=0):
        at = block * SECTOR + offset
        buf[:] = self.octets[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=None):
        at = block * SECTOR + (offset or 0)
        if offset is None:
            for sector in range(block, block + -(-len(buf) // SECTOR)):
                self.ioctl(6, sector)
        self.program(len(buf))
        for i in range(len(buf)):
            self.octets[at + i] &= buf[i]

    def ioctl(self, op, arg):
        if op == 4:
            return len(self.octets) // SECTOR
        if op == 5:
            return SECTOR
        if op == 6:
            self.erase()
            self._blank(arg)
        return 0


class FlashSlots(_Stalling):
    """slots.load() and save(); a reset while it is busy leaves what was stored before."""

    def __init__(self, chip, erase_us=_ERASE_US, program_us=_PROGRAM_US):
        super().__init__(chip, erase_us, program_us)
        self.slots = {}
        self.saves = []  # when each ended

    def load(self, slot):
        return self.slots.get(slot)

    def forget(self):
        self.erase()
        self.slots.clear()

    def save(self, slot, octets):
        octets = bytes(octets)
        if self.chip.clock.chance.below(100) < _ERASES_OF_100 or len(octets) > 512:
            self.erase()
        self.program(len(octets))
        self.slots[slot] = octets
        self.saves.append(self.chip.clock.now)
