# SPDX-License-Identifier: MIT
"""A virtual M-Bus without I/O: one master, any number of slaves, and what they do at once.

Octets take the time they take on a line: octet i of a burst fills [t, t + 11 bit times), and
is delivered when it ends.  What the master sends reaches every slave, what slaves send the
master alone.  Slaves that answer together collide as they do on the wire, where a space of
any of them wins: octets that overlap are ANDed into one; where a slave begins behind the
octets of others, the master sees a damaged octet between them.  An answer that others have
touched never arrives whole, unless all of them sent the same at the same time.

Times are integer microseconds, and an argument.  All nodes share the bus's baud rate today;
attach() takes a node's own, so that a bus of real bits can take its place.
"""

from collections import deque

MASTER = 0  # the key of the master; slaves have keys from 1
COLLISION = -1  # in traces only: what the master got instead of what slaves sent

_CHARACTER_BITS = 11
_DAMAGED = 0x00  # what a receiver makes of a character torn in the middle


class Bus:
    """See above.  trace(time_us, key, octets), where set, is told of all that is sent.

    echo        the master's converter echoes what it sends
    slave_echo  so do the slaves' transceivers (TSS721)
    """

    def __init__(self, baud: int, echo: bool = False, slave_echo: bool = False):
        self.baud = baud
        self.trace = None
        self._echo = echo
        self._slave_echo = slave_echo
        self._character_us = -(-_CHARACTER_BITS * 1_000_000 // baud)
        self._down = deque()  # (end, octet), from the master
        self._down_end = 0
        self._up = {}  # key -> _Sender
        self._keys = 0
        self._heard = frozenset()  # who sent the last octet of this answer

    def attach(self, baud: int | None = None) -> int:
        """Join a slave; returns its key."""
        if baud not in (None, self.baud):
            raise ValueError("a slave at %d baud on a bus of %d" % (baud, self.baud))
        self._keys += 1
        self._up[self._keys] = _Sender(self._character_us)
        return self._keys

    def detach(self, key: int):
        """Take a slave off the bus, with what it has not finished sending."""
        del self._up[key]

    def send(self, key: int, octets, now: int):
        """The node begins to send octets now, or behind what it is sending already."""
        if self.trace:
            self.trace(now, key, bytes(octets))
        if key == MASTER:
            at = max(now, self._down_end)
            for octet in octets:
                at += self._character_us
                self._down.append((at, octet))
            self._down_end = at
        elif key in self._up:
            self._up[key].send(octets, now)

    def busy_until(self, key: int) -> int:
        """When the last octet the node has sent leaves the line."""
        if key == MASTER:
            return self._down_end
        return self._up[key].end if key in self._up else 0

    def due(self) -> int | None:
        """When deliver() has something to deliver next; None when nobody is sending."""
        times = [self._down[0][0]] if self._down else []
        group = self._group()
        if group:
            times.append(self._end(group))
        return min(times) if times else None

    def deliver(self, now: int) -> list:
        """[(key, octet)] in the order of the line: all that has arrived until now."""
        arrived = []
        while True:
            at = self.due()
            if at is None or at > now:
                return arrived
            if self._down and self._down[0][0] == at:
                self._deliver_down(arrived)
            else:
                self._deliver_up(arrived, at)

    def _deliver_down(self, arrived):
        _, octet = self._down.popleft()
        self._heard = frozenset()
        arrived += [(key, octet) for key in self._up]
        if self._echo:
            arrived.append((MASTER, octet))

    def _group(self):
        """The slaves whose next octets share one character time on the line."""
        heads = [(sender.queue[0][0], key) for key, sender in self._up.items() if sender.queue]
        if not heads:
            return frozenset()
        limit = min(heads)[0] + self._character_us
        return frozenset(key for start, key in heads if start < limit)

    def _end(self, group):
        return max(self._up[key].queue[0][0] for key in group) + self._character_us

    def _deliver_up(self, arrived, at):
        group = self._group()
        own = {key: self._up[key].take() for key in sorted(group)}
        octet = 0xFF
        for sent in own.values():
            octet &= sent
        spliced = self._heard and not self._heard & group
        same = min(own.values()) == max(own.values())
        # A list, not any(): each sender takes note.
        whole = [self._up[key].passes(sent, octet, group, same) for key, sent in own.items()]
        if True in whole:
            octet = _DAMAGED
        octets = bytes((_DAMAGED, octet)) if spliced else bytes((octet,))
        if self.trace and (spliced or len(group) > 1 or True in whole):
            self.trace(at, COLLISION, octets)
        if self._slave_echo:
            arrived += own.items()
        arrived += [(MASTER, octet) for octet in octets]
        self._heard = group


class _Sender:
    """What a slave is sending, and how its burst of octets fares."""

    def __init__(self, character_us):
        self.queue = deque()  # (start, octet)
        self.end = 0
        self._character_us = character_us
        self._taken = 0  # when the last octet taken ends
        self._begin()

    def _begin(self):
        self._mates = None  # who shares the line, from the first octet of the burst on
        self._mixed = False  # others sent something else, or came or went meanwhile
        self._whole = True  # every octet has come through all the same

    def send(self, octets, now):
        """Put octets behind those that are being sent."""
        at = max(now, self.end)
        for octet in octets:
            self.queue.append((at, octet))
            at += self._character_us
        self.end = at

    def take(self):
        """The next octet."""
        start, octet = self.queue.popleft()
        self._taken = start + self._character_us
        return octet

    def passes(self, own, octet, group, same):
        """Note what became of the octet taken; True where a burst ends mixed and yet whole."""
        self._whole = self._whole and own == octet
        if self._mates is None:
            self._mates = group
        self._mixed = self._mixed or not same or group != self._mates
        if self.queue and self.queue[0][0] == self._taken:
            return False
        spoilt = self._mixed and self._whole
        self._begin()
        return spoilt


class Port:
    """A node's connection to a bus, in the shape of a stream (see firmware/port/__init__.py).

    clock() tells the time in microseconds.
    """

    def __init__(self, bus: Bus, key: int, clock):
        self.key = key
        self.inbox = bytearray()
        self._bus = bus
        self._clock = clock

    def any(self) -> int:
        """Octets that have arrived and were not read."""
        return len(self.inbox)

    def readinto(self, buf, nbytes: int) -> int:
        """Move at most nbytes of them into buf."""
        n = min(nbytes, len(self.inbox))
        buf[:n] = self.inbox[:n]
        del self.inbox[:n]
        return n

    def write(self, octets) -> int:
        """Begin to send octets."""
        self._bus.send(self.key, octets, self._clock())
        return len(octets)

    def txdone(self) -> bool:
        """Whether the last octet sent has left the line."""
        return self._bus.busy_until(self.key) <= self._clock()

    def init(self, baudrate: int):
        """The bus has one rate for all."""
        if baudrate != self._bus.baud:
            raise ValueError("%d baud on a bus of %d" % (baudrate, self._bus.baud))


class _Station:
    """A link on its port: polled when octets have come or its time is up."""

    def __init__(self, port, link, now):
        self.port = port
        self.link = link
        self.due_us = now

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
        self._ports = {}
        self._stations = []

    def port(self, key: int) -> Port:
        """Make a port for a node whose octets nobody else takes."""
        port = self._ports[key] = Port(self.bus, key, lambda: self.now_us)
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
                if key in self._ports:
                    self._ports[key].inbox.append(octet)
                else:
                    others.append((key, octet))
            for station in self._stations:
                if station.port.inbox or station.due_us <= self.now_us:
                    station.poll(self.now_us)
        return others
