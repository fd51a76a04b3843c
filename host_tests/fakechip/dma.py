# SPDX-License-Identifier: MIT
"""rp2.DMA, as far as it fetches what a state machine pushes, and gives a UART what it sends."""

from .clock import Misuse

CHANNELS = 12
_ADDRESS = 0x20008004  # of whatever is written: on no multiple of anything but a word
_TO_UART = (20, 22)  # the requests of both
_UARTS = (0x40034000, 0x40038000)  # their data registers


class DMABase:
    """count is what is left to transfer; write, once set, is read as an address."""

    _chip = None

    def __init__(self):
        channels = self._chip.dma_channels
        if len(channels) >= CHANNELS:
            raise OSError(16)  # EBUSY
        channels.append(self)
        self._machine = self._target = self._serial = self._octets = None
        self._ring_size = self._left = self._at = 0
        self._total = 0
        self._running = False

    def close(self):
        self._running = False
        if self._machine:
            self._machine.dma = None
        if self._serial:
            self._serial.dma = None
        if self in self._chip.dma_channels:
            self._chip.dma_channels.remove(self)

    def pack_ctrl(
        self, *, enable=True, high_pri=False, size=2, inc_read=True, inc_write=True, ring_size=0,
        ring_sel=False, treq_sel=63, chain_to=None, irq_quiet=True, bswap=False
    ):  # fmt: skip
        """Only words, from one place; a ring is of what is written.  Or octets to a UART."""
        if treq_sel in _TO_UART and not (size or inc_write or ring_size or bswap) and inc_read:
            return treq_sel << 8 | enable << 16
        if size != 2 or inc_read or bswap or (ring_size and not ring_sel):
            raise Misuse("DMA of a kind that is not modelled")
        if inc_write != (ring_size > 0):
            raise Misuse("DMA that runs through memory")
        return ring_size | treq_sel << 8 | enable << 16

    def config(self, *, read=None, write=None, count=None, ctrl=None, trigger=False):
        self._chip.core.spend()
        if ctrl is not None and ctrl >> 8 & 0xFF in _TO_UART:
            self._join(_TO_UART.index(ctrl >> 8 & 0xFF), write)
        elif ctrl is not None:
            self._ring_size = ctrl & 0xFF
            self._treq = ctrl >> 8 & 0xFF
        if self._serial:
            self._send(read, count, trigger)
            return
        if read is not None:
            self._machine = read
            number = self._chip.machines.index(read)
            if self._treq != number // 4 * 8 + 4 + number % 4:
                raise Misuse("DMA waits for the request of another state machine")
            read.dma = self
        if write is not None:
            self._target = write
            self._words = 1 << self._ring_size >> 2 if self._ring_size else 1
            if not self._ring_size and len(write) != 1:
                raise Misuse("DMA to one word of several")
        if count is not None:
            self._total = self._left = count
        if trigger:
            self._running = True

    def _join(self, number, address):
        if address != _UARTS[number]:
            raise Misuse("DMA at the request of UART %d to %#x" % (number, address))
        self._serial = self._chip.serial(number)
        self._serial.dma = self

    def _send(self, octets, count, trigger):
        if trigger:
            if self._running:
                raise Misuse("DMA that runs is configured")
            if not 0 < count <= len(octets):
                raise Misuse("DMA of %d octets out of %d" % (count, len(octets)))
            self._octets, self._at, self._left = octets, 0, count
            self._running = True
            self._serial.fill()

    def give(self, room):
        """What goes into the FIFO of the UART now, as it is in memory now."""
        n = min(room, self._left) if self._running else 0
        octets = bytes(self._octets[self._at : self._at + n]) if n else b""
        self._at += n
        self._left -= n
        if not self._left:
            self._running = False
        return octets

    def active(self, value=None):
        self._chip.core.spend(2)
        if value is not None:
            self._running = bool(value)
            if value and not self._left:
                self._left = self._total
        return self._running

    @property
    def write(self):
        return _ADDRESS

    @write.setter
    def write(self, target):
        self._target = target

    @property
    def count(self):
        """Brings up to date what is computed, as a transfer would have done before."""
        self._chip.core.spend(2)
        machine = self._machine
        if machine and machine.model and self._running:
            word = machine.model.newest()
            if word is not None:
                self._put(word)
        return self._left

    def take(self, word):
        """From the state machine: a word into memory."""
        if not self._running or not self._left:
            return False
        self._put(word)
        self._at = (self._at + 1) % self._words
        self._left -= 1
        return True

    def _put(self, word):
        target = self._target
        if len(target) == self._words:
            target[self._at] = word
        else:
            # Halves of words, the lower first.
            target[2 * self._at] = word & 0xFFFF
            target[2 * self._at + 1] = word >> 16
