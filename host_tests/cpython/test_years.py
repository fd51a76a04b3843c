# SPDX-License-Identifier: MIT
"""A CT meter over years: pulses, tariffs, corrections of the clock, stops, a read each hour.

One year, or as many as YEARS says; what it shows at their end is exact.
"""

import os
import random
from datetime import datetime
from fractions import Fraction

from metermodel import Periods
from metermodel_clock import moment, seconds_of
from metermodel_frames import type_f
from metermodel_steps import TABLE, Steps
from metermodel_whole import Model

from meter.energy import A_PLUS

YEARS = int(os.environ.get("YEARS", "1"))
BEGIN = datetime(2027, 1, 1, 0, 7, 3)
STEP_S = 57  # with slewing it stays below the minute that demand takes for a jump
READY = 40  # ticks until a readout is made ahead
GIVEN = {
    "source": "pulse1",
    "pulse1_weight": "640",
    "ct": "yes",
    "ratio": "50",
    "dst": "eu",
    "tariff_source": "clock",
    "tariff_table": TABLE,
    "save_min": "15",
}
WORTH = Fraction(1000, 640)
RATIO = 10


class PulsePeriods(Periods):
    """Demand whose sums are pulses."""

    def register(self, end):
        self.sums = [n * WORTH * RATIO for n in self.sums]
        super().register(end)


class YearModel(Model):
    """Counts whole pulses, and makes energy of them only when somebody looks."""

    def __init__(self, meter, worth):
        self.counts = [0] * 5
        super().__init__(meter, worth)
        self.periods.__class__ = PulsePeriods

    def watch_power(self):
        """Nobody looks at power here."""

    def count(self, kind, pulses):
        self.counts[self.tariff] += pulses
        self.periods.add(kind, pulses, self.tariff)

    def settle(self):
        for tariff, pulses in enumerate(self.counts):
            if pulses:
                self.secondary.add(A_PLUS, pulses * WORTH, tariff)
                self.primary.add(A_PLUS, pulses * WORTH * RATIO, tariff)
        self.counts = [0] * 5

    def snapshot(self):
        self.settle()
        return super().snapshot()

    def values(self):
        self.settle()
        return super().values()


class Years(Steps):
    model_of = YearModel

    def pulses(self, which, n):
        self.meter.pulse(which, n, self.now)
        self.model.pulses[which] += n
        self.model.pending.append((A_PLUS, n))

    def go_on(self):
        self.pass_ms(STEP_S * 1000)
        self.meter.tick(self.now)
        self.model.tick()

    def read_hour(self):
        """Both telegrams; the registers that bills are made of are looked at."""
        for _ in range(READY):
            self.module.tick(self.now)
        self.model.settle()
        primary, clock = self.model.primary, self.model.clock
        energies = [primary.value(A_PLUS, tariff) for tariff in range(3)]
        hours, minute = clock.on_ms // 3_600_000, moment(clock.local - clock.local % 60)
        records = self.readout()  # which takes time
        shown = [int.from_bytes(records[head], "little") for head in ("0604", "861004", "862004")]
        assert shown == energies
        assert type_f(records["046d"]) == minute
        assert int.from_bytes(records["0422"], "little") == hours

    def keep(self):
        if self.module.due(self.now):
            self.module.persist(self.now)
            self.model.tick()


def households(years):
    """Pulses of each step: a day and a night, and now and then a lot."""
    chance = random.Random(3)
    while True:
        for hour in range(24):
            most = 40 if 6 <= hour < 22 else 9
            for _ in range(63):
                yield chance.randrange(most) if chance.random() < 0.4 else 0
        yield chance.randrange(2000)


def test_years_end_exact():
    years = Years(**GIVEN)
    years.set_to(BEGIN, False, "I")
    years.check()
    chance = random.Random(7)
    end = seconds_of(BEGIN.replace(year=BEGIN.year + YEARS))
    hour = day = 0
    stops = 0
    pulses = households(YEARS)
    while years.model.clock.local < end:
        n = next(pulses)
        if n:
            years.pulses(0, n)
        years.go_on()
        local = years.model.clock.local
        if local // 3600 == hour:
            continue
        hour = local // 3600
        years.read_hour()
        years.keep()
        if local // 86400 != day:
            day = local // 86400
            correct(years, chance, moment(local).day)
        if years.model.closed != stops:
            stops = years.model.closed
            years.check()
    assert years.model.closed == 12 * YEARS
    years.read()


def correct(years, chance, day):
    """Each day some seconds by offset; on one of a month the time is set, or set back."""
    years.shift(chance.randint(-9, 9))
    if day == 12:
        years.jump(chance.choice((-300, -45, 20, 70, 3000)), False, "I")
