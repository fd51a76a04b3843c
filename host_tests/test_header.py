# SPDX-License-Identifier: MIT
"""Long and short headers, manufacturer letters, and the two forms of a secondary address."""

from binascii import unhexlify

from helpers import raises
from mbus import names
from mbus.header import (
    manufacturer_code,
    manufacturer_text,
    parse_long,
    parse_short,
    put_long,
    put_short,
    secondary_octets,
    secondary_text,
    security_mode,
)

LONG = unhexlify("785634120D1701022A001005")
ADDRESS = LONG[:8]

# fmt: off
MANUFACTURERS = (
    ("KAM", 0x2C2D), ("ELS", 0x1593), ("ABB", 0x0442), ("PAD", 0x4024), ("EXM", 0x170D),
    ("AAA", 0x0421), ("ZZZ", 0x6B5A),
)

NO_MANUFACTURER = (
    (0x0000, "0000"), (0x8442, "8442"), (0x7FFF, "7FFF"), (0x0420, "0420"),
)

ADDRESSES = (
    ("123456780D170102", "785634120D170102"),
    ("12345678FFFFFFFF", "78563412FFFFFFFF"),
    ("1FFFFFFFFFFFFFFF", "FFFFFF1FFFFFFFFF"),
)
# fmt: on


def test_a_long_header_is_read_and_written_alike():
    header = parse_long(b"\xaa" + LONG, 1)
    assert header == (ADDRESS, 0x2A, 0, 0x0510)
    buf = bytearray(20)
    assert put_long(buf, 3, *header) == 15
    assert bytes(buf) == bytes(3) + LONG + bytes(5)


def test_a_short_header_has_no_address():
    header = parse_short(LONG, 8)
    assert header == (None, 0x2A, 0, 0x0510)
    buf = bytearray(4)
    assert put_short(buf, 0, 0x2A, 0, 0x0510) == 4
    assert bytes(buf) == LONG[8:]


def test_the_security_mode_is_bits_12_to_8_of_the_configuration():
    assert security_mode(0x0510) == 5
    assert security_mode(0x0720) == 7
    assert security_mode(0xE0FF) == 0


def test_manufacturer_letters_and_code():
    for text, code in MANUFACTURERS:
        assert manufacturer_code(text) == code, text
        assert manufacturer_text(code) == text, text


def test_a_code_without_letters_is_shown_in_hexadecimal():
    for code, text in NO_MANUFACTURER:
        assert manufacturer_text(code) == text


def test_what_is_no_manufacturer_is_refused():
    for text in ("", "AB", "abc", "AB1", "ABCD"):
        assert repr(text) in str(raises(ValueError, manufacturer_code, text))


def test_secondary_addresses_have_a_reading_and_a_wire_form():
    for text, wire in ADDRESSES:
        assert secondary_octets(text) == unhexlify(wire)
        assert secondary_text(unhexlify(wire)) == text


def test_what_is_no_secondary_address_is_refused():
    assert "has 8 digits" in str(raises(ValueError, secondary_octets, "12345678"))
    assert "other than hexadecimal" in str(
        raises(ValueError, secondary_octets, "1234567G0D170102")
    )


def test_status_flags_have_names():
    assert names.status_flags(0) == []
    assert names.status_flags(0x01) == ["application busy"]
    assert names.status_flags(0x02) == ["application error"]
    assert names.status_flags(0x07) == ["abnormal condition", "power low"]
    assert names.status_flags(0x18) == ["permanent error", "temporary error"]
    assert names.status_flags(0xE0) == [
        "manufacturer bit 5",
        "manufacturer bit 6",
        "manufacturer bit 7",
    ]
    assert names.fixed_status_flags(0x03) == ["binary counters", "stored at fixed date"]
    assert names.fixed_status_flags(0x10) == ["temporary error"]


def test_device_types_and_application_errors_have_names():
    assert names.device_type(2) == "electricity"
    assert names.device_type(0x20) == "breaker (electricity)"
    assert names.device_type(0x99) == "reserved"
    assert names.application_error(8) == "application too busy"
    assert names.application_error(0x77) == "reserved"
