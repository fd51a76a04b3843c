# SPDX-License-Identifier: MIT
"""A load profile: a household with a photovoltaic plant, for a meter that measures nothing.

Each minute of local time has its powers, a function of that minute, the phases and the seed
and of nothing else: a base load, a morning and an evening peak on working days and a noon on
others, more in winter than in summer, a refrigerator, a large appliance now and then, and
sunshine on L1 under clouds, which is exported around noon.  Electronics take capacitive
reactive power, motors and the inverter inductive; so that all four quadrants occur.

A meter registers the sum of its phases: import and export are never counted together.
"""

from micropython import const

from .energy import A_MINUS, A_PLUS, R1, R2, R3, R4
from .live import COUNT, FREQUENCY, I_L1, P_L1, PF, PF_L1, U_L1, P, Q
from .sources import ALL_KINDS
from .ticks import elapsed

_NOISE_BITS = const(0x3FFFFFFF)
_MINUTE_MS = const(60_000)
_DAY_MS = const(86_400_000)
_HOUR_MS = const(3_600_000)
_DAY_MIN = const(1440)
_OFF_S = const(1)  # the clock may be in another second than the profile

# The house at each full hour of the day, in 10 W; both begin and end alike, as any day may
# follow another.  It is also the chance of a large appliance in a quarter of the hour, of 256.
_WORKING = bytes(
    (20, 17, 16, 16, 17, 22, 45, 62, 48, 34, 30, 34, 40)
    + (34, 30, 32, 38, 56, 78, 84, 70, 54, 38, 27, 20)
)
_WEEKEND = bytes(
    (20, 18, 16, 16, 16, 17, 20, 30, 46, 58, 62, 66, 74)
    + (64, 52, 48, 50, 60, 74, 80, 70, 56, 42, 30, 20)
)
_SHARES = ((100,), None, (45, 30, 25))  # per cent of the house on each phase

_MIDSUMMER = const(172)  # the day of the year, from 0
_MIDWINTER = const(183)  # days away from it
_NOON_MIN = const(750)

# What noise is drawn for.
_HOUSE = const(0)
_APPLIANCE = const(1)
_CLOUDS = const(2)
_SKY = const(3)
_GRID = const(4)
_VOLTAGE = const(5)  # and one for each further phase


class Household:
    """The powers of one minute: watts[phase] is negative when exported, vars[phase] capacitive."""

    def __init__(self, phases: int = 3, seed: int = 1):
        if phases not in (1, 3):
            raise ValueError("%d phases: allowed are 1, 3" % phases)
        self.phases = phases
        self.watts = [0] * phases
        self.vars = [0] * phases
        self._seed = seed
        self._shares = _SHARES[phases - 1]
        self._minute = self._day = None

    def go(self, minute: int):
        """Take on the powers of a minute, counted from 2000-01-01T00:00 local time."""
        if minute == self._minute:
            return
        self._minute = minute
        day, of_day = divmod(minute, _DAY_MIN)
        if day != self._day:
            self._begin_day(day)
        hour, part = divmod(of_day, 60)
        level = self._table[hour] * (60 - part) + self._table[hour + 1] * part
        # of 10/60 W; half of it runs steadily, more in winter, and flickers by 6 per cent
        house = level * (288 + self._winter) * (240 + self.noise(_HOUSE, minute) % 32)
        house //= 6 * 512 * 256
        for phase in range(self.phases):
            share = house * self._shares[phase] // 100
            self.watts[phase] = share
            self.vars[phase] = -25 - share // 12
        self._refrigerator(minute)
        self._appliance(minute, self._table[hour])
        self._sun(minute, of_day)

    def _begin_day(self, day):
        """What is the same all day: the season and the weather."""
        self._day = day
        winter = abs(day * 4 % 1461 // 4 - _MIDSUMMER)
        if winter > _MIDWINTER:
            winter = 2 * _MIDWINTER - winter
        self._winter = winter
        self._table = _WEEKEND if (day + 5) % 7 >= 5 else _WORKING  # day 0 was a Saturday
        self._daylight = 486 - winter * 240 // _MIDWINTER  # minutes before and after noon
        sky = 25 + self.noise(_SKY, day) % 76  # per cent
        self._peak = (4000 - winter * 2500 // _MIDWINTER) * sky // 100

    def _refrigerator(self, minute):
        if (minute + self._seed * 13) % 42 < 14:
            phase = 1 % self.phases
            self.watts[phase] += 95
            self.vars[phase] += 110

    def _appliance(self, minute, chance):
        """One large appliance, for some minutes of a quarter of an hour."""
        drawn = self.noise(_APPLIANCE, minute // 15)
        since = minute % 15 - (drawn >> 8) % 8
        if drawn & 255 >= chance or not 0 <= since < 3 + (drawn >> 11) % 5:
            return
        watts = 700 + (drawn >> 14) % 16 * 100
        phase = (drawn >> 18) % 3 % self.phases
        self.watts[phase] += watts
        if drawn >> 20 & 1:  # with a motor
            self.vars[phase] += watts * 2 // 5

    def _sun(self, minute, of_day):
        away = abs(of_day - _NOON_MIN)
        if away >= self._daylight:
            return
        full = self._daylight * self._daylight
        sun = self._peak * (full - away * away) // full
        block, part = divmod(minute, 8)
        clouds = self.noise(_CLOUDS, block) % 128 * (8 - part)
        clouds += self.noise(_CLOUDS, block + 1) % 128 * part
        sun = sun * (2048 - clouds) // 2048
        self.watts[0] -= sun
        self.vars[0] += sun // 16

    def noise(self, what: int, n: int) -> int:
        """30 bits that look random: the same ones for the same seed, purpose and n."""
        x = (n * 40503 + what * 7368787 + self._seed * 15485863 + 1) & _NOISE_BITS
        for _ in range(3):
            x = (x ^ x >> 13) * 48271 & _NOISE_BITS
        return x ^ x >> 15

    def fill(self, values):
        """The powers, and what goes with them, into the values of live.py."""
        watts = sum(self.watts)
        reactive = sum(self.vars)
        for phase in range(self.phases):
            p = self.watts[phase]
            apparent = root((p * p + self.vars[phase] * self.vars[phase]) * 10000)  # 10 mVA
            u = 2300 + self.noise(_VOLTAGE + phase, self._minute // 5) % 41 - 20 - p // 150
            values[P_L1 + phase] = p
            values[U_L1 + phase] = u
            values[I_L1 + phase] = (apparent * 10 + u // 2) // u
            values[PF_L1 + phase] = factor(p, apparent)
        values[P] = watts
        values[Q] = reactive
        values[PF] = factor(watts, root((watts * watts + reactive * reactive) * 10000))
        values[FREQUENCY] = (4996 + self.noise(_GRID, self._minute) % 19) // 10


def factor(watts: int, apparent: int):
    """The power factor in 0.001 of W and 10 mVA, rounded towards 0; None where there is none."""
    if not apparent:
        return None
    pf = abs(watts) * 100_000 // apparent
    return pf if watts >= 0 else -pf


def root(square: int) -> int:
    """The square root, rounded down."""
    if square < 2:
        return square
    above = 1
    while above * above <= square:
        above *= 2
    while True:
        below = (above + square // above) // 2
        if below >= above:
            return above
        above = below


class HouseholdSource:
    """Energy and values of a Household, as time goes on.

    The profile has its own local time in ms.  It begins at the clock's with the first tick(),
    which gives no energy, goes on with the ms tick and takes over the clock's again when that
    is more than a second off: after it was set, slewed, or went over to summer time.  Energy
    is the power of each minute times the ms spent in it, in 1/3600000 Wh and exact.  So from
    one tick to another it does not matter how many there were between, while the clock runs
    steadily; and when it jumps, no energy is lost or made.  Of a gap of more than a day the
    last day counts.
    """

    kinds = ALL_KINDS

    def __init__(self, phases: int, seed: int = 1):
        self._house = Household(phases, seed)
        self._sums = [0] * len(self.kinds)  # W * ms
        self._filled = [None] * COUNT
        self._filled_of = None
        self._at = None
        self._minute = self._ms = 0

    def tick(self, now: int, seconds: int, sink):
        """Time has gone on: hand over its energy, and the values of the minute it is in."""
        if self._at is None:
            self._at = now
            self._set(seconds)
        ms = elapsed(now, self._at)
        if ms:
            self._at = now
            self._go(ms)
            for kind in self.kinds:
                if self._sums[kind]:
                    sink.add(kind, self._sums[kind], _HOUR_MS)
                    self._sums[kind] = 0
        if not -_OFF_S <= self._minute * 60 + self._ms // 1000 - seconds <= _OFF_S:
            self._set(seconds)
        if self._filled_of != self._minute:
            self._filled_of = self._minute
            self._house.go(self._minute)
            self._house.fill(self._filled)
        values = sink.live.values
        for i in range(COUNT):
            values[i] = self._filled[i]

    def _set(self, seconds):
        self._minute = seconds // 60
        self._ms = seconds % 60 * 1000

    def _go(self, ms):
        """Sum up the next ms, a minute at a time."""
        if ms > _DAY_MS:
            skipped = self._ms + ms - _DAY_MS
            self._minute += skipped // _MINUTE_MS
            self._ms = skipped % _MINUTE_MS
            ms = _DAY_MS
        while ms:
            part = min(ms, _MINUTE_MS - self._ms)
            self._house.go(self._minute)
            self._sum(sum(self._house.watts), sum(self._house.vars), part)
            ms -= part
            self._ms += part
            if self._ms == _MINUTE_MS:
                self._minute += 1
                self._ms = 0

    def _sum(self, watts, reactive, ms):
        if watts >= 0:
            self._sums[A_PLUS] += watts * ms
            quadrant = R1 if reactive >= 0 else R4
        else:
            self._sums[A_MINUS] -= watts * ms
            quadrant = R2 if reactive >= 0 else R3
        self._sums[quadrant] += abs(reactive) * ms
