# SPDX-License-Identifier: MIT
"""Events in emulated time: a heap of them on top of one alarm of rp2040py's clock."""

import heapq
import itertools

CYCLE_NS = 8  # of the processor, at 125 MHz
# What clk_peri can be made of, by the AUXSRC of its control register.  MicroPython takes the
# USB's, so that a UART keeps its rate whatever the system's clock is.
_PERI_HZ = (125e6, 125e6, 48e6, 6.5e6, 12e6)


def peripheral_hz(clocks) -> float:
    """The clock of the UARTs, which rp2040py takes for the system's."""
    source = clocks.peri_ctrl >> 5 & 7
    return _PERI_HZ[source] if source < len(_PERI_HZ) else _PERI_HZ[0]


class Event:
    """Something due; cancel() forgets it."""

    __slots__ = ("function",)

    def __init__(self, function):
        self.function = function

    def cancel(self):
        self.function = None


class Scheduler:
    """Calls functions at their times, those of one time in the order they were given.

    The clock's own list of alarms is searched from its start for each that is added; here it
    holds one.
    """

    def __init__(self, clock):
        self._clock = clock
        self._queue = []
        self._order = itertools.count()
        self._alarm = clock.create_alarm(self._fire)
        self._armed_ns = None

    @property
    def now_ns(self) -> float:
        return self._clock.nanos

    @property
    def now_us(self) -> float:
        return self._clock.nanos / 1e3

    def at_ns(self, ns: float, function) -> Event:
        """Call function() then, or as soon as may be where that is past."""
        event = Event(function)
        heapq.heappush(self._queue, (ns, next(self._order), event))
        self._arm()
        return event

    def at(self, us: float, function) -> Event:
        return self.at_ns(us * 1e3, function)

    def after_ns(self, ns: float, function) -> Event:
        return self.at_ns(self._clock.nanos + ns, function)

    def after(self, us: float, function) -> Event:
        return self.at_ns(self._clock.nanos + us * 1e3, function)

    def _arm(self):
        queue = self._queue
        while queue and queue[0][2].function is None:
            heapq.heappop(queue)
        if queue and (self._armed_ns is None or queue[0][0] < self._armed_ns):
            self._armed_ns = queue[0][0]
            self._alarm.schedule(max(0.0, self._armed_ns - self._clock.nanos))

    def _fire(self):
        self._armed_ns = None
        now = self._clock.nanos + 0.5
        queue = self._queue
        while queue and (queue[0][2].function is None or queue[0][0] <= now):
            event = heapq.heappop(queue)[2]
            if event.function:
                event.function()
        self._arm()
