# SPDX-License-Identifier: MIT
"""PIO of the emulated chip: the programs of the port keep their time while the processor sleeps.

host_tests/pioencode.py assembles them; the state machines are set up by their registers, as
MicroPython does it.
"""

import random

from pioboard import Board

from chip.board import Pico
from chip.lines import Peer
from chip.pins import Contact, Relay
from pioencode import asm_pio

BASE = (0x50200000, 0x50300000)
CTRL, TXF, RXF, MEMORY, MACHINE, NEXT = 0x000, 0x010, 0x020, 0x048, 0x0C8, 0x18
CLKDIV, EXECCTRL, SHIFTCTRL, INSTR, PINCTRL = 0x00, 0x04, 0x08, 0x10, 0x14
FSTAT, SET_PINDIRS = 0x004, 0xE080
GPIO_CTRL, PAD = 0x40014004, 0x4001C004
CLOCK_HZ = 125_000_000
INPUT_ENABLED, PULL_UP = 0x40, 0x08
RIGHT = 0x000C0000  # both shift registers
MS = 1000


class Machine:
    """A state machine of a Pico, with a program at the start of its block's memory."""

    def __init__(self, pico, block, number, program, hz, pin=0, side=0, load=True):
        self.chip, self.base = pico.rp2040, BASE[block]
        self.number = number
        for i, opcode in enumerate(program.opcodes if load else ()):
            self.put(MEMORY + 4 * i, opcode)
        divider = round(CLOCK_HZ / hz * 256)
        sides = program.side_count
        wrap = program.wrap_target << 7 | program.wrap << 12
        self.set(CLKDIV, divider << 8)
        self.set(EXECCTRL, wrap | pin << 24)
        self.set(SHIFTCTRL, RIGHT)
        self.set(PINCTRL, pin << 15 | pin << 5 | 1 << 26 | side << 10 | sides << 29)

    def put(self, register, value):
        self.chip.write_uint32(self.base + register, value)

    def get(self, register):
        return self.chip.read_uint32(self.base + register)

    def set(self, register, value):
        self.put(MACHINE + NEXT * self.number + register, value)

    def start(self):
        self.put(CTRL, self.get(CTRL) | 1 << self.number)

    def words(self):
        words = []
        while not self.get(FSTAT) >> 8 + self.number & 1:
            words.append(self.get(RXF + 4 * self.number))
        return words


def sleeping():
    """A chip whose processor sleeps for ever."""
    pico = Pico(b"")
    pico.rp2040.core.waiting = True
    return pico


def as_input(pico, pin):
    pico.rp2040.write_uint32(PAD + 4 * pin, INPUT_ENABLED | PULL_UP)
    return pico.pin(pin)


def as_output(pico, pin, block):
    pico.rp2040.write_uint32(GPIO_CTRL + 8 * pin, 6 + block)
    return pico.pin(pin)


def counter(pico, pin=10):
    program = Board().load("rp2_pulse").count_pulses
    machine = Machine(pico, 0, 0, program, 16_000, pin)
    machine.start()
    return machine


def test_bouncing_pulses_are_counted_exactly():
    pico = sleeping()
    contact = Contact(as_input(pico, 10), pico.scheduler, random.Random(3), 5 * MS)
    machine = counter(pico)
    pico.run_us(10 * MS)
    contact.run(40 * MS, 20 * MS, jitter_us=3 * MS, count=50)
    counts = []
    while pico.now_us < 2100 * MS:
        pico.run_us(30 * MS)
        counts += machine.words()
    assert contact.closed == 50
    assert counts == list(range(1, 51))


def test_the_window_of_the_counter_has_the_length_that_the_program_says():
    for us, counted in ((5700, 0), (6200, 1)):
        pico = sleeping()
        contact = Contact(as_input(pico, 10), pico.scheduler)
        machine = counter(pico)
        pico.run_us(20 * MS)
        contact.run(40 * MS, us, count=1)
        pico.run_us(40 * MS)
        assert len(machine.words()) == counted, us


def test_three_receivers_hear_each_its_own_rate():
    program = Board().load("rp2_receive").receive_8e1
    for rate in (300, 2400, 9600):
        pico = sleeping()
        as_input(pico, 5)
        joined = pico.join(1, 4, 5)
        machines = {
            baud: Machine(pico, 1, n + 1, program, baud * 16, 5, load=not n)
            for n, baud in enumerate((300, 2400, 9600))
        }
        for machine in machines.values():
            machine.start()
        peer = Peer(pico.scheduler, joined.down, joined.up, rate)
        heard = {baud: [] for baud in machines}
        for octet in b"\x10\x7b\xfe\x79\x16":
            peer.send(bytes((octet,)))
            pico.run_us(peer.character_us)
            for baud, machine in machines.items():
                heard[baud] += machine.words()
        sound = {baud: [w >> 22 & 0xFF for w in words] for baud, words in heard.items()}
        assert bytes(sound.pop(rate)) == b"\x10\x7b\xfe\x79\x16", rate
        assert all(bytes(octets) != b"\x10\x7b\xfe\x79\x16" for octets in sound.values())


def test_a_wrong_parity_is_seen_by_a_receiver():
    pico = sleeping()
    as_input(pico, 5)
    joined = pico.join(1, 4, 5)
    machine = Machine(pico, 1, 1, Board().load("rp2_receive").receive_8e1, 2400 * 16, 5)
    machine.start()
    peer = Peer(pico.scheduler, joined.down, joined.up)
    peer.send(b"\x01\x03", wrong_parity=(1,))
    pico.run_us(2 * peer.character_us)
    assert [word >> 30 & 1 for word in machine.words()] == [1, 1]


def test_a_coil_is_on_as_long_as_was_asked_and_never_both():
    pico = sleeping()
    on, off = as_output(pico, 14, 0), as_output(pico, 15, 0)
    relay = Relay(on, off, as_input(pico, 13), pico.scheduler)
    program = Board().load("rp2_coil").pulse_coil
    machine = Machine(pico, 0, 2, program, 10_000, 14, side=15)
    for pin in (14, 15):
        machine.set(PINCTRL, pin << 5 | 1 << 26)
        machine.set(INSTR, SET_PINDIRS | 1)
    machine.set(PINCTRL, 14 << 5 | 1 << 26 | 15 << 10 | 1 << 29)
    machine.start()
    for word, coil in ((100 * 10 - 3 << 1, "off"), (50 * 10 - 3 << 1 | 1, "on")):
        machine.put(TXF + 8, word)
        pico.run_us(150 * MS)
        assert relay.pulses[-1][0] == coil
        assert relay.closed == (coil == "on")
    assert [round(us) for _, _, us in relay.pulses] == [100 * MS, 50 * MS]
    assert not relay.overlaps


def test_time_does_not_drift_from_the_clock():
    pico = sleeping()
    as_output(pico, 3, 0)

    def toggle():
        set(pins, 1)  # noqa: F821
        set(pins, 0)  # noqa: F821

    machine = Machine(pico, 0, 0, asm_pio(set_init=0)(toggle), 2500, 3)
    machine.set(INSTR, SET_PINDIRS | 1)
    pico.pin(3).edges.clear()
    machine.start()
    pico.run_us(1_000 * MS)
    times = [us for us, _ in pico.pin(3).edges]
    assert abs(times[-1] - times[0] - 400 * (len(times) - 1)) < 1
    assert len(times) in (2500, 2501)
