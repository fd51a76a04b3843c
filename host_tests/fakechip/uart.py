# SPDX-License-Identifier: MIT
"""machine.UART in front of the serial hardware: what its calls cost, and wait for.

Only 8 data bits, even parity and one stop bit are modelled: anything else is refused here.
"""

from .clock import Misuse

_GUARD_BITS = 45  # the rp2 SDK waits three times 15 bit times before it touches the format


def _number(pin):
    return pin._pad.number if hasattr(pin, "_pad") else pin


class UartBase:
    """What rp2 and esp32 share."""

    _chip = None
    _flags = 0

    def _configure(self, given, tx, rx, txbuf, rxbuf, timeout, timeout_char, invert):
        hw, chip = self._hw, self._chip
        baud, bits, parity, stop = given
        if bits != 8 or parity != 0 or stop != 1:
            raise Misuse(
                "a UART that is not 8E1: bits=%s parity=%s stop=%s" % (bits, parity, stop)
            )
        tx, rx = _number(tx), _number(rx)
        self._tx = self._tx if tx is None else tx
        self._rx = self._rx if rx is None else rx
        chip.check_uart(hw.number, self._tx, self._rx)
        self._invert = self._invert if invert is None else invert
        if self._invert & ~chip.INV_MASK:
            raise ValueError("bad inversion mask")
        hw.timeout = hw.timeout if timeout is None else timeout
        hw.timeout_char = hw.timeout_char if timeout_char is None else timeout_char
        self._character(baud)
        self._restart(baud, txbuf, rxbuf)
        hw.listening = True

    def _renew(self, baud, txbuf, rxbuf):
        """Throw away what waits in either direction, keep the handler."""
        hw = self._hw
        hw.unsent += len(hw.tx_ring) + len(hw.tx_fifo) + bool(hw._shifting)
        kept = hw.handler, hw.trigger, hw.hard
        hw.close()
        hw.handler, hw.trigger, hw.hard = kept
        hw.uart = self
        hw.rxbuf = max(32, rxbuf or hw.rxbuf)
        hw.txbuf = max(32, txbuf or hw.txbuf)
        hw.open(self._tx, self._rx, baud, self._invert)

    def deinit(self):
        self._hw.close()

    def _ready(self):
        if not self._hw.enabled:
            raise OSError(5)
        self._chip.core.spend()
        return self._hw

    def any(self):
        hw = self._ready()
        core = self._chip.core
        n = core.open_heap()
        if hw.rp2:
            hw.drain()
        core.close_heap(n)
        return len(hw.ring)

    def _wait(self, us, done):
        """Wait in small steps, as the chip does, until done() or the time is over."""
        core, clock = self._chip.core, self._chip.clock
        end = clock.now + us
        while not done() and clock.now < end:
            at = clock.next_at()
            core.sleep(max(1, min(end, end if at is None else at) - clock.now))

    def _readable(self):
        return self._hw.ring or (self._hw.rp2 and self._hw.fifo)

    def _take(self, buf, size):
        """Fill buf as far as octets come in time; None when not even one does."""
        hw = self._ready()
        core = self._chip.core
        opened = core.open_heap()
        wait_ms = hw.timeout
        got = 0
        while got < size:
            if not hw.ring:
                if wait_ms and not self._readable():
                    self._wait(wait_ms * 1000, self._readable)
                if hw.rp2:
                    hw.drain()
                if not hw.ring:
                    break
            n = min(size - got, len(hw.ring))
            buf[got : got + n] = bytes(hw.ring[:n])
            hw.ring = hw.ring[n:]
            got += n
            wait_ms = hw.timeout_char
        core.close_heap(opened)
        return got or None

    def read(self, _nbytes=-1):
        if _nbytes >= 0:
            buf = bytearray(_nbytes)
            got = self._take(buf, _nbytes)
            return None if got is None else bytes(buf[:got])
        octets = b""
        while (more := self.read(256)) is not None:
            octets += more
        return octets or None

    def readinto(self, _buf, _nbytes=-1):
        size = len(_buf) if _nbytes < 0 else min(_nbytes, len(_buf))
        return self._take(_buf, size)

    def readline(self):
        octets = b""
        while octets[-1:] != b"\n":
            more = self.read(1)
            if more is None:
                break
            octets += more
        return octets or None

    def write(self, _buf):
        hw = self._ready()
        core = self._chip.core
        opened = core.open_heap()
        octets = memoryview(_buf)
        sent = 0
        limit = hw.txbuf  # rp2 waits for room by the timeouts, esp32 for as long as it takes
        wait_us = max(hw.timeout, hw.timeout_char) * 1000 if hw.rp2 else 1 << 40
        while sent < len(octets):
            n = hw.put(octets[sent:])
            sent += n
            if sent < len(octets) and not n:
                before = len(hw.tx_ring)
                self._wait(wait_us, lambda: len(hw.tx_ring) < min(before, limit))
                if len(hw.tx_ring) == before:
                    break
        core.close_heap(opened)
        return sent or None

    def txdone(self):
        return self._ready().txdone()

    def flush(self):
        hw = self._ready()
        self._wait(1 << 40, hw.txdone)

    def sendbreak(self):
        hw = self._ready()
        us = 13 * 1000000 // hw.baud
        if hw.tx_wire:
            hw.tx_wire.line.space(us, hw)
        self._chip.core.sleep(us)

    def _irq(self, handler, trigger, hard, allowed):
        hw = self._hw
        if trigger & ~allowed:
            raise ValueError("trigger 0x%08x unsupported" % trigger)
        hw.handler, hw.trigger, hw.hard = handler, trigger, hard
        return self

    def flags(self):
        """Of the object that irq() returns."""
        return self._flags

    def _poll(self):
        """What select sees: the ring only, not the FIFO."""
        return bool(self._hw.ring)


class RpUart(UartBase):
    """As on rp2: init() discards both ways and waits; the format of before stays."""

    INV_TX, INV_RX, CTS, RTS = 1, 2, 1, 2
    IRQ_TXIDLE, IRQ_RXIDLE, IRQ_BREAK = 32, 64, 512

    def __init__(  # noqa: PLR0913
        self, _id, baudrate=115200, bits=8, parity=None, stop=1, *,
        tx=None, rx=None, txbuf=None, rxbuf=None, timeout=None, timeout_char=None,
        invert=None, flow=None, rts=None, cts=None,
    ):  # fmt: skip
        self._hw = self._chip.serial(_id)
        self._tx, self._rx = (0, 1) if _id == 0 else (4, 5)
        self._invert = 0
        self._given = baudrate, bits, parity, stop
        self._configure(self._given, tx, rx, txbuf, rxbuf, timeout, timeout_char, invert)

    def init(  # noqa: PLR0913
        self, baudrate=None, bits=None, parity=-1, stop=None, *,
        tx=None, rx=None, txbuf=None, rxbuf=None, timeout=None, timeout_char=None,
        invert=None, flow=None, rts=None, cts=None,
    ):  # fmt: skip
        old = self._given
        self._given = (
            baudrate or old[0], bits or old[1], old[2] if parity == -1 else parity, stop or old[3],
        )  # fmt: skip
        self._configure(self._given, tx, rx, txbuf, rxbuf, timeout, timeout_char, invert)

    def _character(self, baud):
        self._hw.timeout_char = max(self._hw.timeout_char, 13000 // baud + 1)

    def _restart(self, baud, txbuf, rxbuf):
        was_on = self._hw.enabled
        self._renew(baud, txbuf, rxbuf)
        if was_on:
            self._chip.core.sleep(_GUARD_BITS * 1000000 // baud)

    def irq(self, _handler=None, _trigger=0, _hard=False):
        return self._irq(_handler, _trigger, _hard, 32 | 64 | 512)


class EspUart(UartBase):
    """As on esp32: init() waits for what is being sent, and its interrupts are soft."""

    INV_TX, INV_RX, INV_RTS, INV_CTS, CTS, RTS = 32, 4, 64, 8, 2, 1
    IRQ_RX, IRQ_BREAK, IRQ_RXIDLE = 1, 2, 4096

    def __init__(  # noqa: PLR0913
        self, _id, baudrate=115200, bits=8, parity=None, stop=1, *,
        tx=None, rx=None, txbuf=None, rxbuf=None, timeout=None, timeout_char=None,
        invert=None, flow=None, rts=None, cts=None,
    ):  # fmt: skip
        self._hw = self._chip.serial(_id)
        self._tx, self._rx = (10, 9) if _id == 1 else (17, 16)
        self._invert = 0
        self._given = baudrate, bits, parity, stop
        self._configure(self._given, tx, rx, txbuf, rxbuf, timeout, timeout_char, invert)

    def init(  # noqa: PLR0913
        self, baudrate=None, bits=None, parity=-1, stop=None, *,
        tx=None, rx=None, txbuf=None, rxbuf=None, timeout=None, timeout_char=None,
        invert=None, flow=None, rts=None, cts=None,
    ):  # fmt: skip
        old = self._given
        self._given = (
            baudrate or old[0], bits or old[1], old[2] if parity == -1 else parity, stop or old[3],
        )  # fmt: skip
        self._configure(self._given, tx, rx, txbuf, rxbuf, timeout, timeout_char, invert)

    def _character(self, baud):
        """How late the driver tells of octets."""
        hw = self._hw
        characters = hw.timeout_char // (12000 // baud + 1)
        hw.quiet_chars = max(1, characters)
        if not hw.enabled:
            hw.threshold = 120
        if not characters:
            hw.threshold = 1

    def _restart(self, baud, txbuf, rxbuf):
        if self._hw.enabled:
            self._wait(1000000, self._hw.txdone)
        self._renew(baud, txbuf, rxbuf)

    def irq(self, _handler=None, _trigger=0, _hard=False):
        if _hard:
            raise ValueError("hard IRQ not supported")
        return self._irq(_handler, _trigger, False, 1 | 2 | 4096)
