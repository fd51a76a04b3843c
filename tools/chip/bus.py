# SPDX-License-Identifier: MIT
"""A master on the emulated bus: our own link, run in emulated time, and the times it saw."""

from mbus.exchange import MasterLink
from mbus.master import Master

from .lines import Peer

_STEP_MS = 50  # nothing that a link waits for depends on it: an octet ends it
_WRAP = 0x3FFFFFFF


def now_ms(pico) -> int:
    """The ticks of a chip's world."""
    return int(pico.now_us / 1000) & _WRAP


class Stream:
    """A Peer in the shape that a link wants; see firmware/port/__init__.py.

    sends(octets, span) hears of each telegram that goes out, from and to then.
    """

    def __init__(self, pico, peer, sends=lambda octets, span: None):
        self._pico, self._peer, self._sends = pico, peer, sends
        self._taken = 0
        self._damaged = False

    def any(self):
        return len(self._peer.heard) - self._taken

    def readinto(self, buf, nbytes):
        rows = self._peer.heard[self._taken : self._taken + nbytes]
        for i, (octet, errors, *_) in enumerate(rows):
            buf[i] = octet
            self._damaged = self._damaged or bool(errors)
        self._taken += len(rows)
        return len(rows)

    def errors(self):
        damaged, self._damaged = self._damaged, False
        return damaged

    def write(self, octets):
        octets = bytes(octets)
        self._sends(octets, self._peer.send(octets))
        return len(octets)

    def txdone(self):
        return self._peer.until_us <= self._pico.now_us

    def init(self, baudrate):
        self._peer.baud = baudrate


class Reply:
    """What came of a telegram: it ended, and the answer began, at these us; `begin_us` is None
    where none came."""

    def __init__(self, octets, end_us, baud):
        self.octets, self.end_us, self.baud = octets, end_us, baud
        self.begin_us = None

    @property
    def after_us(self) -> float:
        return self.begin_us - self.end_us

    @property
    def window_us(self) -> tuple:
        """Earliest and latest begin that the standard allows: 11 bit times, and 330 bit times
        and 50 ms."""
        bit = 1e6 / self.baud
        return 11 * bit, 330 * bit + 50_000


class Bus:
    """A bus with one chip on it and us as its master.

    replies  a Reply of each telegram sent, until somebody empties it
    """

    def __init__(self, pico, transceiver, uart, baud: int = 2400):
        self.pico = pico
        self.peer = Peer(pico.scheduler, transceiver.down, transceiver.up, baud)
        self.peer.on_heard = lambda *_: pico.stop()
        self.master = Master()
        self.replies = []
        self.uart = uart
        self._sent = 0
        self.link = MasterLink(Stream(pico, self.peer, self.sends), self.master, baud, echo="off")

    def sends(self, octets, span):
        """A telegram goes out, from and to then."""
        self._settle()
        self.replies.append(Reply(octets, span[1], self.peer.baud))
        self._sent = len(self.uart.sent)

    def _settle(self):
        """The answer to the last telegram began with what the chip has sent since."""
        if self.replies and self.replies[-1].begin_us is None:
            since = self.uart.sent[self._sent :]
            if since:
                self.replies[-1].begin_us = since[0][1]

    def run(self, procedure):
        """Run a procedure of mbus.master or mbus.search to its end; what it returns."""
        link = self.link
        link.start(procedure, now_ms(self.pico))
        while not link.done:
            wait = link.poll(now_ms(self.pico))
            if not link.done:
                self.pico.run_us(1000 * max(1, min(wait, _STEP_MS)))
        self._settle()
        if link.error:
            raise link.error
        return link.result

    def set_baud(self, baud: int):
        """Talk at another rate."""
        self.link.set_baud(baud)

    def read(self, address) -> list:
        """The telegrams of a meter, as Frames."""
        frames = []
        self.run(self.master.read(address, frames.append))
        return frames
