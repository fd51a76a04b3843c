# SPDX-License-Identifier: MIT
"""The register table: rows, their packing, storage numbers, other codings."""

from binascii import hexlify, unhexlify

from helpers import raises
from mbus.record import WIDTH, dib_values, split
from node import registers as module
from node import registertext, sourcetext
from node.match import Request, find
from node.registers import of
from node.values import LOG


def table():
    for name, dib, vib, access, sets, _, meaning in registertext.rows():
        yield name, unhexlify(dib), unhexlify(vib), access, sets, meaning


def head(registers, row, storage=0):
    buf = bytearray(40)
    end = registers.put_head(row, buf, 0, storage)
    assert end == registers.head_size(row, storage)
    assert not any(buf[end:])
    return hexlify(bytes(buf[:end])).decode().upper()


def test_every_row_is_sound():
    names, heads = set(), set()
    for name, dib, vib, access, sets, meaning in table():
        assert name not in names and dib + vib not in heads, name
        names.add(name)
        heads.add(dib + vib)
        assert all(letter in "rwascf" for letter in access), name
        assert all(letter in "-123betilshvwx" for letter in sets), name
        assert meaning, name
        ends = (len(dib), len(dib) + len(vib))
        assert split(dib + vib + bytes(20), 0, 40)[:2] == ends, name
        assert WIDTH[dib[0] & 0x0F] or dib[0] == 0x0D or "f" in access, name


def test_the_place_of_the_log_is_that_of_its_name():
    assert sourcetext.OWN[LOG] == "EVENT"


def test_telegrams_follow_each_other():
    order = [
        min(int(d) for d in sets if d in "123") for *_, sets, _ in table() if sets[0] in "123"
    ]
    assert order == sorted(order)
    assert set(order) == {1, 2, 3}


def test_the_packed_table_is_the_text():
    registers = of(False, False)
    i = -1
    for i, (name, dib, vib, access, sets, _) in enumerate(table()):
        assert registers.row(name) == i
        assert registers.names()[i] == name
        assert registers.dif(i) == dib[0]
        assert head(registers, i) == hexlify(dib + vib).decode().upper()
        assert bool(registers.access(i) & module.WRITE) == ("w" in access), name
        assert bool(registers.access(i) & module.READ) == ("r" in access), name
        assert bool(registers.flags(i) & module.HISTORY) == ("h" in sets), name
        assert registers.flags(i) & module.TELEGRAMS == sum(
            1 << int(d) - 1 for d in sets if d in "123"
        ), name
    assert i + 1 == registers.count
    raises(KeyError, registers.row, "energy")


# fmt: off
STORED = (
    # row            storage  head
    ("energy_import", 1,      "4404"),
    ("import_t1",     1,      "C41004"),
    ("max_import",    1,      "542B"),
    ("time",          1,      "446D"),
    ("energy_import", 2,      "840104"),
    ("import_t1",     2,      "841104"),
    ("max_import",    2,      "94012B"),
    ("time",          2,      "84016D"),
    ("energy_import", 3,      "C40104"),
    ("energy_import", 14,     "840704"),
    ("energy_import", 15,     "C40704"),
    ("import_t4",     15,     "C4871004"),
    ("reactive_q1",   2,      "8401FB82FC08"),
    ("event",         0,      "0DFF50"),
    ("event",         63,     "CD8F01FF50"),
)
# fmt: on


def test_a_storage_number_joins_the_dib():
    registers = of(False, False)
    for name, storage, expected in STORED:
        row = registers.row(name)
        assert head(registers, row, storage) == expected, (name, storage)
        octets = unhexlify(expected)
        size = len(octets) - len(unhexlify(head(registers, row))) + len(dib_of(registers, row))
        assert dib_values(octets, 0, size)[0] == storage


def dib_of(registers, row):
    heads, dib_at, vib_at, _ = registers.parts(row)
    return heads[dib_at:vib_at]


def test_every_storage_number_of_every_row_can_be_told_apart():
    registers = of(False, False)
    for row in range(registers.count):
        if registers.flags(row) & module.HISTORY:
            _, tariff, subunit = dib_values(dib_of(registers, row), 0, len(dib_of(registers, row)))
            for storage in range(16):
                octets = unhexlify(head(registers, row, storage))
                vib_at = split(octets + bytes(20), 0, 60)[0]
                assert dib_values(octets, 0, vib_at) == (storage, tariff, subunit)


def test_a_ct_meter_has_energy_of_48_bits():
    registers = of(True, False)
    # fmt: off
    for name, expected in (
        ("energy_import", "0604"), ("energy_export", "06843C"), ("reactive_import", "06FB02"),
        ("import_t1", "861004"), ("reset_import", "8680804084FF03"), ("reactive_q4", "06FB82FC0B"),
        ("verify_import", "84804082FF0F"), ("secondary_import", "84C04083FF0E"), ("max_import", "142B"),
    ):
        assert head(registers, registers.row(name)) == expected, name
    # fmt: on
    assert head(registers, registers.row("energy_import"), 1) == "4604"


def test_the_legacy_profile_codes_tariffs_and_directions_by_subunit():
    registers = of(False, True)
    for name, expected, shown in (
        ("energy_import", "0404", 12345),
        ("energy_export", "844004", 12345),
        ("reactive_import", "84804004", 1234500),
        ("reactive_export", "84C04004", 1234500),
        ("import_t1", "845006", 123),
        ("import_t2", "846006", 123),
    ):
        row = registers.row(name)
        assert head(registers, row) == expected, name
        assert registers.scaled(row, 12345) == shown, name


class All:
    """The registers, of which no row is passed over unseen."""

    def __init__(self, registers):
        self.registers = registers

    def alike(self, vif, mask):
        return range(self.registers.count)

    def __getattr__(self, name):
        return getattr(self.registers, name)


def test_rows_that_are_passed_over_are_none_that_a_request_means():
    for legacy in (False, True):
        registers = of(False, legacy)
        for row in range(registers.count):
            heads, dib_at, vib_at, end = registers.parts(row)
            for dib in (bytes(heads[dib_at:vib_at]), b"\xc8\xff\x7f", b"\x7f"):
                request = Request(dib, bytes(heads[vib_at:end]))
                assert find(registers, request) == find(All(registers), request), row
        assert len(registers.alike(0x04, 0x70)) < registers.count // 4
