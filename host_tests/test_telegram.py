# SPDX-License-Identifier: MIT
"""The emulated meter's telegrams, octet by octet, and the register table behind them."""

from binascii import hexlify, unhexlify

from helpers import raises
from mbus.encode import text
from mbus.frame import DATA
from mbus.record import MORE, WIDTH, put, split
from mbus.slave import Slave
from mbus.whole import parse
from node import profile, registers, registertext
from node.config import Config
from node.module import Module
from node.settings import Settings
from node.telegram import put_rows, row_like, row_of
from stations import Line

# The complete telegrams of the register map: address 5, access numbers 2Ah and 2Bh.
FIRST = (
    "687A7A6808057278563412 0D1701022A000000 04044E61BC00 04843C07870000 04FB0229090000"
    "04FB823C0C000000 84100480969800 842004CECA2300 142B991C0000 14AB3CB0040000"
    "94102B991C0000 94202B5A140000 04FB7B98FF0000 042BFE050000 0C7821436587 0C7978563412"
    "046D2D27363B 042239300000 1F 5616"
)
SECOND = (
    "688F8F6808057278563412 0D1701022B000000 84804082FF0F87D61200 84804082BCFF0F800D0000"
    "146D1E323335 94106D1E323335 94206D00313235 14FB1434080000 14FB943C2C010000"
    "02FDC8FC01FD08 02FDC8FC02FA08 02FDC8FC030809 04FDDAFC01DF000000 04FDDAFC022D010000"
    "04FDDAFC0391000000 04ABFC01FF010000 04ABFC02B2020000 04ABFC034D010000 0416"
)


def table():
    for name, dib, vib, access, telegram, meaning in registertext.rows():
        yield name, unhexlify(dib), unhexlify(vib), access, telegram, meaning


def by_row(values):
    """Values by row number, from values by name."""
    return [values.get(name) for name in registers.names()]


def module(telegrams=2, meter=1, **given):
    given["telegrams"] = telegrams
    given["meter"] = meter
    settings = Settings(lambda slot: None, None)
    return Module(Config(given), profile.values(meter), settings, access=0x2A)


def readout(device, sequence=(0x7B, 0x5B, 0x7B, 0x5B)):
    """The frames of one readout up to the one without 1Fh."""
    line = Line(device)
    frames = []
    for c in sequence:
        frames.append(unhexlify(line.short(c, device.primary)))
        if frames[-1][-3] != MORE:
            break
    return frames


def records(frame):
    """(DIB, VIB, data) of each record of a telegram."""
    at, end = DATA + 12, len(frame) - 2
    result = []
    while at < end and frame[at] != MORE:
        vib_at, data_at, next_at, code = split(frame, at, end)
        assert code == 0
        result.append((frame[at:vib_at], frame[vib_at:data_at], frame[data_at:next_at]))
        at = next_at
    return result


def test_the_default_telegrams_octet_by_octet():
    frames = readout(module(primary=5))
    assert [hexlify(octets).decode().upper() for octets in frames] == [
        FIRST.replace(" ", ""),
        SECOND.replace(" ", ""),
    ]


def test_a_third_telegram_follows_where_it_is_configured():
    frames = readout(module(telegrams=3, primary=5))
    assert len(frames) == 3
    assert frames[0] == unhexlify(FIRST.replace(" ", ""))
    assert frames[1][-3] == MORE and frames[2][-3] != MORE
    assert [octets[15] for octets in frames] == [0x2A, 0x2B, 0x2C]


def test_every_telegram_is_sound_and_no_longer_than_255_octets():
    for meter in (1, 2, 17, 250):
        device = module(telegrams=3, meter=meter)
        for octets in readout(device):
            frame = parse(octets)
            assert len(octets) <= 255
            assert frame.data[:8] == bytes(device.identification)
            assert records(octets)


def test_every_register_sent_is_a_row_and_every_row_is_sent_in_its_telegram():
    frames = readout(module(telegrams=3))
    for number, octets in enumerate(frames):
        rows = [row for row in table() if row[4] == number + 1]
        assert [pair[:2] for pair in records(octets)] == [row[1:3] for row in rows]


def test_rows_are_unique_and_begin_with_telegram_1():
    assert len({row[0] for row in table()}) == registers.COUNT
    assert len({row[1] + row[2] for row in table()}) == registers.COUNT
    order = [row[4] for row in table() if row[4]]
    assert order == sorted(order)
    for name, dib, vib, access, telegram, meaning in table():
        assert access in ("r", "rw"), name
        assert meaning and 0 <= telegram <= 3, name
        ends = (len(dib), len(dib) + len(vib))
        assert split(dib + vib + bytes(20), 0, 40)[:2] == ends, name


def test_the_packed_table_is_the_text():
    i = -1
    for i, (name, dib, vib, access, telegram, _) in enumerate(table()):
        assert registers.row(name) == i
        assert registers.names()[i] == name
        assert registers.head(i) == (dib, vib)
        assert registers.dif(i) == dib[0]
        assert registers.head_size(i) == len(dib + vib)
        assert (registers.telegram(i), registers.writable(i)) == (telegram, access == "rw")
        buf = bytearray(40)
        assert registers.put_head(i, buf, 3) == 3 + len(dib + vib)
        assert bytes(buf[3:]) == dib + vib + bytes(37 - len(dib + vib))
    assert i + 1 == registers.COUNT
    raises(KeyError, registers.row, "energy")


def test_every_readable_row_has_a_value():
    device = module()
    context = Slave(device).primary
    device.freeze(context)
    for i, row in enumerate(table()):
        assert (context.values[i] is not None) == (row[4] > 0), row
    names = [row[0] for row in table()]
    assert all(name in names for name in profile.values(1))


def test_meters_differ_and_their_sums_hold():
    seen = set()
    for meter in (1, 2, 3, 40):
        values = profile.values(meter)
        assert values == profile.values(meter)
        seen.add(values["energy_import"])
        for total, parts in (
            ("energy_import", ("import_t1", "import_t2", "import_t3", "import_t4")),
            ("energy_export", ("export_t1", "export_t2")),
            ("reactive_import", ("r_import_t1", "r_import_t2")),
            ("reactive_export", ("r_export_t1", "r_export_t2")),
            ("power_import", ("power_l1", "power_l2", "power_l3")),
        ):
            assert values[total] == sum(values[part] for part in parts), (meter, total)
    assert len(seen) == 4


def test_a_register_without_a_value_is_left_out():
    values = profile.values(1)
    del values["energy_export"]
    values["time"] = None
    buf = bytearray(261)
    end, _ = put_rows(by_row(values), buf, 0, 234, 0, 2)
    assert bytes(buf[:12]) == unhexlify("04044E61BC0004FB02290900"[:24])
    assert b"\x04\x6d" not in bytes(buf[:end])


def test_a_telegram_that_is_full_goes_on_in_the_next_one():
    values = profile.values(1)
    values["serial"], values["meter_number"] = 87654321, 12345678
    values = by_row(values)
    whole, row = bytearray(261), 0
    end, row = put_rows(values, whole, 0, 234, 0, 1)
    assert row == 0
    for limit in range(20, 234):
        octets, row, telegrams = b"", 0, 0
        while True:
            buf = bytearray(261)
            at, row = put_rows(values, buf, 0, limit, row, 1)
            assert at <= limit, limit
            telegrams += 1
            if not row:
                octets += bytes(buf[:at])
                break
            assert buf[at - 1] == MORE
            octets += bytes(buf[: at - 1])
        assert octets == bytes(whole[:end]), limit
        assert (telegrams == 1) == (limit > end), limit


def test_text_is_sent_last_character_first():
    assert text("ab1") == b"\x031ba"
    buf = bytearray(20)
    assert put(buf, 0, b"\x0d", b"\xfd\x0f", text("ab1")) == 7
    assert bytes(buf[:7]) == unhexlify("0DFD0F03316261")


# fmt: off
FOUND = (
    # record head           the same row    a row alike
    ("017A",                "primary_address", "primary_address"),
    ("0C79",                "meter_number", "meter_number"),
    ("0779",                "identification", "meter_number"),
    ("0404",                "energy_import", "energy_import"),
    ("0C06",                None,           "energy_import"),
    ("0C8600",              None,           "energy_import"),
    ("0C8601",              None,           "energy_import"),
    ("04843C",              "energy_export", "energy_export"),
    ("04853C",              None,           "energy_export"),
    ("8080804084FF8307",    None,           "reset_import"),
    ("841004",              "import_t1",    "import_t1"),
    ("027A",                None,           "primary_address"),
    ("4404",                None,           None),
    ("01FD1F",              None,           None),
    ("01FF13",              "tariff",       "tariff"),
    ("01FF14",              None,           None),
)
# fmt: on


def test_written_records_find_their_row():
    for head, same, alike in FOUND:
        octets = unhexlify(head)
        dib_size = 1
        while octets[dib_size - 1] & 0x80:
            dib_size += 1
        for find, expected in ((row_of, same), (row_like, alike)):
            row = find(octets, 0, dib_size, len(octets))
            assert (registers.names()[row] if row >= 0 else None) == expected, head


def test_the_width_of_every_integer_row_is_known():
    for row in table():
        field = row[1][0] & 0x0F
        assert WIDTH[field] or field == 0x0D, row
