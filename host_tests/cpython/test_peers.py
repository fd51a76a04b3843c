# SPDX-License-Identifier: MIT
"""Other decoders read every record of every telegram we send as ours does, but where they err.

pyMeterBus and pymbusparser here and now; libmbus as its tool prints what it read on a bus.
"""

from decimal import Decimal

import meterbus
import pymbusparser
import pytest
from libmbus import run, slave_and_records
from simulation import Simulation

from helpers import raises
from mbusnode import cli
from mbusnode.report import Report
from meters import Slots
from node.assembly import assemble
from node.config import Config
from stations import Device, Line, long, text

METERS = (1, 2, 3)

# What a peer makes of a VIB: its value is ours times this power of ten, and why.
_NO_FB = "FBh is a table of few lines to it: the number stays unscaled"
REACTIVE = ("FB02", "FB823C", "FB82FC08", "FB82FC0B")
UNSCALED = {**dict.fromkeys(REACTIVE, (-3, _NO_FB)), "FB2E": (1, _NO_FB)}
ERRORS = {"pyMeterBus": UNSCALED, "libmbus": UNSCALED, "pymbusparser": {}}

# pymbusparser takes the FB 7B of a cumulative maximum for an additive correction too.
ONE_MORE = ("FB7B", "FBFB3C")

LIBMBUS_UNITS = {
    "Energy (10 Wh)": Decimal(10),
    "Energy (kWh)": Decimal(1000),
    "Energy (1e-1 Wh)": Decimal("0.1"),
    "1e-1  V": Decimal("0.1"),
    "1e-2  A": Decimal("0.01"),
    "On time (hours)": Decimal(3600),
}


def line_of(meter):
    config = Config({"meter": meter, "primary": meter, "telegrams": 3, "source": "host"})
    return Line(assemble(config, Slots(), 1000))


def telegrams(meter):
    """The three telegrams of the meter, octets."""
    line = line_of(meter)
    return [bytes.fromhex(line.short(c, meter)) for c in (0x7B, 0x5B, 0x7B)]


def rows_of(octets, least=16):
    report = Report.of_octets(octets)
    assert report.errors == []
    assert len(report.rows) >= least
    return report.rows


def expected(row, peer):
    """Our value as the peer is known to show it."""
    if not row.number:
        return row.value
    value = Decimal(row.value)
    if peer == "pymbusparser" and row.head.vif in ONE_MORE:
        return value + 1
    shift, _ = ERRORS[peer].get(row.head.vif, (0, ""))
    return value.scaleb(shift)


def same(ours, theirs):
    """Equal, where a peer's numbers went through a float to 12 digits."""
    if isinstance(ours, str):
        return theirs == ours
    return abs(ours - Decimal(theirs)) <= abs(ours) * Decimal("1e-12")


def place(row):
    return row.head.dif, row.head.vif


@pytest.mark.parametrize("meter", METERS)
def test_pymeterbus(meter):
    for octets in telegrams(meter):
        found = meterbus.load(octets)
        rows = rows_of(octets)
        records = found.records
        if octets[-3] == 0x1F:
            assert records.pop().more_records_follow
        assert len(records) == len(rows)
        for row, record in zip(rows, records, strict=True):
            assert same(expected(row, "pyMeterBus"), record.value), place(row)
            assert record.function == (1 if row.head.function == "maximum" else 0)
            assert record.interpreted["storage_number"] == row.head.storage
            assert record.interpreted.get("tariff", 0) == row.head.tariff
            assert record.interpreted.get("device", 0) == row.head.subunit
        header = found.interpreted["body"]["header"]
        assert header["manufacturer"] == "EXM"
        number = "0x12, 0x34, 0x56, 0x%d" % (77 + meter)
        assert header["identification"] == number


FUNCTIONS = {"Instantaneous value": "instantaneous", "Maximum value": "maximum"}


@pytest.mark.parametrize("meter", METERS)
def test_pymbusparser(meter):
    for octets in telegrams(meter):
        found = pymbusparser.parse(octets)
        rows = rows_of(octets)
        assert found["decode_state"] == "complete"
        assert found["meter"]["identity"]["id"] == "%d" % (12345677 + meter)
        records = found["records"]
        if octets[-3] == 0x1F:
            assert "records" in records.pop()["function"].lower()
        for row, record in zip(rows, records, strict=True):
            value = record["value"]["value"]
            if record["value"]["kind"] == "datetime":
                value = value[:16]
            elif record.get("unit") == "h":
                value = int(value) * 3600
            assert same(expected(row, "pymbusparser"), value), place(row)
            head = row.head
            assert FUNCTIONS[record["function"]] == head.function
            assert [record[key] for key in ("storage_number", "tariff", "subunit")] == [
                head.storage,
                head.tariff,
                head.subunit,
            ]
            assert record["header_hex"].replace(" ", "") == head.dif + head.vif
            assert record["data_hex"].replace(" ", "") == row.raw


def libmbus_value(record):
    """What libmbus printed, in the base unit its text names."""
    unit, value = record["Unit"], record["Value"]
    if unit.startswith("Time Point"):
        return value[:16]
    try:
        return Decimal(value) * LIBMBUS_UNITS.get(unit, 1)
    except ArithmeticError:
        return value


@pytest.mark.parametrize("meter", METERS)
def test_libmbus(tools, tmp_path, meter):
    options = ("--baud", "9600", "--telegrams", "3", "--meters", str(max(METERS)))
    with Simulation(tmp_path, *options) as bus:
        tool = tools / "mbus-serial-request-data-multi-reply"
        _, records = slave_and_records(run(tool, bus.where, meter))
        sent = [bytes.fromhex(octets) for octets in bus.sent("S%d" % meter)]
    rows = [row for octets in sent for row in rows_of(octets)]
    records = [r for r in records if r["Function"] != "More records follow"]
    for row, record in zip(rows, records, strict=True):
        assert same(expected(row, "libmbus"), libmbus_value(record)), place(row)
        head = row.head
        assert FUNCTIONS[record["Function"]] == head.function
        assert int(record["StorageNumber"]) == head.storage
        assert int(record.get("Tariff", 0)) == head.tariff
        assert int(record.get("Device", 0)) == head.subunit
    # These are the octets that the other decoders read above, but for the access number.
    assert [octets[:15] + octets[16:-2] for octets in sent] == [
        octets[:15] + octets[16:-2] for octets in telegrams(meter)
    ]


# Meters whose every register is read, by the global readout 7F.
KINDS = {
    "three phases": {},
    "current transformers": {"ct": "yes", "ratio": "100", "breaker": "yes"},
    "prepaid, one phase": {"phases": "1", "breaker": "yes", "prepayment": "yes"},
    "older codes": {"profile": "legacy"},
}


def everything(**given):
    """The telegrams with all registers of a meter that has closed a period, octets."""
    config = Config({"meter": 1, "primary": 1, "source": "host", **given})
    line = Line(assemble(config, Slots(), 1000))
    for records in ("00FFC00B", "7F"):
        assert line.send(0x53, 1, 0x51, records) == "E5"
    octets = []
    while not octets or octets[-1][-3] == 0x1F:
        octets.append(bytes.fromhex(line.short(0x5B if len(octets) & 1 else 0x7B, 1)))
    return octets


def pymeterbus_values(octets):
    return [record.value for record in meterbus.load(octets).records]


def pymbusparser_values(octets):
    for record in pymbusparser.parse(octets)["records"]:
        value = record.get("value", {})  # that more follows has none
        if value.get("kind") == "datetime":
            yield value["value"][:16]
        else:
            hours = record.get("unit") == "h"
            yield int(value["value"]) * 3600 if hours else value.get("value")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("peer", "values"),
    [("pyMeterBus", pymeterbus_values), ("pymbusparser", pymbusparser_values)],
)
def test_every_register_is_read_by_others(kind, peer, values):
    count = 0
    for octets in everything(**KINDS[kind]):
        rows = rows_of(octets, least=1)
        found = list(values(octets))
        assert len(found) == len(rows) + (octets[-3] == 0x1F)
        for row, value in zip(rows, found, strict=False):
            assert same(expected(row, peer), value), place(row)
        count += len(rows)
    assert count > 100


@pytest.mark.parametrize("kind", KINDS)
def test_every_register_is_read_by_libmbus(tools, tmp_path, capsys, kind):
    (tmp_path / "meter.toml").write_text(
        "".join('%s = "%s"\n' % pair for pair in KINDS[kind].items())
    )
    options = ("--baud", "9600", "--config", str(tmp_path / "meter.toml"))
    with Simulation(tmp_path, *options) as bus:
        for records in ("00FFC00B", "7F"):
            frame = long(0x53, 1, 0x51, records)
            # A busy machine may be too late for an answer: raw asks only once.
            line = ("--port", bus.where, "--baud", "9600", "--latency", "1000")
            assert any(cli.main(["raw", frame, *line]) == 0 for _ in range(5))
        tool = tools / "mbus-serial-request-data-multi-reply"
        _, records = slave_and_records(run(tool, bus.where, 1))
        sent = [bytes.fromhex(octets) for octets in bus.sent("S1")]
    rows = [row for octets in sent if len(octets) > 1 for row in rows_of(octets, least=1)]
    records = [r for r in records if r["Function"] != "More records follow"]
    assert len(rows) == len(records) > 100
    for row, record in zip(rows, records, strict=True):
        assert int(record["StorageNumber"]) == row.head.storage
        assert int(record.get("Tariff", 0)) == row.head.tariff
        assert int(record.get("Device", 0)) == row.head.subunit
        assert same(expected(row, "libmbus"), libmbus_value(record)), place(row)


def test_every_known_error_of_a_peer_is_met():
    vibs = {row.head.vif for octets in telegrams(1) for row in rows_of(octets)}
    assert vibs >= set(UNSCALED) | set(ONE_MORE)


def application_error():
    """CI 70h: the report of a readout selection without an end."""
    line = line_of(1)
    assert line.send(0x73, 1, 0x51, "88") == "E5"
    return line.short(0x7B, 1)


def alarm():
    """CI 71h."""
    device = Device()
    device.pending = 0x04
    return Line(device).short(0x7A, 5)


@pytest.mark.parametrize(
    ("report", "ci", "words"),
    [
        (application_error, 0x70, "SendErrorStatus"),
        (alarm, 0x71, "SendAlarmStatus"),
    ],
)
def test_peers_know_no_more_of_error_and_alarm_reports_than_what_they_are(report, ci, words):
    octets = bytes.fromhex(report())
    assert octets[6] == ci
    found = pymbusparser.parse(octets)
    assert words in found["diagnostics"][0]["message"]
    assert found["raw"]["payload_hex"] == text(octets[6:-2])
    error = raises(meterbus.MBusFrameDecodeError, meterbus.load, octets)
    assert str(error) == "Not a variable data long frame"
