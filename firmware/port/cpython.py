# SPDX-License-Identifier: MIT
"""The port to CPython: a serial port, a pty, or what else pySerial has a URL for, as the bus.

Every error is a PortError whose text says what, where, and what to try.  pySerial tells of
no parity errors; checksums find the damage.
"""

import errno
import os
import select
import time

import serial

try:
    import termios

    _SETTINGS = termios.error
except ImportError:  # not a POSIX system
    _SETTINGS = serial.SerialException

_FAULTS = (OSError, ValueError, _SETTINGS)  # SerialException is an OSError
_WRITE_S = 5
_EPOCH_1970 = 946_684_800  # seconds to 2000
_POLL_S = 0.002  # where nothing can be waited for


class PortError(OSError):
    """A line that cannot be opened, or is lost; the text is for people."""


def ticks_ms() -> int:
    """Milliseconds, wrapping at 2**30."""
    return time.monotonic_ns() // 1000000 & 0x3FFFFFFF


def utc_s() -> int:
    """UTC in seconds since 2000-01-01."""
    return int(time.time()) - _EPOCH_1970


def open(url: str, baud: int):
    """The Stream of a device (/dev/ttyUSB0, COM3), a pty, socket://HOST:PORT, loop://."""
    # A pty has neither wire nor parity, and the system refuses to give it one twice.
    pty = os.path.realpath(url).startswith("/dev/pts/")
    try:
        port = serial.serial_for_url(
            url,
            baudrate=baud,
            bytesize=8,
            parity="N" if pty else "E",
            stopbits=1,
            timeout=0,
            write_timeout=_WRITE_S,
            exclusive=True,
        )
    except _FAULTS as e:
        raise PortError(_explain(url, e)) from None
    return Stream(port, url)


class Stream:
    """A line as the links want it (see port/__init__.py), and wait() for what drives them."""

    def __init__(self, port, url):
        self._port = port
        self._url = url
        self._data = b""
        try:
            self._fd = port.fileno()
        except (OSError, AttributeError):
            self._fd = None  # loop://, or a system that cannot select() a port

    def any(self) -> int:
        """Octets waiting."""
        try:
            self._data += self._port.read(512)
        except _FAULTS as e:
            raise self._lost(e) from None
        return len(self._data)

    def readinto(self, buf, nbytes: int) -> int:
        """Move at most nbytes of what any() has told of into buf."""
        n = min(nbytes, len(self._data))
        buf[:n] = self._data[:n]
        self._data = self._data[n:]
        return n

    def write(self, octets) -> int:
        """All of it; returns before it has left the machine."""
        try:
            self._port.write(bytes(octets))
        except _FAULTS as e:
            raise self._lost(e) from None
        return len(octets)

    def txdone(self) -> bool:
        """Whether the system has passed everything on, where it tells."""
        try:
            return not getattr(self._port, "out_waiting", 0)
        except _FAULTS as e:
            raise self._lost(e) from None

    def init(self, baudrate: int):
        """Another baud rate."""
        try:
            self._port.baudrate = baudrate
        except _FAULTS as e:
            raise PortError("%s does not take %d baud: %s" % (self._url, baudrate, e)) from None

    def wait(self, ms: int):
        """Return when octets have come, or after so many milliseconds."""
        if self._data:
            return
        if self._fd is None:
            time.sleep(min(ms / 1000, _POLL_S))
            return
        try:
            select.select((self._fd,), (), (), ms / 1000)
        except _FAULTS as e:
            raise self._lost(e) from None

    def close(self):
        """Let go of the line."""
        try:
            self._port.close()
        except _FAULTS:
            pass  # it is gone already

    def _lost(self, e):
        return PortError(
            "the connection to %s is lost (%s): check the cable and the converter, "
            "and whether another program uses the port" % (self._url, e)
        )


def _explain(url, e):
    """Why a line could not be opened, and what to try."""
    cause = e if getattr(e, "errno", None) else e.__context__ or e
    code = getattr(cause, "errno", None)
    if url.startswith("socket://"):
        return _explain_network(url, cause, code)
    if code == errno.ENOENT:
        hint = "is the converter plugged in?"
        if ":" in url and not os.path.isabs(url):
            hint = "a network address is written socket://HOST:PORT"
        return "there is no port %s: %s" % (url, hint)
    if code in (errno.EACCES, errno.EPERM):
        return (
            "no permission to open %s: on Linux, add yourself to the group dialout and "
            "log in again" % url
        )
    if code in (errno.EBUSY, errno.EAGAIN):
        return "%s is in use by another program: close that first" % url
    if code in (errno.ENOTTY, errno.EISDIR) or isinstance(cause, _SETTINGS):
        return "%s is no serial port, or cannot be set to 8E1: %s" % (url, cause)
    return "cannot open %s: %s" % (url, e)


def _explain_network(url, cause, code):
    if code == errno.ECONNREFUSED:
        return "%s refuses the connection: is the converter or simulator running there?" % url
    if isinstance(cause, TimeoutError):
        return "%s does not answer: check the host, the port and the firewall" % url
    if code in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return "%s cannot be reached: check the network" % url
    if cause.__class__.__name__ == "gaierror":
        return "%s: no host of that name is known" % url
    return "cannot connect to %s: a network address is written socket://HOST:PORT" % url
