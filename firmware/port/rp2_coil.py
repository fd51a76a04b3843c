# SPDX-License-Identifier: MIT
"""A pulse to one of two coils whose length is made by a PIO state machine.

One word starts it and holds its length, so an interpreter that stalls or dies neither
lengthens it nor leaves it half ordered; no word gives more than 409.9 ms.  The two outputs
are driven by one program with no path on which both are high, whatever comes and whenever.

A soft reset stops every state machine where it is.  A coil that is on then stays so until
the next start makes a CoilPair, or the watchdog resets the chip: make it early.
"""
# Names of the assembler are no names of Python.
# ruff: noqa: F821

from errno import EINVAL

import rp2
from machine import Pin

from micropython import const

from . import rp2_pio

_FREQ = const(10_000)
_PER_MS = const(10)
_MOST_MS = const(400)
_EXTRA = const(3)  # cycles of a pulse beside those counted
_ON = const(1)


@rp2.asm_pio(
    set_init=rp2.PIO.OUT_LOW, sideset_init=rp2.PIO.OUT_LOW, out_shiftdir=rp2.PIO.SHIFT_RIGHT
)
def pulse_coil():
    """SET pin: the coil "on"; side-set pin: the coil "off".  A word: which, and 12 bits of
    length; one is pushed when the pulse is over."""
    wrap_target()
    set(pins, 0).side(0)
    pull(block).side(0)
    out(x, 1).side(0)
    out(y, 12).side(0)
    jmp(not_x, "off").side(0)
    set(pins, 1).side(0)
    label("hold on")
    jmp(y_dec, "hold on").side(0)
    jmp("over").side(0)
    label("off")
    set(pins, 0).side(1)[1]
    label("hold off")
    jmp(y_dec, "hold off").side(1)
    label("over")
    set(pins, 0).side(0)
    push(noblock).side(0)
    wrap()


del rp2  # its assembler gives its heap back, see rp2.py


class CoilPair:
    """The two coils of a bistable relay; both are off until the first pulse()."""

    def __init__(self, pin_on: int, pin_off: int, sm_id: int = rp2_pio.COILS):
        if pin_on == pin_off:
            raise OSError(EINVAL, "pin %d cannot drive both coils" % pin_on)
        self._machine = rp2_pio.start(
            "coils",
            sm_id,
            pulse_coil,
            _FREQ,
            set_base=Pin(pin_on),
            sideset_base=Pin(pin_off),
        )
        self._busy = False
        self._machine.active(1)

    def pulse(self, which: str, ms: int) -> bool:
        """Drive the coil "on" or "off" for so long, 1 to 400 ms; False, and nothing done,
        while another pulse lasts."""
        if which not in ("on", "off") or not 0 < ms <= _MOST_MS:
            raise ValueError("no pulse of %d ms to coil %s" % (ms, which))
        if self.busy():
            return False
        self._busy = True
        self._machine.put(ms * _PER_MS - _EXTRA << 1 | (_ON if which == "on" else 0))
        return True

    def busy(self) -> bool:
        """Whether a pulse lasts, as the state machine tells."""
        if self._busy and self._machine.rx_fifo():
            self._machine.get()
            self._busy = False
        return self._busy
