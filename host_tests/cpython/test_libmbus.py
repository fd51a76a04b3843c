# SPDX-License-Identifier: MIT
"""libmbus, a master of other people, on our meters: its seven tools for a serial port.

Each is judged by what it prints and by the octets on the bus, not by its exit code.
"""

import pytest
from libmbus import run, run_until, slave_and_records
from simulation import Simulation

from stations import long

E5 = "E5"
RESET_253 = "1040FD3D16"
REQUEST_253 = "105BFD5816"  # FCV set, FCB clear
REQUEST_253_FCB = "107BFD7816"

# The three telegrams of meter 1: records (with that for "more follow"), and the energies
# of the first two records.
TELEGRAMS = (17, 17, 22)
ENERGY = (12345678, 34567)

PAIR_AND_OTHER = """
[[meter]]
primary = 1
identification = "12345678"
[[meter]]
primary = 2
identification = "12345679"
[[meter]]
primary = 9
identification = "87654321"
"""


def short(c, a):
    return "10%02X%02X%02X16" % (c, a, (c + a) & 0xFF)


def selection(address):
    """The telegram that libmbus selects this secondary address with (16 digits)."""
    octets = bytes.fromhex(address)
    wire = octets[3::-1] + octets[4:]
    return long(0x73, 0xFD, 0x52, wire.hex())


@pytest.fixture
def three(tmp_path):
    """A bus at 9600 baud with a pair that differs in the last digit, and one more meter."""
    (tmp_path / "meters.toml").write_text(PAIR_AND_OTHER)
    options = ("--baud", "9600", "--config", str(tmp_path / "meters.toml"))
    with Simulation(tmp_path, *options) as bus:
        yield bus


@pytest.fixture
def one(tmp_path):
    with Simulation(tmp_path, "--baud", "9600", "--telegrams", "3") as bus:
        yield bus


def test_scan(tools, three):
    def enough(_):
        return short(0x40, 30) in three.sent()

    printed = run_until(enough, tools / "mbus-serial-scan", three.where)
    found = ["Found a M-Bus device at address %d" % a for a in (1, 2, 9)]
    assert printed.splitlines() == found
    assert three.sent()[:31] == [short(0x40, a) for a in range(31)]
    answers = [entry for entry in three.log() if entry[0] != "M"]
    assert answers == [("S1", E5), ("S2", E5), ("S3", E5)]


def test_scan_secondary(tools, three):
    printed = run(tools / "mbus-serial-scan-secondary", three.where, limit_s=120)
    assert printed.splitlines() == [
        "Found a device on secondary address %s [using address mask %s]" % pair
        for pair in (
            ("123456780D170102", "12345678FFFFFFFF"),
            ("123456790D170102", "12345679FFFFFFFF"),
            ("876543210D170102", "8FFFFFFFFFFFFFFF"),
        )
    ]
    sent = three.sent()
    assert sent[:2] == [RESET_253, short(0x40, 0xFF)]
    assert sent[2:4] == [selection("0FFFFFFFFFFFFFFF")] * 2
    # The pair acknowledges together, collides when it is read, and each alone does not.
    place = sent.index(selection("1FFFFFFFFFFFFFFF"))
    assert sent[place + 1] == REQUEST_253
    for digit in "89":
        place = sent.index(selection("1234567%sFFFFFFFF" % digit))
        assert sent[place + 1] == REQUEST_253
        assert selection("1234567%sFFFFFFFF" % digit) not in sent[place + 1 :]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("123456790D170102", "123456790D170102"),
        ("87654321FFFFFFFF", "876543210D170102"),
        ("8FFFFFFF0D17FFFF", "876543210D170102"),
    ],
)
def test_select_secondary(tools, three, address, found):
    printed = run(tools / "mbus-serial-select-secondary", three.where, address)
    assert "Searched for [%s] and found [%s]." % (address, found) in printed
    assert three.sent() == [selection(address), REQUEST_253]
    (acknowledged, first), (answered, second) = [e for e in three.log() if e[0] != "M"]
    assert (acknowledged, first) == (answered, E5)
    assert second.startswith("687A7A6808")


@pytest.mark.parametrize("baud", [300, 2400, 9600])
def test_request_data_by_primary_address(tools, tmp_path, baud):
    tool = "mbus-serial-request-data"
    if baud == 2400:
        tool = "no-parity/" + tool
    with Simulation(tmp_path, "--baud", str(baud)) as bus:
        # Twice, with the same FCB: the second is no repetition of the first.
        for _ in range(2):
            slave, records = slave_and_records(run(tools / tool, "-b", baud, bus.where, 1))
            assert (slave["Id"], slave["Manufacturer"], slave["Version"], slave["Medium"]) == (
                "12345678",
                "EXM",
                "1",
                "Electricity",
            )
            assert len(records) == TELEGRAMS[0]
            assert [(r["Unit"], int(r["Value"])) for r in records[:2]] == [
                ("Energy (10 Wh)", value) for value in ENERGY
            ]
        resets = [RESET_253] * 2
        assert bus.sent() == [*resets, short(0x5B, 1)] * 2
        answers = bus.sent("S1")
        assert len(answers) == 2
        assert answers[0] != answers[1]  # the access number


@pytest.mark.parametrize(
    ("address", "meter"),
    [
        ("123456780D170102", 0),
        ("123456790D170102", 1),
        ("FFFFFF79FFFFFFFF", 1),
        ("8FFFFFFFFFFFFF02", 2),
        ("876543210FF7FFFF", 2),  # wildcards of half an octet
        ("87654321FF18FFFF", None),
    ],
)
def test_request_data_by_secondary_address(tools, three, address, meter):
    printed = run(tools / "mbus-serial-request-data", three.where, address)
    assert three.sent()[:3] == [RESET_253] * 2 + [selection(address)]
    if meter is None:
        assert "does not match any device" in printed
        return
    slave, records = slave_and_records(printed)
    assert slave["Id"] == ("12345678", "12345679", "87654321")[meter]
    assert len(records) == TELEGRAMS[0]
    expected = [ENERGY[0] + 150000 * meter, ENERGY[1] + 3000 * meter]
    assert [int(r["Value"]) for r in records[:2]] == expected
    assert records[12]["Value"] == str(87654321 + meter)
    assert three.sent()[3:] == [REQUEST_253]
    assert len(three.sent("S%d" % (meter + 1))) == 2


def test_request_data_with_a_mask_of_two_meters_is_a_collision(tools, three):
    printed = run(tools / "mbus-serial-request-data", three.where, "1234567FFFFFFFFF")
    assert "DataRecord" not in printed
    assert len(three.sent("S1")) == len(three.sent("S2")) >= 1
    assert three.sent("S3") == []


@pytest.mark.parametrize("address", ["1", "123456780D170102"])
def test_multi_reply_twice_in_a_row(tools, one, address):
    a = 1 if len(address) == 1 else 0xFD
    requests = [short(c, a) for c in (0x7B, 0x5B, 0x7B)]
    selected = [selection(address)] if a == 0xFD else []
    runs = []
    for _ in range(2):
        printed = run(tools / "mbus-serial-request-data-multi-reply", one.where, address)
        slave, records = slave_and_records(printed)
        assert slave["Id"] == "12345678"
        assert len(records) == sum(TELEGRAMS)
        runs.append([(r["Function"], r.get("Unit"), r["Value"]) for r in records])
        assert int(records[0]["Value"]) == ENERGY[0]
        assert int(records[17]["Value"]) == 1234567  # the verification register leads
        assert int(records[34]["Value"]) == 45678  # so does the resettable one
    assert runs[0] == runs[1]
    assert one.sent() == ([RESET_253] * 2 + selected + requests) * 2
    answers = [octets for octets in one.sent("S1") if octets != E5]
    assert [len(octets) // 2 for octets in answers] == [128, 150, 201] * 2


@pytest.mark.parametrize(("old", "a"), [("254", 254), ("123456780D170102", 0xFD)])
def test_set_address(tools, one, old, a):
    printed = run(tools / "mbus-serial-set-address", one.where, old, 77)
    assert printed.strip() == "Set primary address of device to 77"
    sent = one.sent()
    assert sent[:3] == [RESET_253] * 2 + [short(0x40, 77)]
    assert sent[-1] == long(0x53, a, 0x51, "017A4D")
    # No answer from the new address before it is one.
    assert one.log()[3][0] == "M"
    slave, _ = slave_and_records(run(tools / "mbus-serial-request-data", one.where, 77))
    assert slave["Id"] == "12345678"
    assert one.sent("S1")[-1][10:12] == "4D"
    assert "Failed to receive" in run(tools / "mbus-serial-request-data", one.where, 1)


def test_set_address_to_one_that_is_taken_is_refused_by_the_tool(tools, three):
    printed = run(tools / "mbus-serial-set-address", three.where, 1, 2)
    assert "Got a response from new address" in printed
    assert not [octets for octets in three.sent() if octets.startswith("68")]


@pytest.mark.parametrize(("baud", "ci"), [(300, 0xB8), (2400, 0xBB), (9600, 0xBD), (38400, 0xBF)])
def test_switch_baudrate(tools, one, baud, ci):
    printed = run(tools / "mbus-serial-switch-baudrate", one.where, 1, baud)
    assert printed.strip() == "Switched baud rate of device to %d" % baud
    assert one.log() == [("M", long(0x53, 1, ci)), ("S1", E5)]
