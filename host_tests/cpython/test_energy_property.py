# SPDX-License-Identifier: MIT
"""Any sequence of energy, time, debiting stops and restarts, held against exact fractions.

The fault tests at the end break one thing each and show that the property finds it.
"""

from fractions import Fraction

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from metermodel import KINDS, TARIFFS, Measured, Periods

from meter.demand import Demand
from meter.energy import A_MINUS, A_PLUS, Energy

BEGIN = 9457 * 86400  # a midnight
LENGTH = 300
# what one pulse or sample is worth in Wh; two that a source did not reduce
WORTHS = ((1, 1), (5, 32), (1000, 6400), (1, 7), (10, 3), (230, 3600), (12345, 1000))
worths = st.sampled_from(WORTHS)
counted = (st.sampled_from(KINDS), st.integers(0, 3000), worths, st.sampled_from(TARIFFS))
additions = st.tuples(st.just("add"), *counted)
# as much as takes a register around its wrap, in few steps
loads = st.tuples(
    st.just("load"), st.sampled_from(KINDS), st.integers(0, 10**10), st.sampled_from(TARIFFS)
)
steps = st.tuples(st.just("time"), st.integers(1, 20), st.integers(1, 60))
periods = st.tuples(st.just("period"), *counted)
jumps = st.one_of(st.integers(-90, 90), st.integers(-4000, 4000), st.just(LENGTH))
jumps = st.tuples(st.just("jump"), jumps, st.just(True))
unset = st.tuples(st.just("jump"), st.integers(1, 60), st.just(False))
single = st.sampled_from((("stop",), ("restart",), ("clear", A_PLUS), ("clear", A_MINUS)))
stops = st.just(("stop",))
energies = st.lists(st.one_of(additions, additions, loads, single), max_size=40)
calm = st.one_of(additions, steps, periods, stops, unset)
wild = st.one_of(jumps, single)
times = st.lists(st.one_of(calm, calm, wild), max_size=40)


class Rig:
    """Meter and model side by side."""

    def __init__(self, energy_class, demand_class):
        self.classes = energy_class, demand_class
        self.energy, self.demand = energy_class(), demand_class(LENGTH // 60)
        self.measured, self.periods = Measured(), Periods(LENGTH)
        self.now = BEGIN
        self.jump(0, True)

    def add(self, kind, count, worth, tariff):
        ratio = Fraction(*worth) * count
        for part, model in ((self.energy, self.measured), (self.demand, self.periods)):
            part.add(kind, count * worth[0], worth[1], tariff)
            model.add(kind, ratio, tariff)

    def load(self, kind, wh, tariff):
        self.energy.add(kind, wh, 1, tariff)
        self.measured.add(kind, Fraction(wh), tariff)

    def time(self, count, seconds):
        for _ in range(count):
            self.jump(seconds, True)

    def period(self, *arguments):
        """To the next boundary, and a whole period with energy in it."""
        for begin in (True, False):
            for left in range(LENGTH - self.now % LENGTH, 0, -60):
                self.jump(min(left, 60), True)
            if begin:
                self.add(*arguments)

    def jump(self, seconds, valid):
        self.now += seconds
        self.demand.tick(self.now, valid)
        self.periods.tick(self.now, valid)

    def stop(self):
        self.demand.debiting_stop()
        self.periods.debiting_stop()

    def restart(self):
        stored = self.energy.dump(), self.demand.dump()
        self.energy, self.demand = self.classes[0](), self.classes[1]()
        self.energy.load(stored[0])
        self.demand.load(stored[1])
        self.periods.last = None

    def clear(self, kind):
        self.energy.clear(kind)
        self.measured.since_clear[kind] = Fraction(0)


SETTINGS = settings(derandomize=True, database=None, deadline=None, report_multiple_bugs=False)


def hold(sequence, energy_class=Energy, demand_class=Demand):
    """The property: after each step all registers show what the models say."""
    rig = Rig(energy_class, demand_class)
    for name, *arguments in sequence:
        getattr(rig, name)(*arguments)
        rig.measured.check(rig.energy)
        rig.periods.check(rig.demand)


@settings(parent=SETTINGS, max_examples=200)
@given(energies)
def test_no_energy_is_lost_and_no_register_runs_backwards(sequence):
    hold(sequence)


@settings(parent=SETTINGS, max_examples=300)
@given(times)
def test_maxima_are_of_whole_periods_of_a_steady_clock(sequence):
    hold(sequence)


def found(strategy, **classes):
    """The words of the assertion that fails for a faulty class; None if none fails."""

    @settings(parent=SETTINGS, max_examples=500, phases=(Phase.generate,))
    @given(strategy)
    def attempt(sequence):
        hold(sequence, **classes)

    try:
        attempt()
    except AssertionError as e:
        return str(e)
    return None


class RoundsEachIncrement(Energy):
    def add(self, kind, numerator, denominator, tariff):
        super().add(kind, numerator // denominator, 1, tariff)


class ForgetsRemaindersAtRestart(Energy):
    def load(self, octets):
        super().load(octets[: 8 + 26 * 8] + bytes(26 * 8))


class TotalOfItsOwn(Energy):
    def value(self, kind, tariff=0):
        if tariff or kind > A_MINUS:
            return super().value(kind, tariff)
        slots = range(kind * 4, kind * 4 + 4)
        rest = sum(self._rests.numerators[slot] for slot in slots)
        return super().value(kind) + rest // (10 * self._rests.denominator)


class WrapsAtTheWrongNumber(Energy):
    def __init__(self):
        super().__init__(wrap_kwh=9_999_999)


class ClearsTheTariffsToo(Energy):
    def clear(self, kind):
        super().clear(kind)
        self._counts[kind * 4] = 0


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RoundsEachIncrement, "lost"),
        (ForgetsRemaindersAtRestart, "lost"),
        (TotalOfItsOwn, "sum of the tariffs"),
        (WrapsAtTheWrongNumber, "lost"),
        (ClearsTheTariffsToo, "backwards"),
    ],
)
def test_a_fault_in_energy_is_found(fault, words):
    assert words in (found(energies, energy_class=fault) or "nothing")


class BelievesEveryJump(Demand):
    def tick(self, now, valid=True):
        self._now = now
        super().tick(now, valid)


class BelievesAnInvalidClock(Demand):
    def tick(self, now, valid=True):
        super().tick(now)


class ForgetsToAccumulate(Demand):
    def debiting_stop(self):
        before = bytes(self._accumulated)
        super().debiting_stop()
        self._accumulated = type(self._accumulated)("I", before)


class KeepsTheSums(Demand):
    def _register(self):
        super()._register()
        kept = list(self._sums.numerators), self._sums.denominator
        self._sums = type(self._sums)(6)
        self._sums.numerators, self._sums.denominator = kept
        self._sums.clear = lambda: None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (BelievesEveryJump, "maxima"),
        (BelievesAnInvalidClock, "maxima"),
        (ForgetsToAccumulate, "accumulated"),
        (KeepsTheSums, "maxima"),
    ],
)
def test_a_fault_in_demand_is_found(fault, words):
    assert words in (found(times, demand_class=fault) or "nothing")
