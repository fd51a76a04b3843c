# SPDX-License-Identifier: MIT
"""What people write as a value, to the last digit; and how values are shown."""

import time

import pytest

from mbusnode import registernames, writtenvalue
from mbusnode.failure import Failure
from mbusnode.report import Head, Row


def encoded(name, text, **options):
    value = writtenvalue.encoded(registernames.register(name), text, **options)
    return value if isinstance(value, int) else value.hex().upper()


def test_numbers_count_in_the_unit_of_the_register_or_bring_their_own():
    for name, text, value in (
        ("credit", "5000", 5000),
        ("credit", "50kWh", 5000),
        ("credit", "50 kWh", 5000),
        ("credit", "0.01kWh", 1),
        ("credit", "1.5 MWh", 150000),
        ("credit", "90Wh", 9),
        ("threshold", "8kW", 8000),
        ("threshold", "8000", 8000),
        ("threshold", "none", 0),
        ("threshold", "0.001MW", 1000),
        ("period_min", "15", 15),
        ("period_min", "15min", 15),
        ("period_min", "900s", 15),
        ("period_min", "1h", 60),
        ("baud", "2400", 2400),
        ("baud", "automatic", 0),
        ("breaker", "off", 0),
        ("tariff_source", "clock", 2),
        ("ratio_lock", "not", 0),
        ("ratio", "6000", 6000),
        ("special_1", "00004711", 4711),
    ):
        assert encoded(name, text) == value, (name, text)


def test_words_are_those_of_the_table():
    register = registernames.register("breaker")
    for meaning, words in (
        ("0 off, 1 on, 2 by button", {"off": 0, "on": 1, "button": 2}),
        ("0 input 1 bus 2 by clock", {"input": 0, "bus": 1, "clock": 2}),
        ("W, power threshold, 0 for none", {"none": 0}),
        ("tariff that counts now, 1 to 4", {}),
        ("10 Wh, credit", {}),
    ):
        assert writtenvalue.words_of(register._replace(meaning=meaning)) == words


def test_a_value_that_does_not_fit_says_what_is_allowed():
    for name, text, words in (
        ("credit", "50.005kWh", "credit is a whole number of 10 Wh"),
        ("credit", "0.5", "a whole number of 10 Wh"),
        ("credit", "5 kW", "credit is a number of 10 Wh"),
        ("credit", "-1", "a number of 10 Wh from 0 to 2147483647"),
        ("credit", "1e3", "a number of 10 Wh"),
        ("threshold", "2147483648", "from 0 to 2147483647"),
        ("threshold", "8 apples", "or one with its unit, or one of none"),
        ("tariff", "5", "tariff is a number from 1 to 4"),
        ("tariff", "0", "tariff is a number from 1 to 4"),
        ("tariff", "2kWh", "tariff is a number from 1 to 4"),
        ("breaker", "3", "a number from 0 to 2, or one of off on "),
        ("primary_address", "251", "from 0 to 250"),
        ("ratio", "65536", "from 0 to 65535"),
        ("special_1", "123456789", "at most 8 digits"),
        ("meter_number", "1234567A", "at most 8 digits"),
        ("identification", "12345678FFFFFFF", "a secondary address of 16 digits"),
        ("identification", "1234567F0D170102", "without wildcards"),
        ("time", "2025-02-29T07:45", "a date and time such as 2025-11-22T07:45"),
        ("time", "2025-11-22", "a date and time such as"),
        ("time", "2025-11-22T07:45:30", "seconds go to time_seconds"),
        ("time", "1999-11-22T07:45", "from 2000 to 2099"),
        ("time_seconds", "2025-11-22T07:45:60", "a date and time"),
        ("time_seconds", "yesterday", "or now"),
        ("date", "2025-13-01", "a date such as 2025-11-22"),
        ("time_of_day", "24:00", "a time of day such as 07:45:30"),
    ):
        with pytest.raises(Failure) as failed:
            encoded(name, text)
        assert words in str(failed.value), str(failed.value)
        assert str(failed.value).startswith("VALUE %s: " % text)
        assert failed.value.code == 2


def test_dates_and_times_are_those_of_the_standard():
    for name, text, octets in (
        ("time", "2025-11-22T07:45", "2D27363B"),
        ("time", "2025-11-22T07:45:00", "2D27363B"),
        ("time_seconds", "2025-11-22T07:45:30", "1E2DC7363B2F"),
        ("time_seconds", "2024-02-29T00:00", "8000801D3209"),
        ("date", "2025-11-22", "363B"),
        ("time_of_day", "07:45:30", "1E2D07"),
        ("time_of_day", "07:45", "002D07"),
    ):
        assert encoded(name, text) == octets, text


def test_now_is_the_nearest_second_or_minute_of_this_machine(monkeypatch):
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        # 2025-11-22 06:45:29.6 UTC; and the same in July, with daylight saving.
        assert encoded("time_seconds", "now", now=1763793929.6) == "1E2DC7363B2F"
        assert encoded("time", "now", now=1763793929.6) == "2D27363B"
        assert encoded("time", "now", now=1763793930.0) == "2E27363B"
        assert encoded("date", "now", now=1763793930.0) == "363B"
        assert encoded("time_of_day", "now", now=1763793930.0) == "1E2D07"
        assert encoded("time", "now", now=1753166700.0) == "2DA83637"
        assert encoded("time_seconds", "now", now=1753166700.0) == "406D4836375E"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_offsets_are_durations():
    for text, octets in (
        ("30", "1E0000"),
        ("30s", "1E0000"),
        ("2min", "000200"),
        ("1.5 h", "001E01"),
        ("00:01:05", "050100"),
        ("86399", "3B3B17"),
    ):
        assert encoded("time_of_day", text, offset=True) == octets, text
    for text in ("0", "-5", "0.5s", "2d", "86400", "00:61:00", "07:45:99", "now"):
        with pytest.raises(Failure, match="is moved by 30, 30s, 2min, 1h or 00:00:30"):
            encoded("time_of_day", text, offset=True)


def shown(name, raw, value=None):
    head = Head("", "", "", 0, 0, 0, "", "", "")
    text = value if value is not None else str(int.from_bytes(bytes.fromhex(raw), "little"))
    row = Row(head, text, value is None or value.isdigit(), raw, None)
    return writtenvalue.shown(registernames.register(name), row)


def test_a_unit_chooses_what_a_pulse_register_shows():
    for name, text, vib, value in (
        ("pulse_1", "100", "FD3A", 100),
        ("pulse_1", "50kWh", "04", 5000),
        ("pulse_1", "2.5 m3", "13", 2500),
        ("pulse_2", "7l", "13", 7),
    ):
        register = writtenvalue.variant_for(registernames.register(name), text)
        assert register.vib.hex().upper() == vib
        assert writtenvalue.encoded(register, text) == value
    with pytest.raises(Failure, match="with a unit where the register has one"):
        encoded("pulse_2", "5kWh")  # would look like a verification register


def test_values_are_shown_with_unit_and_word():
    for name, raw, text in (
        ("credit", "88130000", "50 kWh"),
        ("credit", "01000000", "10 Wh"),
        ("credit", "65000000", "1.01 kWh"),
        ("credit", "00000000", "0 Wh"),
        ("threshold", "401F0000", "8 kW"),
        ("threshold", "E7030000", "999 W"),
        ("power_export", "18FCFFFF", "-1 kW"),
        ("verify_import", "87D61200", "123.4567 kWh"),
        ("period_min", "0F", "15 min"),
        ("baud", "60090000", "2400 baud"),
        ("breaker", "01", "1 (on)"),
        ("breaker_state", "00", "supply off"),
        ("breaker_state", "01", "supply on"),
        ("rtc_status", "83", "running, set since power-up, not valid"),
        ("rtc_status", "00", "not running"),
        ("ratio", "64EA", "60004"),
        ("tariff", "02", "2"),
    ):
        assert shown(name, raw) == text, name
    assert shown("special_1", "11470000", "4711") == "00004711"
    assert shown("time", "2D27363B", "2025-11-22T07:45") == "2025-11-22T07:45"
