# SPDX-License-Identifier: MIT
"""What outlives a start of a module in powercut.py, and what is compared of it."""

from struct import unpack

import vfs

import blockdevice
from blockdevice import BLOCK, ERASE, FRAM, MEMORY, PROGRAM, BlockDevice
from memories import FakeFramBus, Memory
from meter import state
from meter.ratio import gcd
from node.assembly import assemble
from port.files import Slots
from port.fram import Fram
from port.fram import Slots as FramSlots

BLOCKS = 40

# name: (what littlefs is given, configuration, FRAM, memory that outlives a reset)
_BUS = {"source": "pulse1", "tariff_source": "bus", "dst": "eu", "breaker": "yes"}
LAYOUTS = {
    "rp2": ({"progsize": 256}, _BUS, False, True),
    "esp32": ({"progsize": 32, "mtime": False}, dict(_BUS, ct="yes", ratio="50"), False, True),
    "fram": ({"progsize": 256}, dict(_BUS, prepayment="yes", save_min="1"), True, False),
    "coarse": ({"progsize": 256}, dict(_BUS, save_pulses="1000", save_min="1"), False, False),
}


class Rig:
    """All that outlives a start: flash, FRAM, memory; and the log of what is written to it."""

    def __init__(self, layout, image=None, fram=None, memory=b""):
        self.layout = layout
        self.options, self.given, has_fram, has_memory = LAYOUTS[layout]
        self.device = BlockDevice(BLOCKS, image)
        if image is None:
            vfs.VfsLfs2.mkfs(self.device, progsize=self.options["progsize"])
        self.bus = self.memory = None
        if has_fram:
            self.bus = FakeFramBus()
            self.bus.octets = fram or self.bus.octets
        if has_memory:
            self.memory = Memory()
            self.memory.octets = memory

    def record(self):
        """Keep every write step from now on, in one log."""
        log = self.device.log = []
        if self.bus:
            write = self.bus.writeto_mem

            def noted(address, at, octets, *, addrsize):
                log.append((FRAM, 0, at, bytes(octets)))
                write(address, at, octets, addrsize=addrsize)

            self.bus.writeto_mem = noted
        if self.memory:
            keep = self.memory.write

            def kept(octets):
                log.append((MEMORY, 0, 0, bytes(octets)))
                keep(octets)

            self.memory.write = kept
        return log

    def start(self, config, where="/cut"):
        """Mount, and assemble the module."""
        self.where = where
        vfs.mount(vfs.VfsLfs2(self.device, **self.options), where)
        fram = FramSlots(Fram(self.bus)) if self.bus else None
        slots = Slots(where, in_place=True)
        return assemble(config, slots, 1000, others=(fram, self.memory))

    def stop(self):
        vfs.umount(self.where)

    def restarted(self, config):
        """What a module is that starts from what there is now."""
        fram = self.bus and bytearray(self.bus.octets)
        other = Rig(self.layout, bytearray(self.device.image), fram)
        found = snapshot(other.start(config, "/restarted"))
        other.stop()
        return found


def reduced(octets):
    """Registers and remainders, whatever the common denominator of these is at the moment."""
    fields = unpack("<Q26Q26q", octets)
    common = [gcd(rest, fields[0]) if rest else fields[0] for rest in fields[27:]]
    rests = [(rest // by, fields[0] // by) for rest, by in zip(fields[27:], common)]
    return repr((fields[1:27], rests)).encode()


def snapshot(one):
    """All that a module must have kept, the time of its clock apart."""
    meter = one.meter
    record = state.sections(state.dump(meter))
    del record["c"]
    for letter in ("e", "s"):
        if letter in record:
            record[letter] = reduced(record[letter])
    if "b" in record:
        record["b"] = record["b"][:1]  # what is wanted; where it is may change with a start
    return (
        (one.primary, bytes(one.identification), one.kept_baud),
        record,
        [
            meter.history.closed_as(n)
            for n in range(meter.history.closed - 14, meter.history.closed + 1)
        ],
        meter.history.frozen,
        meter.events.dump(),
    )


def counts(one):
    """Pulses of both inputs."""
    return [one.count for one in one.meter.pulses]


def energies(one):
    """A+ of each tariff, and with a digit more."""
    energy = one.meter.energy
    return [energy.value(0, tariff) for tariff in range(5)], energy.verification(0)


def apply(op, image, fram):
    """A write step as it should be."""
    kind, block, offset, octets = op
    if kind == ERASE:
        blockdevice.erase(image, block * BLOCK)
    elif kind == PROGRAM:
        blockdevice.program(image, block * BLOCK + offset, octets)
    else:
        fram[offset : offset + len(octets)] = octets


NAMES = ("settings", "record", "periods", "frozen", "events")


def difference(found, saves):
    """What is neither old nor new, in words."""
    words = []
    for save in saves:
        for name, one, other in zip(NAMES, found, save[2]):
            if one != other and name == "record":
                one = [(key, one[key]) for key in one if one[key] != other[key]]
                other = [(key, other[key]) for key, _ in one]
            if one != other:
                words.append("%s %.300s instead of %.300s" % (name, one, other))
        words.append("nor")
    return "; ".join(words[:-1])
