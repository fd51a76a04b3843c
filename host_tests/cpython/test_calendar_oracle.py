# SPDX-License-Identifier: MIT
"""The calendar against datetime: every day of 2000..2099."""

from datetime import datetime, timedelta

from meter import calendar

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
