# SPDX-License-Identifier: MIT
"""EN 13757-7: the configuration field at the end of a header, of the security modes 5 and 7.

It is read in every form of the standard, for people.  One form of each mode is written and
accepted: all octets encrypted, and in mode 7 a key derived by KDF-A from the individual
master key, with the message counter of the AFL.
"""

from collections import namedtuple

from micropython import const

# mode      0 not encrypted, 5, 7, or another, of which nothing but bits is known
# blocks    of 16 octets that are encrypted (NNNN)
# flags     bits 15..13 of the word: B A S in mode 5, content (CC) and counter (Z) in mode 7
# content   bits 3..0: CC R H in mode 5, padding and content index (P III) in mode 7
# kdf       mode 7: 0 persistent key, 1 KDF-A; else None
# key_id    mode 7: 0 individual master key; else None
# counter   mode 7: message counter of its own, or None
# version   mode 7: key version, or None
# end       where the field ends with all that belongs to it
Configuration = namedtuple(
    "Configuration", "mode blocks flags content kdf key_id counter version end"
)

_KDF_A = const(0x10)  # extension: no key version, KDF-A, individual master key
_HAS_VERSION = const(0x40)
_HAS_COUNTER = const(0x20)  # of the word's upper octet


def size(mode: int) -> int:
    """The octets of the accepted form."""
    return 3 if mode == 7 else 2


def put(buf, at, mode: int, blocks: int) -> int:
    """Write the accepted form at buf[at:]; returns where it ends."""
    buf[at] = blocks << 4
    buf[at + 1] = mode
    if mode == 7:
        buf[at + 2] = _KDF_A
    return at + size(mode)


def parse(buf, at, end):
    """The Configuration at buf[at]; None where it is cut off."""
    place = at + 2
    if place > end:
        return None
    low, high = buf[at], buf[at + 1]
    mode = high & 0x1F
    kdf = key_id = counter = version = None
    if mode == 7:
        if place >= end:
            return None
        extension = buf[place]
        kdf, key_id = extension >> 4 & 3, extension & 0x0F
        place += 1
        if high & _HAS_COUNTER:
            counter = int.from_bytes(buf[place : place + 4], "little")
            place += 4
        if extension & _HAS_VERSION:
            version = buf[place] if place < end else None
            place += 1
        if place > end:
            return None
    return Configuration(
        mode, low >> 4, high >> 5, low & 0x0F, kdf, key_id, counter, version, place
    )


def is_accepted(buf, at, found) -> bool:
    """Whether the Configuration found at buf[at] has the one form of its mode, all bits of it."""
    expected = bytearray(3)
    n = put(expected, 0, found.mode, found.blocks)
    return found.mode in (5, 7) and found.blocks > 0 and buf[at : found.end] == expected[:n]
