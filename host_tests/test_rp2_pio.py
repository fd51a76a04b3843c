# SPDX-License-Identifier: MIT
"""What the rp2 port does with its PIO while it runs takes nothing from the heap.

Both runtimes; state machines and DMA are stand-ins that are told what to hold.  What the
programs do is shown elsewhere, in an emulator.
"""

import sys

from micropython import heap_lock, heap_unlock
from pioencode import asm_pio


class Machine:
    """Says whatever count it is given, and takes words."""

    def __init__(self, sm_id, program, **settings):
        self.done = 0
        self.word = 0

    def active(self, value):
        pass

    def put(self, word):
        self.word = word

    def rx_fifo(self):
        return self.done

    def get(self):
        self.done = 0


class Dma:
    last = None
    buffer = None

    def __init__(self):
        Dma.last = self

    @property
    def write(self):
        return 0x20001230

    @write.setter
    def write(self, buffer):
        self.buffer = buffer

    def pack_ctrl(self, **fields):
        return 0

    def config(self, read, write, count, ctrl, trigger):
        self.buffer = write
        self.count = count

    def active(self, value):
        self.count = 10

    def close(self):
        pass


class Rp2:
    class PIO:
        OUT_LOW, SHIFT_RIGHT, JOIN_RX = 2, 1, 2

    asm_pio = staticmethod(asm_pio)
    StateMachine = Machine
    DMA = Dma


class Hardware:
    class Pin:
        IN, PULL_UP = 0, 1

        def __init__(self, number, mode=None, pull=None):
            pass


FILES = ("rp2_pulse", "rp2_receive", "rp2_coil")


def forget():
    """Whoever imports the port's files next reads them again."""
    for name in FILES + ("rp2_pio",):
        sys.modules.pop("port." + name, None)
        if hasattr(sys.modules.get("port"), name):
            delattr(sys.modules["port"], name)


def load():
    """The files of the port, with the stand-ins below them, and nothing left behind."""
    kept = {name: sys.modules.get(name) for name in ("rp2", "machine")}
    forget()
    sys.modules["rp2"], sys.modules["machine"] = Rp2, Hardware
    try:
        for name in FILES:
            __import__("port." + name)
        return [sys.modules["port." + name] for name in FILES]
    finally:
        for name in ("rp2", "machine"):
            if kept[name] is None:
                del sys.modules[name]
            else:
                sys.modules[name] = kept[name]
        forget()


def word(octet, parity, stop=1):
    """The upper half of what a receiver pushes."""
    return (octet | parity << 8 | stop << 9) << 6


def without_heap(*calls):
    """What the calls return, one after the other, with the heap locked."""
    found = [None] * len(calls)
    heap_lock()
    try:
        for n in range(len(calls)):  # enumerate() would take from the heap
            found[n] = calls[n]()
    finally:
        heap_unlock()
    return found


def test_a_count_is_read_without_the_heap():
    counter = load()[0].PulseCounter(2, 0)
    dma = Dma.last
    dma.buffer[0] = 123456
    assert without_heap(counter.count) == [123456]
    dma.count = 0
    assert without_heap(counter.count) == [123456]
    assert dma.count == 10


def test_octets_are_received_without_the_heap():
    ((rate, receiver),) = load()[1].Receivers(5, (300,)).feeds
    dma, buf = Dma.last, bytearray(4)
    ring = dma.buffer
    assert rate == 300 and len(ring) == 64
    for at, what in enumerate((word(0x10, 1), word(0x5B, 1), word(0x01, 0), word(0x16, 1))):
        ring[2 * at + 1] = what
    dma.count -= 4
    read = lambda: receiver.readinto(buf, 4)  # noqa: E731
    found = without_heap(*(receiver.any, receiver.errors, read) * 3)
    assert found[:3] == [2, False, 2]
    assert found[3:6] == [1, True, 1]
    assert found[6:] == [0, False, None]
    assert bytes(buf[:2]) == b"\x16\x5b"


def test_a_coil_is_driven_without_the_heap():
    coils = load()[2].CoilPair(21, 20)
    machine = coils._machine
    on, off = (lambda: coils.pulse("on", 200)), (lambda: coils.pulse("off", 200))
    assert without_heap(coils.busy, on, off, coils.busy) == [False, True, False, True]
    assert machine.word == (2000 - 3) * 2 + 1
    machine.done = 1
    assert without_heap(coils.busy, off) == [False, True]
    assert machine.word == (2000 - 3) * 2
