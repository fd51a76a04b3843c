# SPDX-License-Identifier: MIT
"""The clock: kept from a tick, set and slewed."""

from meter.calendar import END_S, from_seconds, to_seconds
from meter.clock import Clock
from mutants import Random

WRAP = 1 << 30
DAY_MS = 86_400_000
NOON = to_seconds(2025, 11, 22, 12)


def running(seconds=NOON, now=1000, rule="none"):
    clock = Clock(now, rule=rule)
    assert clock.set(seconds, now)
    return clock


def test_a_clock_is_not_valid_until_it_is_set():
    clock = Clock(5, seconds=NOON)
    assert (clock.seconds, clock.valid, clock.status) == (NOON, False, 0x81)
    clock.tick(2005)
    assert (clock.seconds, clock.valid) == (NOON + 2, False)
    assert clock.set(NOON + 100, 2005)
    assert (clock.seconds, clock.valid, clock.status) == (NOON + 100, True, 0x03)


def test_nothing_is_lost_at_the_wrap_of_the_tick_nor_by_the_way_it_is_told():
    for step in (1, 7, 999, 61_001, DAY_MS):
        clock = running(now=WRAP - 500)
        now = WRAP - 500
        ms = 0
        for _ in range(40):
            now = (now + step) % WRAP
            ms += step
            assert clock.tick(now) == NOON + ms // 1000
        assert clock.on_s == ms // 1000


def test_a_year_of_days_of_ticks_is_a_year():
    clock = running(to_seconds(2024, 1, 1))
    now = 1000
    for _ in range(366):
        now = (now + DAY_MS) % WRAP
        clock.tick(now)
    assert from_seconds(clock.seconds) == (2025, 1, 1, 0, 0, 0)


def test_a_tick_read_a_little_earlier_changes_nothing():
    clock = running(now=5000)
    clock.tick(7000)
    assert clock.tick(6990) == NOON + 2
    assert clock.tick(8000) == NOON + 3
    assert clock.on_s == 3


def test_the_hour_counter_goes_on_from_what_is_handed_in_whatever_the_clock_does():
    clock = Clock(0, on_s=3600 * 12345 + 3599)
    assert clock.hours == 12345
    clock.set(NOON, 999)
    clock.adjust(30, 999)
    clock.tick(999)
    assert clock.hours == 12345
    clock.adjust(-5000, 1000)
    assert (clock.hours, clock.on_s) == (12346, 3600 * 12346)


def test_setting_the_clock_begins_a_second():
    clock = running(now=0)
    clock.tick(900)
    clock.set(NOON, 900)
    assert clock.tick(1899) == NOON
    assert clock.tick(1900) == NOON + 1


def test_times_outside_of_the_calendar_are_refused():
    clock = running()
    for seconds in (-1, END_S):
        assert not clock.set(seconds, 1000)
        assert not clock.restore(seconds, 1000)
    assert not clock.set_date(2025, 2, 29, 1000)
    assert not clock.set_time(24, 0, 0, 1000)
    assert not clock.adjust(-NOON - 1, 1000)
    assert not clock.adjust(END_S - NOON, 1000)
    assert (clock.seconds, clock.valid, clock.jumps) == (NOON, True, 1)


def test_the_first_and_the_last_second_can_be_set():
    for seconds in (0, END_S - 1):
        clock = running(seconds)
        assert (clock.seconds, clock.valid) == (seconds, True)
        assert clock.restore(seconds, 1000)
        assert Clock(0, seconds=seconds).seconds == seconds
    clock = running()
    assert clock.adjust(-NOON, 1000)
    assert clock.seconds == 0
    assert clock.adjust(END_S - 1, 1000)
    assert (clock.seconds, clock.valid) == (END_S - 1, True)
    assert Clock(0, seconds=-1).seconds == 0
    assert Clock(0, seconds=END_S).seconds == END_S - 1


def test_only_a_valid_clock_takes_an_offset():
    clock = Clock(0, seconds=NOON)
    assert not clock.adjust(10, 0)
    assert not clock.adjust(1000, 0)
    assert (clock.seconds, clock.slewing, clock.jumped) == (NOON, 0, None)


def test_a_small_offset_is_slewed_and_arrives_exactly():
    for offset in (1, 30, -1, -30, 0, 7):
        clock = running(now=0)
        assert clock.adjust(offset, 0)
        assert (clock.seconds, clock.slewing) == (NOON, offset)
        last, now = NOON, 0
        while now < 610_000:
            now += 100
            seconds = clock.tick(now)
            assert 0 <= seconds - last <= 1, (offset, now)
            last = seconds
            slewed = min(now, abs(offset) * 20_000) * (1 if offset > 0 else -1)
            assert seconds == NOON + (now * 20 + slewed) // 20_000
        assert (last, clock.slewing) == (NOON + 610 + offset, 0)
        assert clock.jumps == 1  # only that of running()


def test_slewing_does_not_depend_on_how_often_the_clock_ticks():
    random = Random(3)
    for offset in (30, -30, 11, -4):
        one, other = running(now=0), running(now=0)
        one.adjust(offset, 0)
        other.adjust(offset, 0)
        now = 0
        while now < 700_000:
            now += random.below(5000)
            one.tick(now)
        assert one.tick(now) == other.tick(now)


def test_small_offsets_add_up_and_become_a_jump_above_30_s():
    clock = running(now=0)
    clock.adjust(20, 0)
    clock.adjust(-25, 0)
    assert (clock.slewing, clock.jumps) == (-5, 1)
    clock.tick(20_000)
    assert (clock.seconds, clock.slewing) == (NOON + 19, -4)
    clock.adjust(-26, 20_000)
    assert (clock.slewing, clock.jumps) == (-30, 1)
    clock.adjust(-1, 20_000)
    assert (clock.slewing, clock.seconds) == (0, NOON + 19 - 31)
    assert (clock.jumps, clock.jumped) == (2, (NOON + 19, NOON - 12))


def test_a_jump_takes_along_the_parts_of_a_second():
    clock = running(now=0)
    clock.adjust(1, 0)
    clock.tick(10_700)  # 10.7 s and 0.535 s slewed; 0.465 s are left
    clock.adjust(100, 10_700)
    assert clock.seconds == NOON + 111
    assert clock.tick(10_999) == NOON + 111
    assert clock.tick(11_000) == NOON + 112


def test_a_great_offset_jumps_and_tells_both_times():
    for offset in (31, -31, 3600, -86400):
        clock = running(now=0)
        assert clock.adjust(offset, 2000)
        assert clock.jumped == (NOON + 2, NOON + 2 + offset)
        assert (clock.seconds, clock.slewing, clock.jumps) == (NOON + 2 + offset, 0, 2)


def test_setting_the_clock_ends_slewing_and_to_what_it_shows_is_no_jump():
    clock = running(now=0)
    clock.adjust(-30, 0)
    clock.set(NOON, 0)
    assert (clock.slewing, clock.jumps) == (0, 1)
    assert clock.tick(600_000) == NOON + 600
    clock.set(NOON, 600_000)
    assert (clock.jumps, clock.jumped) == (2, (NOON + 600, NOON))


def test_the_date_alone_leaves_the_time_of_day():
    clock = running(now=0)
    assert clock.set_date(2024, 2, 29, 1500)
    assert from_seconds(clock.seconds) == (2024, 2, 29, 12, 0, 1)
    assert clock.valid


def test_the_time_of_day_alone_leaves_the_date():
    # the clock shows, is set to, shows then
    for before, time, after in (
        ((2025, 11, 22, 12, 0, 0), (0, 0, 0), (2025, 11, 22, 0, 0, 0)),
        ((2025, 11, 22, 12, 0, 0), (23, 59, 59), (2025, 11, 22, 23, 59, 59)),
        ((2025, 11, 22, 23, 59, 40), (0, 0, 10), (2025, 11, 23, 0, 0, 10)),
        ((2025, 11, 22, 23, 59, 40), (0, 0, 11), (2025, 11, 22, 0, 0, 11)),
        ((2025, 12, 1, 0, 0, 5), (23, 59, 58), (2025, 11, 30, 23, 59, 58)),
        ((2000, 1, 1, 0, 0, 5), (23, 59, 58), (2000, 1, 1, 23, 59, 58)),
    ):
        clock = running(to_seconds(*before))
        assert clock.set_time(*(time + (1000,)))
        assert from_seconds(clock.seconds) == after
        assert clock.valid


def test_date_and_time_of_day_make_the_clock_valid_together():
    clock = Clock(0, seconds=NOON)
    assert clock.set_date(2025, 3, 1, 0)
    assert not clock.valid
    assert clock.set_time(7, 45, 30, 60_000)
    assert clock.valid
    assert from_seconds(clock.seconds) == (2025, 3, 1, 7, 45, 30)
    clock = Clock(0, seconds=NOON)
    clock.set_time(7, 45, 30, 0)
    assert not clock.valid
    assert clock.status & 0x80
    clock.set_date(2025, 3, 1, 60_000)
    assert clock.valid
    assert from_seconds(clock.seconds) == (2025, 3, 1, 7, 46, 30)


def test_the_status_tells_where_the_time_is_from():
    clock = Clock(0)
    assert clock.status == 0x81
    clock.restore(NOON - 1, 0)
    assert (clock.status, clock.valid) == (0x05, True)
    clock.battery_low = True
    assert clock.status == 0x0D
    clock.set(NOON, 0)
    assert clock.status == 0x0F
    clock = Clock(0)
    clock.set_date(2025, 3, 1, 0)
    assert clock.status == 0x83
    clock = Clock(0)
    clock.set_time(12, 0, 0, 0)
    assert clock.status == 0x83
    clock = running(to_seconds(2025, 7, 1), rule="eu")
    assert (clock.status, clock.summer) == (0x13, True)


def test_at_the_end_of_2099_the_clock_stands_still():
    clock = running(END_S - 2, now=0)
    clock.tick(1999)
    assert (clock.seconds, clock.valid) == (END_S - 1, True)
    clock.tick(2000)
    assert (clock.seconds, clock.valid, clock.status) == (END_S - 1, False, 0x82)
    clock.tick(5000)
    assert (clock.seconds, clock.valid, clock.status) == (END_S - 1, False, 0x82)
    # the date that follows does not make it valid: the time of day is lost as well
    clock.set_date(2025, 11, 22, 5000)
    assert not clock.valid
    clock.set(NOON, 6000)
    assert (clock.tick(7000), clock.status) == (NOON + 1, 0x03)


def test_random_commands_leave_time_where_it_belongs():
    random = Random(11)
    clock = running(now=0)
    now, units = 0, NOON * 20_000  # of 1/20 ms
    left = 0  # to be slewed, in the same
    for _ in range(3000):
        ms = random.below(30_000)
        now = (now + ms) % WRAP
        moved = max(-ms, min(ms, left))
        left -= moved
        units += 20 * ms + moved
        if random.below(4) == 0:
            offset = random.below(81) - 40
            assert clock.adjust(offset, now)
            left += offset * 20_000
            if abs(left) > 600_000:
                units += left
                left = 0
        assert clock.tick(now) == units // 20_000
