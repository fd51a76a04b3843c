# SPDX-License-Identifier: MIT
"""Secured telegrams are opened: the published ones, and counters of all kinds."""

from mbus.secured import (
    ADDRESS,
    COMMAND,
    COUNTER,
    DECRYPTION,
    FORM,
    MAC,
    READOUT,
    REPEATED,
    SOUND,
    Envelope,
    is_secured,
)
from mbus.security import Key
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
    code_of,
    judged,
    octets,
    sealed,
)

OTHER_KEY = Key(bytes(16))
OTHER_NUMBER = octets("79 56 34 12 0D 17 01 02")
OTHER_MAKER = octets("78 56 34 12 0E 17 01 02")

# Telegram, direction, key, meter, (mode, CI, access number, counter), records.
PUBLISHED = (
    (OMS_MODE_5, READOUT, OMS_KEY, OMS_METER, (5, 0x72, 0x2A, None), OMS_RECORDS),
    (OMS_SHORT, READOUT, RAISING, OMS_METER, (7, 0x7A, 0x75, 0x0AB3), OMS_RECORDS),
    (OMS_LONG, READOUT, RAISING, OMS_METER, (7, 0x72, 0x75, 0x0AB3), OMS_RECORDS),
    (READOUT_5, READOUT, RAISING, METER, (5, 0x72, 0x2C, None), RECORDS),
    (READOUT_7, READOUT, RAISING, METER, (7, 0x72, 0x2D, 0x0AB3), RECORDS),
    (COMMAND_5, COMMAND, RAISING, METER, (5, 0x5B, 0x11, 1001), SET_CLOCK),
    (COMMAND_7, COMMAND, RAISING, METER, (7, 0x5B, 0x12, 16), OPEN_BREAKER),
)


def test_published_telegrams_are_opened():
    for telegram, direction, key, meter, facts, records in PUBLISHED:
        code, plain, envelope = judged(telegram, direction, 0, key=key, address=meter)
        assert code == SOUND, facts
        assert plain == records, facts
        assert (envelope.mode, envelope.ci, envelope.access, envelope.counter) == facts
        assert (envelope.address, envelope.status) == (meter, 0)


def test_a_long_header_names_its_meter_a_short_one_does_not():
    for telegram, direction, key, meter, facts, records in PUBLISHED:
        code, plain, envelope = judged(telegram, direction, key=key, address=None)
        if facts[1] == 0x7A:
            assert code == ADDRESS
        else:
            assert (code, plain, envelope.address) == (SOUND, records, meter)


def test_a_telegram_opened_in_the_middle_of_a_buffer_is_left_as_it_is():
    for telegram, direction, key, meter, facts, records in PUBLISHED:
        buf = memoryview(bytearray(b"\xff" * 6 + telegram + b"\x5a\x16\x2f"))
        before = bytes(buf)
        envelope = Envelope()
        assert envelope.read(buf, 6, 6 + len(telegram), direction, meter) == SOUND
        assert envelope.open(key, 0) == SOUND
        at = envelope.plain_at
        assert bytes(envelope.plain[at : at + len(records)]) == records, facts
        assert bytes(buf) == before


def test_a_telegram_of_the_other_direction_is_not_opened():
    for telegram, direction, key, meter, facts, _ in PUBLISHED:
        other = READOUT if direction is COMMAND else COMMAND
        assert code_of(telegram, other, key=key, address=meter) == FORM, facts
    # The derived keys differ too: a meter's telegram under a command's CI.
    turned = bytearray(READOUT_7)
    turned[17] = 0x5B
    assert code_of(turned) == MAC


def test_another_key_opens_nothing():
    for telegram, direction, _, meter, facts, _ in PUBLISHED:
        code = code_of(telegram, direction, key=OTHER_KEY, address=meter)
        assert code == (MAC if facts[0] == 7 else DECRYPTION), facts


def test_the_address_of_another_meter_is_refused():
    for telegram in (COMMAND_5, COMMAND_7):
        for i in range(8):
            for flipped in (0x01, 0x80, 0xFF):
                other = bytearray(METER)
                other[i] ^= flipped
                assert code_of(telegram, address=other) == ADDRESS, i


def test_a_wildcard_is_no_address():
    at = COMMAND_7.find(METER)
    for i in range(8):
        wild = bytearray(COMMAND_7)
        wild[at + i] = 0xFF
        assert code_of(wild) == ADDRESS, i


def test_a_short_header_is_taken_for_the_own_address():
    for mode in (5, 7):
        telegram = sealed(0x5A, mode, OPEN_BREAKER, 9)
        assert judged(telegram, COMMAND, 8)[:2] == (SOUND, OPEN_BREAKER)
        # In mode 5 the address is the IV: octet i of it changes octet i of the plain text.
        code = MAC if mode == 7 else COUNTER
        assert code_of(telegram, highest=8, address=OTHER_NUMBER) == code
        code = SOUND if mode == 7 else DECRYPTION
        assert code_of(telegram, highest=8, address=OTHER_MAKER) == code
        assert code_of(telegram, highest=8, address=None) == ADDRESS


def test_a_mode_below_the_one_required_is_refused():
    assert code_of(COMMAND_5, least=5) == SOUND
    assert code_of(COMMAND_5, least=7) == FORM
    assert code_of(COMMAND_7, least=7) == SOUND
    assert code_of(READOUT_5, READOUT, least=7) == FORM


# Mode, highest counter accepted, counter, what it is found to be.
COUNTERS = (
    (7, 0, 1, SOUND),
    (7, 16, 16, COUNTER),
    (7, 16, 15, COUNTER),
    (7, 16, 17, SOUND),
    (7, 0, 1 << 31, SOUND),
    (7, 0, (1 << 31) + 1, COUNTER),
    (7, 5, (1 << 31) + 5, SOUND),
    (7, 5, (1 << 31) + 6, COUNTER),
    (7, 0xFFFFFFFE, 0xFFFFFFFF, SOUND),
    (7, 0xFFFFFFFF, 0xFFFFFFFF, COUNTER),
    (7, 0xFFFFFFFF, 1, COUNTER),
    (7, None, 1, SOUND),
    (5, 0, 1, SOUND),
    (5, 1001, 1001, COUNTER),
    (5, 1001, 1000, COUNTER),
    (5, 1001, 1002, SOUND),
    (5, 0, 1 << 23, SOUND),
    (5, 0, (1 << 23) + 1, COUNTER),
    (5, 0, 1 << 24, COUNTER),
    (5, 0x01020304, 0x01820304, SOUND),
    (5, 0x01020304, 0x01820305, COUNTER),
    # A counter of the past with one bit flipped in its top octet.
    (5, 0x01020304, 0x02020303, COUNTER),
    (5, 0xFFFFFFFE, 0xFFFFFFFF, SOUND),
    (5, 0xFFFFFFFF, 1, COUNTER),
    (5, None, 1, SOUND),
)


def test_a_command_needs_a_greater_counter_within_the_window():
    for mode, highest, counter, expected in COUNTERS:
        telegram = sealed(0x5B, mode, OPEN_BREAKER, counter)
        assert code_of(telegram, highest=highest) == expected, (mode, highest, counter)
        if expected == SOUND:
            assert judged(telegram, COMMAND, highest)[2].counter == counter


def test_a_readout_of_mode_7_counts_the_same_way():
    for mode, highest, counter, expected in COUNTERS:
        if mode == 7:
            telegram = sealed(0x72, 7, RECORDS, counter)
            assert code_of(telegram, READOUT, highest) == expected, (highest, counter)


def test_a_command_accepted_before_is_known_again():
    for telegram, counter in ((COMMAND_5, 1001), (COMMAND_7, 16)):
        code, _, envelope = judged(telegram, COMMAND, counter - 1)
        assert code == SOUND
        tag = bytes(envelope.tag)
        assert code_of(telegram, highest=counter, last=tag) == REPEATED
        # Another command of the same counter, or another tag, is none.
        again = sealed(0x5B, envelope.mode, b"\x01\xfd\x1f\x01", counter)
        assert code_of(again, highest=counter, last=tag) == COUNTER
        for i in range(8):
            other = bytearray(tag)
            other[i] ^= 1
            assert code_of(telegram, highest=counter, last=other) == COUNTER, i


def test_a_repetition_in_mode_7_has_the_counter_that_was_accepted_last():
    tag = judged(COMMAND_7, COMMAND, 0)[2].tag
    assert code_of(COMMAND_7, highest=17, last=tag) == COUNTER


def test_a_command_that_changed_the_key_is_known_again_under_the_new_key():
    tag = judged(COMMAND_7, COMMAND, 0)[2].tag
    assert code_of(COMMAND_7, highest=16, last=tag, key=OTHER_KEY) == REPEATED


def test_any_octet_makes_a_repetition_in_mode_5_another_telegram():
    tag = judged(COMMAND_5, COMMAND, 0)[2].tag
    for i in range(len(COMMAND_5)):
        other = bytearray(COMMAND_5)
        other[i] ^= 0x40
        assert code_of(other, highest=1001, last=tag) not in (SOUND, REPEATED), i


def test_a_readout_repeated_can_be_read_again():
    tag = judged(READOUT_7, READOUT, 0)[2].tag
    assert judged(READOUT_7, READOUT, 0x0AB3, tag)[:2] == (SOUND, RECORDS)
    assert code_of(READOUT_7, READOUT, 0x0AB3, last=bytes(8)) == COUNTER
    # Not without the MAC being right.
    spoiled = READOUT_7[:-1] + b"\x71"
    assert code_of(spoiled, READOUT, 0x0AB3, last=tag) == MAC


def test_a_readout_of_mode_5_is_never_a_repetition():
    envelope = Envelope()
    envelope.read(READOUT_7, 0, len(READOUT_7), READOUT, METER)
    assert envelope.open(RAISING, 0) == SOUND
    tag = bytes(envelope.tag)
    envelope.read(READOUT_5, 0, len(READOUT_5), READOUT, METER)
    assert envelope.open(RAISING, 0x0AB3, tag) == SOUND


def test_a_command_of_mode_5_needs_its_counter_in_front():
    for records in (
        b"",
        OPEN_BREAKER,
        b"\x2f\x04\xfd\x08\x09\x00\x00\x00" + OPEN_BREAKER,
        b"\x04\xfd\x09\x09\x00\x00\x00" + OPEN_BREAKER,
        b"\x44\xfd\x08\x09\x00\x00\x00" + OPEN_BREAKER,
        OPEN_BREAKER + b"\x04\xfd\x08\x09\x00\x00\x00",
    ):
        telegram = without_counter(records)
        assert code_of(telegram, highest=0) == COUNTER, records
        assert code_of(telegram, highest=None) == COUNTER, records
    telegram = without_counter(b"\x04\xfd\x08\x09\x00\x00\x00" + OPEN_BREAKER)
    assert judged(telegram, COMMAND, 8)[:2] == (SOUND, OPEN_BREAKER)


def without_counter(records):
    """A command of mode 5 that begins with these records."""
    plain = b"\x2f\x2f" + records
    plain += b"\x2f" * (-len(plain) % 16)
    body = memoryview(bytearray(plain))
    RAISING.encrypt(METER[4:6] + METER[:4] + METER[6:] + b"\x13" * 8, body)
    return b"\x5b" + METER + bytes((0x13, 0, len(plain), 5)) + bytes(body)


def test_each_telegram_of_a_readout_has_its_own_header_and_counter():
    parts = [
        sealed(0x72, 7, RECORDS + bytes((0x1F,)), 40 + i, access=0xFE + i & 0xFF) for i in range(3)
    ]
    envelope, highest = Envelope(), 39
    for i, part in enumerate(parts):
        assert envelope.read(part, 0, len(part), READOUT, METER) == SOUND
        assert envelope.open(RAISING, highest) == SOUND
        assert (envelope.access, envelope.counter) == ((0xFE + i) & 0xFF, 40 + i)
        highest = envelope.counter
    for part in parts:
        assert code_of(part, READOUT, highest) == COUNTER


def test_nothing_of_one_telegram_is_left_for_the_next():
    envelope = Envelope()
    assert envelope.open(RAISING) == FORM
    assert envelope.read(COMMAND_7, 0, len(COMMAND_7), COMMAND, METER) == SOUND
    assert envelope.open(RAISING, 0) == SOUND
    assert envelope.plain_end
    assert envelope.read(COMMAND_7, 0, len(COMMAND_7) - 1, COMMAND, METER) == FORM
    assert (envelope.plain_end, envelope.counter) == (0, None)
    assert envelope.open(RAISING, 0) == FORM


def test_what_claims_to_be_secured_is_told_from_what_is_clear():
    for telegram, *_ in PUBLISHED:
        assert is_secured(telegram, 0, len(telegram))
    short, long = b"\x5a\x01\x00", b"\x5b" + METER + b"\x01\x00"
    for mode in range(1, 32):
        for head in (short, long, b"\x72" + long[1:], b"\x7a\x01\x00", b"\x6c" + long[1:]):
            telegram = head + bytes((0, mode))
            assert is_secured(telegram, 0, len(telegram)), mode
            cut = is_secured(telegram, 0, len(telegram) - 1)
            assert cut == (head[0] not in (0x72, 0x7A)), mode
    for head in (short, long):
        assert not is_secured(head + b"\x10\xe0\x01\xfd\x1f\x00", 0, len(head) + 6)
    assert is_secured(b"\x90", 0, 1)
    assert not is_secured(b"\x51\x01\x05\x05\x05\x05", 0, 6)
    assert not is_secured(b"\x78\x05\x05\x05\x05\x05", 0, 6)
