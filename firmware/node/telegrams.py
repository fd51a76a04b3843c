# SPDX-License-Identifier: MIT
"""The telegrams of one readout, made ahead while nobody waits for them, or when asked for."""

from micropython import const

from .readout import ROOM

_AHEAD = const(3)


class Pool:
    """Things of one kind that are used by turns: make() makes one where none is free."""

    def __init__(self, make):
        self._make = make
        self._free = [make()]

    def take(self):
        """One that is free."""
        return self._free.pop() if self._free else self._make()

    def give(self, one):
        """It is free again."""
        self._free.append(one)


class Telegrams:
    """A readout of one moment.

    makers  a Pool of Telegram (readout.py), the biggest part: one is used until all is made
    ready   as many of its telegrams are made as are made ahead
    failed  its list names a register that is not there
    """

    def __init__(self, readout, makers):
        self._readout = readout
        self._room = readout.room
        self._makers = makers
        self._telegram = None  # of the makers
        self._bufs = [None] * _AHEAD  # made when they are needed
        self._records = [None] * _AHEAD  # the beginnings of these that are filled
        self._last = [False] * _AHEAD
        self._made = 0
        self._only = 0
        self.ready = self.failed = False

    def begin(self):
        """A readout of this moment."""
        self._telegram = telegram = self._makers.take()
        self._room = self._readout.room
        telegram.snapshot.take()
        self.failed = self._readout.begin(telegram)
        self._only = 0 if telegram.by_list else self._readout.only
        self._made = 0
        self.ready = False
        self._next(0)

    def end(self):
        """Nothing more of it is to be made."""
        if self._telegram:
            self._makers.give(self._telegram)
            self._telegram = None

    def step(self):
        """Make a little more of it, as far as it is made ahead."""
        if not self.ready and self._readout.step(self._telegram):
            self._finish()

    def _finish(self):
        telegram, n = self._telegram, self._made % _AHEAD
        self._last[n] = not telegram.place
        size = telegram.at
        if self._only and telegram.place:
            size -= 1  # that more follows is not to be said
        self._records[n] = self._bufs[n][:size]
        self._made += 1
        self.ready = self._last[n] or self._made >= _AHEAD
        if telegram.place:
            self._next(telegram.place)
        else:
            self.end()

    def _next(self, place):
        n = self._made % _AHEAD
        if self._bufs[n] is None:
            self._bufs[n] = memoryview(bytearray(ROOM))
        self._telegram.begin(self._bufs[n], 0, self._room, place)

    def put(self, n: int, buf, at: int) -> int:
        """Write the records of the n-th telegram, from 0, at buf[at:]; where they end.

        To be asked for in their order.
        """
        if self._only:
            n = self._only - 1
        while self._made <= n:
            if self._readout.step(self._telegram):
                self._finish()
        records = self._records[n % _AHEAD]
        end = at + len(records)
        buf[at:end] = records
        return end

    def is_last(self, n: int) -> bool:
        """Whether the n-th telegram, which was put, is the last one."""
        return self._only > 0 or self._last[n % _AHEAD]
