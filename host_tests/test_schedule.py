# SPDX-License-Identifier: MIT
"""Debiting stops by schedule: never two for a date, none lost, whichever way the clock moves."""

from struct import pack

from helpers import raises
from meter.calendar import END_S, days_of_month, from_seconds, to_seconds
from meter.clock import Clock
from meter.schedule import NEVER, Schedule
from mutants import Random

WRAP = 1 << 30
DAY = 86400


class Rig:
    """A schedule with a tick of its own that lets 61 s go by at each look."""

    def __init__(self, day=1, minute=0):
        self.schedule = Schedule(day, minute)
        self.now = WRAP - 100_000
        self.made = []

    def look(self, seconds, valid=True, ms=61_000):
        """True if a stop was due at these seconds, which then is made."""
        self.now = (self.now + ms) % WRAP
        due = self.schedule.due(seconds, valid, self.now)
        if due:
            self.schedule.made(seconds, self.now)
            self.made.append(seconds)
            assert not self.schedule.due(seconds, valid, self.now)
        return due

    def restart(self):
        octets = self.schedule.dump()
        self.schedule = Schedule(self.schedule.day, self.schedule.minute)
        self.schedule.load(octets)

    def months(self):
        return [from_seconds(seconds)[:2] for seconds in self.made]


def test_a_stop_is_due_at_its_second_and_once():
    for day, minute in ((1, 0), (15, 6 * 60 + 30), (28, 1439)):
        rig = Rig(day, minute)
        at = to_seconds(2025, 6, day) + minute * 60
        assert not rig.look(at - 2)
        assert not rig.look(at - 1)
        assert rig.look(at)
        assert not rig.look(at)
        assert not rig.look(at + 1)
        assert rig.schedule.is_made(25 * 12 + 5)
        assert not rig.schedule.is_made(25 * 12 + 6)


def test_a_month_that_is_too_short_has_its_stop_on_its_last_day():
    for day in (29, 30, 31):
        rig = Rig(day, 60)
        for seconds in range(to_seconds(2023, 12, 31, 12), to_seconds(2025, 1, 1), 1800):
            rig.look(seconds)
        assert rig.made == [
            to_seconds(2024, month, min(day, days_of_month(2024, month)), 1)
            for month in range(1, 13)
        ]


def test_a_new_meter_makes_no_stop_for_what_was_before_it():
    rig = Rig(1)
    assert not rig.look(to_seconds(2025, 6, 15))
    assert not rig.look(to_seconds(2025, 6, 30))
    assert rig.look(to_seconds(2025, 7, 1))
    rig = Rig(1)
    assert not rig.look(to_seconds(2025, 6, 1))
    assert not rig.look(to_seconds(2025, 6, 1) + 1)


def test_no_schedule_makes_no_stop():
    rig = Rig(NEVER)
    for seconds in range(to_seconds(2025, 1, 1), to_seconds(2026, 1, 1), DAY):
        assert not rig.look(seconds)
    rig.schedule.set(1, 0)
    assert not rig.look(to_seconds(2026, 1, 1) - 1)
    assert rig.look(to_seconds(2026, 1, 1))


def test_a_clock_put_forward_over_the_date_makes_the_stop():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 30, 23, 59))
    assert rig.look(to_seconds(2025, 7, 3, 8))
    assert not rig.look(to_seconds(2025, 7, 31))
    assert rig.look(to_seconds(2025, 8, 1))


def test_a_clock_put_back_over_the_date_makes_it_not_twice():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 30))
    assert rig.look(to_seconds(2025, 7, 1))
    for _ in range(3):
        assert not rig.look(to_seconds(2025, 6, 30, 23))
        assert not rig.look(to_seconds(2025, 7, 1))
    assert not rig.look(to_seconds(2025, 7, 31))
    assert rig.look(to_seconds(2025, 8, 1))


def test_a_clock_put_back_makes_no_stop_of_an_earlier_month():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 30))
    assert not rig.look(to_seconds(2024, 3, 15))
    assert not rig.look(to_seconds(2024, 3, 31))
    assert rig.look(to_seconds(2024, 4, 1))


def test_a_clock_that_was_far_ahead_loses_no_month_to_come():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 15))
    assert rig.look(to_seconds(2099, 12, 31))  # wrongly set: the stop of December 2099
    assert not rig.look(to_seconds(2025, 6, 15, 1))
    assert rig.look(to_seconds(2025, 7, 1))
    assert rig.look(to_seconds(2025, 8, 1))


def test_a_jump_over_several_months_makes_one_stop():
    rig = Rig(1)
    rig.look(to_seconds(2025, 1, 15))
    assert rig.look(to_seconds(2025, 5, 15))
    assert not rig.look(to_seconds(2025, 5, 31))
    # put right again: the months that the jump left out come in their turn
    assert not rig.look(to_seconds(2025, 1, 16))
    for month, made in ((2, True), (3, True), (4, True), (5, False), (6, True)):
        assert rig.look(to_seconds(2025, month, 1)) == made, month


def test_a_date_during_a_power_gap_is_made_up_for():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 30))
    rig.restart()
    assert not rig.look(to_seconds(2025, 7, 3), valid=False)
    assert rig.look(to_seconds(2025, 7, 3))
    rig.restart()
    assert not rig.look(to_seconds(2025, 7, 3))
    assert not rig.look(to_seconds(2025, 7, 4))


def test_a_state_kept_with_the_stop_knows_up_to_when_it_was_made():
    schedule = Schedule(1)
    schedule.due(to_seconds(2025, 1, 15), True, 0)
    assert schedule.due(to_seconds(2025, 5, 15), True, 0)
    schedule.made(to_seconds(2025, 5, 15), 0)
    restarted = Schedule(1)
    restarted.load(schedule.dump())
    assert not restarted.due(to_seconds(2025, 4, 15), True, 0)
    assert not restarted.due(to_seconds(2025, 4, 16), True, 0)


def test_a_clock_that_is_not_valid_makes_no_stop_and_loses_none():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 30))
    for moment in ((2025, 7, 1), (2000, 1, 1), (2000, 2, 1), (2099, 1, 1)):
        assert not rig.look(to_seconds(*moment), valid=False)
    assert rig.look(to_seconds(2025, 7, 1, 5))


def test_within_60_s_a_stop_waits_and_a_command_is_refused():
    schedule = Schedule(1)
    before, at = to_seconds(2025, 6, 30), to_seconds(2025, 7, 1)
    start = WRAP - 30_000
    assert not schedule.due(before, True, start)
    assert schedule.may(start)
    schedule.commanded(start)
    for ms in (0, 1, 30_000, 59_999):
        now = (start + ms) % WRAP
        assert not schedule.may(now)
        assert not schedule.due(at + ms // 1000, True, now)
    now = (start + 60_000) % WRAP
    assert schedule.due(at + 60, True, now)
    assert schedule.due(at + 61, True, now + 1000)  # until it is made
    schedule.made(at + 61, now + 1000)
    assert not schedule.may(now + 1000)
    assert not schedule.due(at + 200, True, now + 140_000)
    assert schedule.may(now + 140_000)


def test_a_stop_that_waits_is_not_lost_when_the_clock_is_put_back():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 30))
    rig.schedule.commanded(rig.now)
    assert not rig.look(to_seconds(2025, 7, 1), ms=1000)
    assert not rig.look(to_seconds(2025, 6, 30, 22), ms=1000)
    assert rig.look(to_seconds(2025, 7, 1))


def test_a_new_schedule_waits_for_nothing():
    for now in (0, 5, 59_999):
        assert Schedule(1).may(now)


def test_the_60_s_end_once_and_do_not_come_again_with_the_wrap_of_the_tick():
    schedule = Schedule(1)
    schedule.commanded(5)
    seconds = to_seconds(2025, 6, 2)
    for day in range(1, 14):
        schedule.due(seconds + day * DAY, True, (5 + day * 86_400_000) % WRAP)
    assert schedule.may(6)


def test_a_stop_in_the_hour_that_comes_twice_is_made_once():
    for month, day in ((3, 30), (10, 26)):
        rig = Rig(day, 150)  # 02:30, which March leaves out
        clock = Clock(0, rule="eu")
        clock.restore(to_seconds(2025, month, day, 0), 0)
        for now in range(0, 6 * 3_600_000, 60_000):
            rig.look(clock.tick(now))
        assert rig.months() == [(2025, month)]


def test_a_slewed_clock_makes_each_stop_once():
    rig = Rig(1)
    clock = Clock(0)
    clock.set(to_seconds(2025, 6, 30, 23, 59), 0)
    clock.adjust(-30, 0)
    for now in range(0, 700_000, 500):
        rig.look(clock.tick(now), ms=500)
    assert rig.made == [to_seconds(2025, 7, 1)]


def test_another_day_makes_no_second_stop_in_a_month():
    rig = Rig(1)
    rig.look(to_seconds(2025, 6, 30))
    assert rig.look(to_seconds(2025, 7, 1))
    rig.schedule.set(15, 0)
    assert not rig.look(to_seconds(2025, 7, 16))
    assert rig.look(to_seconds(2025, 8, 15))
    rig.schedule.set(10, 0)
    assert not rig.look(to_seconds(2025, 8, 16))
    assert rig.look(to_seconds(2025, 9, 10))


def test_the_first_and_the_last_month_have_their_stops():
    rig = Rig(31, 1439)
    assert not rig.look(0)
    assert not rig.look(to_seconds(2000, 1, 31, 23, 58))
    assert rig.look(to_seconds(2000, 1, 31, 23, 59))
    rig.look(to_seconds(2000, 2, 28))
    assert rig.look(to_seconds(2000, 3, 10))  # that of February
    rig.look(to_seconds(2099, 12, 1))
    assert rig.look(END_S - 60)
    assert not rig.look(END_S - 1)
    assert rig.schedule.is_made(0) and rig.schedule.is_made(1199)
    assert not rig.schedule.is_made(-1) and not rig.schedule.is_made(1200)


def test_random_moves_make_no_month_twice_and_lose_none_that_is_passed():
    random = Random(9)
    for day, minute in ((1, 0), (31, 720), (29, 150)):
        rig = Rig(day, minute)
        seconds = seen = to_seconds(2050, 1, 10)
        rig.look(seconds)
        made = set()
        for n in range(1500):
            step = (random.below(900) - 300) * (60, 3600, DAY)[n % 3]
            seconds = min(max(seconds + step, 0), END_S - 1)
            valid = random.below(5) > 0
            due = rig.look(seconds, valid)
            month = passed(seen, seconds, day, minute) if valid else None
            assert due == (month is not None and month not in made), n
            if due:
                made.add(month)
            if valid:
                seen = seconds
            if random.below(8) == 0:
                rig.restart()
        assert len(made) > 50


def passed(seen, seconds, day, minute):
    """(year, month) of the last date in (seen, seconds], looked for month by month; or None."""
    found = None
    year, month = from_seconds(seen)[:2]
    while (year, month) <= from_seconds(seconds)[:2]:
        at = to_seconds(year, month, min(day, days_of_month(year, month))) + minute * 60
        if seen < at <= seconds:
            found = (year, month)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def test_an_unsound_state_or_setting_is_refused():
    schedule = Schedule(1)
    good = schedule.dump()
    for bad in (b"", good[:-1], good + b"\x00"):
        assert "octets" in str(raises(ValueError, schedule.load, bad))
    for seen in (b"\xfe\xff\xff\xff", pack("<I", END_S)):
        assert "2000..2099" in str(raises(ValueError, schedule.load, seen + good[4:]))
    schedule.load(pack("<I", END_S - 1) + good[4:])
    schedule.load(good)
    assert schedule.dump() == good
    for day, minute in ((32, 0), (-1, 0), (1, 1440), (1, -1)):
        assert "allowed are" in str(raises(ValueError, Schedule, day, minute))
        assert "allowed are" in str(raises(ValueError, schedule.set, day, minute))
    assert (schedule.day, schedule.minute) == (1, 0)
