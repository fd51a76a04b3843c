# SPDX-License-Identifier: MIT
"""Records in two slots each: the newest sound one counts, whatever was cut or spoiled."""

from helpers import raises
from meters import Slots
from node.store import EVENTS, METER, VERSION, Store, StoreError


def opened(slots):
    return Store(slots.load, slots.save)


def test_records_do_not_touch_each_other():
    slots = Slots()
    store = opened(slots)
    for n in range(5):
        store.write(METER, b"meter %d" % n)
        store.write(EVENTS, bytes(700) + bytes((n,)))
        again = opened(slots)
        assert again.read(METER) == b"meter %d" % n
        assert again.read(EVENTS)[-1] == n
    assert sorted(slots.octets) == [2, 3, 4, 5]
    assert opened(slots).read(7) is None


def test_a_record_is_not_taken_for_another():
    slots = Slots()
    opened(slots).write(METER, b"abc")
    slots.octets[4] = slots.octets[2]
    store = opened(slots)
    assert store.read(EVENTS) is None
    assert store.damaged == 1


def test_a_write_after_a_restart_goes_beside_the_newest():
    slots = Slots()
    opened(slots).write(METER, b"first")
    store = opened(slots)
    store.read(METER)
    store.write(METER, b"second")
    assert slots.octets[2] != slots.octets[3]
    assert opened(slots).read(METER) == b"second"
    slots.octets[3] = slots.octets[3][:-1]
    again = opened(slots)
    assert again.read(METER) == b"first"
    assert again.damaged == 0, "one copy is sound"


def test_a_newer_layout_is_refused_in_words():
    slots = Slots()
    opened(slots).write(METER, b"abc")
    octets = bytearray(slots.octets[2])
    octets[2] = VERSION + 1
    slots.octets[2] = sealed(octets)
    words = str(raises(StoreError, opened, slots))
    assert "newer version" in words and "factory reset" in words


def sealed(octets):
    from binascii import crc32
    from struct import pack

    return bytes(octets[:-4]) + pack("<I", crc32(bytes(octets[:-4])))
