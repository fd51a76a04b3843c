# SPDX-License-Identifier: MIT
"""EN 13757-2 link layer: find frames in octets, and wrap user data in frames.

No I/O, no clock.  The four formats of FT1.2: the single character E5h, the short frame,
the control frame (a long frame without user data) and the long frame.
"""

from collections import namedtuple

from micropython import const

# C fields, FCB clear.  const() would hide them from other files only if private.
ACK = 0xE5
SND_NKE = 0x40
SND_UD = 0x53
REQ_UD1 = 0x5A
REQ_UD2 = 0x5B
RSP_UD = 0x08
PRM = 0x40
FCB = 0x20
FCV = 0x10
ACD = 0x20

MAX_FRAME = 261
MAX_USER_DATA = 252  # the L field counts C, A and CI too and ends at 255
DATA = 7  # where user data starts in a long frame

_SHORT = const(0x10)
_LONG = const(0x68)
_STOP = const(0x16)
_E5 = const(0xE5)
_MAX_FRAME = const(261)
_KEPT = const(8)  # slices of a buffer
_FRAMING = const(9)  # octets of a long frame without user data

# What fault() finds, in the order it looks.
SOUND = 0
BAD_START = 1
BAD_LENGTH = 2
INCOMPLETE = 3
BAD_CHECKSUM = 4
BAD_STOP = 5

Frame = namedtuple("Frame", ("c", "a", "ci", "data"))


class Parts:
    """A memoryview of some octets, and beginnings of it that are kept: a slice takes heap."""

    def __init__(self, octets: int):
        self.buf = memoryview(bytearray(octets))
        self._made = {}

    def first(self, n: int):
        """buf[:n], the same object as long as not too many others are asked for."""
        part = self._made.get(n)
        if part is None:
            if len(self._made) >= _KEPT:
                self._made.clear()
            part = self._made[n] = self.buf[:n]
        return part


class FrameParser:
    """Takes the octets of a line one by one and holds the last whole, sound frame.

    After push() returned True, and until the next push() that begins a frame:
    c, a, ci   the fields; a is None for E5h, ci is None for E5h and short frames
    buf, end   the frame from its first octet on; user data are buf[DATA:end]
    n, size    before: octets held of a frame under way, and as many as it will have, 0 as long
               as that is unknown

    Octets other than 10h, 68h and E5h in front of a frame are skipped one by one
    (wake-up preambles, a driver switching on).  After damage the parser is deaf until
    clear(), for the data of a broken frame may look like a frame: the caller says so when
    the line has been idle for 33 bit times.  Nothing is allocated per octet.
    """

    def __init__(self):
        self.buf = memoryview(bytearray(MAX_FRAME))
        self.rejected = 0  # damaged frames since power-up
        self.skipped = 0  # octets in front of frames since power-up
        self.c = self.a = self.ci = None
        self.end = 0
        self.clear()

    def clear(self):
        """The line is idle or a new exchange begins: forget an unfinished frame."""
        self.n = 0
        self.size = 0
        self.deaf = False

    @property
    def waiting(self) -> bool:
        """The beginning of a frame is held and more octets are needed."""
        return self.n > 0

    @property
    def of_master(self) -> bool:
        """The sound frame held is a master's.  Noise may look like E5h, and an echo that
        nobody removes is no master.
        """
        return self.c != ACK and bool(self.c & PRM)

    def spoil(self):
        """The receiver flagged a parity or framing error: the telegram is void."""
        self.rejected += 1
        self.clear()
        self.deaf = True

    def push(self, octet: int) -> bool:
        """Take the next octet; True when it completes a sound frame."""
        if self.deaf:
            return False
        n = self.n
        if n == 0:
            if octet == _LONG:
                self.size = 0
            elif octet == _SHORT:
                self.size = 5
            elif octet == _E5:
                self.size = 1
            else:
                self.skipped += 1
                return False
        self.buf[n] = octet
        n += 1
        self.n = n
        if n == 4 and self.size == 0:
            if fault(self.buf, 4) != INCOMPLETE:
                self.spoil()
                return False
            self.size = self.buf[1] + 6
        if n != self.size:
            return False
        if fault(self.buf, n):
            self.spoil()
            return False
        self.n = 0
        self._take(n)
        return True

    def _take(self, size):
        buf = self.buf
        self.end = DATA
        if size == 1:
            self.c, self.a, self.ci = ACK, None, None
        elif size == 5:
            self.c, self.a, self.ci = buf[1], buf[2], None
        else:
            self.c, self.a, self.ci = buf[4], buf[5], buf[6]
            self.end = size - 2

    def frame(self) -> Frame:
        """The frame held, with a copy of its user data."""
        return Frame(self.c, self.a, self.ci, bytes(self.buf[DATA : self.end]))


def fault(buf, n: int) -> int:
    """What is wrong with the n octets at buf, taken as one frame: 0 (SOUND) or a code.

    INCOMPLETE is all right so far; every other code is damage that no further octet mends.
    """
    start = buf[0]
    if start == _E5:
        return SOUND if n == 1 else BAD_LENGTH
    size, first = 5, 1
    if start == _LONG:
        if (n > 1 and buf[1] < 3) or (n > 2 and buf[1] != buf[2]):
            return BAD_LENGTH
        if n > 3 and buf[3] != _LONG:
            return BAD_START
        size, first = (buf[1] + 6 if n > 1 else _MAX_FRAME), 4
    elif start != _SHORT:
        return BAD_START
    if n < size:
        return INCOMPLETE
    if n > size:
        return BAD_LENGTH
    # A slice is made on the heap, which requests for a reply do without.
    total = buf[1] + buf[2] if first == 1 else sum(buf[first : size - 2])
    if total & 0xFF != buf[size - 2]:
        return BAD_CHECKSUM
    return SOUND if buf[size - 1] == _STOP else BAD_STOP


def short(buf, c: int, a: int) -> int:
    """Write a short frame at the start of buf; returns its 5 octets' count."""
    buf[0] = _SHORT
    buf[1] = c
    buf[2] = a
    buf[3] = (c + a) & 0xFF
    buf[4] = _STOP
    return 5


def seal(buf, c: int, a: int, ci: int, n: int, parts=None) -> int:
    """Make a long (n = 0: control) frame of the n octets at buf[DATA:]; returns its size.

    With the Parts of buf nothing is allocated.
    """
    if n > MAX_USER_DATA:
        raise ValueError("%d octets of user data, at most %d fit a frame" % (n, MAX_USER_DATA))
    size = n + _FRAMING
    buf[0] = buf[3] = _LONG
    buf[1] = buf[2] = n + 3
    buf[4] = c
    buf[5] = a
    buf[6] = ci
    buf[size - 2] = buf[size - 1] = 0
    total = sum(parts.first(size) if parts else buf[:size])
    buf[size - 2] = total - 2 * (_LONG + n + 3) & 0xFF  # from the C field on
    buf[size - 1] = _STOP
    return size
