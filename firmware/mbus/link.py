# SPDX-License-Identifier: MIT
"""The slave's end of the line: octets to frames, replies in their window (EN 13757-2, 5.7).

Nothing here waits: poll() does what is due and says when it wants to be called again.  A
reply begins between 11 bit times and 330 bit times + 50 ms behind the request, or not at
all: after that the master may already be repeating it.

A master may also ask for another baud rate (CI B8h to BFh, EN 13757-2, annex).  The link goes
over to it behind the acknowledgement, and comes back when nobody talks to it there.
"""

from micropython import const

from .echo import BROKEN, PASS, Echo
from .fcb import repeat_ms
from .frame import FrameParser
from .timing import RATES, abort_ms, bits_us, elapsed, idle_ms, octets_ms, reply_max_ms

REPLY_BITS = 11  # between a request and its reply, the least that the standard allows
_POLL_MS = const(5)  # how exactly the arrival of octets is known
_BUSY_POLL_MS = const(2)  # the same within an exchange
_SENDING_POLL_MS = const(20)  # an echo is kept by the stream meanwhile
_NOW_MS = const(1)  # what is due so soon is not slept for
_NEAR_MS = const(3)  # of a reply: a pause of 2 ms ends before it is due
_COMING_MS = const(6)  # of an octet: the one before may have been seen late, too
_OVERDUE_MS = const(3)  # what has not come then is not waited for like that
_TICK_US = const(1000)
_ECHO_MS = const(20)  # how late an echo may be, beyond its time on the line
_AGE_MS = const(60_000)
_TRIAL_MS = const(30_000)  # at a new rate without a sound telegram of the master


class SlaveLink:
    """Joins a stream (see port/__init__.py) to a slave station.

    frames, replies, late and collisions count since power-up: sound frames received, replies
    written, replies not written because their window had closed, echoes that differed.

    baud is the rate of the moment.  A rate that a master has set is handed to the device's
    keep_baud(rate), where there is one, with the first telegram heard at it: only then is it
    worth storing.

    reply_bits is how many bit times lie between a request and its reply at least: a master
    whose line takes time to turn needs more than the 11 of the standard.
    """

    def __init__(self, stream, slave, baud, echo="auto", reply_bits=REPLY_BITS):
        self.slave = slave
        self._reply_bits = reply_bits
        self._stream = stream
        self._errors = getattr(stream, "errors", None)
        self._rates = getattr(stream, "rates", RATES)
        self._steady = getattr(stream, "steady", False)
        self._keep_baud = getattr(slave.device, "keep_baud", None)
        self._echo = Echo(echo)
        self._parser = FrameParser()
        self._in = memoryview(bytearray(64))
        self.frames = self.replies = self.late = self.collisions = 0
        self.sending = False  # a reply is on its way
        self._n = 0  # octets of reply that wait for their time
        self._asked = 0  # when the last octet of the request was seen
        self._asked_us = 0
        self._now_us = 0  # when poll() was called
        self._unsure_us = 0  # by how much that may have been later
        self._last = 0  # when octets came last
        self._aged_at = 0
        self._polled = None  # when it was last known that none waited
        self._sent_at = self._sending_ms = 0
        self._next = 0  # the rate to go over to when the reply has left
        self._old = 0  # the rate to come back to, 0 when that of the moment has proved good
        self._changed_at = 0
        self.set_baud(baud)

    def set_baud(self, baud: int):
        """Count bit times at another rate; the stream is the caller's business."""
        self.baud = baud
        # An octet is seen in the middle of its stop bit, half a bit time before it ends.
        self._reply_us = bits_us(2 * self._reply_bits + 1, 2 * baud)
        self._character_us = bits_us(11, baud)
        self._deadline_ms = reply_max_ms(baud) * 8 // 10
        self._idle_ms = idle_ms(baud)
        self._abort_ms = abort_ms(baud)
        self.slave.repeat_ms = repeat_ms(baud)

    @property
    def rejected(self) -> int:
        """Damaged telegrams since power-up."""
        return self._parser.rejected

    @property
    def quiet(self) -> bool:
        """Neither a frame nor a reply is under way, not even unread: time for what takes long."""
        return not (self._n or self.sending or self._parser.waiting or self._stream.any())

    def poll(self, now: int, now_us=None) -> int:
        """Receive, and send what is due.  Returns in how many ms to call again at the latest.

        now_us is the same moment in microseconds, wrapping at 2**30 as well: with it replies
        begin as soon as they may.  1 ms is better not slept, for a pause takes longer than it
        says: poll() is to be called again at once.
        """
        self._look(now, now_us)
        stream, octets = self._stream, self._in
        left = waiting = stream.any()
        if self._errors and self._errors():
            self._spoil(now)
        if waiting:
            self._last = now
        while left:
            got = stream.readinto(octets, min(left, len(octets)))
            if not got:
                break
            left -= got
            for i in range(got):
                # From here, for what a telegram leads to needs nearly all the stack of a chip.
                if self._take(octets[i], now):
                    self._sound(now)
        self._polled = now
        if self.sending and self._has_left(now):
            self._end_sending(now)
        if self._n:
            return self._reply(now)
        if self._next or self._old:
            self._change(now)
        return coming_ms(self._parser, self._character_us, 0) if waiting else self._silence(now)

    def left_ms(self, now: int) -> int:
        """How long the last reply will be on its way; negative when it has long arrived."""
        return self._sending_ms - elapsed(now, self._sent_at)

    @property
    def unattended(self) -> bool:
        """A reply on its way needs nobody: it leaves whatever is done, and does not come back."""
        return self._steady and not self._echo.present

    @property
    def idle(self) -> bool:
        """Nothing is to be done before the next octet comes: poll() may wait for it."""
        parser = self._parser
        busy = self._n or self.sending or parser.waiting or parser.deaf
        return not (busy or self._next or self._old)

    def still(self, now: int):
        """Somebody else has looked at the line: to be called often while poll() waits.

        Without it a request that came while flash was written would pass for a fresh one.
        """
        if self.idle and not self._stream.any():
            self._polled = now
            self._age(now)

    def wake(self, octet: int, now: int):
        """The octet that has ended an idle time, read by whoever waited for it."""
        self._last = now
        if self._take(octet, now):
            self._sound(now)

    def _look(self, now, now_us):
        self._unsure_us = 0
        if now_us is None:
            now_us = elapsed(now * _TICK_US, 0)  # wrapped
            self._unsure_us = _TICK_US
        self._now_us = now_us

    def _spoil(self, now):
        """The receiver has flagged an error: no telegram, and no reply to what came before."""
        self._parser.spoil()
        self._n = 0
        self._last = now

    def _change(self, now):
        """Go over to the rate asked for, or back from one at which nobody talks."""
        if self._next:
            if not self.sending:
                self._old = self.baud
                self._changed_at = now
                self._retune(self._next)
        elif elapsed(now, self._changed_at) >= _TRIAL_MS and not self._parser.waiting:
            self._retune(self._old)
            self._old = 0

    def _retune(self, baud):
        self._next = 0
        self._stream.init(baudrate=baud)
        self.set_baud(baud)
        self._parser.clear()

    def _wish(self, baud):
        """A command to talk at another rate has been acknowledged, or is not to be."""
        if baud in self._rates and baud != self.baud:
            self._next = baud

    def _heard(self):
        """A sound telegram of the master has come at a rate on trial."""
        self._old = 0
        if self._keep_baud:
            self._keep_baud(self.baud)

    def _take(self, octet, now):
        """Whether it ends a sound frame, which the parser holds."""
        echo = self._echo
        if not echo.pending:
            return self._push(octet, now)
        verdict = echo.take(octet, now)
        if verdict == PASS:
            for i in range(echo.held):
                if self._push(echo.buf[i], now):
                    self._sound(now)
            return self._push(octet, now)
        if verdict == BROKEN:
            # Somebody else was sending: what follows is no frame until the line is idle.
            self.collisions += 1
            self._parser.spoil()
        return False

    def _push(self, octet, now):
        if self._parser.push(octet):
            return True
        if self._parser.waiting:
            self._n = 0  # the master goes on without waiting for the reply
        return False

    def _sound(self, now):
        """The parser holds a sound frame."""
        if self.sending:
            self._end_sending(now)
        self.frames += 1
        if self._old and self._parser.of_master:
            self._heard()
        if self._too_late(now) and self.slave.asks(self._parser):
            self.late += 1
            return
        self._n = self.slave.handle(self._parser, now)
        self._asked = now
        self._asked_us = self._now_us
        if self.slave.rate and not self._n:
            self._wish(self.slave.rate)  # by broadcast

    def _too_late(self, now):
        # The request came at some time since the last look at the line.
        return self._polled is not None and elapsed(now, self._polled) > self._deadline_ms

    def _silence(self, now):
        parser = self._parser
        if parser.deaf or parser.waiting:
            limit_ms = self._idle_ms if parser.deaf else self._abort_ms
            silent_ms = elapsed(now, self._last)
            if silent_ms < limit_ms:
                return min(limit_ms - silent_ms, coming_ms(parser, self._character_us, silent_ms))
            parser.clear()
        else:
            self._age(now)
        if self.sending:
            return max(_POLL_MS, min(self.left_ms(now), _SENDING_POLL_MS))
        return _POLL_MS

    def _age(self, now):
        if elapsed(now, self._aged_at) >= _AGE_MS:
            self._aged_at = now
            self.slave.tick(now)

    def _reply(self, now):
        rest_us = self._reply_us + self._unsure_us - elapsed(self._now_us, self._asked_us)
        if rest_us > 0:
            return _NOW_MS if rest_us < _NEAR_MS * _TICK_US else _BUSY_POLL_MS
        n = self._n
        self._n = 0
        if elapsed(now, self._asked) > self._deadline_ms:
            self.late += 1
            return _POLL_MS
        reply = self.slave.reply(n)
        self._stream.write(reply)
        self._sending_ms = octets_ms(n, self.baud)
        if self.slave.rate:
            self._wish(self.slave.rate)
        self._echo.sent(reply, n, now, self._sending_ms + _ECHO_MS)
        self.replies += 1
        self.sending = True
        self._sent_at = now
        return _POLL_MS

    def _has_left(self, now):
        # A socket has sent at once; the line takes its time.
        return elapsed(now, self._sent_at) >= self._sending_ms and self._stream.txdone()

    def _end_sending(self, now):
        self.sending = False
        self.slave.sent(now)


def coming_ms(parser, character_us: int, silent_ms: int) -> int:
    """How soon to look for the next octet of a frame, silent_ms behind its last: at once where
    it may be the end.
    """
    if parser.waiting and parser.size:
        rest_ms = (parser.size - parser.n) * character_us // _TICK_US - silent_ms
        if -_OVERDUE_MS < rest_ms < _COMING_MS:
            return _NOW_MS
    return _BUSY_POLL_MS
