# SPDX-License-Identifier: MIT
"""Where the parts of a record lie, what a DIB counts, and records written."""

from binascii import hexlify, unhexlify

from helpers import raises
from mbus.record import (
    PREMATURE_END,
    RESERVED_LENGTH,
    TOO_MANY_DIFE,
    TOO_MANY_VIFE,
    RecordError,
    dib,
    dib_values,
    lvar_length,
    put,
    split,
)

# fmt: off
RECORDS = (
    # DIB            VIB                 data                       what it shows
    ("00",           "03",               "",                        "no data"),
    ("01",           "7A",               "08",                      "8 bit"),
    ("02",           "FD46",             "E803",                    "16 bit behind FD"),
    ("03",           "13",               "153100",                  "24 bit"),
    ("04",           "843C",             "07870000",                "VIFE"),
    ("05",           "2E",               "00803BBD",                "real32"),
    ("06",           "6D",               "1E2DC7363B2F",            "48 bit"),
    ("07",           "79",               "785634120D170102",        "64 bit"),
    ("08",           "04",               "",                        "selection has no data"),
    ("8C10",         "04",               "68281700",                "BCD with DIFE"),
    ("0E",           "84808080808080808080" "00", "000000000000",   "10 VIFE"),
    ("8480808080808080808040", "03",     "01000000",                "10 DIFE"),
    ("04",           "FBFF8080808080808080800F", "01000000",        "10 VIFE behind the true VIF"),
    ("0D",           "FD11",             "0A30313233343536373839",  "text of 10 characters"),
    ("0D",           "78",               "C401234567",              "LVAR BCD"),
    ("0D",           "78",               "D2" "0123",               "LVAR negative BCD"),
    ("0D",           "FD3B",             "E3010203",                "LVAR binary"),
    ("0D",           "FD3B",             "F0" + "11" * 16,          "LVAR 16 octets"),
    ("0D",           "FD3B",             "F6" + "11" * 64,          "LVAR 64 octets"),
    ("0D",           "FD3B",             "00",                      "LVAR of nothing"),
    ("0D",           "7C08" "44492E2074737563", "0A35353736373041" "4C3930", "plain text, no VIFE"),
    ("02",           "FC0348522574",     "3412",                    "plain text, then VIFE"),
    ("02",           "FCF40103485225",   "3412",                    "VIFE, then plain text"),
)

BROKEN = (
    ("03131531",           PREMATURE_END,   "data"),
    ("8B",                 PREMATURE_END,   "DIFE"),
    ("8B60",               PREMATURE_END,   "VIF"),
    ("8B6004",             PREMATURE_END,   "data behind VIF"),
    ("02FD",               PREMATURE_END,   "true VIF"),
    ("04FFFF",             PREMATURE_END,   "VIFE"),
    ("0D78",               PREMATURE_END,   "LVAR"),
    ("0D78041234",         PREMATURE_END,   "LVAR text"),
    ("027C044142",         PREMATURE_END,   "plain text"),
    ("02FC034852",         PREMATURE_END,   "plain text before VIFE"),
    ("3F",                 RESERVED_LENGTH, "nothing behind a reserved DIF"),
    ("3F0300",             RESERVED_LENGTH, "reserved DIF"),
    ("8F1003",             RESERVED_LENGTH, "special function with DIFE"),
    ("0D78CA",             RESERVED_LENGTH, "reserved LVAR CA"),
    ("0D78DF",             RESERVED_LENGTH, "reserved LVAR DF"),
    ("0D78F7",             RESERVED_LENGTH, "reserved LVAR F7"),
)

DIBS = (
    # octets           field fn storage tariff subunit
    ("04",             4,    0, 0,      0,     0),
    ("44",             4,    0, 1,      0,     0),
    ("94" "10",        4,    1, 0,      1,     0),
    ("8430",           4,    0, 0,      3,     0),
    ("848010",         4,    0, 0,      4,     0),
    ("8440",           4,    0, 0,      0,     1),
    ("848040",         4,    0, 0,      0,     2),
    ("84C040",         4,    0, 0,      0,     3),
    ("8480" "8040",    4,    0, 0,      0,     4),
    ("C401",           4,    0, 3,      0,     0),
    ("8450",           4,    0, 0,      1,     1),
    ("C407",           4,    0, 15,     0,     0),
    ("848F0F",         4,    0, 510,    0,     0),
    ("BC" "12",        12,   3, 4,      1,     0),
    ("C4" + "FF" * 9 + "7F", 4, 0, (1 << 41) - 1, (1 << 20) - 1, (1 << 10) - 1),
)

PUT = (
    # DIB    VIB     value        octets
    ("04",   "04",   12345678,    "0404" "4E61BC00"),
    ("04",   "ABFC01", -2,        "04ABFC01" "FEFFFFFF"),
    ("01",   "FD17", 255,         "01FD17" "FF"),
    ("06",   "04",   1 << 40,     "0604" "000000000001"),
    ("07",   "04",   -1,          "0704" "FFFFFFFFFFFFFFFF"),
    ("0C",   "78",   87654321,    "0C78" "21436587"),
    ("0A",   "5A",   -123,        "0A5A" "23F1"),
    ("0E",   "8400", 12,          "0E8400" "120000000000"),
    ("00",   "ED15", 0,           "00ED15"),
    ("0D",   "FD0F", b"\x03321",  "0DFD0F" "03333231"),
    ("04",   "6D",   b"\x2d\x27\x36\x3b", "046D" "2D27363B"),
)
# fmt: on


def test_every_record_is_split_where_its_parts_meet():
    for head, vib, data, what in RECORDS:
        octets = unhexlify("2F" + head + vib + data + "0F")
        vib_at = 1 + len(head) // 2
        data_at = vib_at + len(vib) // 2
        end = data_at + len(data) // 2
        assert split(octets, 1, len(octets) - 1) == (vib_at, data_at, end, 0), what


def test_a_record_that_ends_too_early_says_so_at_its_place():
    for text, code, what in BROKEN:
        octets = unhexlify("2F" + text)
        error = raises(RecordError, split, octets, 1, len(octets))
        assert (error.code, error.at) == (code, 1), (what, error.code, error.at)


def test_what_lies_behind_the_end_is_not_read():
    # The same octets with something behind them, as in a receive buffer.
    for text, code, what in BROKEN:
        octets = unhexlify("2F" + text)
        for behind in b"\x03\xca\xf9\xe5\x80":
            whole = octets + bytes((behind,)) * 80
            error = raises(RecordError, split, whole, 1, len(octets))
            assert (error.code, error.at) == (code, 1), (what, behind, error.code, error.at)


def test_more_extensions_than_ten_cost_that_record_alone():
    octets = unhexlify("84" + "80" * 10 + "00" + "03" + "01000000")
    assert split(octets, 0, len(octets)) == (12, 13, 17, TOO_MANY_DIFE)
    octets = unhexlify("04" + "83" + "80" * 10 + "00" + "01000000")
    assert split(octets, 0, len(octets)) == (1, 13, 17, TOO_MANY_VIFE)
    octets = unhexlify("04" + "FBFF" + "80" * 10 + "00" + "01000000")
    assert split(octets, 0, len(octets)) == (1, 14, 18, TOO_MANY_VIFE)


def test_lvar_lengths():
    # fmt: off
    for lvar, n in (
        (0x00, 0), (0xBF, 191), (0xC0, 0), (0xC9, 9), (0xCA, -1), (0xCF, -1), (0xD0, 0),
        (0xD9, 9), (0xDA, -1), (0xE0, 0), (0xEF, 15), (0xF0, 16), (0xF1, 20), (0xF4, 32),
        (0xF5, 48), (0xF6, 64), (0xF7, -1), (0xFF, -1),
    ):
        assert lvar_length(lvar) == n, lvar
    # fmt: on


def test_a_dib_counts_storage_tariff_and_subunit_to_their_full_range():
    for text, field, function, storage, tariff, subunit in DIBS:
        octets = unhexlify(text)
        assert dib_values(octets, 0, len(octets)) == (storage, tariff, subunit), text
        assert octets[0] & 0x0F == field
        assert octets[0] >> 4 & 3 == function
        assert dib(field, function, storage, tariff, subunit) == octets, text


def test_a_dib_beyond_ten_dife_is_refused():
    raises(ValueError, dib, 4, 0, 1 << 41)
    raises(ValueError, dib, 4, 0, 0, 1 << 20)
    raises(ValueError, dib, 4, 0, 0, 0, 1 << 10)


def test_records_are_written_as_they_are_read():
    for dib_, vib, value, octets in PUT:
        buf = bytearray(40)
        end = put(buf, 2, unhexlify(dib_), unhexlify(vib), value)
        assert hexlify(bytes(buf[2:end])).decode().upper() == octets
        assert not any(buf[end:]) and not any(buf[:2])
        assert split(buf, 2, end)[2] == end


def test_an_integer_that_does_not_fit_is_refused():
    # fmt: off
    for dib_, value in (
        (1, 256), (1, -129), (2, 65536), (4, 1 << 32), (4, -(1 << 31) - 1), (9, 100), (9, -10),
        (12, 100000000), (12, -10000000),
    ):
        assert str(value) in str(raises(ValueError, put, bytearray(20), 0, bytes((dib_,)), b"\x03", value))
    # fmt: on
