# SPDX-License-Identifier: MIT
"""CMAC against RFC 4493, keys derived by it, and MACs compared."""

from mbus.cmac import AUTHENTICATION, ENCRYPTION, TO_METER, cmac, derive, differ
from mbus.security import Key
from securedtelegrams import RAISING, octets

NIST_KEY = Key(octets("2B 7E 15 16 28 AE D2 A6 AB F7 15 88 09 CF 4F 3C"))
MESSAGE = octets(
    "6B C1 BE E2 2E 40 9F 96 E9 3D 7E 11 73 93 17 2A AE 2D 8A 57 1E 03 AC 9C 9E B7 6F AC 45 AF 8E 51"
    "30 C8 1C 46 A3 5C E4 11 E5 FB C1 19 1A 0A 52 EF F6 9F 24 45 DF 4F 9B 17 AD 2B 41 7B E6 6C 37 10"
)
# RFC 4493, section 4 (and NIST SP 800-38B, D.1): octets of the message, CMAC.
RFC_4493 = (
    (0, "BB 1D 69 29 E9 59 37 28 7F A3 7D 12 9B 75 67 46"),
    (16, "07 0A 16 B4 6B 4D 41 44 F7 9B DD 9D D0 4A 28 7C"),
    (40, "DF A6 67 47 DE 9A E6 30 30 CA 32 61 14 97 C8 27"),
    (64, "51 F0 BE BF 7E 3B 9D 92 FC 49 74 17 79 36 3C FE"),
)

IDENTIFICATION = octets("78 56 34 12")
# What the key is for, counter, key: OMS volume 2, annex N; and our command of counter 16.
DERIVED = (
    (ENCRYPTION, 0x0AB3, "EC CF 39 D4 75 D7 30 B8 28 4F DF DC 19 95 D5 2F"),
    (AUTHENTICATION, 0x0AB3, "C9 CD 19 FF 5A 9A AD 5A 6B BD A1 3B D2 C4 C7 AD"),
    (ENCRYPTION | TO_METER, 16, "8F E2 3D 1B 77 D1 1C 63 3E E2 65 A7 13 FF 90 4D"),
    (AUTHENTICATION | TO_METER, 16, "5B 04 59 45 DC A8 53 C5 55 79 38 A4 88 01 C7 5E"),
)


def mac(key, message, room=272, dirt=0):
    work = memoryview(bytearray(bytes([dirt]) * room))
    work[: len(message)] = message
    at = cmac(key, work, len(message))
    return bytes(work[at : at + 16])


def block(key):
    """What a key makes of zeros, which tells it from every other."""
    zeros = bytearray(16)
    key.encrypt_block(zeros)
    return zeros


def test_the_vectors_of_rfc_4493():
    for n, expected in RFC_4493:
        assert mac(NIST_KEY, MESSAGE[:n]) == octets(expected), n


def test_a_message_needs_room_for_its_last_block_only():
    for n, expected in RFC_4493:
        assert mac(NIST_KEY, MESSAGE[:n], (n + 15) // 16 * 16 or 16) == octets(expected), n


def test_what_stands_behind_the_message_does_not_count():
    for n in range(50):
        assert mac(NIST_KEY, MESSAGE[:n], dirt=0xFF) == mac(NIST_KEY, MESSAGE[:n]), n


def test_every_length_has_another_mac():
    assert len({mac(NIST_KEY, bytes(n)) for n in range(64)}) == 64


def test_subkeys_with_and_without_a_carry():
    # What the block of zeros becomes under these keys begins with the bits 01, 10, 11 and 00:
    # whether K1 and K2 were reduced.  Key octet, CMAC of 3 octets, of 16 (by `cryptography`).
    rows = (
        (0, "D2 96 5A 67 59 53 24 9A 4F FA 94 F8 39 28 16 36", "D2 E3 48 60 82 23 34 C4 98 DE B1 78 58 D4 CE CB"),
        (1, "4A D5 3F 42 C9 0A A6 DB 16 D4 30 1D 54 79 DB A3", "29 E0 06 B5 59 30 03 B1 85 E3 2A AA CB 9B 8C 09"),
        (2, "9F 6C F4 FB 17 50 AD FA 11 E4 81 23 31 43 F8 1A", "B9 39 B9 58 6F 18 46 21 C7 88 F8 9F F9 5D C7 CB"),
        (10, "01 02 3C B8 22 C5 94 A7 AC 82 39 87 D0 A7 C4 7A", "D4 95 8F 18 34 DD A1 AC DC BB 47 9B 7F CE 42 3E"),
    )  # fmt: skip
    for octet, three, sixteen in rows:
        key = Key(bytes([octet]) * 16)
        assert mac(key, MESSAGE[:3]) == octets(three), octet
        assert mac(key, MESSAGE[:16]) == octets(sixteen), octet


def test_derived_keys_are_those_of_the_published_telegrams():
    work = memoryview(bytearray(32))
    for use, counter, expected in DERIVED:
        derived = derive(RAISING, work, use, counter, IDENTIFICATION)
        assert block(derived) == block(Key(octets(expected))), (use, counter)


def test_no_derived_key_is_left_in_the_working_memory():
    work = memoryview(bytearray(32))
    derive(RAISING, work, ENCRYPTION, 0x0AB3, IDENTIFICATION)
    assert bytes(work) == bytes(32)


def test_use_counter_and_identification_make_another_key():
    work = memoryview(bytearray(32))
    parts = [(0, 1, b"\1\2\3\4"), (1, 1, b"\1\2\3\4"), (0x10, 1, b"\1\2\3\4"), (0, 2, b"\1\2\3\4")]
    parts += [(0, 1 << 24, b"\1\2\3\4"), (0, 0xFFFFFFFF, b"\1\2\3\4"), (0, 1, b"\1\2\3\5")]
    keys = {bytes(block(derive(RAISING, work, *part))) for part in parts}
    assert len(keys) == len(parts)


class Counting:
    """Octets that count how often they are looked at."""

    def __init__(self, octets):
        self.octets = octets
        self.looks = 0

    def __getitem__(self, i):
        self.looks += 1
        return self.octets[i]


def test_macs_are_compared_in_the_same_number_of_steps_wherever_they_differ():
    expected = bytes(range(8))
    for i in range(64):
        other = bytearray(expected)
        other[i // 8] ^= 1 << i % 8
        one, two = Counting(expected), Counting(other)
        assert differ(one, two, 8) is True
        assert one.looks == two.looks == 8, i
    one, two = Counting(expected), Counting(expected)
    assert differ(one, two, 8) is False
    assert one.looks == two.looks == 8
    assert differ(bytes(8), b"\xff" * 8, 8) is True


def test_what_cancels_out_differs_all_the_same():
    assert differ(b"\1\1", b"\0\0", 2) is True
    assert differ(b"\1\2", b"\2\1", 2) is True
