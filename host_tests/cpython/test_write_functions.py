# SPDX-License-Identifier: MIT
"""`mbus time`, `breaker`, `tariff`, `debit`, `ratio`, `prepay`, `events`: what they send and say."""

import csv
import io
import json
import shlex
from contextlib import contextmanager

import pytest
from commands import run, three_meters
from papermeter import PaperMeter

from mbusnode import busline, eventlist, functions, wire
from mbusnode.functions import FUNCTIONS
from meter.events import Events


@pytest.fixture
def meter(monkeypatch):
    """A meter of paper at address 5 on every bus."""
    meter = PaperMeter(
        tariff=b"\x02",
        tariff_source=b"\x01",
        tariff_inverted=b"\x00",
        breaker=b"\x01",
        breaker_state=b"\x01",
        time_seconds=bytes.fromhex("1E2DC7363B2F"),
        time_of_day=bytes.fromhex("1E2D07"),
        rtc_status=b"\x03",
        ratio=b"\x64\x00",
        ratio_lock=b"\x00",
        prepayment=b"\x01",
        credit=b"\x88\x13\0\0",
        periods=b"\x07\x00",
    )

    @contextmanager
    def opened(_args):
        yield meter.link

    monkeypatch.setattr(wire, "run", meter.run)
    monkeypatch.setattr(busline, "opened", opened)
    return meter


ORDERS = (
    ("time 5 set 2025-11-22T07:45:30", "06 6D 1E 2D C7 36 3B 2F"),
    ("time 5 add 30s", "03 ED 01 1E 00 00"),
    ("time 5 subtract 10s", "03 ED 02 0A 00 00"),
    ("breaker 5 off", "01 FD 1F 00"),
    ("breaker 5 on", "01 FD 1F 01"),
    ("breaker 5 release", "01 FD 1F 02"),
    ("tariff 5 2", "01 FF 13 02"),
    ("tariff 5 source bus", "01 FF 44 01"),
    ("tariff 5 invert yes", "01 FF 45 01"),
    ("tariff 5 invert no", "01 FF 45 00"),
    ("debit 5 stop", "00 FF C0 0B"),
    ("debit 5 freeze", "40 FE 0B"),
    ("ratio 5 100", "02 FF 68 64 00"),
    ("ratio 5 100/5", "02 FF 68 64 00"),
    ("ratio 5 lock", "01 FF 14 01"),
    ("prepay 5 on", "01 FF 41 01"),
    ("prepay 5 off", "01 FF 41 00"),
    ("prepay 5 add 50kWh", "04 FF 84 01 88 13 00 00"),
    ("prepay 5 set 50kWh", "04 FF 04 88 13 00 00"),
    ("prepay 5 clear", "00 FF 84 07"),
)


@pytest.mark.parametrize(("command", "octets"), ORDERS)
def test_a_command_sends_its_record_once_and_says_that_it_is_done(capsys, meter, command, octets):
    code, out, err = run(capsys, *command.split())
    assert (code, err) == (0, "")
    assert out.startswith("done: ")
    assert meter.orders == [octets]


def test_what_was_done_is_said_with_what_it_led_to(capsys, meter):
    for command, words in (
        ("breaker 5 off", "done: breaker is now 1 (on), breaker_state is now supply on\n"),
        ("debit 5 stop", "done: debiting_stop, periods is now 7\n"),
        ("prepay 5 add 1kWh", "done: credit is now 50 kWh, breaker_state is now supply on\n"),
        ("debit 5 freeze", "done: freeze\n"),
    ):
        assert run(capsys, *command.split())[1] == words


def test_what_moves_has_its_time_before_it_is_looked_at(capsys, meter):
    run(capsys, "breaker", "5", "off")
    assert meter.sent[1:3] == ["68 07 07 68 73 05 51 01 FD 1F 00 E6 16", "1000 ms"]


def test_without_more_words_a_command_shows(capsys, meter):
    for command, lines in (
        (
            "time 5",
            ["time_seconds: 2025-11-22T07:45:30", "rtc_status: running, set since power-up"],
        ),
        ("breaker 5 show", ["breaker: 1 (on)", "breaker_state: supply on"]),
        ("tariff 5", ["tariff: 2", "tariff_source: 1 (bus)", "tariff_inverted: 0"]),
        ("ratio 5", ["ratio: 100", "ratio_lock: 0 (not)"]),
        ("prepay 5", ["prepayment: 1 (on)", "credit: 50 kWh", "breaker_state: supply on"]),
    ):
        code, out, err = run(capsys, *command.split())
        assert (code, out.splitlines(), err) == (0, lines, "")
    assert meter.orders == []


def test_words_that_mean_nothing_are_wrong_usage_and_nothing_is_sent(capsys, meter):
    for command, words in (
        ("time 5 soon", "time soon: give ADDRESS [show | set now"),
        ("time 5 add", "time add: give ADDRESS"),
        ("breaker 5 open", "breaker open: give ADDRESS [show | off | on | release]"),
        ("tariff 5 9", "tariff is a number from 1 to 4"),
        ("tariff 5 source sun", "source input|bus|clock"),
        ("debit 5 show 16", "debit show 16: give ADDRESS [show [1..15] | stop | freeze]"),
        ("debit 5 show 0", "give ADDRESS"),
        ("ratio 5 many", "VALUE many: ratio is a number"),
        ("prepay 5 add", "prepay add: give ADDRESS"),
        ("prepay 5 add 1.001kWh", "credit is a whole number of 10 Wh"),
        ("breaker 300 off", "address 300: a primary address is 0 to 254"),
    ):
        code, out, err = run(capsys, *command.split())
        assert (code, out) == (2, ""), command
        assert words in err
    assert meter.sent == []


def test_every_command_explains_itself_with_examples_that_are_right(capsys, meter):
    for name, function in FUNCTIONS.items():
        code, out, _ = run(capsys, name, "--help")
        assert code == 0
        examples = [line for line in out.splitlines() if line.startswith("  mbus %s " % name)]
        assert len(examples) == len(function.examples)
        for line in examples:
            words = shlex.split(line)
            assert function.plan(words[3 : words.index("--port")]) is not None, line


def test_a_closed_period_is_asked_for_with_all_its_tariffs():
    for storage, octets in (
        (1, ["C8307E", "D8307E"]),
        (2, ["88317E", "98317E"]),
        (15, ["C8377E", "D8377E"]),
    ):
        assert [one.hex().upper() for one in functions.asking.period(storage)] == octets


# ---- events ----


def ring(*entries):
    events = Events()
    for entry in entries:
        events.record(*entry)
    return [
        eventlist.event(b"\xec" + bytes(events.get(events.total, n))) for n in range(events.total)
    ]


def test_events_are_told_in_words():
    found = ring(
        (2, None), (4, 817_285_530, -30), (3, 817_285_530, 0), (8, 1, 0x12345678), (99, 1, 7)
    )
    assert [one["number"] for one in found] == [4, 3, 2, 1, 0]
    assert [(one["time"], one["event"], one["value"]) for one in found] == [
        ("2000-01-01T00:00:01", "event 99", "7"),
        ("2000-01-01T00:00:01", "identification number set", "12345678"),
        ("2025-11-24T07:45:30", "clock set", "2000-01-01T00:00:00 before"),
        ("2025-11-24T07:45:30", "clock shifted", "-30 s"),
        (None, "breaker closed", ""),
    ]
    found = ring((5, 1, 200), (6, 1, 1), (6, 1, 0), (11, 1, 9000), (10, 1), (13, 1), (7, 1, 42))
    assert [one["value"] for one in reversed(found)] == [
        "200/5",
        "locked",
        "not locked",
        "9000 W",
        "",
        "",
        "42",
    ]


def test_every_event_of_the_meter_has_words():
    codes = {
        value
        for name, value in vars(eventlist.events).items()
        if name.isupper() and name not in ("SIZE", "OCTETS", "NO_TIME") and name[0] != "_"
    }
    assert codes == set(eventlist._WORDS)


def test_events_are_printed_in_every_format(capsys, meter):
    events = Events()
    events.record(1, None)
    events.record(11, 60, 9000)
    meter.values["event"] = b"\xec" + bytes(events.get(2, 0))
    code, out, _ = run(capsys, "events", "5")
    assert (code, out.splitlines()[1].split()) == (
        0,
        ["1", "2000-01-01T00:01:00", "power", "threshold", "exceeded", "9000", "W"],
    )
    _, out, _ = run(capsys, "events", "5", "--format", "json")
    assert json.loads(out)["event"] == "power threshold exceeded"
    _, out, _ = run(capsys, "events", "5", "--format", "csv")
    assert [row["value"] for row in csv.DictReader(io.StringIO(out))] == ["9000 W"]
    assert meter.sent[1] == "68 07 07 68 73 05 51 C8 0F FF 50 EF 16"


# ---- over a bus ----


def test_a_module_without_these_functions_says_so(capsys):
    with three_meters() as url:
        line = ("--port", url, "--baud", "9600")
        code, out, _ = run(capsys, "tariff", "1", *line)
        assert code == 0 and out.startswith("tariff: ")
        code, out, _ = run(capsys, "read", "1", *line)
        assert (code, "2 telegrams, " in out) == (0, True)
