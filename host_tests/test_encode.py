# SPDX-License-Identifier: MIT
"""Texts, BCD, octets and reals are written as value.py reads them."""

from binascii import hexlify, unhexlify

from helpers import raises
from mbus import encode
from mbus.record import put, split
from mbus.value import decimal, read
from mutants import Random

# fmt: off
TEXTS = (
    ("",               "00"),
    ("123",            "03333231"),
    ("\xe9\xb0",       "02B0E9"),
    ("x" * 191,        "BF" + "78" * 191),
)

BCD = (
    (0,                "C0"),
    (5,                "C105"),
    (54321,            "C3214305"),
    (-123,             "D22301"),
    (10**18 - 1,       "C9" + "99" * 9),
)

BINARY = (
    ("",               "E0"),
    ("010203",         "E3010203"),
    ("11" * 15,        "EF" + "11" * 15),
    ("11" * 16,        "F0" + "11" * 16),
    ("11" * 17,        "F1" + "11" * 17 + "00" * 3),
    ("11" * 33,        "F5" + "11" * 33 + "00" * 15),
    ("11" * 64,        "F6" + "11" * 64),
)

REALS = (
    # mantissa, exponent    octets
    (0,        0,          "00000000"),
    (1,        0,          "0000803F"),
    (-1,       0,          "000080BF"),
    (1,        -1,         "CDCCCC3D"),
    (25,       0,          "0000C841"),
    (21536703, -6,         "2B4BAC41"),
    (16777217, 0,          "0000804B"),      # half way: to even
    (16777219, 0,          "0200804B"),
    (34028235, 31,         "FFFF7F7F"),
    (1,        -45,        "01000000"),
    (7,        -46,        "00000000"),      # less than half of the smallest
    (8,        -46,        "01000000"),
    (11754944, -45,        "00008000"),
    (11754942, -45,        "FFFF7F00"),
)
# fmt: on


def text(octets):
    return hexlify(octets).decode().upper()


def read_back(octets, field=13):
    buf = bytearray(80 + len(octets))
    end = put(buf, 0, bytes((field,)), b"\x78", octets)
    _, data_at, next_at, code = split(buf, 0, end)
    assert (next_at, code) == (end, 0)
    return read(buf, data_at, next_at, field, "n")


def test_texts():
    for value, octets in TEXTS:
        assert text(encode.text(value)) == octets
        assert read_back(encode.text(value)) == (value, None)
    raises(ValueError, encode.text, "x" * 192)
    assert "ISO 8859-1" in str(raises(ValueError, encode.text, "\u20ac"))


def test_bcd():
    for value, octets in BCD:
        assert text(encode.bcd(value)) == octets
        assert read_back(encode.bcd(value)) == ((value, 0), None)
    raises(ValueError, encode.bcd, 10**18)
    raises(ValueError, encode.bcd, -(10**18))


def test_octets():
    for data, octets in BINARY:
        assert text(encode.binary(unhexlify(data))) == octets
        number = int.from_bytes(unhexlify(data), "little")
        assert read_back(encode.binary(unhexlify(data))) == ((number, 0), None)
    raises(ValueError, encode.binary, bytes(65))


def test_reals():
    for mantissa, exponent, octets in REALS:
        assert text(encode.real32(mantissa, exponent)) == octets, (mantissa, exponent)
    raises(ValueError, encode.real32, 34028236, 31)
    raises(ValueError, encode.real32, 1, 39)


def test_every_real_comes_back_as_it_was():
    random = Random(32)
    for _ in range(2000):
        octets = bytes([random.below(256) for _ in range(4)])
        value, error = read_back(octets, 5)
        if not error and value[0]:
            assert encode.real32(*value) == octets, decimal(*value)
