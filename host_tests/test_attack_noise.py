# SPDX-License-Identifier: MIT
"""Noise in the form of commands: nothing is obeyed, and nothing makes the meter stumble."""

from attacker import FAILED, held, unchanged, victim, ways, works
from mutants import Random
from securedmeter import SECOND
from securedtelegrams import octets

# isort: split
from mbus.security import Key

CIS = b"\x50\x51\x52\x53\x54\x56\x5a\x5b\x5c\x6c\x6d\x72\x7a\x90\xb8\xbb\xff"


def noise(random, n):
    return bytes([random.below(256) for _ in range(n)])


def shaped(random, one):
    """Octets that begin as a secured telegram does, more or less."""
    number = bytes(one.module.identification)
    kind = random.below(6)
    if kind == 0:
        return bytes((CIS[random.below(len(CIS))],)) + noise(random, random.below(60))
    mode = (5, 7, random.below(32))[random.below(3)]
    blocks = random.below(5)
    word = bytes((blocks << 4, mode)) + (b"\x10" if mode == 7 else b"")
    tpl = bytes((b"\x5b\x5a\x6c\x6d\x72"[random.below(5)],))
    tpl += number + b"\x11\x00" + word + noise(random, 16 * blocks)
    if kind == 1:
        return tpl
    afl = b"\x90\x0f\x00\x2c\x25" + bytes((random.below(4), 0, 0, 0)) + noise(random, 8)
    if kind == 2:
        return afl + tpl
    control = noise(random, 3) if kind == 3 else b"\x00\x2c\x25"
    return b"\x90" + bytes((random.below(20),)) + control + noise(random, random.below(20)) + tpl


def test_noise_is_never_obeyed():
    random = Random(1)
    for level in range(1, 4):
        one = victim(level, "t")
        before = held(one)
        for _ in range(700):
            telegram = shaped(random, one)
            if telegram[0] in b"\x50\x51\x52\x53\x54\x56\xb8\xbb":
                continue  # free, or in clear: not what is asked here
            assert one.say(telegram, wait=3000), telegram
        unchanged(one, before[:-1], level)
        assert held(one)[-1] == before[-1]
        works(one)


def test_noise_under_the_key_itself_makes_nothing_stumble():
    # As a mode 5 command may be whose second block was changed, or that of a mad owner.
    random = Random(2)
    for level in range(4):
        one = victim(level, "t")
        for n in range(300):
            records = noise(random, random.below(40))
            if n & 1:
                front = ("01 FF 13 02", "0C FD 67 11 22 33 44", "0D FD 19 F0", "08 04", "7F")
                records = octets(front[random.below(5)]) + records
            frame = one.seal(
                "".join(["%02X" % octet for octet in records]), ways(level)[n % 2 - 1]
            )
            one.say(frame, wait=3000)
            one.line.short(0x7B, one.module.primary)
            if one.module.keyring.version != 1:
                one = victim(level, "t")
        one.line.short(0x40, one.module.primary)
        assert one.clear("", ci=0x50) == 0  # the readout list is as it was
        works(one)


def test_all_that_is_wrong_is_wrong_in_one_way():
    random = Random(3)
    one = victim(3, "t")
    seen = set()
    for _ in range(300):
        telegram = shaped(random, one)
        if telegram[0] in b"\x90\x5a\x5b\x6c\x6d\x72" and len(telegram) > 13:
            mode = telegram[13] if telegram[0] == 0x90 else telegram[12]
            if telegram[0] == 0x90 or (mode & 0x1F and telegram[0] != 0x5A):
                seen.add(one.say(telegram, wait=3000))
    assert seen == {FAILED}
    assert one.command("01 FF 13 02", key=Key(SECOND)) == FAILED
