# SPDX-License-Identifier: MIT
"""Secured telegrams that are spoiled, or of another form than the one accepted."""

from mbus import secured
from mbus.cmac import AUTHENTICATION, ENCRYPTION, TO_METER, ZERO_IV, cmac, derive
from mbus.secured import ADDRESS, COMMAND, COUNTER, DECRYPTION, FORM, MAC, SOUND, Envelope
from securedtelegrams import COMMAND_5, COMMAND_7, METER, OPEN_BREAKER, RAISING, code_of, octets

SEALED = b"\x2f\x2f" + OPEN_BREAKER + b"\x2f" * 10


def genuine(
    front="2C 25", configuration="10 07 10", mac=8, tail=b"", plain=SEALED, ci=0x5B, **more
):
    """A command of mode 7 whose keys, cipher and MAC are right, in any form; counter 20.

    front is the last octet of FCL and MCL; length is AFLL where it shall be wrong.
    """
    work = memoryview(bytearray(300))
    body = memoryview(bytearray(plain))
    number = METER[:4]
    derive(RAISING, work, ENCRYPTION | TO_METER, 20, number).encrypt(ZERO_IV, body)
    header = b"\x01\x00" if ci == 0x5A else METER + b"\x01\x00"
    tpl = bytes((ci,)) + header + octets(configuration) + bytes(body) + tail
    covered = octets(front)[1:] + b"\x14\x00\x00\x00" + tpl
    key = derive(RAISING, work, AUTHENTICATION | TO_METER, 20, number)
    work[: len(covered)] = covered
    at = cmac(key, work, len(covered))
    length = more.get("length", 7 + mac)
    fragment = bytes((more.get("fragment", 0),))
    afl = bytes((0x90, length)) + fragment + octets(front) + b"\x14\x00\x00\x00"
    return afl + bytes(work[at : at + mac]) + tpl


def test_the_genuine_form_is_accepted():
    assert code_of(genuine()) == SOUND
    assert code_of(genuine(ci=0x5A)) == SOUND
    assert code_of(genuine(plain=SEALED * 13, configuration="D0 07 10")) == SOUND


# What differs from the genuine form, everything else being right.
OTHER_FORMS = (
    {"configuration": "00 07 10"},  # no block encrypted
    {"configuration": "00 07 10", "plain": b""},
    {"configuration": "20 07 10"},  # one block more than there is
    {"tail": b"\x01\xfd\x1f\x01"},  # clear records behind
    {"tail": b"\x2f"},
    {"tail": bytes(16)},
    {"configuration": "10 47 10"},  # content
    {"configuration": "10 87 10"},
    {"configuration": "18 07 10"},  # padding
    {"configuration": "11 07 10"},  # content index
    {"configuration": "10 07 00"},  # persistent key
    {"configuration": "10 07 20"},  # another derivation
    {"configuration": "10 07 11"},  # another master key
    {"configuration": "10 07 90"},  # a reserved bit
    {"configuration": "10 27 10 14 00 00 00"},  # the counter again
    {"configuration": "10 07 50 01"},  # key version
    {"configuration": "10 08 10"},  # other modes
    {"configuration": "10 09 10"},
    {"configuration": "10 0F 10"},
    {"configuration": "10 17 10"},
    {"configuration": "10 00 10"},  # an AFL in front of mode 0
    {"configuration": "00 00"},
    {"configuration": "10 05"},  # and of mode 5
    {"front": "2C 24", "mac": 4},  # shorter and longer MACs
    {"front": "2C 23", "mac": 2},
    {"front": "2C 26", "mac": 12},
    {"front": "2C 27", "mac": 16},
    {"front": "2C 28", "mac": 12},
    {"front": "2C 24"},
    {"front": "2C 25", "mac": 4},
    {"front": "2C 25", "mac": 0},
    {"front": "28 25", "mac": 0},  # no MAC at all
    {"front": "2C 05"},
    {"front": "2C 35"},
    {"front": "2C 65"},
    {"front": "AC 25"},  # reserved
    {"front": "6C 25"},  # more fragments
    {"front": "3C 25"},  # a message length that is not there
    {"front": "2E 25"},
    {"fragment": 1},
    {"length": 14},
    {"length": 16},
    {"length": 0},
    {"length": 255},
    {"ci": 0x51},
    {"ci": 0x50},
    {"ci": 0x53},
    {"ci": 0x72},
    {"ci": 0x7A},
    {"ci": 0x90},
    {"ci": 0x00},
)


def test_every_other_form_of_mode_7_is_refused_though_its_mac_is_right():
    for form in OTHER_FORMS:
        assert code_of(genuine(**form)) == FORM, form


def test_mode_7_without_its_afl_is_refused():
    assert code_of(genuine()[17:]) == FORM
    assert code_of(COMMAND_7[17:]) == FORM


def test_two_afl_are_refused():
    assert code_of(genuine()[:17] + genuine()) == FORM


def test_the_clock_is_set_in_mode_7_only():
    for ci in (0x6C, 0x6D):
        assert code_of(genuine(ci=ci)) == SOUND
        assert code_of(bytes((ci,)) + COMMAND_5[1:]) == FORM


def of_mode_5(at, octet):
    telegram = bytearray(COMMAND_5)
    telegram[at] = octet
    return telegram


def test_every_other_form_of_mode_5_is_refused():
    assert code_of(COMMAND_5) == SOUND
    for n in range(16):
        if n != 1:
            assert code_of(of_mode_5(11, n << 4)) == FORM, n
    for bit in (0, 1, 2, 3):
        assert code_of(of_mode_5(11, 0x10 | 1 << bit)) == FORM, bit
    for octet in range(256):
        if octet != 5:
            assert code_of(of_mode_5(12, octet)) == FORM, octet
    for tail in (b"\x2f", b"\x01\xfd\x1f\x01", bytes(16)):
        assert code_of(COMMAND_5 + tail) == FORM
    assert code_of(genuine()[:17] + COMMAND_5) == FORM
    assert code_of(COMMAND_5[:13]) == FORM
    for ci in (0x50, 0x51, 0x53, 0x72, 0x7A, 0x00):
        assert code_of(of_mode_5(0, ci)) == FORM, ci


def test_a_telegram_that_is_shorter_or_longer_is_refused():
    for telegram in (COMMAND_5, COMMAND_7, genuine(plain=SEALED * 3, configuration="30 07 10")):
        for n in range(len(telegram)):
            assert code_of(telegram[:n]) == FORM, n
        for n in range(1, 40):
            assert code_of(telegram + bytes(n)) == FORM, n
            assert code_of(telegram + telegram[:n]) == FORM, n


def test_no_octets_whatever_do_more_than_be_refused():
    state = 1
    for ci in (0x90, 0x5A, 0x5B, 0x6C, 0x72):
        for n in range(60):
            telegram = bytearray((ci,))
            for _ in range(n):
                state = (state * 0x41C64E6D + 0x3039) & 0x7FFFFFFF
                # Mostly small numbers, as in a header.
                telegram.append(state >> 16 & (0x1F if state & 0x400 else 0xFF))
            assert code_of(telegram) in (ADDRESS, FORM), (ci, n)
            assert code_of(telegram, address=None) in (ADDRESS, FORM, MAC, DECRYPTION), (ci, n)


# From which octet on which code a flipped bit leads to, in COMMAND_7.
REGIONS = (
    (0, (FORM,)),  # AFL
    (5, (MAC,)),  # counter and MAC
    (17, (FORM, MAC)),  # CI: 5B or 6B, 5A, ..
    (18, (ADDRESS,)),
    (26, (MAC,)),  # access number, status
    (28, (FORM,)),  # configuration
    (31, (MAC,)),
)


def test_no_bit_of_a_command_in_mode_7_can_be_flipped():
    for bit in range(8 * len(COMMAND_7)):
        spoiled = bytearray(COMMAND_7)
        spoiled[bit // 8] ^= 1 << bit % 8
        allowed = [codes for at, codes in REGIONS if at <= bit // 8][-1]
        assert code_of(spoiled) in allowed, bit


def test_no_bit_of_one_block_in_mode_5_can_be_flipped_but_the_status():
    for bit in range(8 * len(COMMAND_5)):
        spoiled = bytearray(COMMAND_5)
        spoiled[bit // 8] ^= 1 << bit % 8
        # Nothing covers the status octet: there is no MAC.
        assert (code_of(spoiled, highest=1000) == SOUND) == (bit // 8 == 10), bit


def test_flipping_the_access_number_in_mode_5_moves_the_counter_out_of_the_window():
    for bit in range(8):
        spoiled = of_mode_5(9, COMMAND_5[9] ^ 1 << bit)
        assert code_of(spoiled, highest=1001) == COUNTER, bit


def test_what_is_wrong_first_is_what_is_found():
    other = octets("79 56 34 12 0D 17 01 02")
    assert code_of(genuine(tail=b"\x2f"), address=other) == ADDRESS
    assert code_of(genuine(tail=b"\x2f")[:-1] + b"\x01") == FORM
    spoiled = genuine()[:-1] + b"\x01"
    assert code_of(spoiled, highest=20) == MAC
    unmarked = b"\x2f\x2e" + SEALED[2:]
    assert code_of(genuine(plain=unmarked), highest=20) == COUNTER
    assert code_of(genuine(plain=unmarked)) == DECRYPTION
    spoiled = COMMAND_5[:-1] + b"\x01"
    assert code_of(spoiled, highest=2000) == DECRYPTION


def test_both_octets_of_the_mark_are_looked_at():
    for mark in (b"\x2f\x00", b"\x00\x2f", b"\x00\x00"):
        assert code_of(genuine(plain=mark + SEALED[2:])) == DECRYPTION, mark


def test_nothing_is_decrypted_before_the_mac_is_right():
    envelope = Envelope()
    spoiled = bytearray(genuine())
    spoiled[10] ^= 1
    assert envelope.read(spoiled, 0, len(spoiled), COMMAND, METER) == SOUND
    assert envelope.open(RAISING, 0) == MAC
    assert OPEN_BREAKER not in bytes(envelope.plain)


def test_every_mismatch_of_a_mac_takes_the_same_steps():
    counts = []
    differ = secured.differ

    def counting(one, other, n):
        counts.append(n)
        return differ(one, other, n)

    secured.differ = counting
    try:
        for at in range(9, 17):
            spoiled = bytearray(genuine())
            spoiled[at] ^= 0x80
            assert code_of(spoiled) == MAC
        assert code_of(genuine()) == SOUND
    finally:
        secured.differ = differ
    assert counts == [8] * 9
