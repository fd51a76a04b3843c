# SPDX-License-Identifier: MIT
"""Records that outlive a power cut, each in two slots that are written by turns.

A record in its slot: magic (2 octets), version of the layout (1), which record (1), sequence
number (4), length (2), the octets, CRC-32 of all of it (4).  A cut in the middle of a write
spoils the slot that is being written, and the other one still holds what was there before.
The newest sound slot counts.
"""

from binascii import crc32
from struct import pack, unpack_from

from micropython import const

SETTINGS = 0
METER = 1
EVENTS = 2
FROZEN = 3
HISTORY = 16  # and the 15 behind it

_MAGIC = const(0x4D42)
VERSION = const(3)
_HEAD = "<HBBIH"
_HEAD_OCTETS = const(10)
_CRC_OCTETS = const(4)
_WRAP = const(0xFFFFFFFF)
_HALF = const(0x80000000)


class StoreError(Exception):
    """A record that must not be touched, in words."""


class Store:
    """Records over load(slot) -> octets or None and save(slot, octets), which may raise OSError.

    damaged is how many records had octets in their slots and nothing sound among them.
    """

    def __init__(self, load, save):
        self._load = load
        self._save = save
        self._newest = {}  # record: (slot, sequence)
        self.damaged = 0

    def read(self, record: int, older=None):
        """The octets last written, or None; StoreError where a newer version wrote them.

        older(octets) reads what an earlier version wrote into a slot: (sequence number,
        octets of the record), or None.
        """
        found = None
        spoiled = False
        for slot in (2 * record, 2 * record + 1):
            octets = self._load(slot)
            if not octets:
                continue
            sound = _sound(record, octets) or (older and older(octets))
            if not sound:
                spoiled = True
            elif found is None or 0 < (sound[0] - self._newest[record][1]) & _WRAP < _HALF:
                self._newest[record] = slot, sound[0]
                found = sound[1]
        if found is None:
            self.damaged += spoiled
        return found

    def write(self, record: int, octets):
        """Write to the slot that does not hold the newest; OSError as save() raises it.

        Only when save() has returned does the new one count as the newest.
        """
        slot, sequence = self._newest.get(record, (2 * record + 1, _WRAP))
        slot ^= 1
        sequence = (sequence + 1) & _WRAP
        whole = pack(_HEAD, _MAGIC, VERSION, record, sequence, len(octets)) + bytes(octets)
        self._save(slot, whole + pack("<I", crc32(whole)))
        self._newest[record] = slot, sequence


def _sound(record, octets):
    """(sequence number, octets of the record) of a sound slot, else None."""
    end = len(octets) - _CRC_OCTETS
    if end < _HEAD_OCTETS or unpack_from("<I", octets, end)[0] != crc32(octets[:end]):
        return None
    magic, version, which, sequence, length = unpack_from(_HEAD, octets, 0)
    if magic != _MAGIC:
        return None
    if version > VERSION:
        raise StoreError(
            "record %d was written by a newer version (layout %d, known is %d): install that "
            "version, or do a factory reset" % (record, version, VERSION)
        )
    if version != VERSION or which != record or length != end - _HEAD_OCTETS:
        return None
    return sequence, octets[_HEAD_OCTETS:end]
