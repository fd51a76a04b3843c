# SPDX-License-Identifier: MIT
"""Every command of the command line, obeyed by the module: what it says, and what is true then."""

import json
from contextlib import contextmanager

from commands import bus_of, run

LINE_BAUD = ("--baud", "9600")


@contextmanager
def meters(tmp_path, text):
    """The port of a bus with the meters of a configuration."""
    path = tmp_path / "meters.toml"
    path.write_text(text)
    with bus_of("--config", str(path)) as url:
        yield ("--port", url, *LINE_BAUD)


def steps(capsys, line, *rows):
    """Run commands; each row is a command, its exit code, and what it prints."""
    for command, code, words in rows:
        got, out, err = run(capsys, *command.split(), *line)
        assert (got, (out or err).strip()) == (code, words), command


def test_clock_and_offset(capsys, tmp_path):
    with meters(tmp_path, "") as line:
        set_to = "done: time_seconds is now 2026-03-10T12:10:00, rtc_status is now running, "
        code, out, _ = run(capsys, *"time 1 set 2026-03-10T12:10:00".split(), *line)
        assert code == 0 and out.startswith(set_to[:-14])
        code, out, _ = run(capsys, "time", "1", "subtract", "1h", *line)
        assert code == 0 and out.startswith("done: time_of_day is now 11:10:0")
        code, out, _ = run(capsys, "write", "1", "date", "2026-03-11", *line)
        assert (code, out) == (0, "done: date is now 2026-03-11\n")
        code, out, _ = run(capsys, "events", "1", "--format", "json", *line)
        found = [json.loads(row)["event"] for row in out.splitlines()]
        assert code == 0 and "clock set" in found


def test_tariff_threshold_and_texts(capsys, tmp_path):
    with meters(tmp_path, "") as line:
        steps(
            capsys,
            line,
            ("tariff 1 source bus", 0, "done: tariff_source is now 1 (bus), tariff is now 1"),
            ("tariff 1 2", 0, "done: tariff is now 2"),
            ("write 1 threshold 8kW", 0, "done: threshold is now 8 kW"),
            ("write 1 special_2 4711", 0, "done: special_2 is now 00004711"),
            ("write 1 period_min 30min", 0, "done: period_min is now 30 min"),
            (
                "write 1 period_min 7min",
                1,
                "mbus: 1 refused period_min: the value is out of range or wrong (12h); it is "
                "still 30 min",
            ),
            ("write 1 reset_import --clear", 0, "done: reset_import is now 0 Wh"),
            (
                "breaker 1 off",
                1,
                "mbus: 1 refused breaker: it has no such function, or that is not possible now "
                "(11h)",
            ),
        )


def test_a_pulse_register_in_the_unit_that_is_configured(capsys, tmp_path):
    with meters(tmp_path, 'pulse1_unit = "kWh"\npulse2_unit = "l"\n') as line:
        steps(
            capsys,
            line,
            ("write 1 pulse_1 50kWh", 0, "done: pulse_1 is now 50 kWh"),
            ("write 1 pulse_2 1.5m3", 0, "done: pulse_2 is now 1500 l"),
        )
        code, _, err = run(capsys, "write", "1", "pulse_1", "100", *line)
        assert (code, "1 refused pulse_1: it has no such function" in err) == (1, True)
        assert err.endswith("; it is still 50 kWh\n")
        names = "pulse_1,pulse_2,pulse_1_state"
        code, out, _ = run(capsys, "read", "1", "--register", names, "--format", "json", *line)
        rows = json.loads(out)["records"]
        found = [(row["register"], row["value"], row["unit"]) for row in rows]
        assert found[:2] == [("pulse_1", 50000, "Wh"), ("pulse_2", 1.5, "m³")]
        assert len(rows) == 3


def test_a_debiting_stop_and_the_period_it_closed(capsys, tmp_path):
    with meters(tmp_path, "") as line:
        code, out, _ = run(capsys, "debit", "1", "stop", *line)
        assert code == 0 and out.startswith("done: debiting_stop, periods is now ")
        code, _, err = run(capsys, "debit", "1", "stop", *line)
        assert (code, "try again in a minute (08h)" in err) == (1, True)
        code, out, _ = run(capsys, "debit", "1", *line)
        assert (code, "energy_import[1]" in out, "max_import[1]" in out) == (0, True, True)
        code, out, _ = run(capsys, "debit", "1", "freeze", *line)
        assert (code, out) == (0, "done: freeze\n")
        code, _, err = run(capsys, "debit", "1", "show", "2", *line)
        assert (code, "1 has nothing in storage 2" in err) == (1, True)


def test_breaker_and_prepayment(capsys, tmp_path):
    with meters(tmp_path, "breaker = true\nprepayment = true\n") as line:
        off = "done: breaker is now 0 (off), breaker_state is now supply off"
        on = "done: breaker is now 1 (on), breaker_state is now supply on"
        full = ", breaker_state is now supply on"
        steps(
            capsys,
            line,
            ("breaker 1 off", 0, off),
            ("breaker 1 on", 0, on),
            ("prepay 1 on", 0, "done: prepayment is now 1 (on), credit is now 0 Wh"),
            ("prepay 1 add 50kWh", 0, "done: credit is now 50 kWh" + full),
            ("prepay 1 add 1kWh", 0, "done: credit is now 51 kWh" + full),
            ("prepay 1 set 20kWh", 0, "done: credit is now 20 kWh" + full),
            ("prepay 1 off", 0, "done: prepayment is now 0 (off), credit is now 0 Wh"),
        )


def test_ratio_and_its_lock(capsys, tmp_path):
    with meters(tmp_path, "ct = true\nratio = 100\n") as line:
        steps(
            capsys,
            line,
            ("ratio 1 200/5", 0, "done: ratio is now 200, ratio_lock is now 0 (not)"),
            ("ratio 1 lock", 0, "done: ratio_lock is now 1 (locked)"),
            (
                "ratio 1 300",
                1,
                "mbus: 1 refused ratio: access denied: it is locked, or can only be read (10h); "
                "it is still 200",
            ),
        )


def test_how_a_meter_fares(capsys, tmp_path):
    with meters(tmp_path, "") as line:
        code, out, _ = run(capsys, "diag", "1", *line)
        shown = dict(row.split(": ", 1) for row in out.splitlines())
        assert code == 0
        assert shown["reset_cause"] == "0 (unknown)" and shown["starts"] == "1"
        assert shown["crashes"] == "0" and shown["crash"] == "no data available"
        assert shown["late_replies"] == shown["line_errors"] == "0"
        code, _, err = run(capsys, "diag", "1", "all", *line)
        assert code == 2 and "give ADDRESS [show]" in err
