# SPDX-License-Identifier: MIT
"""The clock put forward in summer, by the rule of the EU."""

from helpers import raises
from meter.calendar import END_S, from_seconds, to_seconds
from meter.clock import Clock

# Standard time of the changes at Berlin.
SPRING = to_seconds(2025, 3, 30, 2)
AUTUMN = to_seconds(2025, 10, 26, 2)


def test_time_is_put_forward_in_spring_and_back_in_autumn():
    for at, summer in ((SPRING, 0), (AUTUMN, 1)):
        clock = Clock(0, rule="eu")
        clock.restore(at - 1, 0)
        assert (clock.seconds - clock.standard, clock.summer) == (3600 * summer, bool(summer))
        clock.tick(1000)
        assert clock.standard == at
        assert (clock.seconds - at, clock.summer) == (3600 * (1 - summer), not summer)
        assert clock.jumps == 1  # standard time has gone on


def test_the_changes_of_time_are_at_one_utc_whatever_the_zone():
    for minutes in (-720, -60, 0, 60, 120, 840):
        clock = Clock(0, rule="eu", standard_min=minutes)
        change = to_seconds(2025, 3, 30, 1) + minutes * 60
        assert clock.to_local(change - 1) == change - 1
        assert clock.to_local(change) == change + 3600


def test_each_local_time_is_read_as_it_is_shown():
    clock = Clock(0, rule="eu")
    for year in (2000, 2001, 2024, 2099):
        for hours in range(0, 366 * 24, 7):
            standard = to_seconds(year, 1, 1) + 3600 * hours + 1800
            if standard < END_S:
                local = clock.to_local(standard)
                summer = local != standard
                assert clock.to_standard(local, summer) == standard


def test_the_hour_that_comes_twice_is_told_apart():
    twice = AUTUMN + 1800  # 02:30
    for summer, standard in ((True, twice - 3600), (False, twice), (None, twice)):
        clock = Clock(0, rule="eu")
        assert clock.set(twice, 0, summer)
        assert (clock.seconds, clock.standard) == (twice, standard)
    # without a word, what is nearer to a valid clock
    for before, standard in (
        (twice - 86400, twice - 3600),
        (twice - 1801, twice - 3600),
        (twice - 1799, twice),
        (twice + 86400, twice),
    ):
        clock = Clock(0, rule="eu")
        clock.restore(before, 0)
        clock.set(twice, 0)
        assert clock.standard == standard, before


def test_the_hour_that_is_left_out_is_read_as_standard_time():
    clock = Clock(0, rule="eu")
    clock.set(SPRING + 1800, 0)
    assert from_seconds(clock.seconds) == (2025, 3, 30, 3, 30, 0)


def test_without_a_rule_nothing_is_put_forward():
    clock = Clock(0)
    clock.set(SPRING - 1, 0)
    assert clock.tick(1000) == SPRING
    assert not clock.summer


def test_an_unknown_rule_and_an_impossible_zone_are_refused():
    assert "allowed are none, eu" in str(raises(ValueError, Clock, 0, 0, 0, "us"))
    for minutes in (-721, 841):
        assert "allowed are" in str(raises(ValueError, Clock, 0, 0, 0, "eu", minutes))
