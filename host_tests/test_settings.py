# SPDX-License-Identifier: MIT
"""Settings that survive: two slots by turns, a power cut between any two octets of a write."""

from binascii import crc32, unhexlify
from struct import pack

from helpers import raises
from node.saved import Saved
from node.settings import Settings
from node.store import Store, always

ID = b"\x78\x56\x34\x12"


class PowerCutError(Exception):
    pass


class Flash:
    """Two slots; a write is cut after `cut` octets when that is set."""

    def __init__(self):
        self.slots = [None, None]
        self.cut = None
        self.writes = []

    def load(self, slot):
        return self.slots[slot] if slot < 2 else None

    def save(self, slot, octets):
        self.writes.append(slot)
        if self.cut is None:
            self.slots[slot] = bytes(octets)
            return
        # The old octets beyond the cut are what flash has left of them.
        old = self.slots[slot] or b""
        self.slots[slot] = bytes(octets[: self.cut]) + old[self.cut :]
        raise PowerCutError

    def open(self):
        return Kept(Saved(Store(self.load, self.save)))


class Kept(Settings):
    """Settings that are stored at once, alone."""

    def __init__(self, saved):
        super().__init__(saved)
        self.saved = saved

    def store(self, primary, identification, baud):
        self.set(primary, identification, baud)
        self.saved.save(self, None, always)


def held(settings):
    return settings.primary, settings.identification


def number(n):
    return bytes((n & 0xFF, n >> 8, 0, 0))


def test_nothing_stored_is_nothing_held():
    assert held(Flash().open()) == (None, None)


def test_what_was_stored_is_there_after_a_restart():
    store = Flash()
    for n in range(10):
        store.open().store(n, number(n), None)
        assert held(store.open()) == (n, number(n))


def test_a_baud_rate_is_kept_with_them():
    store = Flash()
    assert store.open().baud is None
    store.open().store(5, ID, 9600)
    assert store.open().baud == 9600
    store.open().store(5, ID, None)
    assert store.open().baud is None


def test_what_an_older_version_stored_is_taken_over():
    store = Flash()
    # Sequence 7, address 42, version 1: written by the release before baud rates were kept.
    octets = unhexlify("424D0105070000002A78563412")
    store.slots[0] = octets + pack("<I", crc32(octets))
    settings = store.open()
    assert held(settings) == (42, ID) and settings.baud is None
    settings.store(43, ID, 300)
    assert store.writes == [1], "the old ones stay until the new ones are there"
    assert held(store.open()) == (43, ID) and store.open().baud == 300


def test_slots_are_written_by_turns():
    store = Flash()
    settings = store.open()
    for n in range(6):
        settings.store(n, ID, None)
        assert held(settings) == (n, ID)
    store.open().store(6, ID, None)
    assert store.writes == [0, 1, 0, 1, 0, 1, 0]


def test_a_power_cut_anywhere_leaves_the_old_or_the_new_settings():
    for writes in (1, 2, 3, 4):
        whole = after(writes)
        whole.open().store(99, number(99), None)
        size = len(whole.slots[writes % 2])
        for cut in range(size + 1):
            store = after(writes)
            store.cut = cut
            raises(PowerCutError, store.open().store, 99, number(99), None)
            store.cut = None
            old, new = (writes - 1, number(writes - 1)), (99, number(99))
            assert held(store.open()) == (new if cut == size else old), (writes, cut)
            store.open().store(7, ID, None)
            assert held(store.open()) == (7, ID), (writes, cut)


def after(writes):
    store = Flash()
    for n in range(writes):
        store.open().store(n, number(n), None)
    return store


def test_a_corrupted_slot_is_never_believed():
    for slot in (0, 1):
        octets = after(2).slots[slot]
        for at in range(len(octets)):
            for bit in range(8):
                store = after(2)
                bad = bytearray(octets)
                bad[at] ^= 1 << bit
                store.slots[slot] = bytes(bad)
                other = 1 - slot
                assert held(store.open()) == (other, number(other)), (slot, at, bit)


def test_slots_of_a_wrong_size_are_never_believed():
    octets = after(1).slots[0]
    for bad in (b"", octets[:-1], octets + b"\x00", bytes(len(octets)), b"\xff" * len(octets)):
        store = Flash()
        store.slots = [bad, None]
        assert held(store.open()) == (None, None), bad


def test_the_newest_sound_slot_counts_across_the_wrap_of_the_sequence():
    store = Flash()
    settings = store.open()
    settings.saved.store.generation = 0xFFFFFFFD
    for n in range(6):
        settings.store(n, number(n), None)
        assert held(store.open()) == (n, number(n)), n


def test_a_write_that_failed_is_tried_in_the_same_slot_again():
    store = after(2)
    settings = store.open()
    store.cut = 3
    raises(PowerCutError, settings.store, 9, ID, None)
    assert held(store.open()) == (1, number(1))
    store.cut = None
    settings.store(9, ID, None)
    assert store.writes[-2:] == [0, 0]
    assert held(store.open()) == (9, ID)
