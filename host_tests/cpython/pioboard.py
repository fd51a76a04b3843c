# SPDX-License-Identifier: MIT
"""A chip's PIO and DMA as the rp2 port sees them, its programs run by rp2040-pio-emulator.

Board().load("rp2_pulse") is that file of the port, on this board.  Pins are Lines whose levels
are set beforehand; run(seconds) lets time pass, and only there state machines take a step.
"""

import ctypes
import importlib
import sys
from bisect import bisect_right
from errno import EBUSY, ENOMEM
from functools import partial
from types import ModuleType, SimpleNamespace

import pioemu

from pioencode import asm_pio

MEMORY = 32  # instructions of a block
FOREVER = float("inf")
_WAIT, _FIFO = 1, 4  # kinds of instructions that may stand still
_JOIN_RX = 2


class Line:
    """The level of an input over time; set in the order of time."""

    def __init__(self, level=1):
        self._times, self._levels = [-FOREVER], [level]

    def to(self, level, at):
        if level != self._levels[-1]:
            assert at >= self._times[-1]
            self._times.append(at)
            self._levels.append(level)

    def level(self, at):
        return self._levels[bisect_right(self._times, at) - 1]

    def next_change(self, at):
        after = bisect_right(self._times, at)
        return self._times[after] if after < len(self._times) else FOREVER


class Board:
    """One chip: two blocks of four state machines, and what they share."""

    def __init__(self, clock_hz=125_000_000, blocks=2, channels=12):
        self.clock_hz, self.blocks, self.channels = clock_hz, blocks, channels
        self.now = 0.0
        self.lines = {}
        self.machines = {}
        self.memory = {block: {} for block in range(blocks)}  # of each: {program: its size}
        self.taken = {}  # state machines that somebody else has, by number
        self.dmas = []

    def load(self, name):
        """That file of the port, and what of it it imports, on this board."""
        rp2, machine = ModuleType("rp2"), ModuleType("machine")
        rp2.asm_pio = asm_pio
        rp2.PIO = SimpleNamespace(OUT_LOW=2, SHIFT_RIGHT=1, JOIN_RX=_JOIN_RX)
        rp2.StateMachine = partial(StateMachine, self)
        rp2.DMA = partial(Dma, self)
        machine.Pin = Pin
        forget_port()
        sys.modules.update(rp2=rp2, machine=machine)
        try:
            return importlib.import_module("port." + name)
        finally:
            del sys.modules["rp2"], sys.modules["machine"]
            forget_port()

    def line(self, pin):
        return self.lines.setdefault(pin, Line())

    def run(self, seconds):
        """Let so much time pass for every state machine."""
        self.now += seconds
        for machine in self.machines.values():
            machine.run(self.now)

    def fits(self, block, program):
        """Whether the program has a place in the block's memory, or gets one."""
        memory = self.memory[block]
        if program not in memory:
            if sum(memory.values()) + len(program.opcodes) > MEMORY:
                return False
            memory[program] = len(program.opcodes)
        return True


def forget_port():
    """Whoever imports the port's files next reads them again."""
    port = sys.modules.get("port")  # not always the same: a fake chip loads its own
    for name in ("rp2_pio", "rp2_pulse", "rp2_receive", "rp2_coil"):
        sys.modules.pop("port." + name, None)
        if hasattr(port, name):
            delattr(port, name)


class Pin:
    IN, PULL_UP = 0, 1

    def __init__(self, number, mode=None, pull=None):
        self.number, self.mode, self.pull = number, mode, pull


class StateMachine:
    """rp2.StateMachine; its input, where it has one, is one pin."""

    def __init__(self, board, sm_id, program, *, freq, **pins):
        block = sm_id // 4
        if not 0 <= block < board.blocks:
            raise ValueError("invalid StateMachine")
        if sm_id in board.taken:
            raise ValueError("StateMachine claimed by external resource")
        if not board.fits(block, program):
            raise OSError(ENOMEM)
        divider = round(board.clock_hz * 256 / freq)
        if not 256 <= divider < 65536 * 256:
            raise ValueError("freq out of range")
        self.hz = board.clock_hz * 256 / divider
        self.board, self.id, self.program = board, sm_id, program
        self.pins = {name: pin.number for name, pin in pins.items()}
        self.depth = 8 if program.options.get("fifo_join") == _JOIN_RX else 4
        self.dma = None
        self.changes = [(0.0, 0)]  # of the outputs: time, all of them
        self._state = None
        board.machines[sm_id] = self

    def active(self, value):
        assert value == 1 and self._state is None
        self._began = self.board.now
        self._line = self.board.line(self.pins["jmp_pin"]) if "jmp_pin" in self.pins else None
        assert self.pins.get("in_base") == self.pins.get("jmp_pin")
        self._start()

    def _start(self, **state):
        pins, program = self.pins, self.program
        outputs = [pins[name] for name in ("set_base", "sideset_base") if name in pins]
        self._state = pioemu.State(pin_directions=sum(1 << pin for pin in outputs), **state)
        source = None
        if self._line:

            def source(clock: int) -> int:
                return self._line.level(self.time(clock))

        self._run = pioemu.emulate(
            program.opcodes,
            stop_when=lambda *_: False,
            initial_state=self._state,
            input_source=source,
            shift_isr_right=bool(program.options.get("in_shiftdir")),
            shift_osr_right=bool(program.options.get("out_shiftdir")),
            set_base=pins.get("set_base", 0),
            set_count=1,
            side_set_base=pins.get("sideset_base", 0),
            side_set_count=program.side_count,
            jmp_pin=0,
            wrap_target=program.wrap_target,
            wrap_top=program.wrap,
        )

    def restart(self):
        """As rp2.StateMachine.restart(): to the first instruction, registers as they are."""
        old = self._state
        self._start(
            clock=old.clock,
            pin_values=old.pin_values,
            transmit_fifo=old.transmit_fifo,
            receive_fifo=old.receive_fifo,
            x_register=old.x_register,
            y_register=old.y_register,
        )

    def time(self, clock):
        return self._began + clock / self.hz

    def run(self, until):
        while self._state is not None and self.time(self._state.clock) < until:
            before, self._state = next(self._run)
            if self._state.pin_values != before.pin_values and not self._line:
                self.changes.append((self.time(before.clock), self._state.pin_values))
            if self.dma:
                self.dma.drain()
            if self._state.program_counter == before.program_counter:
                self._skip(until)

    def _skip(self, until):
        """Nothing happens to a machine that stands still before its input changes."""
        kind = self.program.opcodes[self._state.program_counter] >> 13
        if kind not in (_WAIT, _FIFO):
            return
        now = self.time(self._state.clock)
        change = self._line.next_change(now - 1 / self.hz) if self._line else FOREVER
        cycles = int((min(change, until) - self._began) * self.hz)
        self.set(clock=max(self._state.clock, cycles))

    def set(self, **values):
        """Change the state that the emulator goes on from."""
        for name, value in values.items():
            object.__setattr__(self._state, name, value)

    @property
    def state(self):
        return self._state

    def put(self, word):
        assert len(self._state.transmit_fifo) < 4
        self._state.transmit_fifo.append(word)

    def rx_fifo(self):
        return len(self._state.receive_fifo)

    def get(self):
        return self._state.receive_fifo.popleft()


class Dma:
    """rp2.DMA, as far as it brings the words of a state machine into memory."""

    def __init__(self, board):
        if len(board.dmas) >= board.channels:
            raise OSError(EBUSY)
        self._board = board
        self.count = 0
        self._reload = 0
        self._buffer = None
        self._written = 0
        board.dmas.append(self)

    def close(self):
        self._board.dmas.remove(self)

    @property
    def write(self):
        return ctypes.addressof(ctypes.c_char.from_buffer(self._buffer))

    @write.setter
    def write(self, buffer):
        self._buffer = buffer

    def pack_ctrl(self, **fields):
        return fields

    def config(self, *, read, write, count, ctrl, trigger):
        assert trigger and ctrl["size"] == 2 and not ctrl["inc_read"] and ctrl["ring_sel"]
        assert ctrl["treq_sel"] == read.id // 4 * 8 + 4 + read.id % 4
        self.write = write
        self._words = memoryview(write).cast("B").cast("I")
        if ctrl["inc_write"]:
            ring = 1 << ctrl["ring_size"]
            assert self.write % ring == 0 and ring == memoryview(write).nbytes
        else:
            assert len(self._words) == 1
        self._reload = count
        self.count = count
        self._read = read
        read.dma = self

    def active(self, value):
        assert value == 1 and not self.count
        self.count = self._reload
        self.drain()

    def drain(self):
        fifo = self._read.state.receive_fifo
        while fifo and self.count:
            self._words[self._written % len(self._words)] = fifo.popleft()
            self._written += 1
            self.count -= 1


def pulses_of(changes, pin):
    """(began, how long) of each time the pin was high, of a machine's changes."""
    found, since = [], None
    for at, pins in changes:
        if pins >> pin & 1 and since is None:
            since = at
        elif not pins >> pin & 1 and since is not None:
            found.append((since, at - since))
            since = None
    assert since is None
    return found
