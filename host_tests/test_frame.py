# SPDX-License-Identifier: MIT
"""Every frame is read whole, octet by octet, after a preamble and with another one behind it."""

from binascii import unhexlify

import micropython
from helpers import raises
from mbus.frame import ACK, DATA, MAX_FRAME, FrameParser, seal, short
from mbus.whole import FrameError, parse

_LONGEST = "68FFFF68530172" + "A5" * 252 + "3216"

# fmt: off
GOOD = (
    # octets                                       C     A     CI    user data
    ("E5",                                        (ACK,  None, None, b"")),
    ("1040014116",                                (0x40, 0x01, None, b"")),
    ("107BFD7816",                                (0x7B, 0xFD, None, b"")),
    ("6803036853FE50A116",                        (0x53, 0xFE, 0x50, b"")),
    ("6806066853FE51017A082516",                  (0x53, 0xFE, 0x51, b"\x01\x7a\x08")),
    ("680B0B6853FD5278563412FFFFFFFFB216",        (0x53, 0xFD, 0x52, b"\x78\x56\x34\x12" + b"\xff" * 4)),
    (_LONGEST,                                    (0x53, 0x01, 0x72, b"\xa5" * 252)),
)

BAD = (
    # octets                    what is wrong                              as parse() words it
    ("1040014216",             "checksum of a short frame",               "checksum 42 at octet 3 should be 41"),
    ("1040014117",             "stop octet of a short frame",             "stop octet 17 at octet 4 should be 16"),
    ("6803046853FE50A116",     "the two lengths differ",                  "lengths differ: 03 at octet 1, 04"),
    ("6802026853FE5116",       "length below three",                      "length 02 at octet 1 is below 3"),
    ("6803036953FE50A116",     "second start octet",                      "octet 3 is 69"),
    ("6803036853FE50A216",     "checksum of a control frame",             "checksum A2 at octet 7 should be A1"),
    ("6803036853FE50A117",     "stop octet of a control frame",           "stop octet 17 at octet 8"),
    ("6806066853FE51017A092516", "checksum of a long frame",              "checksum 25 at octet 10 should be 26"),
)
# fmt: on


def push_all(rx, octets):
    """How many frames were completed by octets."""
    return sum(1 for octet in octets if rx.push(octet))


def test_good_frames_octet_by_octet():
    for text, expected in GOOD:
        rx, octets = FrameParser(), unhexlify(text)
        for octet in octets[:-1]:
            assert not rx.push(octet), text
            assert rx.waiting, text
        assert rx.push(octets[-1]), text
        assert not rx.waiting, text
        assert (rx.c, rx.a, rx.ci, bytes(rx.buf[DATA : rx.end])) == expected, text
        assert rx.frame() == expected, text


def test_good_frames_whole():
    for text, expected in GOOD:
        assert parse(unhexlify(text)) == expected, text


def test_octets_in_front_of_a_frame_are_skipped():
    for text, expected in GOOD:
        rx = FrameParser()
        assert push_all(rx, unhexlify("FF5555FF00" + text)) == 1, text
        assert rx.frame() == expected, text
        assert rx.skipped == 5, text
        assert rx.rejected == 0, text


def test_a_second_frame_behind_the_first():
    for text, expected in GOOD:
        rx = FrameParser()
        assert push_all(rx, unhexlify(text)) == 1
        assert rx.frame() == expected, text
        assert push_all(rx, unhexlify("107B017C16")) == 1, text
        assert rx.frame() == (0x7B, 1, None, b""), text


def test_damage_leaves_the_parser_deaf_until_the_line_is_idle():
    for text, why, _ in BAD:
        rx = FrameParser()
        assert push_all(rx, unhexlify(text)) == 0, why
        assert rx.rejected == 1, why
        assert rx.deaf, why
        assert not rx.waiting, why
        assert push_all(rx, unhexlify("1040014116E5")) == 0, why
        assert rx.rejected == 1, why
        rx.clear()
        assert push_all(rx, unhexlify("1040014116")) == 1, why


def test_incomplete_is_not_damaged():
    for text, _ in GOOD:
        octets = unhexlify(text)
        for n in range(1, min(len(octets), 12)):
            rx = FrameParser()
            assert push_all(rx, octets[:n]) == 0
            assert rx.waiting, (text, n)
            assert not rx.deaf, (text, n)
            assert rx.rejected == 0, (text, n)


def test_a_flagged_parity_error_voids_the_telegram():
    rx = FrameParser()
    octets = unhexlify("1040014116")
    push_all(rx, octets[:2])
    rx.spoil()
    assert push_all(rx, octets[2:]) == 0
    assert rx.deaf
    assert rx.rejected == 1


def test_damage_is_worded_with_its_place():
    for text, why, words in BAD:
        error = raises(FrameError, parse, unhexlify(text))
        assert words in str(error), (why, str(error))
    for text, words in (
        ("", "no octets"),
        ("41", "octet 0 is 41, not a start octet"),
        ("10400141", "frame of 5 octets has 4"),
        ("104001411616", "frame of 5 octets has 6"),
        ("E5E5", "frame of 1 octets has 2"),
        ("68", "frame of 4 octets has 1"),
        ("680303", "frame of 9 octets has 3"),
        ("68FF", "frame of 261 octets has 2"),
        (_LONGEST + "00", "frame of 261 octets has 262"),
    ):
        error = raises(FrameError, parse, unhexlify(text))
        assert words in str(error), (text, str(error))


def test_short_and_seal_are_the_inverse_of_parse():
    tx = bytearray(MAX_FRAME)
    for text, (c, a, ci, data) in GOOD:
        if ci is not None:
            tx[DATA : DATA + len(data)] = data
            assert bytes(tx[: seal(tx, c, a, ci, len(data))]) == unhexlify(text), text
        elif a is not None:
            assert bytes(tx[: short(tx, c, a)]) == unhexlify(text), text


def test_more_user_data_than_a_frame_holds_is_refused():
    error = raises(ValueError, seal, bytearray(MAX_FRAME + 9), 0x53, 1, 0x51, 253)
    assert "253" in str(error)


def test_octets_are_taken_without_allocating():
    rx = FrameParser()
    for text, _ in GOOD:
        octets = unhexlify("FF55" + text)
        end = len(octets) - 1  # the last one completes a frame, which may allocate
        at = 0
        micropython.heap_lock()
        while at < end:
            rx.push(octets[at])
            at += 1
        micropython.heap_unlock()
        assert rx.push(octets[end]), text


def test_octets_are_ignored_without_allocating():
    rx = FrameParser()
    rx.spoil()
    octets = unhexlify(GOOD[4][0])
    at = 0
    micropython.heap_lock()
    while at < 11:
        rx.push(octets[at])
        at += 1
    micropython.heap_unlock()
    assert rx.deaf
