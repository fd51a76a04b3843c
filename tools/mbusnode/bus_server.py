# SPDX-License-Identifier: MIT
"""The virtual bus in real time: a pty or TCP for the master; TCP, ptys and local stations.

One thread, one selector, octets within a millisecond of their time.  While nobody talks it
sleeps.
"""

import os
import selectors
import time
from functools import partial

from mbusnode.bus import MASTER, Bus
from mbusnode.bus_ends import PtyEnd, TcpEnd, listener
from mbusnode.timeline import Timeline

_IDLE_US = 1_000_000  # how often a local station is polled while nothing happens
_BUSY_US = 500_000  # how long after the last octet it is polled as often as it wants


def clock_us() -> int:
    """Microseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1000


class BusServer:
    """Serves one Bus until stop() is called, from a signal handler or another thread.

    connected counts the slaves that came by TCP since the start.
    """

    def __init__(self, bus: Bus):
        self.bus = bus
        self.connected = 0
        self._baud = bus.baud
        self._rates = {}  # key -> the rate that its program has set, where it is another
        # Not epoll, which counts whole milliseconds: a character at 9600 baud takes one.
        self._selector = selectors.SelectSelector()
        self._ends = {}  # key -> PtyEnd, TcpEnd
        self._timeline = Timeline(bus, clock_us())
        self._local = []  # (link, after) of the stations in this process
        self._open = []  # all that wants to be closed
        self._active_us = clock_us()  # when an octet last arrived somewhere
        self._stopped = False
        self._wake_in, self._wake_out = os.pipe()
        self._selector.register(self._wake_in, selectors.EVENT_READ, lambda: None)

    def stop(self):
        """End run()."""
        if not self._stopped:
            self._stopped = True
            os.write(self._wake_out, b"!")

    def run(self):
        """Serve until stop()."""
        while not self._stopped:
            for key, _ in self._selector.select(self._step()):
                key.data()

    def close(self):
        """Do what waits for a quiet line, close every connection, remove what was made."""
        self._stopped = True
        for _, after in self._local:
            after()
        for end in [*self._ends.values(), *self._open]:
            end.close()
        self._selector.close()
        os.close(self._wake_in)
        os.close(self._wake_out)

    # ---- the master ----

    def master_pty(self, link: str):
        """Make a pty for the master, reachable by the symbolic link."""
        self._add(MASTER, PtyEnd(link))

    def master_tcp(self, host: str, port: int) -> int:
        """Listen for the master, one at a time; returns the port (one is chosen for 0)."""
        line = listener(host, port)
        self._open.append(line)

        def accept():
            # The next one waits until this one is gone.
            self._selector.unregister(line)
            self._accept(line, MASTER, listen)

        def listen():
            self._selector.register(line, selectors.EVENT_READ, accept)

        listen()
        return line.getsockname()[1]

    # ---- the slaves ----

    def slaves_tcp(self, host: str, port: int) -> int:
        """Listen for slaves, any number of them; returns the port."""
        line = listener(host, port)
        self._open.append(line)

        def accept():
            key = self.bus.attach()
            if self._accept(line, key, partial(self.bus.detach, key)):
                self.connected += 1

        self._selector.register(line, selectors.EVENT_READ, accept)
        return line.getsockname()[1]

    def slave_pty(self, link: str):
        """Make a pty for one slave, reachable by the symbolic link."""
        end = PtyEnd(link)
        self._add(self.bus.attach(), end)

    def slave_local(self, make_link, after=lambda: None, baud=None, feeds=()):
        """Join a station in this process: make_link(stream) -> link; after() when it is quiet.

        baud and feeds are those of Bus.attach().
        """
        port = self._timeline.port(self.bus.attach(baud, feeds), feeds)
        link = make_link(port)
        self._timeline.join(port, link)
        self._local.append((link, after))

    # ---- the loop ----

    def _add(self, key, end, gone=None):
        self._ends[key] = end
        self._selector.register(end, selectors.EVENT_READ, partial(self._read, key, end, gone))

    def _accept(self, line, key, gone):
        try:
            other, _ = line.accept()
        except OSError:  # it has changed its mind
            gone()
            return False
        self._add(key, TcpEnd(other), gone)
        return True

    def _read(self, key, end, gone):
        octets = end.read()
        if octets:
            rate = end.rate()
            if rate or key == MASTER:
                self._tune(key, rate or self._baud)
            self.bus.send(key, octets, clock_us())
        elif octets is None:
            self._selector.unregister(end)
            end.close()
            del self._ends[key]
            gone()

    def _tune(self, key, rate):
        """Follow the rate that a program has set on its pty: it holds for what it has sent."""
        if rate != self._rates.get(key, self._baud):
            self._rates[key] = rate
            self.bus.tune(key, rate, clock_us())

    def _step(self):
        """Do what is due; seconds until something is due again."""
        now = clock_us()
        if self.bus.due() is not None:
            self._active_us = now
        self._write(self._timeline.advance(now))
        for link, after in self._local:
            if link.quiet:
                after()
        if now - self._active_us > _BUSY_US:
            self._timeline.delay(now + _IDLE_US)
        due = self._timeline.due()
        return None if due is None else max(0, due - clock_us()) / 1e6

    def _write(self, arrived):
        bursts = {}
        for key, octet in arrived:
            bursts.setdefault(key, bytearray()).append(octet)
        for key, octets in bursts.items():
            if key in self._ends:
                self._ends[key].write(bytes(octets))
