# SPDX-License-Identifier: MIT
"""The calendar against datetime, and daylight saving against zoneinfo: every day of 2000..2099."""

import zoneinfo
from datetime import datetime, timedelta, timezone

import pytest

from meter import calendar
from meter.clock import Clock

EPOCH = datetime(2000, 1, 1)
DAYS = 36525


def test_every_day_is_that_of_datetime():
    for day in range(DAYS):
        # another time of day each day, and its last second
        for rest in (0, day * 7919 % 86400, 86399):
            seconds = day * 86400 + rest
            moment = EPOCH + timedelta(seconds=seconds)
            fields = moment.timetuple()[:6]
            assert calendar.from_seconds(seconds) == fields
            assert calendar.to_seconds(*fields) == seconds
            assert calendar.weekday(seconds) == moment.isoweekday()
            assert calendar.iso_week(seconds) == moment.isocalendar().week
    assert moment == datetime(2099, 12, 31, 23, 59, 59)


def test_every_day_that_a_bus_can_write_is_valid_where_datetime_knows_it():
    for year in range(2000, 2100):
        for month in range(16):
            for day in range(32):
                try:
                    datetime(year, month, day)
                    known = True
                except ValueError:
                    known = False
                assert calendar.valid(year, month, day) == known


# A zone of each offset, and its standard time in minutes.  Lisbon, Berlin and Athens have
# kept to the rule since 2000.
@pytest.mark.parametrize(
    ("name", "standard_min"), [("Europe/Lisbon", 0), ("Europe/Berlin", 60), ("Europe/Athens", 120)]
)
def test_daylight_saving_is_that_of_zoneinfo(name, standard_min):
    try:
        zone = zoneinfo.ZoneInfo(name)
    except zoneinfo.ZoneInfoNotFoundError as e:
        pytest.skip("no data of time zones here: %s" % e)
    clock = Clock(0, rule="eu", standard_min=standard_min)
    begin = datetime(2000, 1, 1, tzinfo=timezone(timedelta(minutes=standard_min)))
    summers = 0
    for day in range(DAYS):
        # each hour of the last week of March and of October, else one of the day
        moment = begin + timedelta(days=day)
        hours = range(24) if moment.month in (3, 10) and moment.day > 24 else (day % 24,)
        for hour in hours:
            for minute in (0, 59) if len(hours) > 1 else (30,):
                standard = (day * 24 + hour) * 3600 + minute * 60
                shown = (begin + timedelta(seconds=standard)).astimezone(zone)
                local = clock.to_local(standard)
                assert calendar.from_seconds(local) == shown.timetuple()[:6]
                assert clock.to_standard(local, bool(shown.dst())) == standard
                summers += local != standard
    assert summers > 20_000
