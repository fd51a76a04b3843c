# SPDX-License-Identifier: MIT
"""Rows by code: each code finds its own row, or the last one before it."""

from mbus import names, viftables
from mbus.table import Table


def rows_of(octets):
    """[(code, octets behind it)]."""
    return [(int(row[:2], 16), row[3:]) for row in octets.split(b"\n") if row]


def agree(octets):
    """Whether every code finds what a search from the first row on finds."""
    table, rows = Table(octets), rows_of(octets)
    for code in range(256):
        found = ([row for row in rows if row[0] <= code] or rows[:1])[-1]
        assert table.at_or_before(code) == found, (code, found)
        text = found[1].decode() if found[0] == code else None
        assert table.exact(code) == text, code


def test_rows_side_by_side_and_far_apart_are_found():
    agree(b"00 a\n01 b\n02 c\n03 d\n04 e\n05 f\n")
    agree(b"03 a\n04 b\n07 c\n08 d\n7F e\n80 f\nFE g\nFF h\n")
    agree(b"05 a\n")
    agree(b"FF a\n")


def test_a_row_may_be_empty_and_holds_any_letter():
    table = Table(b"20 \n21 m\xc2\xb3\n")
    assert (table.exact(0x20), table.exact(0x21)) == ("", "m³")


def test_every_table_of_ours_is_found_by_each_of_its_codes():
    found = 0
    for module in (names, viftables):
        for name in dir(module):
            table = getattr(module, name)
            if isinstance(table, Table):
                agree(table._octets)
                found += 1
    assert found == 12
