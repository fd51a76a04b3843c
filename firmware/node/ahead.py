# SPDX-License-Identifier: MIT
"""Readouts made ahead: a request finds one ready at any time, also while the next is made."""

from micropython import const

from .readout import Telegram
from .telegrams import Pool, Telegrams

_STEPS = const(8)  # that are made at once


class Ahead:
    """What is made and sent by turns: Telegrams of a Readout, with snapshots that make() makes.

    A context (mbus/fcb.py) has the one that is sent to it as its values, until all is sent.
    """

    def __init__(self, readout, make):
        makers = Pool(lambda: Telegram(make()))
        self._pool = Pool(lambda: Telegrams(readout, makers))
        self._ready = self._next = self._given = None
        self._old = False

    def void(self):
        """What has been made does not count any more: a command changed what is sent."""
        self._put_away(self._ready)
        self._put_away(self._next)
        self._ready = self._next = self._given = None

    def renew(self):
        """Values have changed: the next one is to be made, and what there is counts until then."""
        self._old = True

    def go_on(self, may=None):
        """Make a little more, as long as may() says so in front of each step."""
        for _ in range(_STEPS):
            if (may and not may()) or not self._step():
                return

    def _step(self):
        """A row, or the values of a moment: whether there was anything to do."""
        given, coming = self._given, self._next
        if given and not given.ready:
            given.step()  # the rest of it is asked for soonest
            return True
        self._given = None
        if coming:
            coming.step()
            if coming.ready:
                self._put_away(self._ready)
                self._ready, self._next = coming, None
            return True
        if self._ready and not self._old:
            return False
        self._next = coming = self._pool.take()
        coming.begin()
        self._old = False
        return True

    def freeze(self, context):
        """Give a context the readout that is ready, or that is made as far as it is."""
        self._put_away(context.values)
        values = self._ready
        if values:
            self._ready = None
        elif self._next:
            values, self._next = self._next, None
        else:
            values = self._pool.take()
            values.begin()
        context.values = self._given = values
        if values.failed:
            context.failed = True

    def put(self, context, buf, at: int, _limit: int) -> int:
        """The next telegram of what a context was given: where its records end in buf."""
        values, n = context.values, context.row
        at = values.put(n, buf, at)
        context.row = n + 1
        if values.is_last(n):
            context.row = 0
            context.values = None
            self._put_away(values)
            if self._given is values:
                self._given = None  # one telegram of it was asked for, not all
        return at

    def _put_away(self, telegrams):
        if telegrams:
            telegrams.end()
            self._pool.give(telegrams)
