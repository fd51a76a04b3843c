# SPDX-License-Identifier: MIT
"""The AFL and the configuration field: every form read, one written and accepted."""

from mbus import afl, configuration
from securedtelegrams import COMMAND_7, octets

# Octets from the CI on (the next layer is one octet), and what they say.
READ = (
    ("90 0F 00 2C 25 B3 0A 00 00 01 02 03 04 05 06 07 08 72", (0x2C00, 0x25, None, 0x0AB3, 9, 8, None, 17)),
    ("90 0F 00 2C 25 FF FF FF FF 01 02 03 04 05 06 07 08 72", (0x2C00, 0x25, None, 0xFFFFFFFF, 9, 8, None, 17)),
    # a CMAC of 2, of 16 octets
    ("90 09 00 2C 23 01 00 00 00 01 02 72", (0x2C00, 0x23, None, 1, 9, 2, None, 11)),
    ("90 17 00 2C 27 01 00 00 00" + " 55" * 16 + " 72", (0x2C00, 0x27, None, 1, 9, 16, None, 25)),
    # with key information and a length; without a counter; fragments: the first, the last
    ("90 13 00 3E 75 34 12 05 00 00 00 01 02 03 04 05 06 07 08 40 01 72", (0x3E00, 0x75, 0x1234, 5, 11, 8, 0x140, 21)),
    ("90 0B 00 24 05 01 02 03 04 05 06 07 08 72", (0x2400, 0x05, None, None, 5, 8, None, 13)),
    ("90 02 01 40 72", (0x4001, None, None, None, 4, 0, None, 4)),
    ("90 0E 02 0C B3 0A 00 00 01 02 03 04 05 06 07 08 72", (0x0C02, None, None, 0x0AB3, 8, 8, None, 16)),
)  # fmt: skip

# Lengths that contradict each other, or what the telegram has.
UNREADABLE = (
    "90",
    "90 0F",
    "90 00 72",
    "90 01 00 72",
    "90 0F 00 2C 25 B3 0A 00 00 01 02 03 04 05 06 07",
    "90 07 00 2C 25 B3 0A 00 00 72",
    "90 06 00 2C 25 B3 0A 00 72",
    "90 0F 00 28 25 B3 0A 00 00 01 02 03 04 05 06 07 08 72",
    "90 03 00 34 25 01 72",
)


def parsed(text):
    buf = octets(text)
    return afl.parse(buf, 0, len(buf))


def test_every_form_of_the_afl_is_read():
    for text, expected in READ:
        assert tuple(parsed(text)) == expected, text


def test_an_afl_whose_lengths_contradict_each_other_is_none():
    for text in UNREADABLE:
        assert parsed(text) is None, text


def test_an_afl_that_is_cut_off_anywhere_is_none():
    buf = octets(READ[4][0])
    for n in range(1, 21):
        assert afl.parse(buf, 0, n) is None, n


def test_one_form_of_the_afl_is_accepted():
    assert [afl.is_accepted(parsed(text)) for text, _ in READ] == [True] * 2 + [False] * 6


def test_no_other_bit_of_an_afl_is_accepted():
    for bit in range(8 * 4):
        buf = bytearray(octets(READ[0][0]))
        buf[1 + bit // 8] ^= 1 << bit % 8
        found = afl.parse(buf, 0, len(buf))
        assert found is None or not afl.is_accepted(found), bit


def test_what_is_written_is_read():
    for counter in (1, 0x0AB3, 0x80000000, 0xFFFFFFFF):
        buf = memoryview(bytearray(b"\xff" * 24))
        assert afl.put(buf, 3, counter) == 20
        found = afl.parse(buf, 3, 21)
        assert afl.is_accepted(found)
        assert (found.counter, found.mac_at, found.end) == (counter, 12, 20)
        assert bytes(buf[12:21]) == bytes(8) + b"\xff"
        assert bytes(buf[3:8]) == COMMAND_7[:5]


# Octets, and (mode, blocks, flags, content, kdf, key id, counter, version, end).
FIELDS = (
    ("00 00", (0, 0, 0, 0, None, None, None, None, 2)),
    ("20 05", (5, 2, 0, 0, None, None, None, None, 2)),
    ("F0 05", (5, 15, 0, 0, None, None, None, None, 2)),
    ("20 25", (5, 2, 1, 0, None, None, None, None, 2)),
    ("2D A5", (5, 2, 5, 13, None, None, None, None, 2)),
    ("20 07 10", (7, 2, 0, 0, 1, 0, None, None, 3)),
    ("D0 07 10", (7, 13, 0, 0, 1, 0, None, None, 3)),
    ("2A 47 05", (7, 2, 2, 10, 0, 5, None, None, 3)),
    ("20 27 10 B3 0A 00 00", (7, 2, 1, 0, 1, 0, 0x0AB3, None, 7)),
    ("20 07 52 09", (7, 2, 0, 0, 1, 2, None, 9, 4)),
    ("20 27 50 B3 0A 00 00 09", (7, 2, 1, 0, 1, 0, 0x0AB3, 9, 8)),
    ("30 08", (8, 3, 0, 0, None, None, None, None, 2)),
)
ACCEPTED = ("20 05", "F0 05", "20 07 10", "D0 07 10")


def field(text):
    buf = octets(text)
    found = configuration.parse(buf, 0, len(buf))
    return buf, found


def test_every_form_of_the_configuration_field_is_read():
    for text, expected in FIELDS:
        buf, found = field(text)
        assert tuple(found) == expected, text
        # What stands behind it is not of it.
        assert tuple(configuration.parse(buf + b"\xff", 0, len(buf) + 1)) == expected, text
        for n in range(len(buf)):
            assert configuration.parse(buf, 0, n) is None, (text, n)


def test_one_form_of_each_mode_is_accepted():
    for text, _ in FIELDS:
        buf, found = field(text)
        assert configuration.is_accepted(buf, 0, found) == (text in ACCEPTED), text


def test_no_other_bit_of_a_configuration_field_is_accepted():
    for text in ACCEPTED:
        accepted, _ = field(text)
        for bit in range(8 * len(accepted)):
            buf = bytearray(accepted + bytes(5))
            buf[bit // 8] ^= 1 << bit % 8
            found = configuration.parse(buf, 0, len(buf))
            blocks = 4 <= bit < 8  # any number of blocks will do here
            # Mode 5 and mode 7 are one bit apart.
            other = bit == 9 and text.endswith("07 10")
            expected = (blocks or other) and found.blocks > 0
            assert configuration.is_accepted(buf, 0, found) == expected, (text, bit)


def test_no_blocks_are_not_accepted():
    for text in ("00 05", "00 07 10"):
        assert not configuration.is_accepted(*(field(text)[0], 0, field(text)[1])), text


def test_a_configuration_field_that_is_written_is_read():
    for mode, size in ((5, 2), (7, 3)):
        for blocks in range(1, 16):
            buf = bytearray(b"\xff" * 6)
            assert configuration.put(buf, 1, mode, blocks) == 1 + size
            assert configuration.size(mode) == size
            found = configuration.parse(buf, 1, 1 + size)
            assert (found.mode, found.blocks, found.end) == (mode, blocks, 1 + size)
            assert configuration.is_accepted(buf, 1, found)
            assert buf[0] == buf[1 + size] == 0xFF
