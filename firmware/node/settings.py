# SPDX-License-Identifier: MIT
"""What must outlive a power cut: primary address and identification number.

Two slots are written by turns, each with a sequence number and a CRC-32: a cut in the middle
of a write spoils the slot that is being written, and the other one still holds what was
there before.  The newest sound slot counts.
"""

from binascii import crc32
from struct import calcsize, pack, unpack

from micropython import const

SLOTS = 2

_MAGIC = const(0x4D42)
_VERSION = const(1)
_HEAD = "<HBBI"  # magic, version, length of what follows without CRC, sequence number
_BODY = "<B4s"
_WRAP = const(0xFFFFFFFF)
_HALF = const(0x80000000)


class Settings:
    """The stored settings over load(slot) -> octets or None and save(slot, octets).

    primary         0..250, or None when nothing has been stored
    identification  4 BCD octets in wire order, or None
    """

    def __init__(self, load, save):
        self._save = save
        self._sequence = 0
        self._slot = SLOTS - 1
        self.primary = self.identification = None
        for slot in range(SLOTS):
            self._adopt(slot, load(slot))

    def _adopt(self, slot, octets):
        found = _parse(octets)
        if not found:
            return
        sequence, primary, identification = found
        if self.primary is not None and (sequence - self._sequence) & _WRAP >= _HALF:
            return
        self._slot, self._sequence = slot, sequence
        self.primary, self.identification = primary, identification

    def store(self, primary: int, identification):
        """Write to the slot that does not hold the newest settings; OSError as save() raises it.

        Only when save() has returned does the new slot count as the newest.
        """
        slot = (self._slot + 1) % SLOTS
        sequence = (self._sequence + 1) & _WRAP
        identification = bytes(identification)
        body = pack(_BODY, primary, identification)
        octets = pack(_HEAD, _MAGIC, _VERSION, len(body), sequence) + body
        self._save(slot, octets + pack("<I", crc32(octets)))
        self._slot, self._sequence = slot, sequence
        self.primary, self.identification = primary, identification


def _parse(octets):
    """(sequence, primary, identification) of a sound slot of this version, else None."""
    head, body = calcsize(_HEAD), calcsize(_BODY)
    if not octets or len(octets) != head + body + 4:
        return None
    magic, version, length, sequence = unpack(_HEAD, octets[:head])
    if (magic, version, length) != (_MAGIC, _VERSION, body):
        return None
    if unpack("<I", octets[-4:])[0] != crc32(octets[:-4]):
        return None
    primary, identification = unpack(_BODY, octets[head : head + body])
    return sequence, primary, identification
