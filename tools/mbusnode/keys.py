# SPDX-License-Identifier: MIT
"""The key file of this machine: keys of meters, and what each meter must at least secure.

A TOML file that nobody but its owner may read, a table for each meter:

    [123456780D170102]       # the secondary address, or its identification number alone
    key = "00112233 44556677 8899AABB CCDDEEFF"
    level = 3                # 0 or 1: clear read-outs will do; 2: mode 5 or 7; 3: mode 7
    commands = 7             # the mode of what it is told; 5 for what may be in mode 5

Without a level it is 2, and commands are in mode 7.  While a key is being changed the new one
stands beside it as `pending`, and while a meter gets another number, that one as `moving`
(keyfile.py, which writes the file).  What is said of a wrong file names places and never repeats
what stands there, for it may be a key.
"""

import os
import re
import stat
import tomllib
from collections import namedtuple

from mbus.header import secondary_octets
from mbus.security import BLOCK, Key
from mbusnode.failure import Failure

VARIABLE = "MBUS_KEYS"
DEFAULT = os.path.join("~", ".config", "mbus-node", "keys.toml")

CLEAR_LEVEL = 1  # up to it read-outs may be clear
DEFAULT_LEVEL = 2
MODE_7_LEVEL = 3

_SEPARATORS = str.maketrans("", "", " \t\r\n:,;-_.")
_DIGITS = frozenset("0123456789abcdefABCDEF")
_NAMES = ("key", "level", "pending", "moving", "commands")

# address: 8 octets in wire order, or 4 where only the identification number is known.
# pending: the Key that the meter may have by now instead, or None.
# moving: the address that the meter may have by now instead, of as many octets, or None.
# commands: the mode of commands, 7, or 5 for those that mode 5 is enough for.
Entry = namedtuple("Entry", "address key level pending moving commands", defaults=(None, None, 7))


def is_hexadecimal(text: str) -> bool:
    """Whether a text can be nothing but octets in hexadecimal."""
    return set(text.translate(_SEPARATORS)) <= _DIGITS


def digits(text: str) -> str:
    """The 32 hexadecimal digits of a key, which may be set apart."""
    text = text.translate(_SEPARATORS)
    if not set(text) <= _DIGITS:
        raise Failure("a key has hexadecimal digits and nothing else", 2)
    if len(text) != 2 * BLOCK:
        raise Failure("a key has %d hexadecimal digits, not %d" % (2 * BLOCK, len(text)), 2)
    return text


def parse(text: str) -> Key:
    """The key of 32 hexadecimal digits, which may be set apart."""
    return Key(bytes.fromhex(digits(text)))


class OneKey:
    """The same key for whatever meter, of which nothing is required."""

    def __init__(self, key: Key):
        self._key = key

    def find(self, address):
        """The Entry for the 8 octets of a secondary address."""
        return Entry(bytes(address), self._key, 0)


class Ring:
    """The entries of a key file, and its path if there is one."""

    def __init__(self, entries=(), path=None):
        self._entries = {entry.address: entry for entry in entries}
        self.path = path

    def __bool__(self):
        return bool(self._entries)

    def put(self, old: Entry, new: Entry):
        """Another Entry in the place of one."""
        del self._entries[old.address]
        self._entries[new.address] = new

    def find(self, address):
        """The Entry for the 8 octets of a secondary address, None where there is none."""
        address = bytes(address)
        for one in (address, address[:4]):
            if one in self._entries:
                return self._entries[one]
        for entry in self._entries.values():
            if entry.moving in (address, address[:4]):
                return entry
        return None

    def strictest(self, mask):
        """Of the entries that a selection with this mask reaches, the one of highest level."""
        reached = [
            entry
            for entry in self._entries.values()
            if reaches(mask, entry.address) or (entry.moving and reaches(mask, entry.moving))
        ]
        return max(reached, key=lambda entry: entry.level, default=None)


def has_number(mask) -> bool:
    """Whether the identification number in the octets of a mask has no wildcards."""
    return all(octet & 0x0F != 0x0F and octet >> 4 != 0x0F for octet in mask[:4])


def reaches(mask, address) -> bool:
    """Whether a mask with wildcards, or an identification number, covers an address."""
    for at, (wanted, octet) in enumerate(zip(mask, address, strict=False)):
        for nibble in (0x0F, 0xF0) if at < 4 else (0xFF,):
            if wanted & nibble not in (nibble, octet & nibble):
                return False
    return True


def load_default() -> Ring:
    """The ring of $MBUS_KEYS or of the file in its usual place; an empty one without a file."""
    named = os.environ.get(VARIABLE)
    path = os.path.expanduser(named or DEFAULT)
    if not named and not os.path.exists(path):
        return Ring()
    return load(path)


def load(path: str) -> Ring:
    """The ring of a key file; Failure where it cannot be trusted or understood."""
    return Ring([entry for entry, _ in _entries(path)], path)


def handed_over(path: str) -> dict:
    """{address: (octets of the key, level)}, for those who give meters their keys."""
    return {
        entry.address: (bytes.fromhex(digits(table["key"])), entry.level)
        for entry, table in _entries(path)
    }


def _entries(path):
    """[(Entry, table of the file)]"""
    try:
        with open(path, "rb") as file:
            _refuse_open(path, os.fstat(file.fileno()))
            tables = tomllib.loads(file.read().decode())
    except OSError as e:
        raise Failure("key file %s cannot be read: %s" % (path, e.strerror), 2) from None
    except UnicodeDecodeError:
        raise Failure("key file %s is no text in UTF-8" % path, 2) from None
    except tomllib.TOMLDecodeError as e:
        place = re.search(r"\(at (line \d+, column \d+|end of document)\)", str(e))
        words = "key file %s is no TOML" % path + (": " + place[1] if place else "")
        raise Failure(words, 2) from None
    entries = []
    for number, (name, table) in enumerate(tables.items(), 1):
        try:
            entry = _entry(name, table)
        except Failure as e:
            raise Failure("key file %s, entry %d: %s" % (path, number, e), 2) from None
        if entry.address in [other.address for other, _ in entries]:
            raise Failure("key file %s, entry %d: this meter was there before" % (path, number), 2)
        entries.append((entry, table))
    return entries


def _refuse_open(path, status):
    if os.name != "posix":
        return
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Failure(
            "key file %s is open to other users (mode %03o): make it yours alone by\n"
            "  chmod 600 %s\nand change the keys if they may have been read"
            % (path, stat.S_IMODE(status.st_mode), path),
            2,
        )
    if os.getuid() not in (0, status.st_uid):
        raise Failure("key file %s belongs to another user" % path, 2)


def _entry(name, table):
    address = _address(name)
    if not isinstance(table, dict) or not isinstance(table.get("key"), str):
        raise Failure('a table with key = "..." is needed', 2)
    if not set(table) <= set(_NAMES):
        raise Failure("only these can be given: " + ", ".join(_NAMES), 2)
    level = table.get("level", DEFAULT_LEVEL)
    if type(level) is not int or not 0 <= level <= MODE_7_LEVEL:
        raise Failure("level is a number from 0 to %d" % MODE_7_LEVEL, 2)
    pending = table.get("pending")
    if not isinstance(pending, (str, type(None))):
        raise Failure('pending = "..." is a key', 2)
    pending = None if pending is None else parse(pending)
    commands = table.get("commands", 7)
    if commands not in (5, 7) or (commands == 5 and level == MODE_7_LEVEL):
        raise Failure("commands is 7, or 5 where the level is below %d" % MODE_7_LEVEL, 2)
    moving = table.get("moving")
    if moving is not None:
        moving = _address(moving) if isinstance(moving, str) else b""
        if len(moving) != len(address):
            raise Failure('moving = "..." is an address of as many digits as its name', 2)
    return Entry(address, parse(table["key"]), level, pending, moving, commands)


def _address(name):
    if len(name) not in (8, 16) or not set(name) <= _DIGITS or "F" in name[:8].upper():
        raise Failure(
            "its name must be a secondary address of 16 hexadecimal digits or an "
            "identification number of 8, without wildcards",
            2,
        )
    return secondary_octets((name + "0" * 8)[:16].upper())[: len(name) // 2]
