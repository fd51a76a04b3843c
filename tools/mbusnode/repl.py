# SPDX-License-Identifier: MIT
"""A board at a serial port, by way of its raw REPL (mpremote's transport).

What is run there is in pieces of less than the watchdog's time, and each begins with a feed:
a watchdog that runs cannot be stopped, and one that is started here makes a board that its
host has left start its program again.
"""

import ast
import contextlib
import errno
import io
import os
import struct
import time
from base64 import b64encode

import serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport
from serial.tools import list_ports

from mbusnode.failure import Failure

WATCHDOG_MS = 8388  # the RP2's limit
CHUNK = 1536  # octets of a file sent at once: a small heap holds them some times over

_ANSWER_S = 10
_STOP_S = 1.5  # until the program has ended, and the REPL answers
_PAUSE_S = 0.3
_TRIES = 4
_PROMPT = b"raw REPL; CTRL-B to exit\r\n"
_LOST = (TransportError, OSError, struct.error)  # SerialException is an OSError

# The names begin with an underscore to leave those of the program alone.
_HELPERS = """\
import os,sys
from machine import WDT
_w=WDT(timeout=%d)
from binascii import a2b_base64 as _a,hexlify as _x
from hashlib import sha256 as _s
def _h(p):
 s=_s();b=bytearray(512);m=memoryview(b)
 with open(p,'rb') as f:
  while 1:
   n=f.readinto(b)
   if not n:break
   s.update(m[:n])
 _w.feed()
 return _x(s.digest()).decode()
def _l(d):
 for e in os.ilistdir(d):
  p=d+'/'+e[0]
  if e[1]!=0x4000:print((p,os.stat(p)[6],_h(p)))
  else:
   print((p,-1,''));_l(p)
def _c(p,q):
 with open(p,'rb') as f,open(q,'wb') as g:
  while 1:
   b=f.read(512)
   if not b:break
   g.write(b)
 _w.feed()
"""


class RemoteError(Exception):
    """What was run raised: the last line of its traceback."""


class Device:
    """The board at a port; close() at the end.  Failure in words for people."""

    def __init__(self, port: str):
        self._port = port
        self._console = _opened(port)

    def close(self):
        """Let go of the port; what was stopped, and not started since, goes on."""
        with contextlib.suppress(*_LOST):
            if self._console.in_raw_repl:
                self._console.exit_raw_repl()
                self._console.serial.write(b"\x04")
                self._console.serial.flush()
            self._console.close()

    def stop(self) -> str:
        """Stop what runs; what it printed meanwhile.  From here on there is the raw REPL."""
        said = b""
        with self._talk():
            for _ in range(_TRIES):
                self._console.serial.write(b"\r\x03\x03")
                said += self._until(b">>> ", _STOP_S / 5)
                self._console.serial.write(b"\r\x01")
                said += self._until(_PROMPT, _STOP_S)
                if said.endswith(_PROMPT) and self._is_alone():
                    self._console.in_raw_repl = True
                    self._console.exec(_HELPERS % WATCHDOG_MS)
                    return said.decode(errors="replace")
        raise Failure(
            "%s does not answer as MicroPython does: is it the right port, and is MicroPython "
            "on the board?  A board that was hardened never answers here" % self._port
        )

    def _is_alone(self):
        """Whether the prompt comes once: what was typed before may have waited till now."""
        self._until(b"\0", _PAUSE_S)
        self._console.serial.write(b"\r\x01")
        return self._until(_PROMPT, _STOP_S).endswith(_PROMPT)

    def run(self, code: str, timeout_s: float = 0) -> str:
        """Run code on the board; what it printed.  RemoteError where it raised."""
        with self._talk():
            out, error = self._console.exec_raw("_w.feed()\n" + code, timeout_s or _ANSWER_S)
        if error:
            lines = error.decode(errors="replace").strip().splitlines()
            raise RemoteError(lines[-1].strip() if lines else "")
        return out.decode(errors="replace").replace("\r\n", "\n")

    def value(self, expression: str):
        """The value of an expression, of what Python can write."""
        return ast.literal_eval(self.run("print(repr(%s))" % expression).strip())

    def files(self, folder: str) -> dict:
        """{path: (size, SHA-256)} of all below a folder, its folders with size -1.

        Empty where there is no such folder.
        """
        if not self.exists(folder):
            return {}
        lines = self.run("_l(%r)" % folder, timeout_s=60).splitlines()
        found = [ast.literal_eval(line) for line in lines]
        return {path: (size, digest) for path, size, digest in found}

    def exists(self, name: str) -> bool:
        """Whether there is a file or a folder of this name beside main.py."""
        return self.value("%r in os.listdir()" % name)

    def digest(self, name: str):
        """The SHA-256 of a file beside main.py, None where there is none."""
        return self.value("_h(%r)" % name) if self.exists(name) else None

    def read(self, path: str) -> bytes:
        """The octets of a small file."""
        return bytes.fromhex(self.run("print(_x(open(%r,'rb').read()).decode())" % path).strip())

    def write(self, path: str, octets: bytes):
        """Write a file; not atomic."""
        begin = "_f=open(%r,'wb')\n" % path
        for at in range(0, len(octets) or 1, CHUNK):
            text = b64encode(octets[at : at + CHUNK]).decode()
            end = "\n_f.close()" if at + CHUNK >= len(octets) else ""
            self.run("%s_f.write(_a(%r))%s" % (begin, text, end))
            begin = ""

    def replace(self, path: str, octets: bytes):
        """Write a file that is whole or the old one, whatever happens."""
        self.write(path + ".new", octets)
        self.run("os.rename(%r,%r)" % (path + ".new", path))

    def restart(self, wanted: tuple, timeout_s: float) -> tuple:
        """Start the program anew: (the line that begins with one of wanted, what came before).

        The line is None where none came in time, or the program has ended.
        """
        text = line = ""
        with self._talk():
            self._console.exit_raw_repl()
            self._until(b">>> ", _STOP_S)
            self._console.serial.write(b"\x04")
            end = time.monotonic() + timeout_s
            while time.monotonic() < end and not line.startswith(">>> "):
                line += self._until(b"\n", _PAUSE_S).decode("latin-1")
                if not line.endswith("\n"):
                    continue
                if line.startswith(wanted):
                    return line.strip(), text
                text += line.replace("\r\n", "\n")
                line = ""
        return None, text + line

    def listens(self, quiet_s: float) -> bool:
        """Whether a program that runs is stopped by Ctrl-C."""
        with self._talk():
            self._console.serial.write(b"\r\x03\x03\r\x01")
            return b"raw REPL" in self._until(_PROMPT, quiet_s)

    def _until(self, ending, pause_s):
        """What comes, to its ending or a pause."""
        line = self._console.serial
        line.timeout = pause_s  # of a pty mpremote does not ask before it reads
        try:
            return self._console.read_until(1, ending, timeout=pause_s)
        finally:
            line.timeout = _ANSWER_S

    @contextlib.contextmanager
    def _talk(self):
        # mpremote prints what it did not expect.
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                yield
            except TransportExecError as e:
                raise Failure("%s: the board refuses: %s" % (self._port, e)) from None
            except _LOST:
                raise Failure(
                    "%s: the board does not answer any more: was it unplugged?  If it has "
                    "power, it goes on with the program it had" % self._port
                ) from None


def _opened(port):
    if not port:
        raise Failure("which port? " + _ports(), 2)
    try:
        return SerialTransport(port, timeout=_ANSWER_S)
    except (TransportError, ValueError):
        pass
    # mpremote does not say why.
    try:
        serial.serial_for_url(port, exclusive=True).close()
    except (OSError, ValueError) as e:
        raise Failure("port %s cannot be opened: %s" % (port, _why(port, e)), 2) from None
    raise Failure("port %s cannot be opened, try again" % port)


def _why(port, error):
    number = getattr(error, "errno", None)
    if number in (errno.EACCES, errno.EPERM):
        return "your user may not: be a member of its group, often `dialout`"
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(error):
        return "another program uses it"
    if number == errno.ENOENT or not os.path.exists(port):
        return "it is not there; " + _ports()
    return str(error)


def _ports():
    there = [info.device for info in list_ports.comports()]
    return "there are " + ", ".join(there) if there else "there is no port at all"
