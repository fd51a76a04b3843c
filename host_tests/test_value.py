# SPDX-License-Identifier: MIT
"""Data octets to exact values: integers, BCD with sign and error digits, LVAR, real32."""

from binascii import unhexlify

from mbus.value import decimal, read, real32

_SMALLEST = "0." + "0" * 44 + "1"

# fmt: off
VALUES = (
    # field kind octets               value                     error
    (0,  "n", "",                     None,                     None),
    (8,  "n", "",                     None,                     None),
    (1,  "n", "FF",                   (-1, 0),                  None),
    (1,  "u", "FF",                   (255, 0),                 None),
    (1,  "n", "80",                   None,                     "no value (the most negative integer)"),
    (1,  "u", "80",                   (128, 0),                 None),
    (2,  "n", "FEFF",                 (-2, 0),                  None),
    (3,  "n", "153100",               (12565, 0),               None),
    (3,  "n", "000080",               None,                     "no value (the most negative integer)"),
    (4,  "n", "4E61BC00",             (12345678, 0),            None),
    (4,  "n", "00000080",             None,                     "no value (the most negative integer)"),
    (6,  "n", "FFFFFFFFFF7F",         (0x7FFFFFFFFFFF, 0),      None),
    (6,  "n", "FFFFFFFFFFFF",         (-1, 0),                  None),
    (7,  "n", "0100000000000080",     (1 - (1 << 63), 0),       None),
    (7,  "u", "FFFFFFFFFFFFFFFF",     ((1 << 64) - 1, 0),       None),
    (9,  "n", "42",                   (42, 0),                  None),
    (10, "n", "3412",                 (1234, 0),                None),
    (11, "n", "563412",               (123456, 0),              None),
    (12, "n", "21436587",             (87654321, 0),            None),
    (14, "n", "214365870921",         (210987654321, 0),        None),
    (12, "n", "214365F7",             (-7654321, 0),            None),
    (9,  "n", "F0",                   (0, 0),                   None),
    (9,  "n", "F7",                   (-7, 0),                  None),
    (12, "n", "DDB4EBDD",             None,                     "no BCD number (DDEBB4DD)"),
    (10, "n", "0FFF",                 None,                     "no BCD number (FF0F)"),
    (12, "n", "BBBBBBBB",             None,                     "no BCD number (BBBBBBBB)"),
    (9,  "n", "A5",                   None,                     "no BCD number (A5)"),
    (9,  "n", "5E",                   None,                     "no BCD number (5E)"),
    (5,  "n", "0000803F",             (1, 0),                   None),
    (5,  "n", "2B4BAC41",             (21536703, -6),           None),
    (5,  "n", "0000807F",             None,                     "infinite"),
    (5,  "n", "000080FF",             None,                     "infinite"),
    (5,  "n", "0000C07F",             None,                     "not a number"),
    (13, "n", "03333231",             "123",                    None),
    (13, "n", "00",                   "",                       None),
    (13, "n", "02B0E9",               "\xe9\xb0",               None),
    (13, "n", "C32143F5",             None,                     "no BCD number (F54321)"),
    (13, "n", "C3214305",             (54321, 0),               None),
    (13, "n", "C0",                   (0, 0),                   None),
    (13, "n", "D22301",               (-123, 0),                None),
    (13, "n", "E3FFFFFF",             (0xFFFFFF, 0),            None),
    (13, "n", "E0",                   (0, 0),                   None),
    (13, "x", "E3010203",             "010203",                 None),
    (13, "n", "F0" + "FF" * 16,       ((1 << 128) - 1, 0),      None),
    (13, "d", "E40102",               None,                     "date of type M is not decoded"),
    (2,  "l", "0D17",                 "EXM",                    None),
    (7,  "a", "785634120D170102",     "123456780D170102",       None),
    (12, "a", "78563412",             (12345678, 0),            None),
    (4,  "x", "0102ABCD",             "0102abcd",               None),
    (2,  "d", "363B",                 "2025-11-22",             None),
    (3,  "d", "1E2D07",               "07:45:30",               None),
    (4,  "d", "2D27363B",             "2025-11-22T07:45",       None),
    (6,  "d", "1E2DC7363B2F",         "2025-11-22T07:45:30",    None),
    (1,  "d", "05",                   None,                     "no date has 1 octets"),
)

REALS = (
    # octets as an integer   shortest decimal that means it
    (0x00000000,            "0"),
    (0x80000000,            "0"),
    (0x3F800000,            "1"),
    (0xBF800000,            "-1"),
    (0x41C80000,            "25"),
    (0x42C80000,            "100"),
    (0x3DCCCCCD,            "0.1"),
    (0x3E99999A,            "0.3"),
    (0x4B7FFFFF,            "16777215"),
    (0x4B800000,            "16777216"),
    (0x7F7FFFFF,            "34028235" + "0" * 31),
    (0x00000001,            _SMALLEST),
    (0x00800000,            "0." + "0" * 37 + "11754944"),
    (0xC32AB8C7,            "-170.72179"),
)

DECIMALS = (
    (0, 3, "0"), (0, -2, "0.00"), (5, 0, "5"), (5, 3, "5000"), (-5, 3, "-5000"),
    (12345, -2, "123.45"), (-12345, -2, "-123.45"), (5, -3, "0.005"), (-5, -1, "-0.5"),
    (21536703, -6, "21.536703"), (10**20 + 1, -3, "100000000000000000.001"),
)
# fmt: on


def test_values():
    for field, kind, text, value, error in VALUES:
        octets = b"\x99" + unhexlify(text) + b"\x99"
        assert read(octets, 1, len(octets) - 1, field, kind) == (value, error), (field, kind, text)


def test_a_real_is_the_shortest_decimal_that_means_it():
    for bits, text in REALS:
        value, error = real32(bits)
        assert error is None
        assert decimal(*value) == text, (hex(bits), value)


def test_decimals_are_written_exactly():
    for mantissa, exponent, text in DECIMALS:
        assert decimal(mantissa, exponent) == text
