# SPDX-License-Identifier: MIT
"""Types F, G, I and J: moments, invalid flags, centuries, and components that mean "every"."""

from binascii import hexlify, unhexlify

from mbus import date, datetext

INVALID = "marked invalid by the meter"
NO_DATE = "no valid date"
NO_TIME = "no valid time"


def test_type_g():
    # fmt: off
    for text, expected, error in (
        ("363B", "2025-11-22", None),
        ("DF1C", "2014-12-31", None),
        ("BF1C", "2013-12-31", None),
        ("01A1", "2080-01-01", None),
        ("21A1", "1981-01-01", None),      # 81..99 without a century: the last one
        ("61C1", "1999-01-01", None),
        ("1D02", "2000-02-29", None),
        ("3D02", None, NO_DATE),           # 2001 is no leap year
        ("1E02", None, NO_DATE),
        ("1F04", None, NO_DATE),           # 31 April
        ("0000", None, NO_DATE),           # month 0
        ("010D", None, NO_DATE),           # month 13
        ("81C1", None, NO_DATE),           # year 100
        ("FFFC", "XXXX-12-31", None),      # each 31 December
        ("E0FF", "XXXX-XX-XX", None),      # every day
        ("FDF2", "XXXX-02-29", None),
        ("20" "3B", "2025-11-XX", None),
        ("FFFF", None, NO_DATE),           # all ones: none
    ):
        assert datetext.parse_g(unhexlify(text), 0) == (expected, error), text
    # fmt: on


def test_type_f():
    # fmt: off
    for text, expected, error in (
        ("2D27363B", "2025-11-22T07:45", None),
        ("2D07363B", "2025-11-22T07:45", None),     # no century sent
        ("2D0721C1", "1997-01-01T07:45", None),
        ("2D4721C1", "2197-01-01T07:45", None),     # two hundreds
        ("0B0BCD13", "2014-03-13T11:11", None),
        ("2DA7363B", "2025-11-22T07:45", None),     # summer time
        ("AD27363B", "2025-11-22T07:45", INVALID),
        ("80000000", None, INVALID),
        ("00000000", None, NO_DATE),
        ("FFFFFFFF", None, INVALID),
        ("3C27363B", None, NO_DATE),                # minute 60
        ("2D38363B", None, NO_DATE),                # hour 24
        ("3F3F363B", "2025-11-22TXX:XX", None),
        ("0000E1F1", "XXXX-01-01T00:00", None),
    ):
        assert datetext.parse_f(unhexlify(text), 0) == (expected, error), text
    # fmt: on


def test_type_i():
    # fmt: off
    for text, expected, error in (
        ("1E2DC7363B2F", "2025-11-22T07:45:30", None),
        ("000008162700", "2016-07-22T08:00:00", None),
        ("1EADC7363B2F", "2025-11-22T07:45:30", INVALID),
        ("3F3F1FE0FF00", "XXXX-XX-XXTXX:XX:XX", None),
        ("3C2DC7363B2F", None, NO_DATE),
        ("000000000000", None, NO_DATE),
    ):
        assert datetext.parse_i(unhexlify(text), 0) == (expected, error), text
    # fmt: on


def test_type_j():
    for text, expected, error in (
        ("1E2D07", "07:45:30", None),
        ("3F3F1F", "XX:XX:XX", None),
        ("FFFFFF", None, NO_TIME),
        ("000018", None, NO_TIME),
    ):
        assert datetext.parse_j(unhexlify(text), 0) == (expected, error), text


def test_moments_are_written_as_the_standard_codes_them():
    buf = bytearray(8)

    def written(put, *args):
        n = put(buf, 0, *args)
        return hexlify(bytes(buf[:n])).decode().upper()

    assert written(date.put_g, 2025, 11, 22) == "363B"
    assert written(date.put_g, 127, 12, 31) == "FFFC"
    assert written(date.put_f, 2025, 11, 22, 7, 45) == "2D27363B"
    assert written(date.put_f, 2025, 7, 22, 7, 45, True) == "2DA73637"
    assert written(date.put_i, 2025, 11, 22, 7, 45, 30, 6, 47) == "1E2DC7363B2F"
    assert written(date.put_j, 7, 45, 30) == "1E2D07"


def test_every_day_of_a_century_comes_back_as_it_was_written():
    buf = bytearray(6)
    for year in range(1982, 2081):
        for month in range(1, 13):
            day = 28 if month == 2 else 30
            date.put_g(buf, 0, year, month, day)
            assert datetext.parse_g(buf, 0) == ("%04d-%02d-%02d" % (year, month, day), None)
            date.put_f(buf, 0, year, month, day, month, year % 60)
            text = "%04d-%02d-%02dT%02d:%02d" % (year, month, day, month, year % 60)
            assert datetext.parse_f(buf, 0) == (text, None)
            date.put_i(buf, 0, year, month, day, month, year % 60, day)
            assert datetext.parse_i(buf, 0) == ("%s:%02d" % (text, day), None)
