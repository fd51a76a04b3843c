# SPDX-License-Identifier: MIT
"""Ports of a virtual bus for links in this process, and the links in the order of time."""

from mbusnode.bits import BAD
from mbusnode.bus import Bus


class _Receiver:
    """What has arrived at one rate and was not read."""

    def __init__(self):
        self.inbox = bytearray()
        self._bad = False

    def take(self, octet: int):
        """An octet of the bus has arrived."""
        self.inbox.append(octet & 0xFF)
        self._bad = self._bad or bool(octet & BAD)

    def any(self) -> int:
        """Octets that have arrived and were not read."""
        return len(self.inbox)

    def readinto(self, buf, nbytes: int) -> int:
        """Move at most nbytes of them into buf."""
        n = min(nbytes, len(self.inbox))
        buf[:n] = self.inbox[:n]
        del self.inbox[:n]
        return n

    def errors(self) -> bool:
        """Whether an octet since the last call was damaged."""
        bad, self._bad = self._bad, False
        return bad


class Port(_Receiver):
    """A node's connection to a bus, in the shape of a stream (see firmware/port/__init__.py).

    clock() tells the time in microseconds.  With feeds, rates, it has a receiver at each.
    """

    def __init__(self, bus: Bus, key: int, clock, feeds=()):
        super().__init__()
        self.key = key
        self._bus = bus
        self._clock = clock
        if feeds:
            self.feeds = tuple((rate, _Receiver()) for rate in feeds)

    @property
    def receivers(self) -> list:
        """[(address on the bus, receiver)]."""
        feeds = getattr(self, "feeds", ())
        return [((self.key, rate), feed) for rate, feed in feeds] or [(self.key, self)]

    def write(self, octets) -> int:
        """Begin to send octets."""
        self._bus.send(self.key, octets, self._clock())
        return len(octets)

    def txdone(self) -> bool:
        """Whether the last octet sent has left the line."""
        return self._bus.busy_until(self.key) <= self._clock()

    def init(self, baudrate: int):
        """Another rate; octets not sent and half an octet received are lost."""
        self._bus.tune(self.key, baudrate, self._clock())


class _Station:
    """A link on its port: polled when octets have come or its time is up."""

    def __init__(self, port, link, now):
        self.link = link
        self._receivers = [receiver for _, receiver in port.receivers]
        self.due_us = now

    @property
    def waiting(self):
        """Octets have come."""
        return any(receiver.inbox for receiver in self._receivers)

    def poll(self, now):
        """Poll the link at now, microseconds; its own clock is one of milliseconds."""
        wait_ms = self.link.poll(now // 1000 & 0x3FFFFFFF)
        self.due_us = (now // 1000 + max(1, wait_ms)) * 1000


class Timeline:
    """A bus and the links on it, taken from event to event in the order of their times.

    However late advance() is called, no link notices: it sees each octet at its time.
    """

    def __init__(self, bus: Bus, now_us: int = 0):
        self.bus = bus
        self.now_us = now_us
        self._receivers = {}  # address -> who takes what arrives there
        self._stations = []

    def port(self, key: int, feeds=()) -> Port:
        """Make a port for a node whose octets nobody else takes."""
        port = Port(self.bus, key, lambda: self.now_us, feeds)
        self._receivers.update(port.receivers)
        return port

    def join(self, port: Port, link):
        """Poll link, anything with poll(now_ms), which talks over port, from now on."""
        self._stations.append(_Station(port, link, self.now_us))

    def due(self) -> int | None:
        """When advance() has something to do next."""
        times = [station.due_us for station in self._stations]
        arrival = self.bus.due()
        if arrival is not None:
            times.append(arrival)
        return min(times) if times else None

    def delay(self, until_us: int):
        """Let links that do not expect anything rest until octets come, or until then."""
        for station in self._stations:
            if station.link.quiet:
                station.due_us = max(station.due_us, until_us)

    def advance(self, until_us: int, done=lambda: False) -> list:
        """Let time pass until then or until done(); [(key, octet)] for nodes without a port."""
        others = []
        while not done():
            due = self.due()
            if due is None or due > until_us:
                self.now_us = max(self.now_us, until_us)
                break
            self.now_us = max(self.now_us, due)
            for key, octet in self.bus.deliver(self.now_us):
                if key in self._receivers:
                    self._receivers[key].take(octet)
                else:
                    others.append((key, octet & 0xFF))
            for station in self._stations:
                if station.waiting or station.due_us <= self.now_us:
                    station.poll(self.now_us)
        return others
