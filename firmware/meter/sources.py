# SPDX-License-Identifier: MIT
"""What feeds the registers: a pulse input.  A host is in hostsource.py, the load profile in
household.py, each loaded where a meter has it.

A source has

    kinds                      the kinds of energy.py that it measures: all others of A_PLUS..R4
                               have no source (R+ and R- follow from the quadrants)
    tick(now, seconds, sink)   gone on to the tick `now` in ms, which wraps at 2**30, and to the
                               local time in seconds since 2000-01-01: hands what has been
                               measured since the last tick to sink.add(kind, numerator,
                               denominator), in Wh or varh, and what it knows of the moment to
                               sink.live.values; what it does not know it leaves as it is

and comes at least once a day.
"""

from micropython import const

from .energy import A_MINUS, A_PLUS, R1, R2, R3, R4
from .live import P
from .ticks import elapsed

ALL_KINDS = (A_PLUS, A_MINUS, R1, R2, R3, R4)

_HOUR_MS = const(3_600_000)
_MEASURE_MS = const(1000)  # at least: pulses are seen some ms late, and fast ones would jitter
_MOST = const(0x7FFFFFFF)  # what a register shows


class PulseSource:
    """A+ from a pulse input whose weight is an energy.PulseWeight in kWh.

    The power is that of the last measurement: n pulses of w Wh in d ms are w * n * 3600000 / d
    W.  Pulses that come a second or more apart are measured from each to the next, faster ones
    over the first second that is full.  When none has come for t ms, and t is more than d / n,
    the next is late, and the power can be no more than w * 3600000 / t W:

        P = w * 3600000 / max(d / n, t) W, rounded down

    After an hour without a pulse P is 0, until two pulses have been measured again.  Before
    the first two, and before that first hour, it is not known.  Phases are not known at all.
    """

    kinds = (A_PLUS,)

    def __init__(self, weight):
        _check(weight)
        self.weight = weight
        self._count = 0  # pulses that are not handed on yet
        self._due = []  # what has been counted at earlier weights: ratios
        self._last = None  # the tick of the last pulse, or the first tick of all
        self._begin = None  # the pulse that the running measurement began with
        self._pulses = 0  # since then
        self._n = self._d = 0  # the last measurement; d is 0 when there is none
        self._quiet = False  # an hour without a pulse

    def set_weight(self, weight):
        """Another weight for the pulses to come; ValueError if it is not in kWh."""
        _check(weight)
        self._settle()
        self.weight = weight
        # The power of a distance that was measured at the old weight is not known at the new.
        self._begin = None
        self._d = 0

    def _settle(self):
        if self._count:
            self._due.append((self._count * self.weight.numerator, self.weight.denominator))
            self._count = 0

    def pulses(self, n: int, now: int):
        """So many pulses have come by the tick now, since the last call."""
        if n < 1:
            return
        late = self._watch(now)
        self._count += n
        if self._begin is None:
            self._begin = self._last = now
            self._pulses = 0
            return
        if late >= _MEASURE_MS:  # fast ones from before a pause are not of this measurement
            self._begin = self._last
            self._pulses = 0
        self._last = now
        self._pulses += n
        d = elapsed(now, self._begin)
        if d >= _MEASURE_MS:
            self._n, self._d = self._pulses, d
            self._begin = now
            self._pulses = 0
            self._quiet = False

    def _watch(self, now):
        """The ms since the last pulse; an hour of them ends all measurement."""
        if self._last is None:
            self._last = now
        late = elapsed(now, self._last)
        if late >= _HOUR_MS:  # and lasts, though the ticks come round to the pulse
            self._begin = None
            self._d = 0
            self._quiet = True
        return late

    def tick(self, now: int, seconds: int, sink):
        """Hand on the pulses, and the power of the moment in W."""
        late = self._watch(now)
        self._settle()
        for numerator, denominator in self._due:
            sink.add(A_PLUS, numerator, denominator)
        if self._due:
            self._due = []
        sink.live.values[P] = self._power(late)

    def _power(self, late):
        if not self._d:
            return 0 if self._quiet else None
        n, d = self._n, self._d
        if late * n > d:
            n, d = 1, late
        wh = self.weight.numerator * n
        return min(wh * _HOUR_MS // (self.weight.denominator * d), _MOST)


def _check(weight):
    if weight.unit != "kWh":
        raise ValueError("pulses in %s are no energy" % weight.unit)
