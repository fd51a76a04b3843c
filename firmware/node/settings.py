# SPDX-License-Identifier: MIT
"""What must outlive a power cut: primary address, identification number, baud rate.

Two slots are written by turns, each with a sequence number and a CRC-32: a cut in the middle
of a write spoils the slot that is being written, and the other one still holds what was
there before.  The newest sound slot counts.
"""

from binascii import crc32
from struct import calcsize, pack, unpack

from micropython import const

SLOTS = 2

_MAGIC = const(0x4D42)
_VERSION = const(2)
_OLD_VERSION = const(1)  # the same without the baud rate
_HEAD = "<HBBI"  # magic, version, length of what follows without CRC, sequence number
_BODY = "<B4sI"
_OLD_BODY = "<B4s"
_WRAP = const(0xFFFFFFFF)
_HALF = const(0x80000000)


class Settings:
    """The stored settings over load(slot) -> octets or None and save(slot, octets).

    primary         0..250, or None when nothing has been stored
    identification  4 BCD octets in wire order, or None
    baud            the rate that a master has set, or None
    """

    def __init__(self, load, save):
        self._save = save
        self._sequence = 0
        self._slot = SLOTS - 1
        self.primary = self.identification = self.baud = None
        for slot in range(SLOTS):
            self._adopt(slot, load(slot))

    def _adopt(self, slot, octets):
        found = _parse(octets)
        if not found:
            return
        sequence, primary, identification, baud = found
        if self.primary is not None and (sequence - self._sequence) & _WRAP >= _HALF:
            return
        self._slot, self._sequence = slot, sequence
        self.primary, self.identification, self.baud = primary, identification, baud

    def store(self, primary: int, identification, baud):
        """Write to the slot that does not hold the newest settings; OSError as save() raises it.

        Only when save() has returned does the new slot count as the newest.
        """
        slot = (self._slot + 1) % SLOTS
        sequence = (self._sequence + 1) & _WRAP
        identification = bytes(identification)
        body = pack(_BODY, primary, identification, baud or 0)
        octets = pack(_HEAD, _MAGIC, _VERSION, len(body), sequence) + body
        self._save(slot, octets + pack("<I", crc32(octets)))
        self._slot, self._sequence = slot, sequence
        self.primary, self.identification, self.baud = primary, identification, baud


def _parse(octets):
    """(sequence, primary, identification, baud) of a sound slot, else None."""
    head = calcsize(_HEAD)
    if not octets or len(octets) < head:
        return None
    magic, version, length, sequence = unpack(_HEAD, octets[:head])
    form = {_VERSION: _BODY, _OLD_VERSION: _OLD_BODY}.get(version)
    if magic != _MAGIC or not form or length != calcsize(form):
        return None
    if len(octets) != head + length + 4 or unpack("<I", octets[-4:])[0] != crc32(octets[:-4]):
        return None
    fields = unpack(form, octets[head : head + length])
    baud = fields[2] if version == _VERSION else 0
    return sequence, fields[0], fields[1], baud or None
