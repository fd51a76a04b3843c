# SPDX-License-Identifier: MIT
"""How many sectors littlefs erases for a save of the module (MicroPython only).

MICROPYPATH=firmware:host_tests:.frozen micropython -X heapsize=64m host_tests/flashwear.py
"""

import vfs

from blockdevice import BlockDevice
from node.assembly import assemble
from node.config import Config
from port.files import Slots

WHERE = "/wear"
BLOCKS = 352  # of an RP2040 with 2 MB
GIVEN = {"source": "pulse1", "tariff_source": "bus"}
CT = dict(GIVEN, ct="yes", ratio="50")
LAYOUTS = (("rp2", 256, GIVEN), ("rp2, CT", 256, CT), ("esp32", 32, GIVEN), ("esp32, CT", 32, CT))
PERIODS = 16
CLOCK, STOP, SPECIAL, ADDRESS = "046D00002F3B", "00FFC00B", "0CFD67%06d34", "017A%02X"


class Bench:
    """A module over a fresh file system, with all its periods."""

    def __init__(self, progsize, given):
        self.device = BlockDevice(BLOCKS)
        vfs.VfsLfs2.mkfs(self.device, progsize=progsize)
        vfs.mount(vfs.VfsLfs2(self.device, progsize=progsize), WHERE)
        self.slots = Slots(WHERE, in_place=True)
        self.module = assemble(Config(given), self.slots, 0)
        self.now = self.n = 0
        self.send(CLOCK)
        for _ in range(PERIODS):
            self.stop()

    def seconds(self, n, pulses=25):
        for _ in range(n):
            self.now += 1000
            self.module.meter.pulse(0, pulses, self.now)
            self.module.tick(self.now)
            self.persist()

    def persist(self):
        if self.module.due(self.now):
            self.module.persist(self.now)

    def send(self, records):
        octets = bytes.fromhex(records)
        assert not self.module.command(0x51, octets, 0, len(octets), self.now), records
        self.persist()

    def count(self):
        self.seconds(4)

    def stop(self):
        self.seconds(61, 1)
        self.send(STOP)

    def special(self):
        self.n += 1
        self.send(SPECIAL % self.n)

    def address(self):
        self.n += 1
        self.send(ADDRESS % (self.n % 250))

    def measure(self, step, times):
        """(erases, programs, most erases of one) of a step that saves once."""
        device = self.device
        erases, programs, most = device.erases, device.programs, 0
        for _ in range(times):
            before = device.erases
            step()
            most = max(most, device.erases - before)
        return (device.erases - erases) / times, (device.programs - programs) / times, most


def main():
    for name, progsize, given in LAYOUTS:
        bench = Bench(progsize, given)
        sizes = [len(bench.slots.load(slot) or b"") for slot in range(82)]
        print("%s: meter %d octets, others at most %d" % (name, max(sizes[2:4]), max(sizes[4:])))
        for words, step, times in (
            ("100 pulses", bench.count, 1000),
            ("special data", bench.special, 300),
            ("address", bench.address, 300),
            ("debiting stop", bench.stop, 100),
        ):
            result = bench.measure(step, times)
            print("  %-14s %.2f erases, %.1f programs, at most %d erases" % ((words,) + result))
        vfs.umount(WHERE)


if __name__ == "__main__":
    main()
