# SPDX-License-Identifier: MIT
"""The register table as the device uses it: packed octets, found by row number.

The octets it is made from are those of registerpack.py, which is thrown away again.
"""

from array import array

from micropython import const

from . import forget

STORAGES = 16  # the current values and 15 closed periods
EVENTS = 64

# What the letters of the table mean as bits of flags().
TELEGRAMS = 0x0007  # 1, 2 and 3, a bit each
SIMPLE = 0x0008
ENHANCED = 0x0010
TARIFFS = 0x0020
INSTANTANEOUS = 0x0040
LOAD = 0x0080
INSTALLATION = 0x0100
HISTORY = 0x0200
EVENT = 0x0400
EXACT = 0x0800
_WIDE = const(0x1000)

READ = 0x01
WRITE = 0x02
ADD = 0x04
SUBTRACT = 0x08
CLEAR = 0x10
FREEZE = 0x20

# The VIF of a pulse input by what it shows; a bare count has that of its row.
_PULSES = (b"pulse_1", b"pulse_2")
_SHOWN = {"kWh": b"\x04", "m3": b"\x13", "l": b"\x13"}
_INT32 = const(0x04)
_INT48 = const(0x06)
_EXTENSION = const(0x80)
_STORAGE_BIT = const(0x40)
_TAIL = const(7)  # octets of a row behind its VIB


def _part(octets, at):
    """(octets that their length stands in front of, what comes behind)."""
    end = at + 1 + octets[at]
    return octets[at + 1 : end], end


class Registers:
    """The rows of one meter.

    wide    energy in 48 bits, for CT meters
    legacy  tariffs and directions coded as an older module does
    units   what pulse inputs 1 and 2 show: "kWh", "m3", "l", or "none" for a bare count
    """

    def __init__(self, wide=False, legacy=False, units=("none", "none")):
        self._starts = array("H")  # where a row begins in _heads: DIB length, VIB length, DIB, VIB
        self._heads = bytearray()
        self._flags = array("H")
        self._access = bytearray()
        self._sources = bytearray()  # group and index
        self._scales = {}
        self._names = self._pack(wide, legacy, units)
        self.count = len(self._starts)

    def _pack(self, wide, legacy, units):
        from .registerpack import packed

        octets = packed(legacy)
        forget("registerpack", "registertext", "sourcetext")
        names, at = [], 0
        while at < len(octets):
            name, at = _part(octets, at)
            dib, at = _part(octets, at)
            vib, at = _part(octets, at)
            if name in _PULSES:
                vib = _SHOWN.get(units[_PULSES.index(name)], vib)
            self._starts.append(len(self._heads))
            self._heads.extend(bytes((len(dib), len(vib))))
            flags = octets[at + 1] | octets[at + 2] << 8
            if wide and flags & _WIDE:
                dib = bytes((dib[0] + _INT48 - _INT32,)) + dib[1:]
            self._heads.extend(dib + vib)
            self._access.append(octets[at])
            self._flags.append(flags)
            self._sources.extend(octets[at + 3 : at + 5])
            if octets[at + 5] != octets[at + 6]:
                self._scales[len(names)] = octets[at + 5], octets[at + 6]
            names.append(name.decode())
            at += _TAIL
        return "\n" + "\n".join(names) + "\n"

    def row(self, name: str) -> int:
        """The number of the row with this name; KeyError where there is none."""
        at = self._names.find("\n" + name + "\n")
        if at < 0:
            raise KeyError(name)
        return self._names.count("\n", 0, at)

    def drop_names(self):
        """They take more than all the rest."""
        self._names = ""

    def names(self) -> list:
        """The names of all rows, in their order."""
        return self._names.strip().split("\n")

    def flags(self, row: int) -> int:
        """The sets of the row."""
        return self._flags[row]

    def access(self, row: int) -> int:
        """What a master may do with the row."""
        return self._access[row]

    def source(self, row: int):
        """(group, index) of the row's value, see sourcetext.py."""
        return self._sources[2 * row], self._sources[2 * row + 1]

    def scaled(self, row: int, value: int) -> int:
        """The value of the source as the row sends it."""
        if row not in self._scales:
            return value
        multiplier, divisor = self._scales[row]
        return value * multiplier // divisor

    def dif(self, row: int) -> int:
        """The DIF of the row, for its data field."""
        return self._heads[self._starts[row] + 2]

    def parts(self, row: int):
        """(octets, DIB from, VIB from, end): where the head of the row lies."""
        at = self._starts[row]
        middle = at + 2 + self._heads[at]
        return self._heads, at + 2, middle, middle + self._heads[at + 1]

    def alike(self, vif: int, mask: int):
        """The rows whose VIB begins with this octet, as far as the mask says."""
        heads = self._heads
        rows = bytearray()
        for row, at in enumerate(self._starts):
            if not (heads[at + 2 + heads[at]] ^ vif) & mask:
                rows.append(row)
        return rows

    def head_size(self, row: int, storage: int = 0) -> int:
        """Octets of DIB and VIB."""
        at = self._starts[row]
        return self._dib_size(at, storage) + self._heads[at + 1]

    def put_head(self, row: int, buf, at: int, storage: int = 0) -> int:
        """Write DIB and VIB at buf[at:], with this storage number; returns where the data go."""
        heads, dib_at, vib_at, end = self.parts(row)
        size = self._dib_size(dib_at - 2, storage)
        buf[at] = heads[dib_at] | (_STORAGE_BIT if storage & 1 else 0)
        storage >>= 1
        for i in range(1, size):
            buf[at + i - 1] |= _EXTENSION
            dife = heads[dib_at + i] if dib_at + i < vib_at else 0
            buf[at + i] = dife | storage & 0x0F
            storage >>= 4
        at += size
        for i in range(vib_at, end):
            buf[at] = heads[i]
            at += 1
        return at

    def _dib_size(self, start, storage):
        size = self._heads[start]
        storage >>= 1
        needed = 1
        while storage:
            needed += 1
            storage >>= 4
        return max(size, needed)


_made = {}


def of(wide: bool, legacy: bool, units=("none", "none")) -> Registers:
    """The rows of such a meter; meters of one kind share them."""
    kind = wide, legacy, units
    if kind not in _made:
        _made[kind] = Registers(wide, legacy, units)
    return _made[kind]


def forget_names():
    """No row will be asked for by its name again: a device has better use for the heap."""
    for registers in _made.values():
        registers.drop_names()
    _made.clear()
