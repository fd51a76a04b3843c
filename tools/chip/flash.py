# SPDX-License-Identifier: MIT
"""The flash of a Pico: how long it is busy, and what a power cut leaves of what it was at.

rp2040py erases and programs in no time.  Here the chip says that it is busy, so that the
processor waits as MicroPython makes it: with interrupts off, and nothing run from flash.  The
times are those that the W25Q16 is known for, and may be set.
"""

import random
from typing import NamedTuple

SECTOR, BLOCK, PAGE = 4096, 65536, 256
SIZE = 2 * 1024 * 1024

_ERASE, _ERASE_BLOCK, _PROGRAM, _READ_STATUS = 0x20, 0xD8, 0x02, 0x05
_BUSY = 1
_WITH_ADDRESS = 4  # octets of a command and its address


class Operation(NamedTuple):
    """What the flash was at: its octets before and after, and from when to when."""

    at: int
    before: bytes
    after: bytes
    begin_us: float
    end_us: float

    @property
    def erases(self) -> bool:
        return len(self.after) >= SECTOR


class FlashTimes:
    """Lets the flash of a chip take its time.

    operations holds (begin_us, octets concerned, address) of each erase and program.
    """

    def __init__(self, chip, now_us, erase_us=45_000, block_us=150_000, page_us=400):
        self.erase_us, self.block_us, self.page_us = erase_us, block_us, page_us
        self.operations = []
        self.last = None
        self._chip, self._now_us = chip, now_us
        ssi = self._ssi = chip.ssi
        self._shift, self._apply = ssi._shift_byte, ssi._apply_command
        ssi._shift_byte, ssi._apply_command = self._shift_octet, self._execute

    @property
    def busy(self) -> bool:
        return self.last is not None and self._now_us() < self.last.end_us

    def _shift_octet(self, octet):
        answer = self._shift(octet)
        sent = self._ssi._tx_buffer
        if len(sent) > 1 and sent[0] == _READ_STATUS and self.busy:
            answer |= _BUSY
        return answer

    def _execute(self):
        sent = self._ssi._tx_buffer
        kinds = {
            _ERASE: (SECTOR, self.erase_us),
            _ERASE_BLOCK: (BLOCK, self.block_us),
            _PROGRAM: (PAGE, self.page_us),
        }
        size, us = kinds.get(sent[0], (0, 0)) if len(sent) >= _WITH_ADDRESS else (0, 0)
        if not size or not self._ssi._write_enabled:
            self._apply()
            return
        at = int.from_bytes(sent[1:_WITH_ADDRESS], "big") & -size
        before = bytes(self._chip.flash[at : at + size])
        self._apply()
        now = self._now_us()
        after = bytes(self._chip.flash[at : at + size])
        self.last = Operation(at, before, after, now, now + us)
        self.operations.append((now, size, at))

    def cut(self, seed: int = 1) -> bytes:
        """The whole flash as it is left when the supply fails now: of an erase or a program
        that lasts, each bit is done or not, by chance and by how far it has come."""
        image = bytearray(self._chip.flash)
        if self.busy:
            last = self.last
            done = (self._now_us() - last.begin_us) / (last.end_us - last.begin_us)
            image[last.at : last.at + len(last.after)] = torn(last, done, random.Random(seed))
        return bytes(image)


def torn(operation: Operation, done: float, chance) -> bytes:
    """The octets of an operation of which this part was done."""
    result = bytearray(operation.before)
    for i, (old, new) in enumerate(zip(operation.before, operation.after, strict=True)):
        for bit in range(8):
            if (old ^ new) >> bit & 1 and chance.random() < done:
                result[i] ^= 1 << bit
    return bytes(result)
