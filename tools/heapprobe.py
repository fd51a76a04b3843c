# SPDX-License-Identifier: MIT
"""What size.py runs on MicroPython: the heap that files take, and telegrams decoded in it.

    micropython -X heapsize=128k heapprobe.py import FILE...
    micropython -X heapsize=128k heapprobe.py decode|watch < TELEGRAMS
    micropython -X heapsize=384k heapprobe.py exchange MODE

`import` prints the octets of heap that the files named take once they are imported.  `decode`
imports the decoder and decodes the telegrams on standard input (hexadecimal, one a line),
with the texts of every record; it prints how many there were, their records and their
errors.  `watch` collects garbage at every record, too, and adds the least heap that was free.
`exchange` prints the octets of heap that a module takes from the request's first octet to the
reply's last: for a read-out of mode 0, 5 or 7 that was made ahead, and for a command of that mode.
"""

import gc
import sys

# As main.py does, so that figures do not depend on where compiling left its garbage.
gc.threshold(4096)


def used_by(names):
    """The octets of heap that stay taken after these imports."""
    gc.collect()
    before = gc.mem_alloc()
    for name in names:
        __import__(name)
    gc.collect()
    return gc.mem_alloc() - before


def decode(lines, watch):
    """(telegrams, records, errors, least octets of heap that were free)."""
    from binascii import unhexlify

    from mbus import names, whole
    from mbus.decode import Telegram
    from mbus.value import decimal

    telegrams = records = errors = 0
    least = None
    for line in lines:
        found = whole.parse(unhexlify(line.strip()))
        telegram = Telegram(found.data, 0, len(found.data), found.ci)
        telegrams += 1
        for record in telegram.records():
            meaning, value = record.meaning, record.value
            if type(value) is tuple:
                value = decimal(*value)
            name = "%s, %s" % (meaning.quantity, names.FUNCTIONS[meaning.function])
            row = (name, str(value), meaning.unit, record.error)
            records += len(row) // 4
            if watch:
                gc.collect()
                free = gc.mem_free()
                least = free if least is None or free < least else least
        errors += len(telegram.errors)
    return telegrams, records, errors, least


class Slots:
    """Storage in RAM."""

    def __init__(self):
        self._octets = {}

    def load(self, slot):
        return self._octets.get(slot)

    def save(self, slot, octets):
        self._octets[slot] = bytes(octets)


class Station:
    """A meter with a key behind its station, and its partner; mode 0, 5 or 7."""

    KEY = bytes(range(16))

    def __init__(self, mode):
        from mbus.frame import FrameParser
        from mbus.slave import Slave
        from node.assembly import assemble
        from node.config import Config
        from node.keyring import provision

        slots = Slots()
        if mode:
            provision(slots, self.KEY, {5: 2, 7: 3}[mode])
        self.mode = mode
        self.now = 1000
        self.module = assemble(Config({"primary": "5", "source": "load_profile"}), slots, self.now)
        self.slave = Slave(self.module)
        self.parser = FrameParser()
        self.counter = 0

    def command(self):
        """The frame that sets special data 1."""
        from mbus.frame import DATA, seal
        from mbus.secured import Envelope
        from mbus.security import Key

        records = b"\x0c\xfd\x67\x78\x56\x34\x12"
        buf = memoryview(bytearray(261))
        if not self.mode:
            buf[DATA : DATA + len(records)] = records
            return bytes(buf[: seal(buf, 0x53, 5, 0x51, len(records))])
        self.counter += 1
        envelope, number = Envelope(), self.module.identification
        at = envelope.begin(buf, DATA - 1, 0x5B, self.mode, number, 1, 0, self.counter)
        buf[at : at + len(records)] = records
        end = envelope.seal(Key(self.KEY), at + len(records))
        return bytes(buf[: seal(buf, 0x53, 5, buf[DATA - 1], end - DATA)])

    def taken(self, frame):
        """The octets of heap that one exchange takes, in a quiet moment."""
        for _ in range(400):
            self.now += 20
            self.module.tick(self.now)
        if self.module.due(self.now):
            self.module.persist(self.now)
        gc.collect()
        gc.disable()
        before = gc.mem_alloc()
        for octet in frame:
            if self.parser.push(octet):
                n = self.slave.handle(self.parser, self.now)
                self.slave.sent(self.now)
        after = gc.mem_alloc()
        gc.enable()
        if not n or self.module.error:
            raise ValueError("no answer, or an error")
        return after - before


def exchange(mode):
    """(octets of a read-out, octets of a command), when all has been there before."""
    station = Station(mode)
    worst = [0, 0]
    for n in range(12):
        request = b"\x10\x7b\x05\x80\x16" if n & 1 else b"\x10\x5b\x05\x60\x16"
        for i, frame in enumerate((request, station.command())):
            taken = station.taken(frame)
            if n > 3:
                worst[i] = max(worst[i], taken)
    return worst


if sys.argv[1] == "import":
    print(used_by(sys.argv[2:]))
elif sys.argv[1] == "exchange":
    print(*exchange(int(sys.argv[2])))
else:
    print(*decode(sys.stdin, sys.argv[1] == "watch"))
