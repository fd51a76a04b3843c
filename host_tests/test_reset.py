# SPDX-License-Identifier: MIT
"""The factory reset: who is meant has to be named, and nothing is left."""

from memories import FakeFramBus, Memory
from node import reset
from node.config import Config
from node.mirror import Mirror
from node.saved import Saved
from node.settings import Settings
from node.store import METER, Store, always
from port.fram import Fram
from port.fram import Slots as FramSlots
from slots import Slots

CONFIG = Config({"identification": "11223344", "source": "pulse1"})


class Flash(Slots):
    def forget(self):
        self.octets = {}


def told(slots, digits):
    """A store in which a master has set this number."""
    saved = Saved(Store(slots.load, slots.save))
    settings = Settings(saved)
    settings.set(5, bytes([int(digits[i : i + 2], 16) for i in (6, 4, 2, 0)]), None)
    saved.save(settings, None, always)


def test_another_number_resets_nothing():
    slots = Flash()
    for held in ("11223344", "87654321"):
        before = dict(slots.octets)
        for number in ("", "12345678", "1122334", "FFFFFFFF"):
            done, words = reset.forget(CONFIG, slots, (None, None), number)
            assert not done and held in words
        assert slots.octets == before
        told(slots, "87654321")


def test_all_is_forgotten_in_every_store():
    slots, fram, memory = Flash(), FramSlots(Fram(FakeFramBus())), Memory()
    told(slots, "12345678")
    told(fram, "12345678")
    told(fram, "87654321")
    memory.octets = b"\x01" * 20
    assert not reset.forget(CONFIG, slots, (fram, memory), "12345678")[0], "FRAM is newer"
    done, words = reset.forget(CONFIG, slots, (fram, memory), "87654321")
    assert done and "87654321" in words
    assert not slots.octets
    assert not any(fram.load(slot) for slot in range(82))
    assert not Mirror(memory).restore(None, 0)


def test_what_a_newer_version_wrote_can_be_forgotten_by_the_number_configured():
    slots = Flash()
    Store(slots.load, slots.save).commit(METER, b"abc")
    octets = bytearray(slots.octets[2])
    octets[2] = 99
    from binascii import crc32
    from struct import pack

    slots.octets[2] = bytes(octets[:-4]) + pack("<I", crc32(bytes(octets[:-4])))
    assert reset.forget(CONFIG, slots, (None, None), "11223344")[0]
    assert not slots.octets
