# SPDX-License-Identifier: MIT
"""Block demand: means, maxima, what makes a period invalid."""

from helpers import raises
from meter.demand import MINUTES, P_MINUS, P_PLUS, P_PLUS_T1, P_PLUS_T2, Q_MINUS, Q_PLUS, Demand
from meter.energy import A_MINUS, A_PLUS, R1, R2, R3, R4, R_PLUS

QUANTITIES = (P_PLUS, P_MINUS, Q_PLUS, Q_MINUS, P_PLUS_T1, P_PLUS_T2)
# 2025-11-22 07:00:00, the beginning of a period of any length, in seconds since 2000
SEVEN = 9457 * 86400 + 7 * 3600
QUARTER = 900


def run(demand, start, end, step=60):
    """Tick from start to end, both included."""
    for now in range(start, end, step):
        demand.tick(now)
    demand.tick(end)


def period(demand, start, wh, tariff=1):
    """A whole quarter of an hour with so many Wh of A+ in its middle."""
    run(demand, start, start + 450)
    demand.add(A_PLUS, wh, 1, tariff)
    run(demand, start + 450, start + QUARTER)


def maxima(demand):
    return [demand.maximum(quantity) for quantity in QUANTITIES]


def times(demand):
    return [demand.maximum_time(quantity) for quantity in QUANTITIES]


def test_the_mean_of_a_period_is_its_energy_over_its_time():
    for minutes in MINUTES:
        demand = Demand(minutes)
        demand.tick(SEVEN)
        demand.add(A_PLUS, 1000, 3, 1)  # 333 1/3 Wh
        run(demand, SEVEN, SEVEN + minutes * 60 - 1)
        assert demand.maximum(P_PLUS) == 0
        demand.tick(SEVEN + minutes * 60)
        assert demand.maximum(P_PLUS) == 1000 * 60 // (3 * minutes)
        assert demand.maximum_time(P_PLUS) == SEVEN + minutes * 60


def test_each_kind_of_energy_makes_its_demand():
    for kind, tariff, makes in (
        (A_PLUS, 1, (P_PLUS, P_PLUS_T1)),
        (A_PLUS, 2, (P_PLUS, P_PLUS_T2)),
        (A_PLUS, 3, (P_PLUS,)),
        (A_PLUS, 4, (P_PLUS,)),
        (A_MINUS, 1, (P_MINUS,)),
        (R1, 1, (Q_PLUS,)),
        (R2, 2, (Q_PLUS,)),
        (R3, 1, (Q_MINUS,)),
        (R4, 2, (Q_MINUS,)),
    ):
        demand = Demand()
        demand.tick(SEVEN)
        demand.add(kind, 25, 1, tariff)
        run(demand, SEVEN, SEVEN + QUARTER)
        assert maxima(demand) == [100 if q in makes else 0 for q in QUANTITIES], (kind, tariff)
        end = SEVEN + QUARTER
        assert times(demand) == [end if q in makes else 0 for q in QUANTITIES], (kind, tariff)


def test_the_greatest_mean_stays_and_of_equal_ones_the_first():
    demand = Demand()
    for n, (wh, at) in enumerate(((5, 1), (9, 2), (9, 2), (8, 2), (10, 5))):
        period(demand, SEVEN + n * QUARTER, wh)
        assert demand.maximum(P_PLUS) == 4 * (5, 9, 9, 9, 10)[n]
        assert demand.maximum_time(P_PLUS) == SEVEN + at * QUARTER


def test_a_tariff_change_divides_a_period():
    demand = Demand()
    demand.tick(SEVEN)
    for tariff, wh in ((1, 10), (2, 15), (3, 25)):
        demand.add(A_PLUS, wh, 1, tariff)
    run(demand, SEVEN, SEVEN + QUARTER)
    assert maxima(demand) == [200, 0, 0, 0, 40, 60]


def test_parts_of_a_watt_hour_add_up_within_a_period():
    demand = Demand()
    demand.tick(SEVEN)
    for second in range(QUARTER):
        demand.tick(SEVEN + second)
        demand.add(A_PLUS, 7, 3600, 1)  # 7 W for a second
        demand.add(R4, 1, 7, 1)
    demand.tick(SEVEN + QUARTER)
    assert (demand.maximum(P_PLUS), demand.maximum(Q_MINUS)) == (7, 900 * 4 // 7)


def test_a_period_holds_any_energy_in_any_parts():
    for wh, shown in ((4_000_000, 16_000_000), (1 << 40, 0x7FFFFFFF)):
        demand = Demand()
        period(demand, SEVEN, 0)
        demand.add(A_PLUS, wh * (1 << 52) + 1, 1 << 52, 1)
        run(demand, SEVEN + QUARTER, SEVEN + 2 * QUARTER)
        assert demand.maximum(P_PLUS) == shown


def test_energy_of_one_period_is_not_of_the_next():
    demand = Demand()
    period(demand, SEVEN, 10)
    demand.debiting_stop()
    run(demand, SEVEN + QUARTER, SEVEN + 2 * QUARTER)
    assert demand.maximum(P_PLUS) == 0


def test_the_first_period_counts_only_from_its_beginning():
    for begin, sound in ((SEVEN, True), (SEVEN + 1, False), (SEVEN + 899, False)):
        demand = Demand()
        demand.tick(begin)
        assert demand.sound == sound
        demand.add(A_PLUS, 10, 1, 1)
        run(demand, begin, SEVEN + QUARTER)
        assert demand.maximum(P_PLUS) == (40 if sound else 0)
        assert demand.sound
        period(demand, SEVEN + QUARTER, 11)
        assert demand.maximum(P_PLUS) == 44


def test_before_time_is_known_nothing_counts():
    demand = Demand()
    demand.add(A_PLUS, 1000, 1, 1)
    assert not demand.sound
    period(demand, SEVEN, 1)
    assert demand.maximum(P_PLUS) == 4


def test_a_jump_makes_the_running_period_invalid():
    # the clock at the last tick and after the step, whether the period counts
    for before, after, counts in (
        (100, 160, True),
        (100, 161, False),
        (161, 101, True),
        (161, 100, False),
        (100, 0, False),
        (60, 0, True),
        (880, 910, True),
        (899, 960, False),
        (30, -1, False),  # back across the boundary
        (10, -10, False),
        (100, 100_000, False),
        (100, -100_000, False),
    ):
        demand = Demand()
        run(demand, SEVEN, SEVEN + before)
        demand.add(A_PLUS, 10, 1, 1)
        demand.tick(SEVEN + after)
        end = SEVEN + (after // QUARTER + 1) * QUARTER
        run(demand, SEVEN + after, end)
        assert demand.maximum(P_PLUS) == (40 if counts else 0), (before, after)
        # whatever it was, the next whole period counts
        assert demand.sound
        period(demand, end, 20)
        assert demand.maximum(P_PLUS) == 80
        assert demand.maximum_time(P_PLUS) == end + QUARTER


def test_a_jump_into_a_period_counts_only_at_its_boundary():
    for offset, most in ((0, 40), (100, 0)):
        demand = Demand()
        run(demand, SEVEN, SEVEN + 100)
        demand.add(A_PLUS, 1000, 1, 1)
        demand.tick(SEVEN + QUARTER + offset)
        demand.add(A_PLUS, 10, 1, 1)
        run(demand, SEVEN + QUARTER + offset, SEVEN + 2 * QUARTER)
        assert demand.maximum(P_PLUS) == most


def test_a_clock_set_back_across_a_boundary_closes_no_period_twice():
    demand = Demand()
    period(demand, SEVEN, 10)
    demand.tick(SEVEN + QUARTER + 5)
    demand.add(A_PLUS, 100, 1, 1)
    demand.tick(SEVEN + QUARTER - 5)
    assert not demand.sound
    demand.add(A_PLUS, 100, 1, 1)
    demand.tick(SEVEN + QUARTER)
    assert (demand.maximum(P_PLUS), demand.maximum_time(P_PLUS)) == (40, SEVEN + QUARTER)
    period(demand, SEVEN + QUARTER, 11)
    assert (demand.maximum(P_PLUS), demand.maximum_time(P_PLUS)) == (44, SEVEN + 2 * QUARTER)


def test_a_clock_that_is_not_set_makes_the_period_invalid():
    for at in (0, 450, 899, 900):
        demand = Demand()
        for second in range(QUARTER + 1):
            demand.tick(SEVEN + second, second != at)
            if second == 500:
                demand.add(A_PLUS, 10, 1, 1)
        assert demand.maximum(P_PLUS) == 0, at
        assert demand.sound == (at != 900)
    demand = Demand()
    demand.tick(SEVEN - 10, False)
    demand.tick(SEVEN + 10)
    assert not demand.sound  # where the period began is not known


def test_ticks_that_stand_still_divide_by_nothing():
    for minutes in MINUTES:
        demand = Demand(minutes)
        for _ in range(3):
            demand.tick(SEVEN)
            demand.add(A_PLUS, 10, 1, 1)
        for _ in range(3):
            demand.tick(SEVEN + minutes * 60)
        assert maxima(demand) == [0] * 6


def test_a_debiting_stop_accumulates_the_maxima_and_clears_them():
    demand = Demand()
    for n, (wh, total) in enumerate(((10, 40), (5, 60), (0, 60), (20, 140))):
        run(demand, SEVEN + n * QUARTER, SEVEN + n * QUARTER + 450)
        for kind in (A_PLUS, A_MINUS, R1, R3):
            demand.add(kind, wh, 1, 2)
        run(demand, SEVEN + n * QUARTER + 450, SEVEN + (n + 1) * QUARTER)
        assert maxima(demand) == [4 * wh] * 4 + [0, 4 * wh]
        demand.debiting_stop()
        assert (maxima(demand), times(demand)) == ([0] * 6, [0] * 6)
        assert [demand.accumulated(quantity) for quantity in QUANTITIES[:4]] == [total] * 4


def test_a_period_runs_on_across_a_debiting_stop():
    demand = Demand()
    demand.tick(SEVEN)
    for _ in (1, 2):
        demand.add(A_PLUS, 10, 1, 1)
        demand.debiting_stop()
    run(demand, SEVEN, SEVEN + QUARTER)
    assert (demand.maximum(P_PLUS), demand.accumulated(P_PLUS)) == (80, 0)


def test_accumulated_maxima_wrap_at_nine_digits():
    demand = Demand(60)
    for n in (0, 1):
        run(demand, SEVEN + n * 3600, SEVEN + n * 3600 + 60)
        demand.add(A_PLUS, 600_000_000, 1, 1)
        run(demand, SEVEN + n * 3600 + 60, SEVEN + (n + 1) * 3600)
        demand.debiting_stop()
    assert demand.accumulated(P_PLUS) == 200_000_000


def test_clearing_leaves_no_maximum():
    demand = Demand()
    period(demand, SEVEN, 10)
    demand.debiting_stop()
    period(demand, SEVEN + QUARTER, 10)
    demand.clear()
    assert demand.dump() == Demand().dump()
    assert demand.sound


def test_a_power_gap_makes_the_running_period_invalid():
    demand = Demand(15)
    period(demand, SEVEN, 10)
    demand.debiting_stop()
    period(demand, SEVEN + QUARTER, 15, 2)
    demand.add(A_PLUS, 1000, 1, 1)
    other = Demand(60)
    other.load(demand.dump())
    assert (other.minutes, other.dump()) == (15, demand.dump())
    assert (maxima(other), times(other)) == (maxima(demand), times(demand))
    assert other.accumulated(P_PLUS) == 40
    run(other, SEVEN + QUARTER + 10, SEVEN + 2 * QUARTER)
    assert other.dump() == demand.dump()
    period(other, SEVEN + 3 * QUARTER, 16)
    assert (other.maximum(P_PLUS), other.maximum(P_PLUS_T1)) == (64, 64)


def test_another_length_begins_anew_and_keeps_the_maxima():
    demand = Demand()
    period(demand, SEVEN, 10)
    demand.add(A_PLUS, 10, 1, 1)
    demand.set_minutes(5)
    assert not demand.sound
    demand.tick(SEVEN + QUARTER + 1)
    run(demand, SEVEN + QUARTER + 1, SEVEN + QUARTER + 300)
    assert (demand.minutes, demand.maximum(P_PLUS), demand.sound) == (5, 40, True)


def test_what_does_not_go_is_refused():
    demand = Demand()
    for minutes in (0, 1, 10, 45, -15):
        raises(ValueError, Demand, minutes)
        raises(ValueError, demand.set_minutes, minutes)
    for args in ((R_PLUS, 1, 1, 1), (-1, 1, 1, 1), (A_PLUS, -1, 1, 1), (A_PLUS, 1, 0, 1)):
        raises(ValueError, demand.add, *args)
    good = demand.dump()
    for bad in (b"", good[:-1], good + b"\0", b"\x07" + good[1:], good[:-1] + b"\xff"):
        raises(ValueError, demand.load, bad)
        assert demand.dump() == good
