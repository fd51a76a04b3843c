# SPDX-License-Identifier: MIT
"""What is wired to the pads: pulses with bounce, the mains behind an optocoupler, a relay.

Levels are computed from the time, so that nothing happens while nobody looks.
"""

from .clock import Misuse


class Steady:
    """A contact or a level set by the test: level 0, 1, or None for an open wire."""

    def __init__(self, pad, level=None):
        self._pad = pad
        self._level = level

    def level(self, us):
        return self._level

    def next_change(self, us):
        return None

    def set(self, level):
        self._level = level
        self._pad.changed()

    def press(self, us):
        """Pull the pad down for a while, from now on."""
        self.set(0)
        self._pad.chip.clock.after(us, self.set, None)


class Pulses:
    """Trains of pulses, low while one lasts; contacts bounce for bounce_us at both edges.

    count(since, until, window_us) is what a counter has counted in between that wants either
    level steady for its window: computed, for a train that such a counter can follow.
    """

    def __init__(self, bounce_us=0, idle=1):
        self._trains = []  # (first edge, period, low for, how many)
        self.bounce_us = bounce_us
        self._idle = idle
        self._cached = (None, ())

    def train(self, start, period_us, low_us, n):
        """n pulses from a time on, behind all trains before; returns when they have ended."""
        assert low_us > self.bounce_us and period_us - low_us > self.bounce_us
        self._trains.append((start, period_us, low_us, n))
        return start + n * period_us

    def sent(self, until):
        """How many pulses have begun."""
        total = 0
        for start, period, _, n in self._trains:
            if until >= start:
                total += min(n, (until - start) // period + 1)
        return total

    def count(self, since, until, window_us):
        total = 0
        for start, period, low, n in self._trains:
            if min(low, period - low) - self.bounce_us <= window_us:
                continue  # never steady for so long
            seen = start + self.bounce_us + window_us
            for us, sign in ((until, 1), (since, -1)):
                if us >= seen:
                    total += sign * min(n, (us - seen) // period + 1)
        return total

    def _edges(self, train, k):
        """The changes of a pulse, in their order."""
        if self._cached[0] == (train, k):
            return self._cached[1]
        start, period, low, _ = train
        at = start + k * period
        edges = []
        for first in (at, at + low):
            edges.append(first)
            if self.bounce_us:
                # Two to six more, close and closer, the last of them at the end of bounce.
                n = 2 * (1 + (k * 7 + first) % 3)
                edges += [first + self.bounce_us * (i + 1) // n for i in range(n)]
        self._cached = ((train, k), edges)
        return edges

    def _train_at(self, us):
        for train in self._trains:
            start, period, _, n = train
            if start <= us < start + n * period:
                return train
        return None

    def level(self, us):
        train = self._train_at(us)
        if train is None:
            return self._idle
        low = 0
        for edge in self._edges(train, (us - train[0]) // train[1]):
            if edge > us:
                break
            low ^= 1
        return self._idle ^ low

    def next_change(self, us):
        train = self._train_at(us)
        if train is not None:
            k = (us - train[0]) // train[1]
            for edge in self._edges(train, k):
                if edge > us:
                    return edge
            if k + 1 < train[3]:
                return train[0] + (k + 1) * train[1]
        return min([t[0] for t in self._trains if t[0] > us], default=None)


class Mains:
    """230 V behind an optocoupler: pulses of 50 Hz while it is there, low for on_us each."""

    def __init__(self, pad, hz=50, on_us=6000, smooth=False):
        self._pad = pad
        self._period = 1000000 // hz
        self._on_us = on_us
        self._smooth = smooth  # a capacitor makes a level of it
        self._spans = []  # [from, until or None]

    @property
    def present(self):
        return bool(self._spans) and self._spans[-1][1] is None

    def set(self, present):
        now = self._pad.chip.clock.now
        if present and not self.present:
            self._spans.append([now, None])
        elif self.present and not present:
            self._spans[-1][1] = now
        self._pad.changed()
        self._pad.watch()

    def level(self, us):
        if not self.present:
            return 1
        into = (us - self._spans[-1][0]) % self._period
        return 0 if self._smooth or into < self._on_us else 1

    def next_change(self, us):
        if not self.present or self._smooth:
            return None
        into = (us - self._spans[-1][0]) % self._period
        return us - into + (self._on_us if into < self._on_us else self._period)

    def count(self, since, until, window_us):
        """As that of Pulses."""
        if self._smooth or window_us >= self._on_us:
            return 0
        total = 0
        for start, end in self._spans:
            first = start + window_us
            for us, sign in ((until, 1), (since, -1)):
                us = us if end is None else min(us, end)
                if us >= first:
                    total += sign * ((us - first) // self._period + 1)
        return total


class Relay:
    """A bistable relay: two coils that must never be driven at once, a contact that reports.

    pulses  (start us, which, length us); least_us what moves it, most_us what a coil survives
    closed  the position; stuck: it does not move any more; feedback low says closed
    """

    def __init__(self, on, off, feedback=None, closed=True, least_us=20000, most_us=1000000):
        self._clock = on.chip.clock
        self.closed = closed
        self.stuck = False
        self.pulses = []
        self._least_us = least_us
        self._most_us = most_us
        self._since = {"on": None, "off": None}
        self._feedback = feedback
        on.listeners.append(lambda level: self._driven("on", "off", level))
        off.listeners.append(lambda level: self._driven("off", "on", level))
        if feedback:
            feedback.attach(self)

    def level(self, us):
        return 0 if self.closed else 1

    def next_change(self, us):
        return None

    def _driven(self, which, other, level):
        now = self._clock.now
        if level:
            if self._since[other] is not None:
                raise Misuse("both coils of the relay are driven")
            self._since[which] = now
            self._clock.after(self._most_us, self._overheated, (which, now))
            return
        began, self._since[which] = self._since[which], None
        if began is None:
            return
        self.pulses.append((began, which, now - began))
        if now - began >= self._least_us and not self.stuck:
            self.closed = which == "on"
            if self._feedback:
                self._feedback.changed()

    def _overheated(self, what):
        which, began = what
        if self._since[which] == began:
            raise Misuse("the coil %s has been driven for too long" % which)

    def move(self, closed):
        """Somebody moves it by hand."""
        self.closed = closed
        if self._feedback:
            self._feedback.changed()
