# SPDX-License-Identifier: MIT
"""Octets without their runs of zeros, for what is stored is zeros in the main.

A control octet of 0 to 127 stands before so many octets and one more, which are as they are;
one of 128 to 255 for so many zeros less 127.
"""

from micropython import const

_MOST = const(128)
_RUN = const(0x80)
_ZEROS = b"\x00\x00"


def pack(octets) -> bytes:
    """The same, shorter where there are zeros."""
    octets = bytes(octets)
    packed = bytearray()
    at = 0
    while at < len(octets):
        run = octets.find(_ZEROS, at)
        end = len(octets) if run < 0 else run
        while at < end:
            n = min(end - at, _MOST)
            packed.append(n - 1)
            packed.extend(octets[at : at + n])
            at += n
        zeros = len(octets) - at - len(octets[at:].lstrip(b"\x00"))
        at += zeros
        while zeros:
            n = min(zeros, _MOST)
            packed.append(_RUN + n - 1)
            zeros -= n
    return bytes(packed)


def unpack(packed) -> bytes:
    """What pack() was given; ValueError where that cannot be."""
    octets = bytearray()
    at = 0
    while at < len(packed):
        n = packed[at] % _RUN + 1
        if packed[at] >= _RUN:
            octets.extend(bytes(n))
            at += 1
        else:
            octets.extend(packed[at + 1 : at + 1 + n])
            at += 1 + n
    if at != len(packed):
        raise ValueError("the octets end within a run")
    return bytes(octets)
