# SPDX-License-Identifier: MIT
"""What a slave remembers to tell a repetition from the next telegram (EN 13757-2, 5.5.5).

The frame count bit alone does not do: masters in the field never toggle it, or begin a new
readout with the bit the last one ended with.  So a request is a repetition only if it is
the very next telegram on the bus behind the one it repeats, and comes soon enough.
`strict` leaves the bare test of the bit, for conformity tests.
"""

from micropython import const

from .frame import FCB, FCV, MAX_FRAME, Parts
from .timing import elapsed, reply_max_ms

NEW = 0  # begin at the first telegram
NEXT = 1  # the telegram behind the last one sent
REPEAT = 2  # the telegram sent last, octet for octet

SEQUENCE_MS = 60_000  # a readout of several telegrams may pause so long

_NEVER = const(-1)
_COUNT = const(0x3FFFFFFF)


def repeat_ms(baud: int) -> int:
    """How long after a telegram a request can be its repetition: all tries of a master."""
    return max(2000, 10 * reply_max_ms(baud))


class FrameCount:
    """The frame count bit of one kind of request, and the telegram it belongs to."""

    def __init__(self):
        self.since = 0  # when the sending of the current telegram ended
        self.clear()

    def clear(self):
        """The link is reset: whatever bit comes next is new."""
        self.valid = False
        self._fcb = 0
        self._heard = _NEVER  # number of the last answered request among all telegrams
        self.stale = True  # the current telegram is too old to count any more

    def judge(self, c: int, heard: int, now: int, limit_ms: int, strict: bool) -> int:
        """NEW, NEXT or REPEAT for a request with C field c, the heard-th telegram."""
        if not c & FCV:
            return NEXT
        if not self.valid:
            return NEW
        if c & FCB != self._fcb:
            return NEXT
        if strict:
            return REPEAT
        following = heard == (self._heard + 1) & _COUNT and self._heard != _NEVER
        return REPEAT if following and not self.older(now, limit_ms) else NEW

    def older(self, now: int, limit_ms: int) -> bool:
        """The current telegram was sent more than limit_ms ago."""
        return self.stale or elapsed(now, self.since) > limit_ms

    def answered(self, c: int, heard: int):
        """The request is being answered.  Without FCV it says nothing about the bit."""
        if c & FCV:
            self.valid = True
            self._fcb = c & FCB
            self._heard = heard

    def begin(self, now: int):
        """Another telegram than before is sent, or has just left: its age counts from now."""
        self.since = now
        self.stale = False

    def tick(self, now: int):
        """Called now and then, so that an old age is not mistaken for a young one."""
        if self.older(now, SEQUENCE_MS):
            self.stale = True


class LastCommand:
    """The last SND_UD, to know its repetition, which is acknowledged and not obeyed."""

    def __init__(self):
        self._buf = memoryview(bytearray(MAX_FRAME))
        self._size = self._fcb = self._own = self._since = 0
        self.valid = False

    def repeated(self, parser, own: int, now: int, limit_ms: int, strict: bool) -> bool:
        """Whether the frame held by parser, the own-th for this slave, repeats the last.

        Many masters never toggle the bit of SND_UD: only the identical frame, with nothing
        else for this slave in between, is taken for a repetition.
        """
        c = parser.c
        if not c & FCV or not self.valid or c & FCB != self._fcb:
            return False
        if strict:
            return True
        size = parser.end + 2
        if own != (self._own + 1) & _COUNT or elapsed(now, self._since) > limit_ms:
            return False
        if size != self._size or parser.buf[:size] != self._buf[:size]:
            return False
        self._own = own
        return True

    def store(self, parser, own: int, now: int):
        """The command in parser has been dealt with.  Without FCV there is nothing to keep."""
        if parser.c & FCV:
            size = parser.end + 2
            self.valid = True
            self._fcb = parser.c & FCB
            self._own = own
            self._since = now
            self._size = size
            self._buf[:size] = parser.buf[:size]

    def tick(self, now: int):
        """As FrameCount.tick()."""
        if self.valid and elapsed(now, self._since) > SEQUENCE_MS:
            self._own = _NEVER


class Context:
    """The state of one kind of addressing: by primary address, or by selection.

    device.freeze() puts its snapshot into values, and may find it there again the next time;
    row is device.put()'s place in the list, 0 when all is sent.  tx[:size] is the last RSP_UD,
    kept for repetitions; parts are those of tx.
    """

    def __init__(self):
        self.parts = Parts(MAX_FRAME)
        self.tx = self.parts.buf
        self.size = 0
        self.values = None
        self.row = 0
        self.index = _NEVER  # of the telegram sent last, from 0; -1 is none
        self.request = FrameCount()
        self.poll = FrameCount()
        self.command = LastCommand()
        self.alarm = 0  # alarm bits reported and not yet acknowledged
        self.failed = False  # "any application error" is due in the next status octet
        self.report = 0  # application error due instead of the next data, 0 for none

    def reset(self):
        """SND_NKE, selection or application reset: any frame count bit is new."""
        self.forget()
        self.command.valid = False
        self.poll.clear()
        self.alarm = 0  # reported, but nobody can say whether it arrived

    def forget(self):
        """The next REQ_UD2 begins at the first telegram, with fresh values."""
        self.request.valid = False
        self.restart()

    def restart(self):
        """The next REQ_UD2 that is no repetition begins at the first telegram."""
        self.index = _NEVER
        self.row = 0

    def tick(self, now: int):
        """Called now and then while nothing else happens."""
        self.request.tick(now)
        self.poll.tick(now)
        self.command.tick(now)
