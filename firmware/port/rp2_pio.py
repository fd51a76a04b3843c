# SPDX-License-Identifier: MIT
"""What the PIO programs of the rp2 port share: who gets what, and how their words are fetched.

A chip has two PIO blocks (RP2350: three) of 4 state machines and 32 instructions, and 12
DMA channels (RP2350: 16).  State machine n is number n % 4 of block n // 4:

    block  state machines   program      instructions   DMA channels
    0      0, 1, 3          rp2_pulse    16, once       3 (3: the tariff input)
    0      2                rp2_coil     12             none
    1      5, 6, 7          rp2_receive  8, once        3
    1      4                none: left to the radio of the W boards, which takes the lowest
                            that is free of block 1, a few instructions and two channels

What the programs push is fetched by DMA: it goes on while a flash erase stops everything that
runs from flash, and needs no turn of Python.  One channel more sends for the UART (rp2_uart.py).
"""

from errno import EINVAL

from rp2 import DMA, StateMachine

from micropython import const

PULSES = (0, 1)
COILS = 2
MAINS = 3
RECEIVERS = (5, 6, 7)

# As many as both chips take in one go, and small enough to be read without an allocation.
TRANSFERS = 0x0FFFFFFF

_RX = const(4)  # of a block's 8 requests, the first of a receive FIFO
_WORD = const(2)  # size of a transfer


def start(what: str, sm_id: int, program, freq: int, **pins):
    """The state machine, configured and not yet running; OSError with a text when there is
    no room for it."""
    try:
        return StateMachine(sm_id, program, freq=freq, **pins)
    except OSError as e:
        raise OSError(e.args[0], "no room for the %s in the memory of PIO %d" % (what, sm_id // 4))
    except ValueError as e:
        raise OSError(EINVAL, "state machine %d for the %s: %s" % (sm_id, what, e))


def fetch(what: str, sm_id: int, machine, write, ring_bits: int = 0):
    """A DMA channel that moves each word the machine pushes to `write`: always to the same
    word, or round a ring of 1 << ring_bits octets that lies on a multiple of its size.

    It stops after TRANSFERS words (dma.count is 0 then) and goes on by dma.active(1).
    """
    dma = channel(what)
    ctrl = dma.pack_ctrl(
        size=_WORD,
        inc_read=False,
        inc_write=ring_bits > 0,
        ring_size=ring_bits,
        ring_sel=True,
        treq_sel=sm_id // 4 * 8 + _RX + sm_id % 4,
    )
    dma.config(read=machine, write=write, count=TRANSFERS, ctrl=ctrl, trigger=True)
    return dma


def channel(what: str):
    """A free DMA channel; OSError with a text when there is none."""
    try:
        return DMA()
    except OSError as e:
        raise OSError(e.args[0], "no DMA channel is free for the %s" % what)
