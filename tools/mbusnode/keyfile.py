# SPDX-License-Identifier: MIT
"""Changes of a key file (keys.py): a meter more, another number of it, another key for it.

Every function takes the path of the file, and the address of a meter as keys.Entry has it: 8
octets in wire order, or the 4 of an identification number; a key is 16 octets.  Each changes
its few lines and leaves all else, comments too, as it is.  A change is whole or not made at
all, whatever stops it: the new file has mode 600 from the start, is on the disk before it
takes the old one's place, and two programs take turns.  Failure says why nothing was changed,
and repeats no key.

To change the key of a meter: set_pending() before the command goes out, settle() once it is
known which of the two keys the meter has.  Entry.pending is the new one meanwhile.  To change
its number, likewise: set_moving() and settle_moving(), and Entry.moving.
"""

import contextlib
import os
import re
import tomllib

from mbus.header import secondary_text
from mbusnode import keys
from mbusnode.failure import Failure

try:
    import fcntl
except ImportError:  # Windows, where one program at a time is up to the user
    fcntl = None

_HEADER = re.compile(r"""\s*\[\s*["']?([0-9A-Fa-f]+)["']?\s*\]\s*(#.*)?$""")
_ANY_HEADER = re.compile(r"\s*\[")
_VALUE = re.compile(r"""(\s*["']?(key|level|pending|moving)["']?\s*=\s*)([^#]*?)(\s*(#.*)?)$""")
_FOLDER_MODE, _FILE_MODE = 0o700, 0o600


def usual_path() -> str:
    """The file that is changed where none is named: that of $MBUS_KEYS, else the usual one."""
    return os.path.expanduser(os.environ.get(keys.VARIABLE) or keys.DEFAULT)


def add(path: str, address, key, level: int):
    """Add a meter with its key and the level that it must at least secure; makes the file."""
    with _changed(path) as file:
        if file.find(address):
            raise Failure("key file %s has a key for %s already" % (path, _text(address)), 2)
        file.append(_text(address), key, level)


def reindex(path: str, old, new):
    """A meter has another identification number: new replaces old, 4 or 8 octets each.

    An entry by identification number alone stays one.
    """
    with _changed(path) as file:
        name = file.wanted(old)
        other = _text(new)[: len(name)]
        if file.find(bytes(new)[: len(name) // 2]):
            raise Failure("key file %s has a key for %s already" % (path, other), 2)
        file.rename(name, other)


def set_pending(path: str, address, key):
    """Keep a new key beside the one that counts, until settle().

    Failure where another one is pending: which key counts is to be found out first.
    """
    with _changed(path) as file:
        name = file.wanted(address)
        if "pending" in file.table(name):
            raise Failure(
                "key file %s: a change of the key of %s is not settled yet" % (path, name), 2
            )
        file.insert(name, 'pending = "%s"' % bytes(key).hex())


def settle(path: str, address, new_counts: bool):
    """The meter was found to have the pending key, or still the old one; the other is removed."""
    with _changed(path) as file:
        name = file.wanted(address)
        pending = file.table(name).get("pending")
        if pending is None:
            raise Failure("key file %s: no change of the key of %s is open" % (path, name), 2)
        if new_counts:
            file.set(name, "key", '"%s"' % keys.digits(pending))
        file.remove(name, "pending")


def set_moving(path: str, address, new):
    """The meter is told to have another address, 8 octets: it may be found at both."""
    with _changed(path) as file:
        name = file.wanted(address)
        other = _text(new)[: len(name)]
        if file.find(bytes(new)[: len(name) // 2]):
            raise Failure("key file %s has a key for %s already" % (path, other), 2)
        if "moving" in file.table(name):
            raise Failure("key file %s: another number of %s is not settled yet" % (path, name), 2)
        file.insert(name, 'moving = "%s"' % other)


def settle_moving(path: str, address, moved: bool):
    """The meter was found to have the other number, or to have kept its own."""
    with _changed(path) as file:
        name = file.wanted(address)
        other = file.table(name).get("moving")
        if other is None:
            raise Failure("key file %s: no other number of %s is open" % (path, name), 2)
        file.remove(name, "moving")
        if moved:
            file.rename(name, other.upper())


def set_level(path: str, address, level: int):
    """The meter must secure at least this from now on."""
    with _changed(path) as file:
        name = file.wanted(address)
        if "level" in file.table(name):
            file.set(name, "level", str(level))
        else:
            file.insert(name, "level = %d" % level)


def remove(path: str, address):
    """Take a meter out of the file."""
    with _changed(path) as file:
        file.drop(file.wanted(address))


def _text(address):
    octets = bytes(address)
    return secondary_text((octets + bytes(8))[:8])[: 2 * len(octets)]


class _File:
    """The lines of a key file and the tables that they make."""

    def __init__(self, path, text):
        self._path = path
        self.lines = text.splitlines(keepends=True)
        self.tables = tomllib.loads(text)

    @property
    def text(self):
        return "".join(self.lines)

    def find(self, address):
        """The name of the entry for just this address, or None."""
        for name in self.tables:
            if name.upper() == _text(address):
                return name
        return None

    def wanted(self, address):
        """The name of the entry that keys.Ring.find() would take."""
        name = self.find(address) or self.find(bytes(address)[:4])
        if not name:
            text = _text(address)
            raise Failure("key file %s has no key for %s" % (self._path, text), 2)
        return name

    def table(self, name):
        return self.tables[name]

    def _place(self, name):
        """(line of the header of an entry, line behind its last)."""
        begin = end = None
        for n, line in enumerate(self.lines):
            if begin is not None and _ANY_HEADER.match(line):
                end = n
                break
            match = _HEADER.match(line)
            if match and match[1] == name:
                begin = n
        if begin is None:
            self._refuse(name)
        return begin, len(self.lines) if end is None else end

    def _line(self, name, what):
        begin, end = self._place(name)
        for n in range(begin + 1, end):
            match = _VALUE.match(self.lines[n].rstrip("\r\n"))
            if match and match[2] == what:
                return n, match
        return self._refuse(name)

    def _refuse(self, name):
        raise Failure(
            "key file %s: the entry of %s is written in a way that cannot be changed here; "
            "write it as the table [%s] with a line for each value" % (self._path, name, name),
            2,
        )

    def append(self, name, key, level):
        if self.lines and not self.lines[-1].endswith("\n"):
            self.lines.append("\n")
        gap = "\n" if self.lines else ""
        line = '%s[%s]\nkey = "%s"\nlevel = %d\n' % (gap, name, bytes(key).hex(), level)
        self.lines.append(line)
        self.tables[name] = {"key": bytes(key).hex(), "level": level}

    def rename(self, name, other):
        n, _ = self._place(name)
        self.lines[n] = self.lines[n].replace(name, other, 1)
        self.tables[other] = self.tables.pop(name)

    def set(self, name, what, value):
        n, match = self._line(name, what)
        self.lines[n] = match[1] + value + match[4] + "\n"
        self.tables[name][what] = tomllib.loads("x = " + value)["x"]

    def insert(self, name, line):
        begin, _ = self._place(name)
        if not self.lines[begin].endswith("\n"):
            self.lines[begin] += "\n"
        self.lines.insert(begin + 1, line + "\n")
        self.tables[name].update(tomllib.loads(line))

    def remove(self, name, what):
        n, _ = self._line(name, what)
        del self.lines[n]
        del self.tables[name][what]

    def drop(self, name):
        begin, end = self._place(name)
        del self.lines[begin:end]
        del self.tables[name]

    def check(self):
        """Failure where the lines do not say what the tables do."""
        try:
            if tomllib.loads(self.text) == self.tables:
                return
        except tomllib.TOMLDecodeError:
            pass
        raise Failure(
            "key file %s: its lines cannot be changed here; write each entry as a table "
            "[ADDRESS] with a line for each value" % self._path,
            2,
        )


@contextlib.contextmanager
def _changed(path):
    path = os.path.realpath(path)
    try:
        os.makedirs(os.path.dirname(path), _FOLDER_MODE, exist_ok=True)
        with _locked(path):
            text = ""
            if os.path.exists(path):
                keys.load(path)  # refuses what is wrong with it
                with open(path, encoding="utf-8", newline="") as file:
                    text = file.read()
            changed = _File(path, text)
            yield changed
            changed.check()
            replace(path, changed.text.encode())
    except OSError as e:
        raise Failure("key file %s cannot be changed: %s" % (path, e.strerror), 2) from None


@contextlib.contextmanager
def _locked(path):
    descriptor = os.open(path + ".lock", os.O_RDWR | os.O_CREAT, _FILE_MODE)
    try:
        if fcntl:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def replace(path: str, octets):
    """Give a file of mode 600 another content, whole and on the disk, or leave it; OSError."""
    fresh = path + ".new"
    with contextlib.suppress(FileNotFoundError):
        os.remove(fresh)  # of a change that was cut
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.remove(fresh)
        raise
    if os.name == "posix":
        folder = os.open(os.path.dirname(path), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
