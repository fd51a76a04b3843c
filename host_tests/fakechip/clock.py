# SPDX-License-Identifier: MIT
"""Virtual time in microseconds: what is to happen, in its order, and chance from a seed."""

import heapq


class Misuse(BaseException):
    """The firmware did what a chip does not survive or a device must never do."""


class Chance:
    """The same numbers on both runtimes."""

    def __init__(self, seed=1):
        self._state = seed * 2654435761 & 0xFFFFFFFF

    def below(self, n):
        """Some number from 0 to n - 1."""
        self._state = (self._state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self._state >> 8) % n

    def between(self, low, high):
        return low + self.below(high - low + 1)


class Clock:
    """now counts microseconds since the world began and never wraps."""

    def __init__(self, seed=1):
        self.now = 0
        self.chance = Chance(seed)
        self._queue = []
        self._count = 0

    def at(self, us, fn, arg=None):
        """Have fn(arg) called at a time; what is returned may be given to cancel()."""
        self._count += 1
        event = [us, self._count, fn, arg]
        heapq.heappush(self._queue, event)
        return event

    def after(self, us, fn, arg=None):
        return self.at(self.now + us, fn, arg)

    def cancel(self, event):
        if event:
            event[2] = None

    def spawn(self, script, us=0):
        """Let a generator go on by itself: what it yields is microseconds to wait."""
        return self.after(us, _Script(self, script).step)

    def run_until(self, end):
        """Let everything happen that is due up to and including end."""
        queue = self._queue
        while queue and queue[0][0] <= end:
            event = heapq.heappop(queue)
            self.now = max(self.now, event[0])
            if event[2]:
                event[2](event[3])
        self.now = max(self.now, end)

    def run(self, us):
        self.run_until(self.now + us)

    def next_at(self):
        """When something happens next, None when never."""
        queue = self._queue
        while queue and not queue[0][2]:
            heapq.heappop(queue)
        return queue[0][0] if queue else None


class _Script:
    def __init__(self, clock, script):
        self._clock = clock
        self._script = script

    def step(self, _):
        try:
            us = next(self._script)
        except StopIteration:
            return
        self._clock.after(us, self.step)
