# SPDX-License-Identifier: MIT
"""Telegrams are sealed to the octets that were published, whatever the records and counters."""

from helpers import raises
from mbus.frame import DATA, MAX_FRAME, seal
from mbus.secured import COMMAND, READOUT, SOUND, Envelope
from securedtelegrams import (
    COMMAND_5,
    COMMAND_7,
    METER,
    OMS_KEY,
    OMS_LONG,
    OMS_METER,
    OMS_MODE_5,
    OMS_RECORDS,
    OMS_SHORT,
    OPEN_BREAKER,
    RAISING,
    READOUT_5,
    READOUT_7,
    RECORDS,
    SET_CLOCK,
    judged,
    octets,
    sealed,
)

# Telegram, (CI, mode, records, counter, key, meter, access number).
PUBLISHED = (
    (OMS_MODE_5, (0x72, 5, OMS_RECORDS, None, OMS_KEY, OMS_METER, 0x2A)),
    (OMS_SHORT, (0x7A, 7, OMS_RECORDS, 0x0AB3, RAISING, OMS_METER, 0x75)),
    (OMS_LONG, (0x72, 7, OMS_RECORDS, 0x0AB3, RAISING, OMS_METER, 0x75)),
    (READOUT_5, (0x72, 5, RECORDS, None, RAISING, METER, 0x2C)),
    (READOUT_7, (0x72, 7, RECORDS, 0x0AB3, RAISING, METER, 0x2D)),
    (COMMAND_5, (0x5B, 5, SET_CLOCK, 1001, RAISING, METER, 0x11)),
    (COMMAND_7, (0x5B, 7, OPEN_BREAKER, 16, RAISING, METER, 0x12)),
)
CIS = ((0x5A, 0x5B, 0x72, 0x7A), (0x5A, 0x5B, 0x6C, 0x6D, 0x72, 0x7A))


def test_published_telegrams_are_sealed_octet_by_octet():
    for telegram, arguments in PUBLISHED:
        assert sealed(*arguments) == telegram, arguments[:2]


def test_a_whole_frame_is_the_published_one():
    buf = memoryview(bytearray(MAX_FRAME))
    envelope = Envelope()
    at = envelope.begin(buf, DATA - 1, 0x72, 7, METER, 0x2D, 0, 0x0AB3)
    buf[at : at + len(RECORDS)] = RECORDS
    end = envelope.seal(RAISING, at + len(RECORDS))
    size = seal(buf, 0x08, 0x05, buf[DATA - 1], end - DATA)
    assert bytes(buf[:7]) == octets("68 41 41 68 08 05 90")
    assert bytes(buf[6 : size - 2]) == READOUT_7
    assert bytes(buf[size - 2 : size]) == b"\x07\x16"


def test_every_number_of_octets_is_filled_up_and_comes_back():
    for mode, cis in zip((5, 7), CIS):
        for ci in cis:
            direction = COMMAND if ci < 0x70 else READOUT
            head = 7 if mode == 5 and direction is COMMAND else 0
            for n in (0, 1, 6, 7, 8, 13, 14, 15, 30, 31, 100, 206 - head):
                records = bytes(i % 0x2F for i in range(n - 1, -1, -1))
                telegram = sealed(ci, mode, records, 5)
                code, plain, envelope = judged(telegram, direction, 4)
                assert (code, plain) == (SOUND, records), (ci, mode, n)
                assert (envelope.plain_end - 2 - head - n) < 16
                before = 17 + 1 if mode == 7 else 0
                header = 5 if ci in (0x5A, 0x7A) else 13
                assert len(telegram) == before + header + (2 + head + n + 15) // 16 * 16


def test_the_longest_telegrams_have_all_the_blocks_that_fit_a_frame():
    for mode, ci, blocks in ((5, 0x72, 15), (5, 0x7A, 15), (7, 0x72, 13), (7, 0x7A, 14)):
        buf = memoryview(bytearray(MAX_FRAME))
        envelope = Envelope()
        at = envelope.begin(buf, DATA - 1, ci, mode, METER, 1, 0, 7)
        limit = envelope.limit(MAX_FRAME - 2)
        assert limit == at - 2 + 16 * blocks
        for i in range(at, limit):
            buf[i] = i & 0x7F
        end = envelope.seal(RAISING, limit)
        assert end == limit <= MAX_FRAME - 2
        assert seal(buf, 8, 1, buf[DATA - 1], end - DATA) == end + 2
        assert judged(bytes(buf[DATA - 1 : end]), READOUT)[0] == SOUND


def test_the_limit_is_a_whole_number_of_blocks():
    buf = memoryview(bytearray(300))
    envelope = Envelope()
    at = envelope.begin(buf, 0, 0x72, 5, METER, 1, 0)
    for limit in range(at + 14, 300):
        blocks = (limit - (at - 2)) // 16
        assert envelope.limit(limit) == at - 2 + 16 * (blocks if blocks < 15 else 15)


def test_more_than_15_blocks_are_refused():
    buf = memoryview(bytearray(300))
    envelope = Envelope()
    at = envelope.begin(buf, 0, 0x72, 5, METER, 1, 0)
    assert "at most 15" in str(raises(ValueError, envelope.seal, RAISING, at + 239))
    assert envelope.seal(RAISING, at + 238) == at + 238


def test_a_counter_is_never_less_than_1_nor_wraps():
    buf = memoryview(bytearray(300))
    envelope = Envelope()
    for ci, mode in ((0x5B, 5), (0x5B, 7), (0x72, 7)):
        for counter in (0, -1, 1 << 32, (1 << 32) + 1):
            raises(ValueError, envelope.begin, buf, 0, ci, mode, METER, 1, 0, counter)
        for counter in (1, 0xFFFFFFFF):
            records = sealed(ci, mode, OPEN_BREAKER, counter)
            direction = COMMAND if ci == 0x5B else READOUT
            assert judged(records, direction)[2].counter == counter


def test_what_no_receiver_accepts_is_not_sent():
    buf = memoryview(bytearray(300))
    envelope = Envelope()
    for ci, mode in ((0x6C, 5), (0x6D, 5), (0x51, 7), (0x70, 5), (0x5B, 0), (0x5B, 8), (0x90, 7)):
        raises(ValueError, envelope.begin, buf, 0, ci, mode, METER, 1, 0, 1)


def test_counter_access_number_and_address_make_another_cipher():
    one = sealed(0x72, 7, RECORDS, 5)
    for other in (
        sealed(0x72, 7, RECORDS, 6),
        sealed(0x72, 7, RECORDS, 5, address=OMS_METER[:3] + b"\x13" + OMS_METER[4:]),
    ):
        assert one[-32:-16] != other[-32:-16]
        assert one[9:17] != other[9:17]
    one = sealed(0x72, 5, RECORDS, access=5)
    for other in (
        sealed(0x72, 5, RECORDS, access=6),
        sealed(0x72, 5, RECORDS, access=5, address=OMS_METER),
    ):
        assert one[-32:-16] != other[-32:-16]


def test_a_tag_is_the_same_on_both_sides_in_mode_7():
    buf = memoryview(bytearray(100))
    envelope = Envelope()
    at = envelope.begin(buf, 0, 0x5B, 7, METER, 0x12, 0, 16)
    buf[at : at + 4] = OPEN_BREAKER
    assert bytes(buf[: envelope.seal(RAISING, at + 4)]) == COMMAND_7
    assert envelope.tag == judged(COMMAND_7, COMMAND)[2].tag == COMMAND_7[9:17]


def test_no_text_of_an_envelope_has_octets_of_a_key():
    envelope = judged(COMMAND_7, COMMAND)[2]
    for text in (repr(envelope), str(envelope)):
        assert "0001" not in text and "0, 1, 2" not in text and "Key" not in text
    for error in (
        raises(ValueError, envelope.begin, memoryview(bytearray(9)), 0, 0x51, 7, METER, 1, 0, 1),
        raises(ValueError, envelope.begin, memoryview(bytearray(9)), 0, 0x5B, 7, METER, 1, 0, 0),
    ):
        assert "0D17" not in str(error).upper()
