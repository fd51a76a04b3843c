# SPDX-License-Identifier: MIT
"""The port to MicroPython on a PC: a TCP connection, a pty or a tty as the bus.

A pty has no bit rate and no parity; a tty is set to 8E1 at the rate by `stty`.
"""

import gc
import os
import select
import socket
import sys
import time
from errno import EINVAL, EIO

from micropython import const

from .files import Slots

_BUFFER = const(300)
_EPOCH_1970 = const(946_684_800)  # seconds to 2000
_READABLE = const(0x15)  # data, hang-up or a fault: read() tells which


def ticks_ms() -> int:
    """Milliseconds, wrapping at 2**30."""
    return time.ticks_ms() & 0x3FFFFFFF


def ticks_us() -> int:
    """Microseconds, wrapping at 2**30."""
    return time.ticks_us() & 0x3FFFFFFF


def utc_s() -> int:
    """UTC in seconds since 2000-01-01."""
    return int(time.time()) - _EPOCH_1970  # a float here


def reset_cause() -> int:
    """Nobody knows."""
    return 0


def others():
    """Neither FRAM nor memory that outlives a reset."""
    return None, None


def backup_clock(_calendar):
    """That of the system is not ours to set."""
    return


def inputs():
    """There are none."""
    return


coils = watchdog = inputs
restart = None  # a program just ends


def overload() -> bool:
    """Nothing tells of one."""
    return False


def open_bus(where: str, baud: int, _find: bool = False):
    """The stream of HOST:PORT or of a path that begins with / or a dot; OSError."""
    if where[:1] in "/.":
        return Stream(_open_tty(where, baud), where)
    host, _, port = where.rpartition(":")
    if not port.isdigit():
        raise OSError(EINVAL)
    line = socket.socket()
    try:
        line.connect(socket.getaddrinfo(host or "localhost", int(port))[0][-1])
    except OSError:
        line.close()
        raise
    return Stream(line, where)


def _open_tty(path, baud):
    os.stat(path)
    if _stty(path, "raw -echo cs8 %d" % baud):
        raise OSError(EIO)
    # A pty has no parity, and no harm is done by asking for it.
    _stty(path, "parenb -parodd -cstopb clocal")
    return open(path, "r+b")


def _stty(path, settings):
    quoted = path.replace("'", "'\\''")
    return os.system("stty -F '%s' %s 2>/dev/null" % (quoted, settings))


class Stream:
    """A line as node and link want it; see port/__init__.py."""

    def __init__(self, line, where):
        self._line = line
        self._where = where
        self._poll = select.poll()
        self._poll.register(line, select.POLLIN)
        self._one = bytearray(1)
        self._buf = memoryview(bytearray(_BUFFER))
        self._n = 0

    def any(self) -> int:
        """Octets waiting here; takes them from the system one by one, for it says no count."""
        while self._n < _BUFFER and self._readable():
            if not self._line.readinto(self._one):
                raise OSError(EIO)  # the other end is closed
            self._buf[self._n] = self._one[0]
            self._n += 1
        return self._n

    def _readable(self):
        for _, event in self._poll.ipoll(0):
            return event & _READABLE
        return False

    def readinto(self, buf, nbytes: int) -> int:
        """Move at most nbytes of what waits here."""
        n = min(nbytes, self._n)
        buf[:n] = self._buf[:n]
        self._n -= n
        self._buf[: self._n] = self._buf[n : n + self._n]
        return n

    def write(self, octets) -> int:
        """All of it; the system keeps what the line cannot take yet."""
        at = 0
        while at < len(octets):
            at += self._line.write(octets[at:])
        return at

    def txdone(self) -> bool:
        """The system does not say; the link counts line time."""
        return True

    def init(self, baudrate: int):
        """Another rate, where there is one."""
        if self._where[:1] in "/.":
            _stty(self._where, str(baudrate))

    def close(self):
        """Let go of the line."""
        self._line.close()


def store(where: str) -> Slots:
    """The slots in a directory, which is made where it is missing."""
    return Slots(where)


def report() -> str:
    """The interpreter and the heap it was given."""
    gc.collect()
    return "%s heap=%d" % (sys.implementation, gc.mem_alloc() + gc.mem_free())
