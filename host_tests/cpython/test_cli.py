# SPDX-License-Identifier: MIT
"""The command `mbus`: what it prints, its exit codes, and errors that people can use."""

import csv
import io
import json
import os
import socket
import subprocess
import sys

from commands import run

from mutants import corpus

FINDER = (
    "68383868081972076200232E192302920000008C1004682817008C11046828170002FDC9FF01E60002FDDBFF0106"
    "0002ACFF0109008240ACFF01FDFF5B16"
)
RESET = "1040014116"


# ---- decode ----


def test_decode_prints_a_table(capsys):
    code, out, err = run(capsys, "decode", FINDER)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert "meter 23006207, FIN version 35, electricity" in lines[0]
    assert lines[1].split()[:3] == ["name", "value", "unit"]
    assert lines[2].split()[:4] == ["energy", "1728680", "Wh", "1"]
    assert lines[4].split()[:4] == ["voltage,", "L1", "230", "V"]


def test_decode_prints_one_json_object_a_line_in_order(capsys, tmp_path):
    path = tmp_path / "dump"
    path.write_text("%s\n\n  \nnonsense\n%s\n1040014216\n" % (FINDER, RESET))
    code, out, err = run(capsys, "decode", str(path), "--format", "json")
    assert (code, err) == (1, "")
    first, second, third, fourth = [json.loads(line) for line in out.splitlines()]
    assert first["frame"] == {"type": "long", "c": 8, "a": 25, "ci": 0x72}
    assert first["header"] == {
        "identification": "23006207",
        "manufacturer": "FIN",
        "version": 35,
        "device_type": 2,
        "device_type_name": "electricity",
        "access_number": 0x92,
        "status": 0,
        "status_flags": [],
        "configuration": 0,
        "security_mode": 0,
    }
    assert first["records"][0] == {
        "dif": "8C10",
        "vif": "04",
        "function": "instantaneous",
        "storage": 0,
        "tariff": 1,
        "subunit": 0,
        "quantity": "energy",
        "unit": "Wh",
        "value": 1728680,
        "raw": "68281700",
    }
    assert (first["more"], first["manufacturer_data"], first["errors"]) == (False, None, [])
    assert second["records"] == []
    assert second["errors"] == ["not hexadecimal: 'n' at digit 0"]
    assert third["frame"] == {"type": "short", "c": 0x40, "a": 1, "ci": None}
    assert (third["header"], third["records"], third["errors"]) == (None, [], [])
    assert fourth["errors"] == ["checksum 42 at octet 3 should be 41"]


def test_decode_prints_csv(capsys):
    code, out, _ = run(capsys, "decode", FINDER, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(rows) == 6
    assert (rows[3]["quantity"], rows[3]["value"], rows[3]["unit"]) == ("current, L1", "0.6", "A")
    assert {row["identification"] for row in rows} == {"23006207"}


def test_decode_reads_standard_input_and_octets_set_apart(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("10 40 01 41 16\n10:40:01:41:16\r\n"))
    code, out, _ = run(capsys, "decode", "--format", "json")
    assert code == 0
    assert [json.loads(line)["frame"]["type"] for line in out.splitlines()] == ["short", "short"]


def test_values_are_exact_json_numbers(capsys):
    # 8 octets of energy in 0.001 Wh, one more than a double can tell apart.
    data = "0700" + "0100000000002000"
    body = bytes.fromhex("080578" + data)
    octets = b"\x68" + bytes([len(body)] * 2) + b"\x68" + body + bytes([sum(body) & 255, 0x16])
    _, out, _ = run(capsys, "decode", octets.hex(), "--format", "json")
    assert '"value": 9007199254740.993, ' in out


def test_a_bad_line_has_no_records_and_gives_exit_code_1(capsys):
    for text, words in (
        ("6", "not hexadecimal: 1 digits are no whole number of octets"),
        ("10400142 16", "checksum 42 at octet 3 should be 41"),
        ("68", "frame of 4 octets has 1"),
    ):
        code, out, _ = run(capsys, "decode", text, "--format", "json")
        decoded = json.loads(out)
        assert (code, decoded["records"], decoded["errors"]) == (1, [], [words])


def test_a_file_that_is_not_there_is_wrong_usage(capsys, tmp_path):
    code, out, err = run(capsys, "decode", str(tmp_path / "nothing.txt"))
    assert (code, out) == (2, "")
    assert "there is no such file" in err
    code, out, err = run(capsys, "decode", str(tmp_path))
    assert code == 2
    assert "is a folder" in err


# ---- wrong usage ----


def test_wrong_usage_says_what_and_gives_exit_code_2(capsys, monkeypatch):
    monkeypatch.delenv("MBUS_PORT", raising=False)
    port = ("--port", "socket://127.0.0.1:9")
    for arguments, words in (
        (("read", "1"), "which bus? give --port"),
        (("read", "255", *port), "address 255: a primary address is 0 to 254"),
        (("read", "12345", *port), "address 12345: secondary address '12345' has 5 digits"),
        (("read", "1234567G", *port), "other than hexadecimal digits"),
        (("read", "1", "--tries", "0", *port), "--tries 0: at least 1 is needed"),
        (("read", "1", "--baud", "1234", *port), "invalid choice: 1234"),
        (("scan", *port), "one of the arguments --primary --secondary is required"),
        (("scan", "--primary", "5-300", *port), "--primary 5-300: give addresses from 0 to 250"),
        (("scan", "--primary", "x", *port), "--primary x: give addresses from 0 to 250"),
        (("scan", "--secondary", "1Z", *port), "--secondary: secondary address '1ZFFF"),
        (("address", "1", "251", *port), "NEW 251: a primary address is 0 to 250"),
        (("reset", "1", "--application", "100", *port), "a sub-code is 00 to FF"),
        (("raw", "XY", *port), "not hexadecimal: 'X' at digit 0"),
        (("simulate", "--tcp", "10001"), "give HOST:PORT"),
        (("frobnicate",), "invalid choice: 'frobnicate'"),
        ((), "arguments are required: COMMAND"),
    ):
        code, out, err = run(capsys, *arguments)
        assert (code, out) == (2, ""), arguments
        assert words in err, (arguments, err)
        assert "Traceback" not in err


def test_a_bus_that_is_not_there_gives_exit_code_1(capsys, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = "socket://127.0.0.1:%d" % free.getsockname()[1]
    for url in (closed, str(tmp_path / "ttyUSB9"), "nonsense://x"):
        code, out, err = run(capsys, "read", "1", "--port", url)
        assert (code, out) == (1, "")
        assert url.removeprefix("socket://") in err
        assert "Traceback" not in err


def test_every_command_explains_itself_with_examples(capsys):
    commands = ("decode", "read", "scan", "address", "reset", "raw", "simulate")
    for command in commands:
        code, out, _ = run(capsys, command, "--help")
        assert code == 0
        assert "examples:" in out
        assert "mbus " + command in out.split("examples:")[1]
    code, out, _ = run(capsys, "--help")
    assert all("  %s " % command in out for command in commands)


def test_ctrl_c_and_a_closed_pipe_end_without_a_traceback(capsys, monkeypatch):
    def interrupted(_args):
        raise KeyboardInterrupt

    monkeypatch.setattr("mbusnode.decoding.run", interrupted)
    code, out, err = run(capsys, "decode", RESET)
    assert (code, out, err) == (130, "", "mbus: stopped\n")


def test_a_reader_that_closes_the_pipe_ends_the_command(tmp_path):
    rows = [row["hex"] for row in corpus("telegrams.json")] or [FINDER]
    path = tmp_path / "dump"
    path.write_text("\n".join(rows * (4000 // len(rows))))
    command = '"%s" -m mbusnode.cli decode "%s" --format json | head -n 1 > /dev/null' % (
        sys.executable,
        path,
    )
    out = subprocess.run(
        ["bash", "-c", command + "; exit ${PIPESTATUS[0]}"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert (out.returncode, out.stderr) == (1, "")
