# SPDX-License-Identifier: MIT
"""The stack of a Pico: how much of it has never been used since it was filled with a mark.

MicroPython raises RuntimeError where a call would go beyond its end; before that, nothing tells.
"""

from rp2040py.memory_map import RAM_START_ADDRESS

BOTTOM, SIZE = 0x20040000, 8192  # of core 0, as MicroPython's linker places it
SPARE = 1024  # that is to be left
_MARK = 0xA5
_NEAR = 64  # octets below the stack pointer that an interrupt may be writing just now


def fill(chip):
    """Fill what is free at the moment."""
    begin, end = BOTTOM - RAM_START_ADDRESS, chip.core.sp - _NEAR - RAM_START_ADDRESS
    chip.sram[begin:end] = bytes((_MARK,)) * (end - begin)


def unused(chip) -> int:
    """How many octets have stayed as fill() left them."""
    begin = BOTTOM - RAM_START_ADDRESS
    octets = bytes(chip.sram[begin : begin + SIZE])
    return SIZE - len(octets.lstrip(bytes((_MARK,))))
