# SPDX-License-Identifier: MIT
"""The load profile as a day of a household looks like, and values of a moment that agree."""

from meter import calendar, live
from meter.household import Household, factor, root

SUMMER = calendar.to_seconds(2026, 6, 8)  # Mondays
WINTER = calendar.to_seconds(2026, 1, 12)
DAY_MIN = 1440


def mean(begin, hours, days, phases=3):
    """The mean power of these hours of some days, in W."""
    house = Household(phases)
    total = count = 0
    for day in days:
        for hour in hours:
            for minute in range(60):
                house.go(begin // 60 + day * DAY_MIN + hour * 60 + minute)
                total += sum(house.watts)
                count += 1
    return total // count


def test_a_working_day_has_a_morning_and_an_evening_peak():
    days = range(5)
    night, evening = mean(WINTER, (1, 2, 3, 4), days), mean(WINTER, (18, 19), days)
    morning, forenoon = mean(WINTER, (7,), days), mean(WINTER, (9, 10), days)
    assert 100 < night < 400
    assert morning > 2 * night and evening > 3 * night
    assert morning > forenoon


def test_a_weekend_is_not_a_working_day():
    working, weekend = range(5), (5, 6, 12, 13)
    assert mean(WINTER, (6,), working) > mean(WINTER, (6,), weekend) + 50
    assert mean(WINTER, (16,), working) < mean(WINTER, (16,), weekend)


def test_winter_takes_more_and_summer_exports_around_noon():
    days = range(7)
    for phases in (1, 3):
        assert mean(WINTER, (0, 1, 2, 22, 23), days, phases) > mean(
            SUMMER, (0, 1, 2, 22, 23), days, phases
        )
        noon = mean(SUMMER, (11, 12, 13), days, phases)
        assert noon < -500
        assert mean(WINTER, (11, 12, 13), days, phases) > noon + 300


def test_only_the_first_phase_exports_and_only_by_day():
    house = Household(3)
    exported = 0
    for day in (SUMMER // 60, WINTER // 60):
        for of_day in range(0, DAY_MIN, 5):
            house.go(day + of_day)
            assert house.watts[1] > 0 and house.watts[2] > 0
            if house.watts[0] < 0:
                exported += 1
                assert 240 < of_day < 1260
    assert exported > 50


def test_a_day_joins_the_next_without_a_step():
    house = Household(3)
    for day in range(1, 8):
        levels = []
        for minute in range(day * DAY_MIN - 1, day * DAY_MIN + 1):
            house.go(WINTER // 60 + minute)
            levels.append(house.watts[2])  # no refrigerator, no sun
        if max(levels) < 500:  # no appliance
            assert abs(levels[0] - levels[1]) <= 10, day


def test_a_year_joins_the_next_without_a_step():
    house = Household(3)
    new_year = calendar.to_seconds(2027, 1, 1) // 60
    totals = []
    for day in (-1, 0):  # Thursday, Friday
        total = count = 0
        for minute in range(180, 1380):
            house.go(new_year + day * DAY_MIN + minute)
            if house.watts[2] < 500:
                total += house.watts[2] * 1000
                count += 1
        totals.append(total // count)
    assert abs(totals[0] - totals[1]) * 50 < totals[0], totals


def test_all_four_quadrants_occur():
    for phases in (1, 3):
        seen = [0] * 4
        house = Household(phases)
        for of_day in range(DAY_MIN):
            house.go(SUMMER // 60 + of_day)
            export, capacitive = sum(house.watts) < 0, sum(house.vars) < 0
            seen[2 * export + capacitive] += 1
        assert min(seen) >= 10, seen


def test_current_and_power_factor_go_with_voltage_and_power():
    for phases in (1, 3):
        house, values = Household(phases), live.Live().values
        for begin in (SUMMER, WINTER):
            for of_day in range(0, DAY_MIN, 7):
                house.go(begin // 60 + of_day)
                house.fill(values)
                check(house, values)
        unknown = [i for i in range(live.COUNT) if values[i] is None]
        assert unknown == ([] if phases == 3 else [1, 2, 5, 6, 8, 9, 12, 13])


def check(house, values):
    """What electricity wants of the values of a moment."""
    total = 0
    for phase in range(house.phases):
        p, u = values[live.P_L1 + phase], values[live.U_L1 + phase]
        i, pf = values[live.I_L1 + phase], values[live.PF_L1 + phase]
        total += p
        assert 2200 < u < 2400
        # u in 0.1 V, i in 10 mA: uW of all the factors; a digit of each is allowed
        product = u * i * pf
        slack = u * i + u * abs(pf) + i * abs(pf)
        assert abs(product - p * 1_000_000) <= slack, (p, u, i, pf)
        assert p * pf >= 0 and abs(pf) <= 1000
        q = house.vars[phase]
        apparent = u * i / 1000
        assert abs(apparent * apparent - p * p - q * q) <= 5 * (apparent + 2), (p, q, u, i)
    assert values[live.P] == total and values[live.Q] == sum(house.vars)
    assert abs(values[live.PF]) <= 1000 and values[live.PF] * total >= 0
    assert 498 < values[live.FREQUENCY] < 502


def test_a_factor_needs_power():
    assert factor(0, 0) is None
    assert factor(100, 10000) == 1000 and factor(-3, 500) == -600 and factor(-1, 300) == -333


def test_a_root_is_rounded_down():
    for n in list(range(300)) + [46340, 46341, 1 << 20, 123_456_789]:
        assert root(n * n) == n
        assert root(n * n + 2 * n) == n


def test_noise_is_spread_evenly():
    house = Household(3, 1)
    for what in range(6):
        counts = [0] * 8
        for n in range(2000):
            counts[house.noise(what, n) % 8] += 1
        assert min(counts) > 180 and max(counts) < 320, (what, counts)
