# SPDX-License-Identifier: MIT
"""The module rp2: state machines whose programs are played by models (piomodels).

No instruction of a program is executed here: that they do what they should is shown in an
emulator of PIO.  Chip.pio_models says which model plays which program, by the name of its
function, or by tuple(program[0]) where it was assembled beforehand.  What exec() is given is
executed, for it reads the registers.
"""

from .clock import Misuse

_DEPTH = 4
_X, _Y, _NULL, _ISR, _OSR = 1, 2, 3, 6, 7


class Program:
    """What asm_pio makes of a function."""

    def __init__(self, function, options):
        self.function = function
        self.name = function.__name__
        self.options = options


def asm_pio(
    *, out_init=None, set_init=None, sideset_init=None, side_pindir=False, in_shiftdir=0,
    out_shiftdir=0, autopush=False, autopull=False, push_thresh=32, pull_thresh=32, fifo_join=0
):  # fmt: skip
    """The decorator; only how the FIFOs are joined matters to models."""
    return lambda function: Program(function, {"fifo_join": fifo_join})


class PIOBase:
    JOIN_NONE, JOIN_TX, JOIN_RX = 0, 1, 2
    SHIFT_LEFT, SHIFT_RIGHT = 0, 1
    IN_LOW, IN_HIGH, OUT_LOW, OUT_HIGH = 0, 1, 2, 3
    IRQ_SM0, IRQ_SM1, IRQ_SM2, IRQ_SM3 = 256, 512, 1024, 2048

    _chip = None

    def __init__(self, id):
        if id not in (0, 1):
            raise ValueError("PIO(%s) doesn't exist" % id)

    def add_program(self, program):
        self._chip.core.spend()

    def remove_program(self, program=None):
        self._chip.core.spend()


class StateMachineBase:
    """rp2.StateMachine; registers holds what is not the model's own."""

    _chip = None

    def __init__(  # noqa: PLR0913
        self, id, program=None, *, freq=-1, in_base=None, out_base=None, set_base=None,
        jmp_pin=None, sideset_base=None, in_shiftdir=None, out_shiftdir=None, push_thresh=None,
        pull_thresh=None
    ):  # fmt: skip
        if not 0 <= id < 8:
            raise ValueError("invalid state machine")
        chip = self._chip
        self.model = None
        if chip.machines[id]:
            chip.machines[id].close()
        chip.machines[id] = self
        self.dma = self.side = None
        self.rx, self.registers = [], {_X: 0, _Y: 0, _ISR: 0, _OSR: 0}
        if program is not None:
            self.init(program, freq=freq, in_base=in_base, set_base=set_base, jmp_pin=jmp_pin,
                      out_base=out_base, sideset_base=sideset_base)  # fmt: skip

    def init(
        self, program, *, freq=-1, in_base=None, out_base=None, set_base=None, jmp_pin=None,
        sideset_base=None, in_shiftdir=None, out_shiftdir=None, push_thresh=None,
        pull_thresh=None
    ):  # fmt: skip
        chip = self._chip
        self.close()
        if freq != -1 and not 125000000 // 65536 <= freq <= 125000000:
            raise ValueError("freq out of range")
        named = isinstance(program, Program)
        key = program.name if named else tuple(program[0])
        if key not in chip.pio_models:
            raise Misuse("no model plays the PIO program %s" % (key,))
        self.depth = 8 if named and program.options["fifo_join"] == 2 else _DEPTH
        self.rx.clear()
        self.freq = 125000000 if freq == -1 else freq
        pads = [p and p._pad for p in (in_base, jmp_pin, set_base or out_base or sideset_base)]
        self.side = sideset_base and sideset_base._pad
        self.model = chip.pio_models[key](self, pads[1] or pads[0], pads[2])
        chip.core.spend(50)

    def close(self):
        if self.model:
            self.model.stop()
        self.model = None

    def active(self, value=None):
        if value is not None:
            self.model.start() if value else self.model.stop()
        return self.model.running

    def restart(self):
        self.model.restart()

    def push(self, word):
        """From the model: False when the FIFO is full."""
        if self.dma:
            return self.dma.take(word & 0xFFFFFFFF)
        if len(self.rx) < self.depth:
            self.rx.append(word & 0xFFFFFFFF)
            return True
        return False

    def rx_fifo(self):
        self._chip.core.spend()
        return len(self.rx)

    def tx_fifo(self):
        return 0

    def get(self, buf=None, shift=0):
        chip = self._chip
        chip.core.spend()
        while not self.rx:
            at = chip.clock.next_at()
            if at is None:
                raise Misuse("StateMachine.get() waits for ever")
            chip.core.sleep(at - chip.clock.now)
        word = self.rx.pop(0) >> shift
        if buf is None:
            return word
        buf[0] = word
        return buf

    def put(self, value, shift=0):
        self._chip.core.spend()
        core = self._chip.core
        n = core.open_heap()
        self.model.put(value << shift & 0xFFFFFFFF)
        core.close_heap(n)

    def irq(self, handler=None, trigger=1, hard=False):
        raise Misuse("no model interrupts")

    def exec(self, instr):
        """MOV, SET, PUSH and JMP; as text it takes 7.6 ms, and is refused."""
        if not isinstance(instr, int):
            raise Misuse("StateMachine.exec() of text takes 7.6 ms")
        self._chip.core.spend(70)
        kind, dest, source = instr >> 13, instr >> 5 & 7, instr & 7
        if kind == 5 and source in (_X, _Y, _NULL, _ISR, _OSR):
            value = 0 if source == _NULL else self._read(source)
            if instr >> 3 & 3 == 1:
                value = ~value & 0xFFFFFFFF
            self._write(dest, value)
        elif kind == 7 and dest in (_X, _Y):
            self._write(dest, instr & 31)
        elif kind == 4 and not instr & 0x80:
            self.push(self.registers[_ISR])
            self.registers[_ISR] = 0
        elif kind == 0:
            self.model.restart()
        else:
            raise Misuse("exec(0x%04x) is not modelled" % instr)

    def _read(self, register):
        return self.model.x if register == _X else self.registers[register]

    def _write(self, register, value):
        if register == _X:
            self.model.x = value
        else:
            self.registers[register] = value
