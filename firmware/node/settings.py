# SPDX-License-Identifier: MIT
"""What a master has set of the module: primary address, identification number, baud rate."""

from binascii import crc32
from struct import calcsize, pack, unpack, unpack_from

from micropython import const

from .store import SETTINGS

_BODY = "<B4sI"

# As earlier versions wrote a slot: magic, version, length of the body, sequence number; body,
# in version 1 without the baud rate; CRC-32.
_MAGIC = const(0x4D42)
_OLD_HEAD = "<HBBI"
_OLD_HEAD_OCTETS = const(8)
_CRC_OCTETS = const(4)
_OLD_BODIES = {1: "<B4s", 2: _BODY}


class Settings:
    """The settings in a store (saved.py).

    primary         0..250, or None when nothing has been stored
    identification  4 BCD octets in wire order, or None
    baud            the rate that a master has set, or None
    """

    def __init__(self, saved):
        self.primary = self.identification = self.baud = None
        octets = saved.read(SETTINGS, older)
        if octets and len(octets) == calcsize(_BODY):
            self.primary, self.identification, baud = unpack(_BODY, octets)
            self.baud = baud or None

    def set(self, primary: int, identification, baud):
        """Keep these from the next save on (keeping.py)."""
        self.primary, self.identification, self.baud = primary, bytes(identification), baud

    def dump(self):
        """The record, None when nothing has ever been set."""
        if self.primary is None:
            return None
        return pack(_BODY, self.primary, self.identification, self.baud or 0)


def older(octets):
    """(sequence number, record as of today) of a slot that an earlier version wrote, else None."""
    end = len(octets) - _CRC_OCTETS
    if end < _OLD_HEAD_OCTETS or unpack_from("<I", octets, end)[0] != crc32(octets[:end]):
        return None
    magic, version, length, sequence = unpack_from(_OLD_HEAD, octets, 0)
    form = _OLD_BODIES.get(version)
    if magic != _MAGIC or not form or not length == calcsize(form) == end - _OLD_HEAD_OCTETS:
        return None
    body = octets[_OLD_HEAD_OCTETS:end]
    return sequence, body if version > 1 else body + pack("<I", 0)
