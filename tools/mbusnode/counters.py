# SPDX-License-Identifier: MIT
"""The message counters of this machine as the partner of meters with keys, on the disk.

A small file for each identification number and key, for from these the keys of mode 7 are
derived: a meter that gets another key begins anew, and what the old one had stays.  It holds a
counter for each direction:

    sent 17                          of the last command: on the disk before that goes out
    seen 40 2DA4F5E2FD7E4393         the greatest of a read-out, and the MAC that was with it

Neither ever goes back.  A file is replaced as a whole and is safe before anything depends on
it, and one program at a time may use it.
"""

import os
import re

from mbus.cmac import cmac
from mbus.security import BLOCK
from mbusnode.failure import Failure
from mbusnode.keyfile import replace

try:
    import fcntl
except ImportError:  # Windows, where one program at a time is up to the user
    fcntl = None

LAST_ORDINARY = 0xFFFFFFFE
LAST = 0xFFFFFFFF  # kept for a change of the key

_NUMBER = 4  # octets of an identification number
_LABEL = b"mbus-node master"
_FORM = re.compile(r"sent (\d{1,10})\nseen (\d{1,10})(?: ([0-9A-F]{16}))?\n")
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


class Counters:
    """Of one meter under one key: take() for what is sent, keep() of what has come.

    sent     the counter of the last command, 0 before the first
    highest  the greatest of a read-out, None before the first; tag its MAC

    Without a path they last as long as the object does.
    """

    def __init__(self, path=None):
        self.sent, self.highest, self.tag = 0, None, None
        self._path = path
        self._lock = None
        if path:
            self._lock = _locked(path)
            try:
                self._load()
            except BaseException:
                self.close()
                raise

    def _load(self):
        try:
            with open(self._path, encoding="ascii", errors="replace") as file:
                match = _FORM.fullmatch(file.read())
        except FileNotFoundError:
            return
        if not match:
            raise Failure(
                "%s is damaged: it holds the message counters of a meter. Remove it, and give "
                "the meter another key (mbus key ADDRESS change), for what was recorded on the "
                "bus could be played back to you" % self._path,
                2,
            )
        self.sent = int(match[1])
        if match[3]:
            self.highest, self.tag = int(match[2]), bytes.fromhex(match[3])

    def take(self, floor: int = 0, last: int = LAST_ORDINARY) -> int:
        """The counter of the next command, above floor too; Failure behind the last one."""
        counter = max(self.sent, floor) + 1
        if counter > last:
            raise Failure(
                "the message counter of commands is used up: give the meter another key "
                "(mbus key ADDRESS change)"
            )
        self._store(counter, self.highest, self.tag)
        return counter

    def keep(self, counter: int, tag):
        """Take note of a read-out that was accepted."""
        if self.highest is None or counter > self.highest:
            self._store(self.sent, counter, bytes(tag))

    def adopt(self, other):
        """Go on from other counters at least: those that the meter had as another number."""
        highest, tag = self.highest, self.tag
        if other.highest is not None and (highest is None or other.highest > highest):
            highest, tag = other.highest, other.tag
        self._store(max(self.sent, other.sent), highest, tag)

    def _store(self, sent, highest, tag):
        if self._path:
            text = "sent %d\nseen %d\n" % (sent, 0)
            if tag is not None:
                text = "sent %d\nseen %d %s\n" % (sent, highest, tag.hex().upper())
            try:
                replace(self._path, text.encode())
            except OSError as e:
                raise Failure(
                    "%s cannot be written, and without it nothing is taken from the meter or "
                    "sent to it: %s" % (self._path, e.strerror)
                ) from None
        self.sent, self.highest, self.tag = sent, highest, tag

    def close(self):
        """Let others use them."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class Ledger:
    """The Counters of all meters, in the folder beside a key file; in memory without one."""

    def __init__(self, key_file=None):
        self._folder = os.path.realpath(key_file) + ".counters" if key_file else None
        self._open = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def of(self, address, key) -> Counters:
        """Those of a meter, of which at least the identification number is given, and a key."""
        name = "%s-%s" % (bytes(address[:_NUMBER][::-1]).hex(), _fingerprint(key))
        if name not in self._open:
            path = os.path.join(self._folder, name) if self._folder else None
            self._open[name] = Counters(path)
        return self._open[name]

    def close(self):
        """Let others use them."""
        for counters in self._open.values():
            counters.close()
        self._open.clear()


def _fingerprint(key):
    work = memoryview(bytearray(BLOCK))
    work[:] = _LABEL
    at = cmac(key, work, BLOCK)
    return bytes(work[at : at + 8]).hex()


def _locked(path):
    try:
        os.makedirs(os.path.dirname(path), _FOLDER_MODE, exist_ok=True)
        descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT, _FILE_MODE)
    except OSError as e:
        raise Failure("%s cannot be used: %s" % (path, e.strerror), 2) from None
    try:
        if fcntl:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise Failure(
            "another program is talking to this meter and uses its message counters (%s): "
            "try again when it has ended" % path
        ) from None
    return descriptor
