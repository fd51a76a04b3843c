# SPDX-License-Identifier: MIT
"""Pulses counted by a PIO state machine, both edges debounced: contact to ground, pull-up.

A level counts when it was seen for the window: below 5.75 ms it never does, from 6.2 ms on it
always does.  So bounce of 5 ms is no pulse, and at 40 Hz (12.5 ms closed, 12.5 ms open) 5 ms
of bounce at either edge still leave enough; S0 (30 ms, 30 ms) has plenty.  A level that is
interrupted for less than 0.25 ms counts as uninterrupted: spikes cost no pulse.

Counting begins with an open contact.  A pulse that lasts while counting begins is not
counted: it may have been before a reset.  The rest is the caller's, total = base + count().
"""
# Names of the assembler are no names of Python.
# ruff: noqa: F821

from array import array

import rp2
from machine import Pin

from micropython import const

from . import rp2_pio

# A cycle of 62.5 us: the window is 19 looks of 5 cycles, a second look comes after 4.
_FREQ = const(16_000)
# For the mains behind an optocoupler: each of its pulses of some ms is to be seen.
MAINS_FREQ = 256_000


@rp2.asm_pio(fifo_join=rp2.PIO.JOIN_RX)
def count_pulses():
    """X counts down; its inverse is pushed with each pulse.  JMP pin and IN pin: the input."""
    mov(x, invert(null))
    label("rise")
    wait(1, pin, 0)
    set(y, 18)
    label("high")
    jmp(pin, "still high")[3]
    jmp(pin, "still high")  # low, and high again: a spike
    jmp("rise")
    label("still high")
    jmp(y_dec, "high")
    label("fall")
    wait(0, pin, 0)
    set(y, 18)
    label("low")
    jmp(pin, "spike")[3]
    wrap_target()
    jmp(y_dec, "low")
    jmp(x_dec, "count")  # either way; X goes down
    label("count")
    mov(isr, invert(x))
    push(noblock)
    jmp("rise")
    label("spike")
    jmp(pin, "fall")  # high twice; otherwise on to the next look
    wrap()


del rp2  # its assembler gives its heap back, see rp2.py


class PulseCounter:
    """The pulses at a pin since this was made; nothing is lost while Python stands still."""

    def __init__(self, pin: int, sm_id: int, freq: int = _FREQ):
        where = Pin(pin, Pin.IN, Pin.PULL_UP)
        self._machine = rp2_pio.start(
            "pulse counter", sm_id, count_pulses, freq, in_base=where, jmp_pin=where
        )
        self._newest = array("I", (0,))
        self._dma = rp2_pio.fetch("pulse counter", sm_id, self._machine, self._newest)
        self._machine.active(1)

    def count(self) -> int:
        """32 bits, wrapping."""
        if not self._dma.count:
            self._dma.active(1)
        return self._newest[0]
