# SPDX-License-Identifier: MIT
"""The ends of a bus in real time: ptys and TCP connections, none of which ever waits.

An end has fileno(), for a selector; read(), the octets that have come, or None once the other
side is gone for good; write(octets); close().  Other sides that read nothing lose what does
not fit, as on a UART.  Linux, for the ptys.
"""

import contextlib
import os
import select
import socket
import termios
import tty

from mbus.timing import RATES
from mbusnode.failure import Failure

_READ_SIZE = 4096
_PTYS = "/dev/pts/"
_LAST_PORT = 65535
_NO_RATE = termios.B50
_RATES = {getattr(termios, "B%d" % rate): rate for rate in RATES}


class PtyEnd:
    """Ptys behind one symbolic link; programs may come and go there.

    Each program finds a line of its own, and a new one: raw, nothing in it of what a former one
    left, and a baud rate that no meter has: so it shows whether a program sets one.  A line made
    new again when its program goes would undo what the next one may have set by then.
    """

    def __init__(self, link: str):
        self._link = link
        self._lines = []  # the last is where the link leads, the others are in use
        self._rate = 0
        # While nobody has a line open, its hang-up stands: only the edge is an event.
        self._edges = select.epoll()
        self._level = select.poll()
        self._path = self._add_line()
        try:
            _make_link(link, self._path)
        except Failure:
            self.close()
            raise

    def fileno(self) -> int:
        """For a selector."""
        return self._edges.fileno()

    def read(self) -> bytes:
        """What has come; b"" also when a program has closed its line."""
        self._edges.poll(0)
        octets = b""
        for fd in self._lines[:]:
            come, still_open = _read(fd)
            if come:
                octets += come
                self._rate = _RATES.get(termios.tcgetattr(fd)[5], 0)
                self._use(fd)
            if not still_open and fd != self._lines[-1]:
                self._lines.remove(fd)
                self._level.unregister(fd)
                os.close(fd)
        return octets

    def rate(self) -> int:
        """The baud rate that the program has set that was read last, 0 for none a meter has."""
        return self._rate

    def write(self, octets):
        """Send to all programs that have a line open."""
        closed = {fd for fd, _ in self._level.poll(0)}
        for fd in self._lines[:]:
            if fd not in closed:
                with contextlib.suppress(BlockingIOError):
                    os.write(fd, octets)
                self._use(fd)

    def close(self):
        """Remove the link, unless another one has taken its place, and close."""
        if self._is_ours():
            os.unlink(self._link)
        self._edges.close()
        for fd in self._lines:
            os.close(fd)

    def _add_line(self):
        """Make a line; returns its path."""
        fd, theirs = os.openpty()
        os.set_blocking(fd, False)
        tty.setraw(theirs)
        attributes = termios.tcgetattr(theirs)
        attributes[4] = attributes[5] = _NO_RATE
        termios.tcsetattr(theirs, termios.TCSANOW, attributes)
        path = os.ttyname(theirs)
        # Our own hold on the other side would hide that the last program has closed it.
        os.close(theirs)
        self._edges.register(fd, select.EPOLLIN | select.EPOLLHUP | select.EPOLLET)
        self._level.register(fd, 0)
        self._lines.append(fd)
        return path

    def _use(self, fd):
        """A program is at this line: the link must lead the next one to another."""
        if fd == self._lines[-1] and self._is_ours():
            self._path = self._add_line()
            beside = "%s.%d" % (self._link, os.getpid())
            os.symlink(self._path, beside)
            os.replace(beside, self._link)

    def _is_ours(self):
        try:
            return os.readlink(self._link) == self._path
        except OSError:
            return False


def _read(fd):
    """(what has come, whether a program still has the line open)"""
    octets = b""
    while True:
        try:
            octets += os.read(fd, _READ_SIZE)
        except BlockingIOError:
            return octets, True
        except OSError:  # EIO: closed by all
            return octets, False


def _make_link(link, path):
    with contextlib.suppress(OSError):
        left = os.readlink(link)
        if left.startswith(_PTYS) and not os.path.exists(left):
            os.unlink(link)  # of a simulator that was killed
        elif left.startswith(_PTYS):
            raise Failure(
                "%s leads to %s: another simulator's? stop that, or remove the link"
                % (link, left),
                2,
            )
    if os.path.lexists(link):
        raise Failure("%s exists: choose another name for the link" % link, 2)
    try:
        os.symlink(path, link)
    except OSError as e:
        raise Failure("%s cannot be made: %s" % (link, e.strerror), 2) from None


class TcpEnd:
    """One connection that a listener has accepted."""

    def __init__(self, line):
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.setblocking(False)
        self._line = line

    def fileno(self) -> int:
        """For a selector."""
        return self._line.fileno()

    def read(self) -> bytes | None:
        """What has come; None at the end of the connection."""
        try:
            return self._line.recv(_READ_SIZE) or None
        except BlockingIOError:
            return b""
        except OSError:
            return None

    def rate(self) -> int:
        """A connection has none."""
        return 0

    def write(self, octets):
        """Send; that the other side is gone is for read() to tell."""
        with contextlib.suppress(OSError):
            self._line.send(octets)

    def close(self):
        """Close."""
        self._line.close()


def listener(host: str, port: int):
    """A socket that listens there; port 0 chooses a free one."""
    if port > _LAST_PORT:
        raise Failure("%s:%d: ports end at %d" % (host, port, _LAST_PORT), 2)
    try:
        line = socket.create_server((host, port))
    except OSError as e:
        words = os.strerror(e.errno) if e.errno and e.errno > 0 else str(e)
        raise Failure("cannot listen at %s:%d: %s" % (host, port, words)) from None
    line.setblocking(False)
    return line
