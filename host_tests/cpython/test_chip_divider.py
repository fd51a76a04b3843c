# SPDX-License-Identifier: MIT
"""The divider of the emulated chip, by its registers."""

import pytest

from chip.board import Pico

SIO = 0xD0000000
UNSIGNED, SIGNED, DIVISOR, QUOTIENT, REMAINDER, STATUS = 0x60, 0x68, 4, 0x70, 0x74, 0x78
CASES = [
    (UNSIGNED, 7, 2, 3, 1),
    (UNSIGNED, 0xFFFFFFFF, 10, 429496729, 5),
    (UNSIGNED, 0xFFFFFFFF, 0xFFFFFFFE, 1, 1),
    (UNSIGNED, 5, 0, 0xFFFFFFFF, 5),
    (SIGNED, 7, 0xFFFFFFFE, 0xFFFFFFFD, 1),  # 7 / -2
    (SIGNED, 0xFFFFFFF9, 2, 0xFFFFFFFD, 0xFFFFFFFF),  # -7 / 2
    (SIGNED, 0xFFFFFFF9, 0xFFFFFFFE, 3, 0xFFFFFFFF),
    (SIGNED, 0x80000000, 0xFFFFFFFF, 0x80000000, 0),
    (SIGNED, 5, 0, 0xFFFFFFFF, 5),
    (SIGNED, 0xFFFFFFFB, 0, 1, 0xFFFFFFFB),
]


@pytest.fixture
def chip():
    return Pico(b"").rp2040


@pytest.mark.parametrize(("kind", "dividend", "divisor", "quotient", "remainder"), CASES)
def test_it_divides(chip, kind, dividend, divisor, quotient, remainder):
    chip.write_uint32(SIO + kind, dividend)
    chip.write_uint32(SIO + kind + DIVISOR, divisor)
    assert chip.read_uint32(SIO + STATUS) == 3
    assert chip.read_uint32(SIO + REMAINDER) == remainder
    assert chip.read_uint32(SIO + QUOTIENT) == quotient
    assert chip.read_uint32(SIO + STATUS) == 1
    assert chip.read_uint32(SIO + kind) == dividend


def test_an_interrupt_that_divides_gives_back_what_it_found(chip):
    chip.write_uint32(SIO + UNSIGNED, 100)
    chip.write_uint32(SIO + UNSIGNED + DIVISOR, 7)
    # As the SDK saves and restores it: the quotient last, both ways.
    saved = [chip.read_uint32(SIO + at) for at in (UNSIGNED, 0x64, REMAINDER, QUOTIENT)]
    chip.write_uint32(SIO + SIGNED, 0xFFFFFFF0)
    chip.write_uint32(SIO + SIGNED + DIVISOR, 3)
    for at, word in zip((UNSIGNED, 0x64, REMAINDER, QUOTIENT), saved, strict=True):
        chip.write_uint32(SIO + at, word)
    assert chip.read_uint32(SIO + REMAINDER) == 2
    assert chip.read_uint32(SIO + QUOTIENT) == 14


def test_a_result_that_was_written_stands_until_the_next_division(chip):
    for at, word in ((UNSIGNED, 100), (0x64, 7), (REMAINDER, 55), (QUOTIENT, 99)):
        chip.write_uint32(SIO + at, word)
    assert chip.read_uint32(SIO + REMAINDER) == 55
    assert chip.read_uint32(SIO + QUOTIENT) == 99
    chip.write_uint32(SIO + UNSIGNED, 100)
    assert chip.read_uint32(SIO + QUOTIENT) == 14


def test_a_reset_forgets_what_was_asked(chip):
    chip.write_uint32(SIO + UNSIGNED, 100)
    chip.sio.reset()
    assert chip.read_uint32(SIO + QUOTIENT) == 0
