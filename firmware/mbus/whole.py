# SPDX-License-Identifier: MIT
"""One whole frame at once, with words for what is wrong with it.

For what has all its octets already: tools, tests, logs.  A line is read with frame.FrameParser.
"""

from micropython import const

from .frame import (
    ACK,
    BAD_CHECKSUM,
    BAD_LENGTH,
    BAD_START,
    DATA,
    INCOMPLETE,
    MAX_FRAME,
    Frame,
    fault,
)

_SHORT = const(0x10)
_LONG = const(0x68)


class FrameError(ValueError):
    """Octets that are no frame; the text says what is wrong and at which octet."""


def parse(octets) -> Frame:
    """One whole frame; raises FrameError that says what is wrong and where."""
    n = len(octets)
    if not n:
        raise FrameError("no octets")
    code = fault(octets, n) if n <= MAX_FRAME else BAD_LENGTH
    if code:
        raise FrameError(_explain(octets, n, code))
    if n == 1:
        return Frame(ACK, None, None, b"")
    if n == 5:
        return Frame(octets[1], octets[2], None, b"")
    return Frame(octets[4], octets[5], octets[6], bytes(octets[DATA : n - 2]))


def _explain(octets, n, code):
    if code == BAD_START:
        at = 3 if octets[0] == _LONG else 0
        return "octet %d is %02X, not a start octet" % (at, octets[at])
    if octets[0] == _LONG and code == BAD_LENGTH:
        if octets[1] < 3:
            return "length %02X at octet 1 is below 3" % octets[1]
        if n > 2 and octets[1] != octets[2]:
            return "the two lengths differ: %02X at octet 1, %02X at octet 2" % (
                octets[1],
                octets[2],
            )
    if code in (BAD_LENGTH, INCOMPLETE):
        size = 1 if octets[0] == ACK else 5 if octets[0] == _SHORT else 4
        if size == 4 and n > 1:
            size = octets[1] + 6
        return "frame of %d octets has %d" % (size, n)
    if code == BAD_CHECKSUM:
        first = 1 if octets[0] == _SHORT else 4
        return "checksum %02X at octet %d should be %02X" % (
            octets[n - 2],
            n - 2,
            sum(octets[first : n - 2]) & 0xFF,
        )
    return "stop octet %02X at octet %d should be 16" % (octets[n - 1], n - 1)
