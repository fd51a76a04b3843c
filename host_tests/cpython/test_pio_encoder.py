# SPDX-License-Identifier: MIT
"""The assembler of the tests says the same as adafruit_pioasm, form by form."""
# ruff: noqa: F821

import adafruit_pioasm
import pytest

from pioencode import AssemblyError, asm_pio, assemble

# Ours, theirs.
FORMS = (
    ("nop()", "nop"),
    ("nop()[31]", "nop [31]"),
    ("jmp('here')", "jmp here"),
    ("jmp('here')[5]", "jmp here [5]"),
    ("jmp(not_x, 'here')", "jmp !x here"),
    ("jmp(x_dec, 'here')", "jmp x-- here"),
    ("jmp(not_y, 'here')", "jmp !y here"),
    ("jmp(y_dec, 'here')", "jmp y-- here"),
    ("jmp(x_not_y, 'here')", "jmp x!=y here"),
    ("jmp(pin, 'here')[7]", "jmp pin here [7]"),
    ("jmp(not_osre, 'here')", "jmp !osre here"),
    ("wait(0, gpio, 17)", "wait 0 gpio 17"),
    ("wait(1, pin, 0)[2]", "wait 1 pin 0 [2]"),
    ("wait(1, irq, 3)", "wait 1 irq 3"),
    ("wait(1, irq, rel(2))", "wait 1 irq 2 rel"),
    *(("in_(%s, 9)" % s, "in %s, 9" % s) for s in "pins x y null isr osr".split()),
    ("in_(pins, 32)", "in pins, 32"),
    *(("out(%s, 3)" % s, "out %s, 3" % s) for s in "pins x y null pindirs pc isr exec".split()),
    ("out(x, 32)", "out x, 32"),
    ("push()", "push"),
    ("push(block)", "push block"),
    ("push(noblock)", "push noblock"),
    ("push(iffull)", "push iffull"),
    ("push(iffull, noblock)", "push iffull noblock"),
    ("pull()", "pull"),
    ("pull(block)[1]", "pull block [1]"),
    ("pull(noblock)", "pull noblock"),
    ("pull(ifempty)", "pull ifempty"),
    ("pull(ifempty, noblock)", "pull ifempty noblock"),
    *(("mov(%s, y)" % s, "mov %s, y" % s) for s in "pins x exec pc isr osr".split()),
    *(("mov(y, %s)" % s, "mov y, %s" % s) for s in "pins x null status isr osr".split()),
    ("mov(isr, invert(x))", "mov isr, ~x"),
    ("mov(x, invert(null))", "mov x, ~null"),
    ("mov(y, reverse(isr))", "mov y, :: isr"),
    ("irq(4)", "irq 4"),
    ("irq(rel(1))", "irq 1 rel"),
    ("irq(block, 2)", "irq wait 2"),
    ("irq(clear, rel(0))", "irq clear 0 rel"),
    *(("set(%s, 31)" % s, "set %s, 31" % s) for s in "pins x y pindirs".split()),
)


def encode(line, **options):
    """One instruction in a program that has the label "here" in its third place."""
    body = "def program():\n nop()\n nop()\n label('here')\n nop()\n " + line
    names = {}
    exec(body, names)
    return asm_pio(**options)(names["program"]).opcodes[3]


@pytest.mark.parametrize(("ours", "theirs"), FORMS)
def test_each_form_is_encoded_as_by_another_assembler(ours, theirs):
    program = adafruit_pioasm.Program("nop\nnop\nhere:\nnop\n" + theirs)
    assert encode(ours) == program.assembled[3]


@pytest.mark.parametrize("optional", [False, True])
@pytest.mark.parametrize("pins", [1, 2])
def test_side_set_takes_its_bits_from_the_delay(pins, optional):
    most = (1 << 5 - pins - optional) - 1

    def program():
        nop().side(0)
        mov(x, y).side(1)[1]
        jmp(pin, "end")[1].side(1)
        label("end")

    def all_but_one():
        nop().side(0)
        mov(x, y).side(1)[1]
        jmp(pin, "end")[1].side(1)
        label("end")
        nop()

    text = ".side_set %d%s\n" % (pins, " opt" if optional else "")
    text += "nop side 0\nmov x, y side 1 [1]\njmp pin end side 1 [1]\nend:\n"
    text += "nop\n" if optional else ""
    opcodes = assemble(all_but_one if optional else program, pins)[0]
    assert opcodes == list(adafruit_pioasm.Program(text).assembled)

    def refused():
        nop().side(0)[most + 1]
        if optional:
            nop()

    with pytest.raises(AssemblyError):
        assemble(refused, pins)


def test_wrap_is_where_the_program_says_or_around_all_of_it():
    def whole():
        nop()
        nop()

    def part():
        nop()
        wrap_target()
        nop()
        nop()
        wrap()
        nop()

    assert assemble(whole)[1:] == (0, 1)
    assert assemble(part)[1:] == (1, 2)


@pytest.mark.parametrize(
    "line",
    (
        "nop()[32]",
        "nop().side(0)",
        "jmp('nowhere')",
        "label('here')",
        "in_(pins, 0)",
        "in_(pins, 33)",
        "in_(pindirs, 1)",
        "out(osr, 1)",
        "push(ifempty)",
        "pull(block, noblock)",
        "mov(pindirs, x)",
        "set(x, 32)",
        "set(isr, 1)",
        "wait(2, pin, 0)",
        "[nop() for _ in range(33)]",
    ),
)
def test_what_no_state_machine_could_do_is_refused(line):
    with pytest.raises(AssemblyError):
        encode(line)


def test_a_program_uses_no_name_of_its_file_and_leaves_them_alone():
    def outside():
        set(x, FORMS)

    with pytest.raises(NameError):
        assemble(outside)
    assert FORMS
