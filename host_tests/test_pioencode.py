# SPDX-License-Identifier: MIT
"""PIO programs in MicroPython's form become opcodes on either runtime."""
# ruff: noqa: F821

from helpers import raises
from pioencode import AssemblyError, asm_pio, assemble


def blink():
    wrap_target()
    pull(block)
    mov(y, invert(osr))
    label("again")
    jmp(y_dec, "again")[3]
    wait(1, irq, rel(2))
    wrap()
    set(pins, 1)


def test_a_function_becomes_opcodes_and_the_ends_of_its_loop():
    assert assemble(blink) == ([0x80A0, 0xA04F, 0x0382, 0x20D2, 0xE001], 0, 3)


def test_the_decorator_keeps_what_a_state_machine_is_told():
    program = asm_pio(sideset_init=(2, 2), out_shiftdir=1)(lambda: nop().side(3)[7])
    assert assemble(program) == ([0xBF42], 0, 0)
    assert program.side_count == 2 and not program.side_optional
    assert program.options["out_shiftdir"] == 1


def test_the_names_of_a_file_are_as_they_were_even_after_a_mistake():
    raises(AssemblyError, assemble, lambda: jmp("nowhere"))
    raises(NameError, assemble, lambda: set(x, raises))
    assert assemble(blink)[1:] == (0, 3)
    raises(NameError, eval, "nop()")
