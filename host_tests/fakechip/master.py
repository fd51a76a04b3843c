# SPDX-License-Identifier: MIT
"""A master on the line that measures when answers begin, to the microsecond."""

from .line import BITS, Peer


class Exchange:
    """A request that has left, and what came: start_us behind its end, None for silence."""

    def __init__(self, request, baud, end):
        self.request = request
        self.baud = baud
        self.end = end
        self.start_us = None
        self.octets = bytearray()
        self.errors = 0
        self.over = False

    @property
    def in_time(self):
        """No earlier than 11 bit times, no later than 330 bit times + 50 ms."""
        bit_us = 1000000 / self.baud
        return 11 * bit_us <= self.start_us <= 330 * bit_us + 50000


class Master:
    """exchanges are the last of them; asked, silent and untimely count over all that are over.

    stray counts octets outside of any.
    """

    def __init__(self, line, baud=2400, keep=40):
        self.peer = Peer(line, baud)
        self.peer.on_octet = self._took
        self.clock = line.clock
        self.exchanges = []
        self.asked = self.silent = self.untimely = self.damaged = self.stray = 0
        self.odd = []  # (when, microseconds, errors, octets) of answers untimely or damaged
        self.silences = []  # when the requests ended that nobody answered
        self._keep = keep

    def ask(self, request, gap_us=0):
        """Send a request now; returns the Exchange, which goes on filling."""
        self.close()
        baud = self.peer.receiver.baud
        end = self.peer.say(request, gap_us=gap_us)
        exchange = Exchange(bytes(request), baud, end)
        self.exchanges.append(exchange)
        del self.exchanges[: -self._keep]
        del self.peer.heard[:]
        return exchange

    def close(self):
        """The last exchange is over: count it."""
        if len(self.exchanges) and not self.exchanges[-1].over:
            last = self.exchanges[-1]
            last.over = True
            self.asked += 1
            if last.start_us is None:
                self.silent += 1
                self.silences.append(last.end)
            self.untimely += not (last.start_us is None or last.in_time)
            self.damaged += last.errors != 0
            if last.start_us is not None and (last.errors or not last.in_time):
                self.odd.append((last.end, last.start_us, last.errors, bytes(last.octets)))

    def _took(self, octet, errors):
        end = self.peer.heard.pop()[0]
        if not self.exchanges or end <= self.exchanges[-1].end:
            self.stray += 1
            return
        exchange = self.exchanges[-1]
        if exchange.start_us is None:
            exchange.start_us = end - BITS * 1000000 // exchange.baud - exchange.end
        exchange.octets.append(octet)
        exchange.errors |= errors

    def reading(self, requests, every_us):
        """A script for Clock.spawn(): the requests in turn, lists of them for ever."""
        while True:
            for request in requests:
                self.ask(request)
                yield every_us
