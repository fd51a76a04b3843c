# SPDX-License-Identifier: MIT
"""Receivers of 8 data bits, even parity and a stop bit at several rates on one pin.

Each is a PIO state machine, its octets brought by DMA into a ring of a quarter of a second or
more, with the parity and the stop bit that came: errors are told of each octet.  They hear the
pin as its pad gives it, so an inversion set there by the UART that sends holds for them too;
open that first, for it makes the pin an input.
"""
# Names of the assembler are no names of Python.
# ruff: noqa: F821

from array import array

import rp2
from machine import Pin

from micropython import const

from . import rp2_pio

# Cycles a bit.  The slowest clock is a 65536th of the chip's: 300 baud up to 314 MHz.
_PER_BIT = const(16)
_SHORTEST_BITS = const(5)  # a ring of 32 octets
_LONGEST_BITS = const(8)
_RING_S = const(4)  # of a second, its part that a ring holds at least, where it may
_BITS = const(11)  # an octet's on the line
_COUNTED = const(0x0FFFFFFF)
_OCTET = const(0xFF)
_STOP = const(0x200)
_ODD = const(0x6996)  # bit n: whether n has an odd number of ones


@rp2.asm_pio(in_shiftdir=rp2.PIO.SHIFT_RIGHT, fifo_join=rp2.PIO.JOIN_RX)
def receive_8e1():
    """IN pin and JMP pin: the line.  A word's upper ten bits: data, parity, stop bit."""
    wait(0, pin, 0)[6]
    jmp(pin, "idle")  # no start bit: it is over before its middle
    set(x, 8)[14]
    label("bit")
    in_(pins, 1)
    jmp(x_dec, "bit")[14]
    in_(pins, 1)  # the stop bit
    push(noblock)
    label("idle")
    wait(1, pin, 0)  # after a break, its end


class Receivers:
    """feeds: (rate, Receiver) of each rate, as port/__init__.py wants it of a stream."""

    def __init__(self, pin: int, rates, sm_ids=rp2_pio.RECEIVERS):
        self.feeds = [(rate, Receiver(pin, rate, sm_id)) for rate, sm_id in zip(rates, sm_ids)]


class Receiver:
    """What comes at one rate.  An error stands in its place among the octets: any() tells of
    those in front of it, and errors() of it once they are read."""

    def __init__(self, pin: int, rate: int, sm_id: int):
        where = Pin(pin)
        what = "receiver at %d baud" % rate
        self._machine = rp2_pio.start(
            what, sm_id, receive_8e1, rate * _PER_BIT, in_base=where, jmp_pin=where
        )
        bits = _ring_bits(rate)
        self._size = 1 << bits
        self._ring = _aligned_ring(what, bits)
        self._dma = rp2_pio.fetch(what, sm_id, self._machine, self._ring, bits + 2)
        self._origin = rp2_pio.TRANSFERS  # less what is left to transfer: what has come
        self._taken = 0
        self._sound = 0  # octets behind those taken that are looked through and sound
        self._error = False
        self._machine.active(1)

    def any(self) -> int:
        """Octets waiting, up to the next damaged one."""
        left = self._dma.count
        if not left:
            self._origin = (self._origin + rp2_pio.TRANSFERS) & _COUNTED
            self._dma.active(1)
            left = self._dma.count
        waiting = (self._origin - left - self._taken) & _COUNTED
        if waiting != self._sound:
            self._look(waiting)
        return self._sound

    def _look(self, waiting):
        if waiting > self._size:
            # Overrun: what lies in the ring is of two ages.
            self._taken = (self._taken + waiting) & _COUNTED
            self._sound = 0
            self._error = True
            return
        ring, mask = self._ring, self._size - 1
        while self._sound < waiting:
            bits = ring[((self._taken + self._sound) & mask) * 2 + 1] >> 6
            if bits & _STOP and not (_ODD >> ((bits ^ bits >> 4) & 15) ^ bits >> 8) & 1:
                self._sound += 1
            elif self._sound:
                return
            else:
                self._taken = (self._taken + 1) & _COUNTED
                waiting -= 1
                self._error = True

    def readinto(self, buf, nbytes: int):
        """Move at most nbytes of what any() has told of; returns how many, None for none."""
        n = min(nbytes, self._sound)
        ring, mask = self._ring, self._size - 1
        for i in range(n):
            buf[i] = ring[((self._taken + i) & mask) * 2 + 1] >> 6 & _OCTET
        self._taken = (self._taken + n) & _COUNTED
        self._sound -= n
        return n or None

    def errors(self) -> bool:
        """Whether parity, stop bit or an overrun was wrong since the last call."""
        error = self._error
        self._error = False
        return error


def _ring_bits(rate):
    bits = _SHORTEST_BITS
    while bits < _LONGEST_BITS and (1 << bits) * _BITS * _RING_S < rate:
        bits += 1
    return bits


def _aligned_ring(what, bits):
    """Halves of words, the upper one second; on a multiple of its size, as the DMA wants it."""
    words = 1 << bits
    room = array("H", bytes(8 * words))
    dma = rp2_pio.channel(what)
    dma.write = room
    skip = (-dma.write & (4 * words - 1)) >> 1
    dma.close()
    return memoryview(room)[skip : skip + 2 * words]
