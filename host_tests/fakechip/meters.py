# SPDX-License-Identifier: MIT
"""Simple meters on the line, for a chip that is the master there."""

from mbus.frame import FrameParser

from .line import Peer


class Meters:
    """Answers as fakeline.FakeMeter do: handle(octets) -> octets, delay_ms; one Peer each.

    A frame ends with its last octet, or where the line was silent for 33 bit times.
    """

    def __init__(self, line, meters, baud=2400):
        self.clock = line.clock
        self.listener = Peer(line, baud)
        self.listener.on_octet = self._took
        self.stations = [(meter, Peer(line, baud)) for meter in meters]
        self._parser = FrameParser()
        self._last = 0
        self.requests = 0

    def _took(self, octet, errors):
        now, end = self.clock.now, self.listener.heard.pop()[0]
        if now - self._last > 44 * 1000000 // self.listener.receiver.baud:
            self._parser.clear()
        self._last = now
        if errors:
            self._parser.spoil()
        elif self._parser.push(octet) and self._parser.of_master:
            n = 5 if self._parser.ci is None else self._parser.end + 2
            self._answer(bytes(self._parser.buf[:n]), end)

    def _answer(self, octets, end):
        self.requests += 1
        for meter, peer in self.stations:
            del peer.heard[:]
            answer = meter.handle(octets)
            if answer:
                peer.say(answer, at=end + meter.delay_ms * 1000)
