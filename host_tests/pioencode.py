# SPDX-License-Identifier: MIT
"""An assembler for PIO programs in MicroPython's form, for both runtimes.

A program is a function that calls instructions by name, none of which Python knows: it runs
with these names in place of the globals of its file, as on a chip, so it can use nothing
else.  asm_pio() stands for rp2.asm_pio(); assemble() takes a program as the function it is.
"""

_SHIFT = 8  # of delay and side-set, five bits together
_FREE = 5

# Numbers that the instructions know what to do with.
_SOURCES = {"pins": 0, "x": 1, "y": 2, "null": 3, "status": 5, "isr": 6, "osr": 7}
_WHERE = {"pins": 0, "x": 1, "y": 2, "null": 3, "pindirs": 4, "pc": 5, "isr": 6, "osr": 7}
_MOVED = {"pins": 0, "x": 1, "y": 2, "exec": 4, "pc": 5, "isr": 6, "osr": 7}
_SET = {"pins": 0, "x": 1, "y": 2, "pindirs": 4}
_CONDITIONS = ("not_x", "x_dec", "not_y", "y_dec", "x_not_y", "pin", "not_osre")
_WAITED = {"gpio": 0, "pin": 1}
_NAMES = "gpio pin pins x y null pindirs pc status isr osr exec noblock block iffull ifempty clear"


class AssemblyError(Exception):
    """What a program says cannot be said on a PIO."""


class Instruction:
    """One line of a program; a delay in brackets and .side() may follow it."""

    def __init__(self, opcode, target=None):
        self.opcode = opcode
        self.target = target  # a label, of a jump
        self.cycles = 0
        self.sides = None

    def __getitem__(self, cycles):
        self.cycles = cycles
        return self

    delay = __getitem__

    def side(self, value):
        self.sides = value
        return self


class Program:
    """What asm_pio() makes of a function: opcodes, and what a state machine is told of them."""

    def __init__(self, function, options):
        self.name = function.__name__
        self.options = options
        sides = options.get("sideset_init")
        self.side_count = 0 if sides is None else len(sides) if _is_row(sides) else 1
        lines = _Lines()
        _call(function, lines.names())
        self.opcodes, self.side_optional = lines.opcodes(self.side_count)
        self.wrap_target = lines.begin
        self.wrap = len(self.opcodes) - 1 if lines.end is None else lines.end


def _is_row(value):
    return isinstance(value, (tuple, list))


def asm_pio(**options):
    """As rp2.asm_pio(): a decorator that makes a Program."""
    return lambda function: Program(function, options)


def assemble(program, side_count=0):
    """(opcodes, wrap target, wrap) of a function or of what asm_pio() made of it."""
    if not isinstance(program, Program):
        program = Program(program, {"sideset_init": (0,) * side_count if side_count else None})
    return program.opcodes, program.wrap_target, program.wrap


def _call(function, names):
    there = function.__globals__
    kept = dict(there)
    there.clear()
    there.update(names)
    try:
        function()
    finally:
        there.clear()
        there.update(kept)


class _Lines:
    """What a program has said so far, and the words it can say it with."""

    def __init__(self):
        self._lines = []
        self._labels = {}
        self.begin = 0
        self.end = None

    def names(self):
        found = {name: name for name in _NAMES.split() + list(_CONDITIONS)}
        for (
            name
        ) in "wrap_target wrap label word nop jmp wait in_ out push pull mov irq set".split():
            found[name] = getattr(self, name)
        found["invert"] = lambda source: ("invert", source)
        found["reverse"] = lambda source: ("reverse", source)
        found["rel"] = lambda index: ("rel", index)
        return found

    def opcodes(self, side_count):
        """The words, and whether side-set is optional: whether not each line has one."""
        lines = self._lines
        if not 0 < len(lines) <= 32:
            raise AssemblyError("%d instructions" % len(lines))
        said = sum(line.sides is not None for line in lines)
        if said and not side_count:
            raise AssemblyError("no side-set pins")
        optional = side_count > 0 and said != len(lines)
        return [self._word(line, side_count, optional) for line in lines], optional

    def _word(self, line, side_count, optional):
        opcode = line.opcode
        if line.target is not None:
            if line.target not in self._labels:
                raise AssemblyError("no label " + line.target)
            opcode |= self._labels[line.target]
        free = _FREE - side_count - optional
        if not 0 <= line.cycles < 1 << free:
            raise AssemblyError("a delay of %d" % line.cycles)
        extra = line.cycles
        if line.sides is not None:
            if not 0 <= line.sides < 1 << side_count:
                raise AssemblyError("side-set %d" % line.sides)
            extra |= line.sides << free
            if optional:
                extra |= 1 << _FREE - 1
        return opcode | extra << _SHIFT

    def _add(self, opcode, target=None):
        line = Instruction(opcode, target)
        self._lines.append(line)
        return line

    def wrap_target(self):
        self.begin = len(self._lines)

    def wrap(self):
        self.end = len(self._lines) - 1

    def label(self, name):
        if name in self._labels:
            raise AssemblyError("label %s twice" % name)
        self._labels[name] = len(self._lines)

    def word(self, opcode, target=None):
        return self._add(opcode, target)

    def nop(self):
        return self._add(0xA042)

    def jmp(self, condition, target=None):
        if target is None:
            return self._add(0, condition)
        return self._add(_CONDITIONS.index(condition) + 1 << 5, target)

    def wait(self, level, what, index):
        # "irq" is an instruction too, so its name stands for that.
        source = _pick(_WAITED, what) if isinstance(what, str) else 2
        return self._add(0x2000 | _within(level, 1) << 7 | source << 5 | _flag(index))

    def in_(self, source, bits):
        return self._add(0x4000 | _pick(_SOURCES, source) << 5 | _bits(bits))

    def out(self, where, bits):
        place = 7 if where == "exec" else _pick(_WHERE, where)
        if where == "osr":
            raise AssemblyError("out to osr")
        return self._add(0x6000 | place << 5 | _bits(bits))

    def push(self, *how):
        return self._add(0x8000 | _fifo(how, "iffull"))

    def pull(self, *how):
        return self._add(0x8080 | _fifo(how, "ifempty"))

    def mov(self, where, source):
        change = 0
        if _is_row(source):
            change = 1 if source[0] == "invert" else 2
            source = source[1]
        opcode = 0xA000 | _pick(_MOVED, where) << 5 | change << 3
        return self._add(opcode | _pick(_SOURCES, source))

    def irq(self, how, index=None):
        if index is None:
            how, index = "", how
        mode = {"": 0, "noblock": 0, "block": 1, "clear": 2}[how]
        return self._add(0xC000 | mode << 5 | _flag(index))

    def set(self, where, value):
        return self._add(0xE000 | _pick(_SET, where) << 5 | _within(value, 31))


def _pick(known, name):
    if name not in known:
        raise AssemblyError("%s does not belong here" % name)
    return known[name]


def _within(value, most):
    if not 0 <= value <= most:
        raise AssemblyError("%d is not in 0 to %d" % (value, most))
    return value


def _bits(count):
    return _within(count - 1, 31) + 1 & 31


def _flag(index):
    if _is_row(index):
        return 0x10 | _within(index[1], 7)
    return _within(index, 31)


def _fifo(how, condition):
    if "noblock" in how and "block" in how:
        raise AssemblyError("block and noblock")
    for word in how:
        if word not in ("block", "noblock", condition):
            raise AssemblyError("%s does not belong here" % word)
    return (condition in how) << 6 | ("noblock" not in how) << 5
