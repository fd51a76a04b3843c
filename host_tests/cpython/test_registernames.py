# SPDX-License-Identifier: MIT
"""Names of registers: our meters' records have them, those of other meters never do."""

import csv
import io
import json

import pytest
from commands import bus_of, run, three_meters

from mbus import frame
from mbus.header import secondary_octets
from mbus.record import put
from mbusnode import asking, output, reading, registernames
from mbusnode.failure import Failure
from mbusnode.report import Report
from mutants import corpus
from node.registers import READ

HERE = secondary_octets("123456780D170102")
WATER = secondary_octets("123456780D170107")
# A meter of ABB and one of Finder have records that look like some of ours.
OTHERS = (
    "68383868081972076200232E192302920000008C1004682817008C11046828170002FDC9FF01E60002FDDBFF0106"
    "0002ACFF0109008240ACFF01FDFF5B16",
)


def telegram(records, identification=HERE):
    """The Report of an RSP_UD with these records, octets one behind the other."""
    body = identification + bytes(4) + records
    tx = memoryview(bytearray(frame.MAX_FRAME))
    tx[frame.DATA : frame.DATA + len(body)] = body
    return Report.of_octets(bytes(tx[: frame.seal(tx, 8, 5, 0x72, len(body))]))


def record(register, storage=0):
    """A record of a register with some value."""
    buf = bytearray(60)
    dib = bytearray(register.dib)
    dib[0] |= 0x40 if storage else 0
    value = bytes((0xEC,)) + bytes(12) if register.name == "event" else 1
    if register.vib in (b"\x6c", b"\x6d"):
        value = bytes.fromhex("1E2DC7363B2F" if dib[0] & 15 == 6 else "2D27363B")
        value = {2: value[2:], 3: b"\1\1\1"}.get(dib[0] & 15, value)
    elif dib[0] & 15 == 13 and register.name != "event":
        value = b"\x01a"
    elif dib[0] & 15 == 7:
        value = HERE
    return bytes(buf[: put(buf, 0, bytes(dib), register.vib, value)])


def of_kind(wide, legacy):
    return [row for row in registernames.of(wide, legacy).rows.values() if row.access & READ]


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_every_register_of_every_kind_of_meter_has_its_name(wide, legacy):
    rows = of_kind(wide, legacy)
    reports = [telegram(b"".join(map(record, rows[i : i + 12]))) for i in range(0, len(rows), 12)]
    registernames.name_all(reports, "auto")
    named = [row.register for report in reports for row in report.rows]
    assert named == [row.name for row in rows]


def test_a_storage_number_stands_behind_the_name():
    rows = registernames.of().rows
    reports = [telegram(record(rows["status"]) + record(rows["version"]))]
    reports.append(telegram(record(rows["last_error"]) + record(rows["max_import_t1"], 1)))
    registernames.name_all(reports, "auto")
    assert [row.register for row in reports[1].rows] == ["last_error", "max_import_t1[1]"]


def test_other_meters_keep_the_words_of_the_standard():
    telegrams = list(OTHERS) + [row["hex"] for row in corpus("telegrams.json")]
    for octets in telegrams:
        report = Report.of_octets(bytes.fromhex(octets))
        registernames.name_all([report], "auto")
        assert not any(row.register for row in report.rows), octets


def test_a_readout_is_ours_only_with_all_of_it():
    rows = registernames.of().rows
    ours = record(rows["energy_import"]) + record(rows["power_import"])
    own = record(rows["tariff"])
    foreign = bytes.fromhex("0E84000000000000")  # BCD, as others send energy
    for records, identification, named in (
        (ours + own, HERE, True),
        (ours, HERE, False),  # any meter could send that
        (ours + own + foreign, HERE, False),
        (ours + own, WATER, False),
        (b"".join(map(record, of_kind(False, False)[:11])), HERE, False),
        (b"".join(map(record, of_kind(False, False)[:12])), HERE, True),
    ):
        report = telegram(records, identification)
        registernames.name_all([report], "auto")
        assert all(bool(row.register) == named for row in report.rows)


def test_names_can_be_had_for_any_meter_or_for_none():
    report = telegram(record(registernames.register("energy_import")) + b"\x02\xfd\x74\1\0")
    registernames.name_all([report], "off")
    assert [row.register for row in report.rows] == [None, None]
    registernames.name_all([report], "on")
    assert [row.register for row in report.rows] == ["energy_import", None]


def test_a_record_error_has_the_name_of_what_is_missing_and_words():
    report = telegram(bytes.fromhex("008404 00FDC8FC8215 808010 8415 00FF8415 80C0C00083FF8E15"))
    registernames.name_all([report], "on")
    assert [(row.register, row.error) for row in report.rows] == [
        ("energy_import", "tariff not implemented"),
        ("voltage_l2", "no data available"),
        ("import_t4", "no data available"),
        ("credit", "no data available"),
        ("secondary_import", "no data available"),
    ]


def test_a_register_of_one_octet_has_no_sign():
    report = telegram(bytes.fromhex("01FF2F82"))
    registernames.name_all([report], "auto")
    assert (report.rows[0].register, report.rows[0].value) == ("last_error", "130")


def test_a_pulse_input_with_a_unit_keeps_its_name():
    report = telegram(bytes.fromhex("01FF1301 844004 01000000 84804013 01000000"))
    registernames.name_all([report], "auto")
    assert [row.register for row in report.rows] == ["tariff", "pulse_1", "pulse_2"]


def test_a_pulse_register_is_asked_for_in_every_unit_and_one_answer_is_left():
    register = registernames.register("pulse_1")
    requests = asking.requests(register)
    assert [one.hex().upper() for one in requests] == ["8840FD3A", "884004", "884013"]
    assert len(asking.requests(registernames.register("pulse_1", legacy=True))) == 1
    missing = bytes.fromhex("8040FDBA0C 80408415")
    for records, left in (
        (missing + bytes.fromhex("84401301000000"), [None]),
        (missing + bytes.fromhex("8040930C"), ["illegal VIF group"]),
    ):
        reports = [telegram(records)]
        registernames.name_all(reports, "on")
        registernames.drop_misses(reports)
        assert [(row.register, row.error) for row in reports[0].rows] == [
            ("pulse_1", error) for error in left
        ]


def test_json_and_csv_have_a_register_where_there_is_one(capsys):
    report = telegram(bytes.fromhex("01FF1301"))
    assert "register" not in json.loads(report.json())["records"][0]
    registernames.name_all([report], "auto")
    assert json.loads(report.json())["records"][0]["register"] == "tariff"
    output.printer("csv").add(report)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["register"] for row in rows] == ["tariff"]


# ---- asking for registers ----


def test_a_request_means_the_one_register_and_no_wildcard():
    for text, octets in (
        ("energy_import", "0804"),
        ("energy_import[1]", "4804"),
        ("energy_import[15]", "C80704"),
        ("max_import[2]", "98012B"),
        ("import_t2[1]", "C82004"),
        ("import_t3", "88B00004"),  # with one DIFE tariff 3 means all of them
        ("import_t4[3]", "C8811004"),
        ("secondary_import", "88C0C00083FF0E"),  # with two DIFE subunit 3 does
        ("event[31]", "C88F00FF50"),
        ("time", "086D"),
        ("time_seconds", "06ED0C"),
        ("identification", "07F90C"),
    ):
        requests = [asking.request(*one).hex().upper() for one in asking.wanted(text)]
        assert requests == [octets], text
    assert asking.request(*asking.wanted("import_t1", legacy=True)[0]).hex().upper() == "885006"
    assert len(asking.wanted("time, energy_import[1-15],energy_export[0]")) == 17


def test_a_register_that_cannot_be_read_is_wrong_usage():
    for text, words in (
        ("enegy_import", "there is no register enegy_import; did you mean energy_import"),
        ("time,", "register '': give NAME"),
        ("energy_import[16]", "its storage numbers are 0 to 15"),
        ("energy_import[3-1]", "its storage numbers are 0 to 15"),
        ("voltage_l1[1]", "its storage numbers are 0 only"),
        ("debiting_stop", "is a command, there is nothing to read"),
    ):
        with pytest.raises(Failure) as failed:
            asking.wanted(text)
        assert words in str(failed.value)
        assert failed.value.code == 2


def test_every_request_can_be_withdrawn():
    for register in of_kind(False, False):
        request = asking.request(register)
        withdrawal = asking.withdrawal(request)
        assert withdrawal[-1] == 0x0D
        assert withdrawal[0] & 0x0F != 8


def test_read_says_what_a_meter_did_not_send(capsys):
    reports = [telegram(record(registernames.register("serial")))]
    registernames.name_all(reports, "on")
    assert not reading._missing("5", asking.wanted("serial"), reports)
    assert reading._missing("5", asking.wanted("serial,time,time[1-2]"), reports)
    assert capsys.readouterr().err == "mbus: 5 sent no time, no time[1], no time[2]\n"


def test_read_asks_for_registers_by_name(capsys):
    names = "serial,energy_import[0-1],secondary_import,import_t3,version"
    with three_meters() as url:
        line = ("--port", url, "--baud", "9600")
        code, out, _ = run(capsys, "read", "2", "--register", names, *line, "--format", "json")
        rows = json.loads(out)["records"]
        assert code == 1  # two of them have no value
        assert [(row["register"], row["value"], row.get("error")) for row in rows] == [
            ("serial", 87654322, None),
            ("energy_import", 124956780, None),
            ("energy_import[1]", None, "no data available"),
            ("secondary_import", None, "no data available"),
            ("import_t3", 0, None),
            ("version", rows[-1]["value"], None),
        ]
        # Many make several requests, and the default telegrams come again after that.
        many = ",".join(row.name for row in of_kind(False, False))
        code, out, _ = run(capsys, "read", "12345679", "--register", many, *line)
        assert "power_factor_l3" in out
        code, out, _ = run(capsys, "read", "2", *line)
        assert (code, "2 telegrams, 32 records" in out) == (0, True)
        assert "energy_import" in out
        code, out, _ = run(capsys, "read", "2", "--registers", "off", *line)
        assert "energy_import" not in out


KINDS = (
    (),
    ("--ct",),
    ("--profile", "legacy"),
    ("--ct", "--profile", "legacy"),
    ("--telegrams", "3"),
)


@pytest.mark.parametrize("options", KINDS)
def test_the_readout_of_every_kind_of_module_is_known(capsys, options):
    with bus_of(*options) as url:
        line = ("--port", url, "--baud", "9600", "--format", "json")
        _, out, _ = run(capsys, "read", "1", *line)
        rows = [row for text in out.splitlines() for row in json.loads(text)["records"]]
        assert len(rows) >= 30
        assert all("register" in row for row in rows)
