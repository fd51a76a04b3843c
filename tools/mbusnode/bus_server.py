# SPDX-License-Identifier: MIT
"""The virtual bus in real time: a pty or TCP for the master, TCP and local stations as slaves.

One thread, one selector.  While nobody talks it sleeps.
"""

import contextlib
import os
import selectors
import socket
import termios
import time
import tty

from mbusnode.bus import MASTER, Bus, Port
from mbusnode.failure import Failure

_IDLE_POLL_S = 1.0  # how often a local station is polled while nothing happens
_READ_SIZE = 4096


def clock_us() -> int:
    """Microseconds of a clock that never goes back."""
    return time.monotonic_ns() // 1000


class BusServer:
    """Serves one Bus until stop() is called, from a signal handler or between two events.

    connected counts the slaves that came by TCP since the start.
    """

    def __init__(self, bus: Bus):
        self.bus = bus
        self.connected = 0
        self._selector = selectors.DefaultSelector()
        self._outputs = {}  # key -> function that takes octets for that node
        self._local = []  # (link, port, after) of the stations in this process
        self._closers = []
        # The tail of a signal handler: a blocked select wakes up for it.
        self._wake_in, self._wake_out = os.pipe()
        os.set_blocking(self._wake_in, False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, self._drain_wake)
        self._stopped = False

    def stop(self):
        """End run(); safe in a signal handler."""
        self._stopped = True
        os.write(self._wake_out, b"!")

    def _drain_wake(self, _fd):
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_in, 16)

    def run(self):
        """Serve until stop()."""
        while not self._stopped:
            wait_s = self._step()
            for key, _ in self._selector.select(wait_s):
                key.data(key.fileobj)

    def close(self):
        """Let go of every connection, remove what was made."""
        for closer in reversed(self._closers):
            closer()
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        os.close(self._wake_in)
        os.close(self._wake_out)

    def _step(self):
        """Deliver what is due and poll local stations; seconds until that is needed again."""
        self._deliver()
        waits = [_IDLE_POLL_S] if self._local else []
        for link, port, after in self._local:
            wait_ms = link.poll(clock_us() // 1000 & 0x3FFFFFFF)
            if port.inbox or not link.quiet:
                waits.append(wait_ms / 1000)
            else:
                after()
        due = self.bus.due()
        if due is not None:
            waits.append(max(0, due - clock_us()) / 1e6)
        return min(waits) if waits else None

    def _deliver(self):
        bursts = {}
        for key, octet in self.bus.deliver(clock_us()):
            bursts.setdefault(key, bytearray()).append(octet)
        for key, octets in bursts.items():
            output = self._outputs.get(key)
            if output:
                output(bytes(octets))

    # ---- the master ----

    def master_pty(self, link: str):
        """Make a pty for the master, reachable by the symbolic link."""
        if os.path.lexists(link) and not os.path.islink(link):
            raise Failure("%s exists and is no link: choose another name" % link, 2)
        ours, theirs = os.openpty()
        # The other side stays open here too, so that clients may come and go.
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        path = os.ttyname(theirs)
        fresh = "%s.%d" % (link, os.getpid())
        try:
            os.symlink(path, fresh)
            os.replace(fresh, link)
        except OSError as e:
            raise Failure("%s cannot be made: %s" % (link, e.strerror), 2) from None

        def read(_fd):
            octets = os.read(ours, _READ_SIZE)
            if self.bus.due() is None:
                # What a former client left unread is no answer to this one.
                termios.tcflush(theirs, termios.TCIFLUSH)
            self.bus.send(MASTER, octets, clock_us())

        def write(octets):
            # A client that reads nothing loses what the pty cannot hold, as on a UART.
            with contextlib.suppress(BlockingIOError):
                os.write(ours, octets)

        def close():
            if os.path.islink(link) and os.readlink(link) == path:
                os.unlink(link)
            os.close(ours)
            os.close(theirs)

        self._selector.register(ours, selectors.EVENT_READ, read)
        self._outputs[MASTER] = write
        self._closers.append(close)

    def master_tcp(self, host: str, port: int) -> int:
        """Listen for the master, one at a time; returns the port (one is chosen for 0)."""
        listener = _listen(host, port)

        def accept(_listener):
            line, _ = listener.accept()
            self._selector.unregister(listener)  # the next one waits until this one is gone

            def gone():
                self._outputs.pop(MASTER, None)
                self._selector.register(listener, selectors.EVENT_READ, accept)

            self._serve(line, MASTER, gone)

        self._selector.register(listener, selectors.EVENT_READ, accept)
        self._closers.append(listener.close)
        return listener.getsockname()[1]

    # ---- the slaves ----

    def slaves_tcp(self, host: str, port: int) -> int:
        """Listen for slaves, any number of them; returns the port."""
        listener = _listen(host, port)

        def accept(_listener):
            line, _ = listener.accept()
            key = self.bus.attach()
            self.connected += 1

            def gone():
                self._outputs.pop(key, None)
                self.bus.detach(key)

            self._serve(line, key, gone)

        self._selector.register(listener, selectors.EVENT_READ, accept)
        self._closers.append(listener.close)
        return listener.getsockname()[1]

    def slave_local(self, make_link, after=lambda: None):
        """Join a station in this process: make_link(stream) -> link; after() when it is quiet."""
        port = Port(self.bus, self.bus.attach(), clock_us)
        self._outputs[port.key] = port.inbox.extend
        self._local.append((make_link(port), port, after))

    def _serve(self, line, key, gone):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setblocking(False)

        def end():
            if line.fileno() >= 0:
                self._selector.unregister(line)
                line.close()
                gone()

        def read(_line):
            try:
                octets = line.recv(_READ_SIZE)
            except BlockingIOError:
                return
            except OSError:
                octets = b""
            if octets:
                self.bus.send(key, octets, clock_us())
            else:
                end()

        def write(octets):
            try:
                line.send(octets)
            except BlockingIOError:
                return  # a client that reads nothing loses what does not fit, as on a UART
            except OSError:
                end()

        self._selector.register(line, selectors.EVENT_READ, read)
        self._outputs[key] = write


def _listen(host, port):
    try:
        listener = socket.create_server((host, port))
    except (OSError, OverflowError) as e:
        words = e.strerror if isinstance(e, OSError) and e.strerror else str(e)
        raise Failure("cannot listen at %s:%d: %s" % (host, port, words)) from None
    listener.setblocking(False)
    return listener
