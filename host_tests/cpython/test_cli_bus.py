# SPDX-License-Identifier: MIT
"""The commands of `mbus` on a bus: read, scan, address, reset, raw."""

import csv
import io
import json
import shutil
import subprocess
import sys

import pytest
from commands import run, three_meters


@pytest.fixture
def bus():
    """The URL of a bus with three meters."""
    with three_meters() as url:
        yield url


def test_read_prints_each_meter_as_one_table(capsys, bus):
    code, out, err = run(capsys, "read", "1", "12345679", "--port", bus, "--baud", "9600")
    assert (code, err) == (0, "")
    assert "1: long frame, C 08, address 1" in out
    assert "12345679: long frame, C 08, address 2" in out
    assert out.count("2 telegrams, 32 records, ") == 2
    rows = [line.split() for line in out.splitlines()]
    assert ["identification", "12345678", "instantaneous", "0C", "79", "meter_number"] in rows
    assert ["identification", "12345679", "instantaneous", "0C", "79", "meter_number"] in rows


def test_read_prints_json_one_line_a_telegram(capsys, bus):
    arguments = ("read", "123456800D170102", "--port", bus, "--baud", "9600", "--format", "json")
    code, out, _ = run(capsys, *arguments)
    telegrams = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [t["more"] for t in telegrams] == [True, False]
    assert {t["header"]["identification"] for t in telegrams} == {"12345680"}
    energy = telegrams[0]["records"][0]
    assert (energy["quantity"], energy["value"], energy["unit"]) == ("energy", 126456780, "Wh")


def test_one_address_without_an_answer_does_not_stop_the_others(capsys, bus):
    arguments = ("read", "9", "3", "--tries", "1", "--port", bus, "--baud", "9600")
    code, out, err = run(capsys, *arguments, "--format", "json")
    assert code == 1
    assert "no answer from address 9" in err
    assert json.loads(out.splitlines()[0])["header"]["identification"] == "12345680"


def test_a_wildcard_that_several_meters_match_is_a_collision(capsys, bus):
    arguments = ("read", "FFFFFFFF", "--tries", "1", "--port", bus, "--baud", "9600")
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert "several meters answer together" in err


def test_scan_by_secondary_address(capsys, bus):
    code, out, err = run(capsys, "scan", "--secondary", "--port", bus, "--baud", "9600")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[2] for line in lines[:3]] == [
        "123456780D170102",
        "123456790D170102",
        "123456800D170102",
    ]
    assert lines[3].startswith("3 meters found, ")


def test_scan_with_a_mask_and_in_json(capsys, bus):
    arguments = ("scan", "--secondary", "1234567F", "--port", bus, "--baud", "9600")
    code, out, _ = run(capsys, *arguments, "--format", "json")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(f["primary"], f["secondary"], f["manufacturer"], f["state"]) for f in found] == [
        (1, "123456780D170102", "EXM", "ok"),
        (2, "123456790D170102", "EXM", "ok"),
    ]


def test_scan_by_primary_address(capsys, bus):
    arguments = ("scan", "--primary", "0-4", "--port", bus, "--baud", "9600", "--format", "csv")
    code, out, _ = run(capsys, *arguments)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [row["primary"] for row in rows] == ["1", "2", "3"]
    assert rows[2]["secondary"] == "123456800D170102"


def test_a_scan_that_finds_nothing_gives_exit_code_1(capsys, bus):
    code, out, _ = run(capsys, "scan", "--primary", "9", "--port", bus, "--baud", "9600")
    assert code == 1
    assert out.startswith("0 meters found")


def test_address_reset_and_raw(capsys, bus):
    line = ("--port", bus, "--baud", "9600")
    code, out, _ = run(capsys, "address", "1", "77", *line)
    assert (code, out) == (0, "1 now answers at address 77\n")
    code, out, _ = run(capsys, "reset", "77", *line)
    assert (code, out) == (0, "77: link reset acknowledged\n")
    code, out, _ = run(capsys, "reset", "77", "--application", "10", *line)
    assert (code, out) == (0, "77: application reset acknowledged\n")
    code, out, _ = run(capsys, "raw", "10 40 4D 8D 16", *line)
    assert (code, out) == (0, "E5\n")
    code, out, err = run(capsys, "raw", "1040018116", *line)
    assert (code, out, err) == (1, "", "mbus: no answer\n")
    code, out, err = run(capsys, "address", "2", "77", *line)
    assert (code, out) == (1, "")
    assert "address 77 is taken" in err


def test_trace_shows_the_octets_both_ways_with_times(capsys, bus):
    _, _, err = run(capsys, "reset", "2", "--trace", "--port", bus, "--baud", "9600")
    sent, received = err.splitlines()
    assert sent.split()[1:] == [">", "10", "40", "02", "42", "16"]
    assert received.split()[1:] == ["<", "E5"]
    assert float(sent.split()[0]) <= float(received.split()[0])


@pytest.mark.skipif(not shutil.which("script"), reason="script, of util-linux, is not there")
def test_a_progress_bar_on_a_terminal_keeps_out_of_the_results(bus, tmp_path):
    results = tmp_path / "results"
    command = "%s -m mbusnode.cli scan --primary 1-3 --port %s --baud 9600 --format json > %s" % (
        sys.executable,
        bus,
        results,
    )
    shown = subprocess.run(
        ["script", "-qec", command, "/dev/null"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "scanning" in shown
    assert [json.loads(line)["primary"] for line in results.read_text().splitlines()] == [1, 2, 3]
