# SPDX-License-Identifier: MIT
"""Drives a master's procedure over a line: pauses, reply window, echo, damage (EN 13757-2, 5.5).

Never waits: poll() does what is due and says when it wants to be called again.
"""

from micropython import const

from .echo import BROKEN, PASS, Echo
from .failures import MasterError
from .frame import ACK, FrameParser
from .master import ALL, DAMAGED, FIRST
from .timing import bits_ms, elapsed, idle_ms, octets_ms, reply_max_ms

_IDLE = const(0)  # nothing to do
_QUIET = const(1)  # the line must be idle before the next telegram
_PAUSE = const(2)
_LISTEN = const(3)

_MIN_IDLE_MS = const(25)
_MIN_GAP_MS = const(50)
_MAX_NOISE_MS = const(2000)  # a line that is not idle for so long is no line
_LONGEST = const(261)


class MasterLink:
    """One procedure at a time, of a Master, over a Stream at a baud rate.

    After start(), call poll() until done; then error is a MasterError, or None and result
    what the procedure returned.  These may be set, and are set anew by set_baud():
    window_ms   the answer begins within it after the request's last octet; by the standard
                330 bit times + 50 ms, and its first character
    idle_ms     silence before every telegram: max(33 bit times, 25 ms)
    gap_ms      silence within an answer that ends it: max(33 bit times, 50 ms)
    latency_ms is what the way to the bus adds to window and gap: USB 16 to 100, TCP up to 1000.
    bus_ms adds up the time all procedures took.  trace(direction, octets, now), where set, is
    told of all octets: ">" sent, "<" received.
    """

    def __init__(self, stream, master, baud: int, echo: str = "auto", latency_ms: int = 0):
        self.stream = stream
        self.master = master
        self.latency_ms = latency_ms
        self.trace = None
        self.bus_ms = 0
        self.done = True
        self.result = self.error = None
        self._echo = Echo(echo)
        self._rx = FrameParser()
        self._chunk = memoryview(bytearray(64))
        self._errors = getattr(stream, "errors", None)
        self._state = _IDLE
        self._since = self._heard = self._mark = 0
        self._rate(baud)

    def _rate(self, baud):
        self.baud = baud
        self.window_ms = reply_max_ms(baud) + bits_ms(11, baud)
        self.idle_ms = max(idle_ms(baud), _MIN_IDLE_MS)
        self.gap_ms = max(idle_ms(baud), _MIN_GAP_MS)

    def set_baud(self, baud: int):
        """Go on at another rate."""
        self.stream.init(baudrate=baud)
        self._rate(baud)

    def start(self, procedure, now: int):
        """Begin a procedure, a generator of master or search."""
        self._procedure = procedure
        self.done = False
        self.result = self.error = None
        self._mark = self._heard = now
        self._go_on(None, now)

    def poll(self, now: int) -> int:
        """Do what is due; returns the milliseconds until something is due again."""
        self._receive(now)
        while not self.done:
            wait = self._due_ms(now)
            if wait > 0:
                return wait
            if self._state == _QUIET and elapsed(now, self._heard) >= self.idle_ms:
                self._send(now)
            elif self._state == _LISTEN:
                self._go_on(self._reply(), now)
            else:  # a pause is over, or the line does not become idle
                self._go_on(None if self._state == _PAUSE else DAMAGED, now)
        return 0

    def _go_on(self, reply, now):
        """Give the procedure its reply and take its next wish."""
        self.bus_ms += elapsed(now, self._mark)
        self._mark = self._since = now
        try:
            self._size, self._wait = self._procedure.send(reply)
        except StopIteration as e:
            self.result = e.value
            self.done = True
        except MasterError as e:
            self.error = e
            self.done = True
        if self.done:
            self._state = _IDLE
        else:
            self._state = _QUIET if self._size else _PAUSE

    def _send(self, now):
        tx = self.master.tx
        size = self._size
        self._rx.clear()
        self._frame = None
        self._frames = self._octets = self._sound = 0
        self._skipped = self._rx.skipped
        self._line_ms = octets_ms(size, self.baud)
        self._echo.sent(tx, size, now, self._line_ms + self.idle_ms + self.latency_ms)
        if self.trace:
            self.trace(">", bytes(tx[:size]), now)
        self.stream.write(tx[:size])
        self._since = self._heard = now
        self._state = _LISTEN

    def _due_ms(self, now):
        """Milliseconds until the state ends; 0 or less when it has."""
        spent = elapsed(now, self._since)
        quiet = elapsed(now, self._heard)
        if self._state == _PAUSE:
            return self._wait - spent
        if self._state == _QUIET:
            return min(self.idle_ms - quiet, _MAX_NOISE_MS - spent)
        if self._wait not in (FIRST, ALL):
            return self._line_ms + self.idle_ms + self.latency_ms - spent
        most = self._line_ms + self.window_ms + self.latency_ms
        window = most - spent
        if not self._octets:
            return window
        if self._wait == FIRST and self._frame:
            left = self.idle_ms - quiet
        else:
            left = self.gap_ms + self.latency_ms - quiet
            # Octets in front of a frame end nothing, nor does anything end a search early.
            if self._wait == ALL or not (self._rx.waiting or self._rx.deaf):
                left = max(left, window)
        return min(left, most + octets_ms(_LONGEST, self.baud) + _MAX_NOISE_MS - spent)

    def _reply(self):
        frame = self._frame
        if not self._octets:
            # A part of the echo, and nothing else, is a disturbance too.
            return DAMAGED if self._echo.pending and self._echo.held else None
        if not frame:
            return DAMAGED
        if self._wait == ALL:
            alone = self._octets == self._sound and self._rx.skipped == self._skipped
            return frame if alone else DAMAGED
        # Behind a whole frame there may be anything.  E5h has no checksum, so octets behind
        # it make it doubtful; but some meters send it twice.
        if frame.c == ACK and self._octets - self._sound != self._frames - 1:
            return DAMAGED
        return frame

    def _receive(self, now):
        stream = self.stream
        chunk = self._chunk
        while True:
            n = stream.any()
            if not n:
                return
            n = stream.readinto(chunk, min(n, len(chunk)))
            if not n:
                return
            self._heard = now
            if self.trace:
                self.trace("<", bytes(chunk[:n]), now)
            if self._state != _LISTEN:
                continue
            if self._errors and self._errors():
                self._octets += n
                self._rx.spoil()
                continue
            for i in range(n):
                self._take(chunk[i], now)

    def _take(self, octet, now):
        kind = self._echo.take(octet, now)
        if kind == PASS:
            for i in range(self._echo.held):
                self._push(self._echo.buf[i])
            self._push(octet)
        elif kind == BROKEN:
            self._octets += 1
            self._rx.spoil()

    def _push(self, octet):
        rx = self._rx
        self._octets += 1
        if not rx.push(octet):
            return
        if rx.of_master:
            # A master's telegram: an echo that came too late to be known as one.
            self._octets = 0
            return
        self._frames += 1
        if not self._frame:
            self._frame = rx.frame()
            self._sound = self._octets
