# SPDX-License-Identifier: MIT
"""The names of our meters' registers, for records that were read and for people who ask.

All of it comes from the firmware's own table (node/registertext.py).  A record is called by
its register's name only where the whole readout is that of such a meter: to other meters the
same octets may mean something else, and the standard's words are all that is sure.
"""

import difflib
from collections import namedtuple
from functools import lru_cache

from mbus import names, viftables
from mbus.record import dib_values
from mbusnode.failure import Failure
from node import registers, registertext

MODES = ("auto", "on", "off")
MODES_HELP = (
    "names of our meters' registers beside the standard's words; auto, the default: if the "
    "meter is an electricity meter and sends nothing but registers of the table, among them "
    "one that the standard does not know, or a dozen in all"
)

# dib and vib as octets; access is bits of node.registers; exact: answers only its own data field;
# units: (VIB, meaning) of what a pulse register shows in place of a bare count, as configured.
Register = namedtuple("Register", "name dib vib access exact storages meaning units")

_MEANINGS = {row[0]: row[-1] for row in registertext.rows()}
_ENERGY = (b"\x04", "10 Wh, pulse register")
_VOLUME = (b"\x13", "l, pulse register")
_UNITS = {"pulse_1": (_ENERGY, _VOLUME), "pulse_2": (_VOLUME,)}
_ELECTRICITY = 2
_ENOUGH = 12
_FIELD = 0x0F
_EXTENSION = 0x80
_ONE_OCTET = 1


class Names:
    """The registers of one kind of meter, by name and by the head of their records."""

    def __init__(self, wide: bool, legacy: bool):
        table = registers.of(wide, legacy)
        self.rows = {}
        self._by_head = {}
        for row, name in enumerate(table.names()):
            heads, dib_at, vib_at, end = table.parts(row)
            flags = table.flags(row)
            register = Register(
                name,
                bytes(heads[dib_at:vib_at]),
                bytes(heads[vib_at:end]),
                table.access(row),
                bool(flags & registers.EXACT),
                _storages(flags),
                _MEANINGS[name],
                () if legacy else _UNITS.get(name, ()),
            )
            self.rows[name] = register
            if register.access & registers.READ:
                self._by_head.setdefault(_key_of(register), []).append(register)
        for register in self.rows.values():
            for variant in variants(register)[1:]:
                self._by_head[_key_of(variant)] = [register]

    def find(self, head, missing=False):
        """The Register of a report's Head, or None; missing: its VIB ends with a record error."""
        vib = bytes.fromhex(head.vif)
        if missing:
            if len(vib) < 2:
                return None
            vib = vib[:-2] + bytes((vib[-2] & ~_EXTENSION,))
        found = self._by_head.get((head.function, head.tariff, head.subunit, vib), ())
        field = field_of(head)
        for register in found:
            if head.storage < register.storages and register.dib[0] & _FIELD == field:
                return register
        for register in found:
            if head.storage < register.storages and not register.exact:
                return register
        return None


def _storages(flags):
    if flags & registers.HISTORY:
        return registers.STORAGES
    return registers.EVENTS if flags & registers.EVENT else 1


def _key_of(register):
    _, tariff, subunit = dib_values(register.dib, 0, len(register.dib))
    return names.FUNCTIONS[register.dib[0] >> 4 & 3], tariff, subunit, register.vib


def variants(register) -> list:
    """The register, and what it is where it shows another unit."""
    others = [register._replace(vib=vib, meaning=words) for vib, words in register.units]
    return [register, *others]


def field_of(head) -> int:
    """The data field of a report's Head; -1 where it has no DIB."""
    return int(head.dif[:2], 16) & _FIELD if head.dif else -1


@lru_cache(maxsize=None)
def of(wide: bool = False, legacy: bool = False) -> Names:
    """The registers of such a meter."""
    return Names(wide, legacy)


def _kinds():
    return [of(wide, legacy) for legacy in (False, True) for wide in (False, True)]


def register(name: str, legacy: bool = False) -> Register:
    """The Register of this name; Failure, with names like it, where there is none."""
    rows = of(False, legacy).rows
    if name in rows:
        return rows[name]
    like = difflib.get_close_matches(name, rows, 3, 0.5)
    hint = "did you mean %s?" % ", ".join(like) if like else "mbus write --help lists some"
    raise Failure("there is no register %s; %s" % (name, hint), 2)


def name_all(reports, mode: str):
    """Put the names of registers into the rows of one meter's reports; see MODES_HELP."""
    if mode == "off":
        return
    kind = recognised(reports) if mode == "auto" else _best(reports)
    if kind:
        for report in reports:
            report.rows = [_named(kind, row) for row in report.rows]


def drop_misses(reports):
    """Of the errors of one register only the first is left, and none where it has a value."""
    settled = {row.register for report in reports for row in report.rows if not row.error}
    for report in reports:
        rows = []
        for row in report.rows:
            if row.register and row.error:
                if row.register in settled:
                    continue
                settled.add(row.register)
            rows.append(row)
        report.rows = rows


def recognised(reports):
    """The Names of the kind of meter whose readout this is, or None for any other meter."""
    if not all(report.header and not report.errors for report in reports):
        return None
    if any(report.header["device_type"] != _ELECTRICITY for report in reports):
        return None
    rows = [row for report in reports for row in report.rows]
    for kind in _kinds():
        found = [_exactly(kind, row) for row in rows]
        if found and all(found):
            distinct = set(found)
            own = any(0xFF in register.vib for register in distinct)
            if own or len(distinct) >= _ENOUGH:
                return kind
    return None


def _exactly(kind, row):
    """The Register of a row that has its data field, or is a record error."""
    register, missing = _look_up(kind, row)
    same = register and register.dib[0] & _FIELD == field_of(row.head)
    return register if same or missing else None


def _best(reports):
    rows = [row for report in reports for row in report.rows]
    return max(_kinds(), key=lambda kind: sum(_look_up(kind, row)[0] is not None for row in rows))


def _look_up(kind, row):
    """(Register or None, whether the row is a record error)."""
    found = kind.find(row.head)
    if found or field_of(row.head) or row.value is not None:
        return found, False
    found = kind.find(row.head, True)
    return found, found is not None


def _named(kind, row):
    found, missing = _look_up(kind, row)
    if not found:
        return row
    name = found.name
    if row.head.storage:
        name += "[%d]" % row.head.storage
    row = row._replace(register=name)
    if missing and not row.error:
        # Behind a VIF of its own the standard leaves everything to the manufacturer.
        return row._replace(error=viftables.RECORD_ERRORS.exact(int(row.head.vif[-2:], 16)))
    if row.number and field_of(row.head) == _ONE_OCTET:
        return row._replace(value=str(int(row.raw, 16)))  # none of them has a sign
    return row
