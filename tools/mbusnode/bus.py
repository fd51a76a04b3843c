# SPDX-License-Identifier: MIT
"""A virtual M-Bus without I/O: one master, any number of slaves, and what they do at once.

Octets take the time they take on a line: octet i of a burst fills [t, t + 11 bit times), and
is delivered when it ends.  What the master sends reaches every slave, what slaves send the
master alone.  Slaves that answer together collide as they do on the wire, where a space of
any of them wins: octets that overlap are ANDed into one; where a slave cuts in between the
octets of others, the master sees a damaged octet besides.

Times are integer microseconds, and an argument.  All nodes share the bus's baud rate today;
attach() takes a node's own, so that a bus of real bits can take its place.
"""

from collections import deque

MASTER = 0  # the key of the master; slaves have keys from 1

_CHARACTER_BITS = 11
_DAMAGED = 0x00  # what a receiver makes of a character torn in the middle


class Bus:
    """See above.  trace(time_us, key, octets), where set, is told of all that is sent.

    echo        the master's converter echoes what it sends
    slave_echo  so do the slaves' transceivers
    """

    def __init__(self, baud: int, echo: bool = False, slave_echo: bool = False):
        self.baud = baud
        self.trace = None
        self._echo = echo
        self._slave_echo = slave_echo
        self._character_us = -(-_CHARACTER_BITS * 1_000_000 // baud)
        self._down = deque()  # (end, octet), from the master
        self._down_end = 0
        self._up = {}  # key -> deque of (start, octet), from that slave
        self._up_end = {}
        self._keys = 0
        self._answering = set()  # slaves heard since the master's last octet

    def attach(self, baud: int | None = None) -> int:
        """Join a slave; returns its key."""
        if baud not in (None, self.baud):
            raise ValueError("a slave at %d baud on a bus of %d" % (baud, self.baud))
        self._keys += 1
        self._up[self._keys] = deque()
        self._up_end[self._keys] = 0
        return self._keys

    def detach(self, key: int):
        """Take a slave off the bus, with what it has not finished sending."""
        del self._up[key], self._up_end[key]

    def send(self, key: int, octets, now: int):
        """The node begins to send octets now, or behind what it is sending already."""
        if self.trace:
            self.trace(now, key, bytes(octets))
        step = self._character_us
        if key == MASTER:
            at = max(now, self._down_end)
            for octet in octets:
                at += step
                self._down.append((at, octet))
            self._down_end = at
        elif key in self._up:
            at = max(now, self._up_end[key])
            for octet in octets:
                self._up[key].append((at, octet))
                at += step
            self._up_end[key] = at

    def busy_until(self, key: int) -> int:
        """When the last octet the node has sent leaves the line."""
        return self._down_end if key == MASTER else self._up_end.get(key, 0)

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
                self._deliver_up(arrived)

    def _deliver_down(self, arrived):
        _, octet = self._down.popleft()
        self._answering.clear()
        arrived += [(key, octet) for key in self._up]
        if self._echo:
            arrived.append((MASTER, octet))

    def _group(self):
        """The slaves whose next octets share one character time on the line."""
        heads = [(queue[0][0], key) for key, queue in self._up.items() if queue]
        if not heads:
            return []
        first = min(heads)[0]
        return [key for start, key in heads if start < first + self._character_us]

    def _end(self, group):
        return max(self._up[key][0][0] for key in group) + self._character_us

    def _deliver_up(self, arrived):
        group = self._group()
        octet = 0xFF
        for key in group:
            own = self._up[key].popleft()[1]
            octet &= own
            if self._slave_echo:
                arrived.append((key, own))
        if self._answering and not self._answering & set(group):
            arrived.append((MASTER, _DAMAGED))
        self._answering.update(group)
        arrived.append((MASTER, octet))


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


class VirtualBus:
    """A bus whose time runs only while run() does: no test on it ever sleeps."""

    def __init__(self, baud: int, echo: bool = False, slave_echo: bool = False):
        self.now_us = 0
        self.bus = Bus(baud, echo, slave_echo)
        self.master = Port(self.bus, MASTER, self._clock)
        self._ports = {MASTER: self.master}

    def _clock(self):
        return self.now_us

    def slave(self) -> Port:
        """Join another slave; returns its port."""
        port = Port(self.bus, self.bus.attach(), self._clock)
        self._ports[port.key] = port
        return port

    def run(self, links, until_us=None, done=None):
        """Poll links (anything with poll(now_ms)) until done() or for so long."""
        end = None if until_us is None else self.now_us + until_us
        while True:
            for key, octet in self.bus.deliver(self.now_us):
                self._ports[key].inbox.append(octet)
            waits = [link.poll(self.now_us // 1000 & 0x3FFFFFFF) for link in links]
            if done and done():
                return
            steps = [self.now_us + 1000 * max(1, wait) for wait in waits]
            due = self.bus.due()
            if due is not None:
                steps.append(due)
            self.now_us = max(self.now_us + 1, min(steps))
            if end is not None and self.now_us >= end:
                return
