# SPDX-License-Identifier: MIT
"""libmbus on our meters again: its seven tools for TCP.

They wait 4 s for every silence, also for the one behind each answer.
"""

import pytest
from libmbus import SERIAL, TCP, run, run_until, slave_and_records
from simulation import Simulation
from test_libmbus import (
    E5,
    ENERGY,
    REQUEST_253,
    RESET_253,
    TELEGRAMS,
    selection,
    short,
)

from stations import long

LIMIT_S = 120

ANSWER_SIZES = [128, 150, 201]


@pytest.fixture
def one(tmp_path):
    with Simulation(tmp_path, "--telegrams", "3", tcp=True) as bus:
        yield bus


def test_scan_secondary(tools, tmp_path):
    numbers = ("00000000", "00000001", "00000002")
    options = ("--baud", "38400", "--meters", "3", "--identification", numbers[0])
    found = [
        "Found a device on secondary address %s0D170102 [using address mask %sFFFFFFFF]"
        % (number, number)
        for number in numbers
    ]
    with Simulation(tmp_path, *options, tcp=True) as bus:

        def enough(printed):
            return printed.count("\n") >= len(found)

        tool = tools / "mbus-tcp-scan-secondary"
        printed = run_until(enough, tool, *bus.host_and_port, limit_s=LIMIT_S)
        assert printed.splitlines() == found
        sent = bus.sent()
        assert sent[0] == RESET_253
        # Each digit but the last is the same: at each they collide, and are read to see it.
        for digits in range(1, 8):
            place = sent.index(selection("0" * digits + "F" * (16 - digits)))
            assert sent[place + 1] == REQUEST_253
        for number in numbers:
            assert sent.count(selection(number + "FFFFFFFF")) == 1
        assert {who for who, _ in bus.log()} >= {"S1", "S2", "S3"}


def test_scan(tools, tmp_path):
    with Simulation(tmp_path, "--primary", "0", tcp=True) as bus:

        def enough(printed):
            return "\n" in printed

        printed = run_until(enough, tools / "mbus-tcp-scan", *bus.host_and_port, limit_s=LIMIT_S)
        assert printed.splitlines()[0] == "Found a M-Bus device at address 0"
        assert bus.log()[:2] == [("M", short(0x40, 0)), ("S1", E5)]


def test_select_secondary(tools, one):
    tool = tools / "mbus-tcp-select-secondary"
    printed = run(tool, *one.host_and_port, "1234567FFFFFFFFF")
    assert "123456780D170102" in printed
    assert one.sent()[-2:] == [selection("1234567FFFFFFFFF"), REQUEST_253]
    assert [len(octets) // 2 for octets in one.sent("S1")[-2:]] == [1, ANSWER_SIZES[0]]


@pytest.mark.parametrize("address", ["1", "123456780D170102", "FFFFF678FFFFFFFF"])
def test_request_data(tools, one, address):
    printed = run(tools / "mbus-tcp-request-data", *one.host_and_port, address)
    slave, records = slave_and_records(printed)
    assert (slave["Id"], slave["Manufacturer"]) == ("12345678", "EXM")
    assert len(records) == TELEGRAMS[0]
    assert tuple(int(r["Value"]) for r in records[:2]) == ENERGY
    if address == "1":
        assert one.sent() == [short(0x5B, 1)]
    else:
        assert one.sent()[-2:] == [selection(address), REQUEST_253]


def test_multi_reply_twice_in_a_row(tools, one):
    requests = [short(c, 1) for c in (0x7B, 0x5B, 0x7B)]
    runs = []
    for _ in range(2):
        tool = tools / "mbus-tcp-request-data-multi-reply"
        printed = run(tool, *one.host_and_port, 1, limit_s=LIMIT_S)
        slave, records = slave_and_records(printed)
        assert slave["Id"] == "12345678"
        assert len(records) == sum(TELEGRAMS)
        runs.append([(r["Function"], r.get("Unit"), r["Value"]) for r in records])
    assert runs[0] == runs[1]
    assert (int(runs[0][0][2]), int(runs[0][17][2]), int(runs[0][34][2])) == (
        ENERGY[0],
        1234567,
        45678,
    )
    asked = [octets for octets in one.sent() if octets[4:6] == "01"]
    assert asked == requests * 2
    answers = [octets for octets in one.sent("S1") if octets != E5]
    assert [len(octets) // 2 for octets in answers] == ANSWER_SIZES * 2


def test_application_reset(tools, one):
    tool = tools / "mbus-tcp-application-reset"
    printed = run(tool, *one.host_and_port, 1)
    assert printed.strip() == "Successful reset device"
    assert one.log() == [("M", long(0x53, 1, 0x50)), ("S1", E5)]
    # Sub-code 10h asks for the first telegram alone, 0 for all of them again.
    for sub, records in ((0x10, TELEGRAMS[0] - 1), (0, TELEGRAMS[0])):
        printed = run(tool, *one.host_and_port, 1, sub)
        assert printed.strip() == "Successful reset device (Subcode: %d)" % sub
        assert one.log()[-2:] == [("M", long(0x53, 1, 0x50, "%02X" % sub)), ("S1", E5)]
        printed = run(tools / "mbus-tcp-request-data", *one.host_and_port, 1)
        assert len(slave_and_records(printed)[1]) == records


def test_raw_send(tools, one, tmp_path):
    file = tmp_path / "telegram.txt"
    tool = tools / "mbus-tcp-raw-send"
    # Send nothing that is not understood: the tool does not wait for an answer to silence.
    for telegram, answer in (
        (short(0x40, 1), E5),
        (long(0x53, 1, 0x51, "017A07"), E5),
        (short(0x7B, 7), "687A7A6808077278563412"),
    ):
        file.write_text(telegram)
        printed = run(tool, "-d", *one.host_and_port, 1, file)
        assert "Failed" not in printed
        assert one.log()[-2] == ("M", telegram)
        who, octets = one.log()[-1]
        assert who == "S1"
        assert octets.startswith(answer)
        shown = "".join(printed.upper().split())
        assert telegram in shown
        assert octets[:20] in shown


def test_these_are_all_the_tools():
    assert len(set(SERIAL + TCP)) == 14
