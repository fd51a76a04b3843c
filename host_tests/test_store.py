# SPDX-License-Identifier: MIT
"""Records in two slots each: the newest sound one counts, whatever was cut or spoiled."""

from binascii import crc32
from struct import pack

from helpers import raises
from node import zeros
from node.store import EVENTS, FROZEN, LOG, METER, SETTINGS, VERSION, Store, StoreError
from slots import Slots


def opened(slots):
    return Store(slots.load, slots.save)


def test_records_do_not_touch_each_other():
    slots = Slots()
    store = opened(slots)
    for n in range(5):
        store.commit(METER, b"meter %d" % n)
        store.write(EVENTS, bytes(700) + bytes((n,)))
        again = opened(slots)
        assert again.read(METER) == b"meter %d" % n
        assert again.read(EVENTS)[-1] == n
    assert sorted(slots.octets) == [2, 3, 4, 5]
    assert opened(slots).read(7) is None


def test_a_record_is_not_taken_for_another():
    slots = Slots()
    opened(slots).commit(METER, b"abc")
    slots.octets[4] = slots.octets[2]
    store = opened(slots)
    assert store.read(EVENTS) is None
    assert store.damaged == 1


def test_a_write_after_a_restart_goes_beside_the_newest():
    slots = Slots()
    opened(slots).commit(METER, b"first")
    store = opened(slots)
    store.read(METER)
    store.commit(METER, b"second")
    assert slots.octets[2] != slots.octets[3]
    assert opened(slots).read(METER) == b"second"
    slots.octets[3] = slots.octets[3][:-1]
    again = opened(slots)
    assert again.read(METER) == b"first"
    assert again.damaged == 0, "one copy is sound"


def test_a_newer_layout_is_refused_in_words():
    slots = Slots()
    opened(slots).commit(METER, b"abc")
    octets = bytearray(slots.octets[2])
    octets[2] = VERSION + 1
    slots.octets[2] = sealed(octets)
    words = str(raises(StoreError, opened, slots))
    assert "newer version" in words and "factory reset" in words


def sealed(octets):
    return bytes(octets[:-4]) + pack("<I", crc32(bytes(octets[:-4])))


def test_what_is_staged_counts_with_the_commit_and_not_before():
    slots = Slots()
    store = opened(slots)
    store.stage(LOG, b"one")
    assert opened(slots).read(LOG) is None
    store.commit(METER, b"meter")
    assert opened(slots).read(LOG) == b"one"
    store.stage(LOG, b"two")
    store.stage(SETTINGS, b"new")
    again = opened(slots)
    assert again.read(LOG) == b"one" and again.read(SETTINGS) is None
    store.commit(METER, b"meter 2")
    again = opened(slots)
    assert again.read(LOG) == b"two" and again.read(SETTINGS) == b"new"
    assert not again.damaged


def test_what_a_cut_left_never_counts_later():
    slots = Slots()
    store = opened(slots)
    store.stage(LOG, b"one")
    store.commit(METER, b"meter")
    store.stage(LOG, b"cut off")
    store = opened(slots)
    assert store.read(LOG) == b"one"
    store.commit(METER, b"meter 2")
    assert opened(slots).read(LOG) == b"one"


def test_after_a_write_that_failed_all_is_staged_again():
    slots = Slots()
    store = opened(slots)
    store.stage(LOG, b"one")
    store.stage(FROZEN, b"frozen")
    slots.full = True
    raises(OSError, store.commit, METER, b"meter")
    slots.full = False
    store.stage(LOG, b"two")
    store.commit(METER, b"meter")
    again = opened(slots)
    assert again.read(LOG) == b"two"
    assert again.read(FROZEN) is None, "not staged again, so it is not wanted any more"


def test_what_is_written_alone_counts_alone():
    slots = Slots()
    store = opened(slots)
    for n in range(5):
        store.write(4, b"%d" % n)
        assert opened(slots).read(4) == b"%d" % n
    store.stage(LOG, b"staged")
    store.write(4, b"alone")
    again = opened(slots)
    assert again.read(4) == b"alone" and again.read(LOG) is None
    assert not again.generation


def test_an_empty_file_is_none_and_not_damage():
    slots = Slots()
    opened(slots).commit(METER, b"meter")
    slots.octets[3] = b""
    store = opened(slots)
    assert store.read(METER) == b"meter"
    slots.octets = {2: b"", 3: b""}
    store = opened(slots)
    assert store.read(METER) is None and not store.damaged


def test_where_no_commit_is_sound_the_rest_still_counts():
    slots = Slots()
    store = opened(slots)
    for n in range(2):
        store.stage(SETTINGS, b"settings %d" % n)
        store.stage(LOG, b"log %d" % n)
        store.commit(METER, b"meter %d" % n)
    slots.octets[2] = slots.octets[3] = b"\xff" * 40
    store = opened(slots)
    assert store.read(METER) is None and store.damaged == 1
    assert store.read(SETTINGS) == b"settings 1" and store.read(LOG) == b"log 1"
    store.commit(METER, b"anew")
    again = opened(slots)
    assert again.read(METER) == b"anew" and again.read(LOG) == b"log 1"


def test_a_spoiled_commit_takes_back_all_that_came_with_it():
    slots = Slots()
    store = opened(slots)
    for n in range(3):
        store.stage(LOG, b"log %d" % n)
        store.commit(METER, b"meter %d" % n)
    slots.octets[2] = slots.octets[2][:-1] + b"\x00"  # the third
    store = opened(slots)
    assert store.read(METER) == b"meter 1" and store.read(LOG) == b"log 1"
    assert not store.damaged


def test_layout_3_is_read_and_written_anew_beside():
    slots = Slots()
    for sequence, octets in ((7, b"older"), (8, b"newer")):
        slots.octets[2 + sequence % 2] = layout_3(METER, sequence, octets)
    slots.octets[0] = layout_3(SETTINGS, 90, b"settings")
    store = opened(slots)
    assert store.read(METER) == b"newer" and store.read(SETTINGS) == b"settings"
    assert not store.generation
    store.stage(SETTINGS, b"new settings")
    assert opened(slots).read(SETTINGS) == b"settings"
    store.commit(METER, b"now")
    assert slots.octets[2] == layout_3(METER, 8, b"newer")
    again = opened(slots)
    assert again.read(METER) == b"now" and again.read(SETTINGS) == b"new settings"


def layout_3(record, sequence, octets):
    head = pack("<HBBIH", 0x4D42, 3, record, sequence, len(octets)) + octets
    return head + pack("<I", crc32(head))


def test_octets_without_their_zeros_come_back():
    for octets in (
        b"",
        b"a",
        b"\x00",
        b"\x00" * 2,
        b"\x00" * 700,
        b"a\x00b",
        b"a\x00\x00b",
        bytes(range(256)),
        b"\x00a" * 200,
        b"abc" * 100 + bytes(129) + b"d" + bytes(128),
        b"a\x00",
        b"a" * 128 + b"\x00" + b"b",
    ):
        packed = zeros.pack(octets)
        assert zeros.unpack(packed) == octets, octets
        assert len(packed) <= len(octets) + len(octets) // 128 + 1
    assert len(zeros.pack(bytes(700))) == 6
    raises(ValueError, zeros.unpack, b"\x02ab")
