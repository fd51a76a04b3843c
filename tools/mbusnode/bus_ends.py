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
    """A pty whose other side is reached by a symbolic link; programs may come and go there.

    Each one finds a line as new: raw, nothing in it of what a former one left, and a baud rate
    that no meter has: so it shows whether a program sets one.
    """

    def __init__(self, link: str):
        self._fd, theirs = os.openpty()
        os.set_blocking(self._fd, False)
        tty.setraw(theirs)
        self._attributes = termios.tcgetattr(theirs)
        self._attributes[4] = self._attributes[5] = _NO_RATE
        termios.tcsetattr(theirs, termios.TCSANOW, self._attributes)
        self._path = os.ttyname(theirs)
        # Our own hold on the other side would hide that the last program has closed it.
        os.close(theirs)
        self._link = link
        self._used = False
        # While nobody has the other side open, the hang-up stands: only its edge is an event.
        self._edges = select.epoll()
        self._edges.register(self._fd, select.EPOLLIN | select.EPOLLHUP | select.EPOLLET)
        self._level = select.poll()
        self._level.register(self._fd, 0)
        try:
            _make_link(link, self._path)
        except Failure:
            self.close()
            raise

    def fileno(self) -> int:
        """For a selector."""
        return self._edges.fileno()

    def read(self) -> bytes:
        """What has come; b"" also when a program has closed the line."""
        self._edges.poll(0)
        octets = b""
        while True:
            try:
                octets += os.read(self._fd, _READ_SIZE)
            except BlockingIOError:
                break
            except OSError:  # EIO: closed by all
                self._renew()
                break
        self._used = self._used or bool(octets)
        return octets

    def rate(self) -> int:
        """The baud rate that the program has set, 0 for none that a meter has."""
        return _RATES.get(termios.tcgetattr(self._fd)[5], 0)

    def write(self, octets):
        """Send to the program that has the line open; to nobody when none has."""
        if not self._open():
            return
        self._used = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._fd, octets)

    def close(self):
        """Remove the link, unless another one has taken its place, and close."""
        with contextlib.suppress(OSError):
            if os.readlink(self._link) == self._path:
                os.unlink(self._link)
        self._edges.close()
        os.close(self._fd)

    def _open(self):
        return not any(event & select.POLLHUP for _, event in self._level.poll(0))

    def _renew(self):
        """The last program has gone: drop what it has not read, forget what it has set.

        Where it were to set the same again, glibc would report an error: nothing changed, and
        no pty ever takes the parity it asks for.
        """
        if not self._used:
            return
        self._used = False  # before the hang-up of our own close
        theirs = os.open(self._path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        termios.tcflush(theirs, termios.TCIFLUSH)
        termios.tcsetattr(theirs, termios.TCSANOW, self._attributes)
        os.close(theirs)


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
