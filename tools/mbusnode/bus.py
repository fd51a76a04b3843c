# SPDX-License-Identifier: MIT
"""A virtual M-Bus without I/O: one master, any number of slaves, and what they do at once.

Octets take the time they take on a line: octet i of a burst fills [t, t + 11 bit times), and
is delivered when it ends.  What the master sends reaches every slave, what slaves send the
master alone.  Slaves that answer together collide as they do on the wire, where a space of
any of them wins: octets that overlap are ANDed into one; where a slave begins behind the
octets of others, the master sees a damaged octet between them.  An answer that others have
touched never arrives whole, unless all of them sent the same at the same time.

Every node has its own baud rate.  Who listens at another rate than the sender's gets what a
UART makes of its bits (see bits.py); so does the master while any slave sends at a rate that
is not its own.

Times are integer microseconds, and an argument.
"""

from collections import deque
from heapq import heappop, heappush

from mbusnode.bits import BAD, Ear, character_us

MASTER = 0  # the key of the master; slaves have keys from 1
COLLISION = -1  # in traces only: what the master got instead of what slaves sent

_DAMAGED = 0x00  # what a receiver makes of a character torn in the middle


class Bus:
    """See above.  trace(time_us, key, octets), where set, is told of all that is sent.

    baud        the master's rate, and that of slaves for which nothing else is said
    echo        the master's converter echoes what it sends
    slave_echo  so do the slaves' transceivers (TSS721)
    """

    def __init__(self, baud: int, echo: bool = False, slave_echo: bool = False):
        self.baud = self._default = baud
        self.trace = None
        self._echo = echo
        self._slave_echo = slave_echo
        self._down = deque()  # (end, start, octet, baud), from the master
        self._down_end = 0
        self._listeners = {}  # rate -> {address: since when}
        self._ears = {}  # rate -> the receiver of what the master sends at another one
        self._up = {}  # key -> _Sender
        self._mixed = None  # the master's receiver while slaves send at several rates
        self._echoes = []  # (end, key, octet): a heap of what slaves hear meanwhile
        self._keys = 0
        self._heard = frozenset()  # who sent the last octet of this answer

    def attach(self, baud: int | None = None, feeds=()) -> int:
        """Join a slave; returns its key.

        It receives at its rate, or with feeds at several rates at once: then each of them has
        an address of its own, (key, rate).
        """
        self._keys += 1
        key = self._keys
        rate = baud or self._default
        self._up[key] = _Sender(rate)
        for address, r in [((key, r), r) for r in feeds] or [(key, rate)]:
            self._listen(address, r, 0)
        return key

    def detach(self, key: int):
        """Take a slave off the bus, with what it has not finished sending."""
        del self._up[key]
        for rate in list(self._listeners):
            for address in [a for a in self._listeners[rate] if a in (key, (key, rate))]:
                self._leave(address, rate)

    def tune(self, key: int, baud: int, now: int):
        """The node goes on at another rate; a slave loses what it has not sent yet."""
        if key == MASTER:
            if baud != self.baud:
                self.baud = baud
                if self._mixed or any(sender.queue for sender in self._up.values()):
                    self._mix(now)
            return
        sender = self._up[key]
        if key in self._listeners.get(sender.baud, ()):
            self._leave(key, sender.baud)
            self._listen(key, baud, now)
        self._up[key] = _Sender(baud)

    def _listen(self, address, rate, now):
        self._listeners.setdefault(rate, {})[address] = now
        if rate not in self._ears:
            ear = self._ears[rate] = Ear(rate, now)
            for _, start, octet, baud in self._down:
                if baud != rate:
                    ear.put(octet, start, baud)

    def _leave(self, address, rate):
        del self._listeners[rate][address]
        if not self._listeners[rate]:
            del self._listeners[rate], self._ears[rate]

    def send(self, key: int, octets, now: int):
        """The node begins to send octets now, or behind what it is sending already."""
        if self.trace:
            self.trace(now, key, bytes(octets))
        if key == MASTER:
            self._send_down(octets, now)
        elif key in self._up:
            sender = self._up[key]
            if self._mixed and self._mixed.due() is None and self._quiet(now):
                self._mixed = None
            sender.send(octets, now)
            if self._mixed or sender.baud != self.baud:
                self._mix(now)

    def _send_down(self, octets, now):
        at = max(now, self._down_end)
        baud = self.baud
        ears = [ear for rate, ear in self._ears.items() if rate != baud]
        for octet in octets:
            for ear in ears:
                ear.put(octet, at, baud)
            end = at + character_us(baud)
            self._down.append((end, at, octet, baud))
            at = end
        self._down_end = at

    def _quiet(self, now):
        return all(sender.end <= now for sender in self._up.values())

    def _mix(self, now):
        """What slaves send is bits from now on; what they have begun to send as well."""
        starts = [sender.queue[0][0] for sender in self._up.values() if sender.queue]
        if not self._mixed or self._mixed.baud != self.baud:
            line = self._mixed and self._mixed.line
            self._mixed = Ear(self.baud, now if line else min(starts, default=now))
            self._mixed.line = line or self._mixed.line
        for key, sender in self._up.items():
            for start, octet in sender.queue:
                self._mixed.put(octet, start, sender.baud)
                if self._slave_echo:
                    heappush(self._echoes, (start + character_us(sender.baud), key, octet))
            sender.drop()
        self._heard = frozenset()

    def busy_until(self, key: int) -> int:
        """When the last octet the node has sent leaves the line."""
        if key == MASTER:
            return self._down_end
        return self._up[key].end if key in self._up else 0

    def due(self) -> int | None:
        """When deliver() has something to deliver next; None when nobody is sending."""
        times = [self._down[0][0]] if self._down else []
        times += [due for ear in self._ears.values() if (due := ear.due()) is not None]
        if self._mixed:
            if (due := self._mixed.due()) is not None:
                times.append(due)
            times += [echo[0] for echo in self._echoes[:1]]
        elif group := self._group():
            times.append(self._end(group))
        return min(times) if times else None

    def deliver(self, now: int) -> list:
        """[(address, octet)] in the order of the line: all that has arrived until now.

        An octet that the receiver knows to be damaged has bits.BAD added.
        """
        arrived = []
        while True:
            at = self.due()
            if at is None or at > now:
                return arrived
            if self._down and self._down[0][0] == at:
                self._deliver_down(arrived)
            self._deliver_sampled(arrived, at)
            if self._mixed:
                self._deliver_mixed(arrived, at)
            elif (group := self._group()) and self._end(group) == at:
                self._deliver_up(arrived, at, group)

    def _deliver_down(self, arrived):
        _, start, octet, baud = self._down.popleft()
        self._heard = frozenset()
        listeners = self._listeners.get(baud, {})
        arrived += [(address, octet) for address, since in listeners.items() if since <= start]
        if self._echo:
            arrived.append((MASTER, octet))

    def _deliver_sampled(self, arrived, at):
        """What the master sends, to those at another rate."""
        for rate, ear in self._ears.items():
            for start, octet in ear.take(at):
                for address, since in self._listeners[rate].items():
                    if since <= start:
                        arrived.append((address, octet))

    def _deliver_mixed(self, arrived, at):
        """What slaves send at several rates, to the master."""
        while self._echoes and self._echoes[0][0] <= at:
            arrived.append(heappop(self._echoes)[1:])
        for _, octet in self._mixed.take(at):
            arrived.append((MASTER, octet))
            if self.trace:
                self.trace(at, COLLISION, bytes((octet & ~BAD,)))

    def _group(self):
        """The slaves whose next octets share one character time on the line."""
        heads = [(sender.queue[0][0], key) for key, sender in self._up.items() if sender.queue]
        if not heads:
            return frozenset()
        limit = min(heads)[0] + character_us(self.baud)
        return frozenset(key for start, key in heads if start < limit)

    def _end(self, group):
        return max(self._up[key].queue[0][0] for key in group) + character_us(self.baud)

    def _deliver_up(self, arrived, at, group):
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

    def __init__(self, baud):
        self.baud = baud
        self.queue = deque()  # (start, octet)
        self.end = 0
        self._character_us = character_us(baud)
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

    def drop(self):
        """What is in the queue is on its way by other means."""
        self.queue.clear()
        self._begin()

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
