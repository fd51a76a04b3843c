# SPDX-License-Identifier: MIT
"""Slaves that answer a master at any of 300, 2400 and 9600 baud, at the master's own rate.

ParallelLink has a receiver at each rate on the same pin, where the port offers that: the first
telegram is answered.  HuntingLink has one receiver, which it tunes by what it hears:

at 2400 baud (where it begins)  Of a slower master every start bit lasts eight bits: the octets
    are 00h or 80h.  Of a faster one (10h and 68h at 9600) the second data bit falls on parity
    and stop bit, so it is set in the first octet.  The next try is at the right rate.
at 9600 baud                    Every other master is slower.  What it sends at 2400 comes as
    octets a few milliseconds apart, at 300 as octets 7 ms apart or more.
at 300 baud                     Every other master is faster: 2400 is tried next.

So one that has been silent for 12 s answers the first try at its rate and the second at every
other; the third at the latest where it was misled.  A short telegram at 9600 can pass a
receiver at 300 unseen, so that rate is left when 12 s have passed without a telegram; 2400 or
9600 is kept, whichever was good last.
"""

from micropython import const

from .frame import FrameParser
from .link import REPLY_BITS, SlaveLink, coming_ms
from .timing import abort_ms, bits_us, elapsed, idle_ms

SLOW = const(300)
MIDDLE = const(2400)
FAST = const(9600)
RATES = (SLOW, MIDDLE, FAST)

_START = b"\x10\x68"
_SET_BY_FAST = const(0x02)
_SLOW_APART_MS = const(8)  # of the first two octets, at 9600
# A telegram at 300 baud has an edge every 37 ms; a master at 9600 waits 85 ms for an answer.
_PAUSE_MS = const(50)
_HOLD_MS = const(12_000)  # as long as all tries of a master at 300 baud take
_LOOK_MS = const(5)
_NONE = const(-1)


def make_link(stream, slave, preferred, echo="auto", reply_bits=REPLY_BITS):
    """The link for the port; preferred, a rate, is where it begins (2400 for any other)."""
    if hasattr(stream, "feeds"):
        return ParallelLink(stream, slave, preferred, reply_bits)
    return HuntingLink(stream, slave, preferred, echo, reply_bits)


class _AutoLink(SlaveLink):
    idle = False  # it looks for another rate, or at several

    def _wish(self, baud):
        # Acknowledged and not obeyed: the next telegram says its rate itself.
        if self._keep_baud and baud in self._rates:
            self._keep_baud(baud)


class HuntingLink(_AutoLink):
    """A SlaveLink whose one receiver looks for the rate of the master."""

    def __init__(self, stream, slave, preferred, echo="auto", reply_bits=REPLY_BITS):
        self._home = preferred if preferred == FAST else MIDDLE
        self._first = _NONE  # octet of a telegram that could not be read
        self._first_at = 0
        self._apart_ms = 0  # of its first two octets, 0 as long as there is one
        self._noise = False
        self._since = 0  # the last telegram, or the last change of rate
        super().__init__(stream, slave, self._home, echo, reply_bits)
        stream.init(baudrate=self._home)

    def poll(self, now: int, now_us=None) -> int:
        """As SlaveLink.poll()."""
        wait_ms = super().poll(now, now_us)
        if self._n or self.sending:
            self._quieten(now)
        elif self._noise:
            rest_ms = _PAUSE_MS - elapsed(now, self._last)
            if rest_ms > 0:
                return min(wait_ms, rest_ms)
            self._tune(self._better(), now)
        elif self.baud != self._home and elapsed(now, self._since) > _HOLD_MS:
            self._tune(self._home, now)
        return wait_ms

    def _spoil(self, now):
        super()._spoil(now)
        self._noise = True

    def _push(self, octet, now):
        if self._first == _NONE:
            self._first = octet
            self._first_at = now
        elif not self._apart_ms:
            self._apart_ms = elapsed(now, self._first_at) or 1
        self._noise = True
        return super()._push(octet, now)

    def _sound(self, now):
        super()._sound(now)
        self._quieten(now)
        if self._parser.of_master and self.baud != SLOW:
            self._home = self.baud

    def _better(self):
        """The rate of which the octets heard tell."""
        if self._first != _NONE and self._first in _START:
            return self.baud  # the right rate, and damage on the way
        if self.baud == MIDDLE:
            return FAST if self._first != _NONE and self._first & _SET_BY_FAST else SLOW
        if self.baud == FAST and self._apart_ms >= _SLOW_APART_MS:
            return SLOW
        return MIDDLE

    def _tune(self, baud, now):
        if baud != self.baud:
            self._retune(baud)
        self._quieten(now)

    def _quieten(self, now):
        self._first = _NONE
        self._apart_ms = 0
        self._noise = False
        self._since = now


class ParallelLink(_AutoLink):
    """A SlaveLink fed by a receiver at each rate: the first whole telegram of a master wins.

    The slave's own octets are no such telegram, so echoes need no care here.
    """

    def __init__(self, stream, slave, preferred, reply_bits=REPLY_BITS):
        self._feeds = [_Feed(rate, receiver) for rate, receiver in stream.feeds]
        baud = preferred if preferred in (SLOW, FAST) else MIDDLE
        super().__init__(stream, slave, baud, "off", reply_bits)
        self._errors = None
        stream.init(baudrate=self.baud)

    @property
    def quiet(self) -> bool:
        """As SlaveLink.quiet."""
        if self._n or self.sending:
            return False
        return all(not feed.parser.waiting for feed in self._feeds)

    def poll(self, now: int, now_us=None) -> int:
        """As SlaveLink.poll()."""
        self._look(now, now_us)
        soon_ms = _LOOK_MS
        for feed in self._feeds:
            if feed.poll(now):
                self._win(feed, now)
            elif feed.parser.waiting:
                soon_ms = min(soon_ms, feed.coming_ms(now))
        if self._n and self._parser.waiting:
            self._n = 0  # the master goes on without waiting for the reply
        return min(super().poll(now, now_us), soon_ms)

    def _silence(self, now):
        self._age(now)  # each feed counts for itself
        return _LOOK_MS

    def _win(self, feed, now):
        if feed.rate != self.baud:
            self._retune(feed.rate)
        self._parser = feed.parser
        self._sound(now)


class _Feed:
    """One receiver and what it assembles."""

    def __init__(self, rate, receiver):
        self.rate = rate
        self.parser = FrameParser()
        self._receiver = receiver
        self._idle_ms = idle_ms(rate)
        self._abort_ms = abort_ms(rate)
        self._character_us = bits_us(11, rate)
        self._octet = bytearray(1)
        self._last = 0

    def coming_ms(self, now):
        """How soon to look for the next octet."""
        return coming_ms(self.parser, self._character_us, elapsed(now, self._last))

    def poll(self, now):
        """Take what has come; True when a sound telegram of a master ends with it."""
        receiver, parser = self._receiver, self.parser
        waiting = receiver.any()
        if receiver.errors():
            parser.spoil()
            self._last = now
        if not waiting:
            limit_ms = self._idle_ms if parser.deaf else self._abort_ms
            if (parser.deaf or parser.waiting) and elapsed(now, self._last) >= limit_ms:
                parser.clear()
            return False
        self._last = now
        for _ in range(waiting):
            receiver.readinto(self._octet, 1)
            if parser.push(self._octet[0]) and parser.of_master:
                return True
        return False
