# SPDX-License-Identifier: MIT
"""A key is changed over the bus, at every cut one of two works, and nothing shows a key."""

from binascii import b2a_base64, hexlify

from helpers import raises
from securedmeter import FIRST, SECOND, THIRD, Owner, PowerCut, tariff
from securedtelegrams import octets

# isort: split
from mbus.security import Key
from node.keyring import KEY
from stations import text

CHANGE = "0D FD 19 F0"
FAILED = 0x14
TARIFF = "01 FF 13 0%d"


def owner(level=3, **given):
    return Owner(level, tariff_source="bus", **given)


def change(key):
    return CHANGE + text(key)


def works(one, octets_of_key, counter):
    """Whether a command under this key is obeyed."""
    code = one.command("01 7A 05", key=Key(octets_of_key), counter=counter)
    assert code in (0, FAILED)
    return code == 0


def test_a_key_is_changed_by_the_owner_of_the_one_before():
    for level in range(4):
        one = owner(level)
        assert one.command(TARIFF % 2) == 0
        frame = one.seal(change(SECOND))
        assert one.say(frame) == 0
        assert (one.module.keyring.version, one.module.keyring.level) == (2, level)
        # Its repetition, until the next command, over a power cut too.
        for _ in range(2):
            assert one.say(frame) == 0
            one.start()
        old = one.seal(TARIFF % 3)
        assert one.say(old) == FAILED
        one.key = Key(SECOND)
        one.counter = 0
        one.highest = None
        assert len(one.readout()) > 1
        if level == 3:
            assert one.highest < 600
        assert one.command(TARIFF % 3) == 0
        assert tariff(one) == 3
        assert one.say(frame) == FAILED
        assert one.module.keyring.version == 2


def test_a_key_that_was_used_before_is_refused():
    one = owner()
    assert one.command(change(FIRST)) == 0x12
    assert one.command(change(SECOND)) == 0
    one.key, one.counter = Key(SECOND), 0
    assert one.command(change(FIRST)) == 0x12
    assert one.command(change(SECOND)) == 0x12
    assert one.module.keyring.version == 2 and one.module.keyring.highest == 2
    assert one.command(change(THIRD)) == 0


def test_a_key_stands_by_itself_in_mode_7():
    for level in range(4):
        one = owner(level, pauses=False)
        key = change(SECOND)
        assert one.clear(key) == 0x10
        assert one.command(key, 5) == FAILED
        for records in (
            key + "01 FF 13 02",
            "0D FD 19 10" + text(SECOND),
            "0D FD 19 0F" + text(SECOND[:15]),
        ):
            assert one.command(records) != 0
        assert one.module.keyring.version == 1
        assert one.command("2F 2F " + key + "2F 2F") == 0


def test_a_key_is_wiped_from_memory_when_it_has_been_taken():
    one = owner()
    for key, code in ((SECOND, 0), (FIRST, 0x12)):
        assert one.command(change(key)) == code
        assert not shows(one.module.guard._envelope.plain, key)
        one.key, one.counter = Key(SECOND), 0


def test_a_key_among_other_records_makes_nothing_of_them_obeyed():
    for level in range(4):
        one = owner(level)
        for records in (TARIFF % 2 + change(SECOND), change(SECOND) + TARIFF % 2):
            before = one.module.meter.events.total
            assert one.command(records) == 0x11
            assert tariff(one) == 1 and one.module.keyring.version == 1
            assert one.module.meter.events.total == before
            assert one.module.keyring.highest == one.counter
            assert not shows(one.module.guard._envelope.plain, SECOND)
        assert one.command("08 04" + change(SECOND)) == 0x11
        assert len(one.readout()) > 1  # and nothing was put into the list
    plain = owner(0, key=None)
    assert plain.clear(TARIFF % 2 + change(SECOND)) == 0x11
    assert tariff(plain) == 1


def test_a_key_that_is_refused_is_wiped_too():
    for level in range(3):
        one = owner(level)
        assert one.command(change(SECOND), 5) == FAILED
        assert not shows(one.module.guard._envelope.plain, SECOND)


def test_a_device_without_a_key_takes_none_over_the_bus():
    one = owner(0, key=None)
    assert one.clear(change(SECOND)) != 0
    one.start()
    assert one.module.keyring.version == 0


def test_of_a_cut_change_one_of_the_two_keys_works():
    whole = owner()
    assert whole.command(TARIFF % 2) == 0
    before = whole.slots.copy()
    frame = whole.seal(change(SECOND))
    writes = whole.slots.writes
    assert whole.say(frame) == 0
    writes = whole.slots.writes - writes
    assert writes == 1
    for torn in (False, True):
        for n in range(writes + 1):
            one = owner(key=None, slots=before.copy())
            one.key, one.counter = Key(FIRST), 2
            one.slots.left, one.slots.torn = n, torn
            if n < writes:
                raises(PowerCut, one.say, frame)
            else:
                assert one.say(frame) == 0
            one.slots.left = None
            one.start()
            found = [works(one, FIRST, 10), works(one, SECOND, 11)]
            assert found == [n < writes, n == writes]


def test_a_cut_at_any_write_around_a_command_obeys_it_once_at_most():
    whole = owner()
    whole.rig.persist()
    before = whole.slots.copy()
    frame = whole.seal(TARIFF % 2)
    first = whole.slots.writes
    assert whole.say(frame) == 0
    whole.rig.persist()
    writes = whole.slots.writes - first
    assert writes >= 2
    for torn in (False, True):
        for n in range(writes):
            one = owner(key=None, slots=before.copy())
            one.key, one.counter = Key(FIRST), 1
            one.slots.left, one.slots.torn = n, torn
            try:
                one.say(frame)
                one.rig.persist()
            except PowerCut:
                pass
            one.slots.left = None
            one.start()
            stored = one.module.keyring.highest
            assert stored == (0 if n == 0 else 1)
            before_it = tariff(one)
            assert one.say(frame) == 0
            # Obeyed now only if its counter had not been stored.
            assert tariff(one) == (2 if n == 0 else before_it)
            assert one.command(TARIFF % 3) == 0
            assert tariff(one) == 3


def test_a_repetition_of_a_new_number_is_acknowledged_under_the_old_one():
    for level, mode in ((1, 5), (2, 7), (3, 7)):
        one = owner(level)
        frame = one.seal("0C 79 21 43 65 87", mode)
        assert one.say(frame) == 0
        assert one.rig.number()[:8] == "21436587"
        one.module.meter.alarms = 0
        assert one.say(frame) == 0
        assert not one.module.meter.alarms & 0x40
        other = one.seal(TARIFF % 2, mode, address=octets("78 56 34 12 0D 17 01 02"))
        assert one.say(other) == FAILED
        assert one.command(TARIFF % 2, mode) == 0
        assert len(one.readout()) > 1


def forms(key):
    """The key as programs write it: octets, hexadecimal, base64, decimals."""
    digits = hexlify(key).decode()
    pairs = [digits[i : i + 2] for i in range(0, 32, 2)]
    yield bytes(key)
    for between in ("", " ", ":", "-", ", ", "\\x", ", 0x"):
        joined = between.join(pairs)
        yield joined.encode()
        yield joined.upper().encode()
    yield b2a_base64(key).strip().rstrip(b"=")
    for between in (", ", ",", " "):
        yield between.join([str(octet) for octet in key]).encode()
    yield repr(bytes(key))[2:-1].encode()


def shows(where, key):
    where = bytes(where)
    return [form for form in forms(key) if form in where]


def test_the_search_finds_a_key_in_each_form():
    for form in forms(SECOND):
        assert shows(b"..." + form + b"...", SECOND)
    assert not shows(bytes(range(200)), SECOND)


def said(level):
    """All that a device sends, stores and says of itself; changes of key in between."""
    sent, one = [], owner(level)
    say = one.line.say

    def listen(*parts, **more):
        reply = say(*parts, **more)
        sent.append(reply.encode())
        sent.append(octets(reply))
        return reply

    one.line.say = listen
    assert one.command(TARIFF % 2) == 0
    assert one.clear("7F") == 0
    assert one.readout()
    assert one.command(change(SECOND)) == 0
    one.key, one.counter, one.highest = Key(SECOND), 0, None
    one.command(change(FIRST))
    one.command(CHANGE + "01")
    one.clear(change(THIRD))
    assert one.clear("7F") == 0
    for telegram in one.readout():
        sent.append(telegram)
    one.rig.pass_time(10_000)
    one.rig.persist()
    for thing in (one.module, one.module.keyring, one.module.guard, one.key):
        sent.append(repr(thing).encode())
    guard = one.module.guard
    sent.append(bytes(guard._envelope.plain))
    return one, sent


def test_what_is_sent_stored_and_said_holds_no_key():
    for level in range(4):
        one, sent = said(level)
        for key in (FIRST, SECOND, THIRD):
            for octets_of in sent:
                assert not shows(octets_of, key)
            for slot, held in one.slots.octets.items():
                if slot >> 1 != KEY:
                    assert not shows(held, key), slot
        # Where it is, and it alone: the record of the key.
        assert any(shows(one.slots.octets[slot], SECOND) for slot in (2 * KEY, 2 * KEY + 1))


def test_errors_hold_no_key():
    from node.keyring import Keyring, KeyringError, provision
    from node.store import Store

    one = owner()
    for key, level in ((SECOND, 7), (SECOND + b"\0", 3), (SECOND[:15], 3)):
        error = raises(KeyringError, provision, one.slots, key, level)
        assert not shows(repr(error).encode(), SECOND) and not shows(str(error).encode(), SECOND)
    ring = Keyring(Store(one.slots.load, one.slots.save))
    one.slots.full = True
    error = raises(OSError, ring.change, SECOND, 1, bytes(8))
    assert not shows(repr(error).encode(), SECOND)
