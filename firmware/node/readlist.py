# SPDX-License-Identifier: MIT
"""The readout list: what a master has asked for by selection records, and how it is answered.

Every request is resolved to rows when it comes; the values are those of the snapshot.  What
is not there is answered by a record error, without data (EN 13757-3, table 12): only if one
register was named, and dates last, for there are decoders that take four octets behind
a date whatever its DIF says.
"""

from mbus.record import WIDTH, put_data
from micropython import const

from .match import ALL, NO_SIZE, NO_VALUE, OVERFLOW, SELECT, Request, find, storages

MAX_REQUESTS = 48

_EXTENSION = const(0x80)
_DATA_FIELD = const(0x0F)
_STEPS = const(64)  # storage numbers of a hit
_HITS = const(128)
_BCD = const(9)  # and all data fields of a number above it
# VIF that other masters use for a register of ours: the upper limit's exceedances.
_ALIAS = b"\xab\x49"
_ALIAS_OF = b"\xff\x15"


def put_row(registers, row, storage, field, value, buf, at, limit):
    """Write the record of a row in this data field; returns its end, -1 if it does not fit."""
    size = WIDTH[field] if isinstance(value, int) else len(value)
    # One octet stays free for the mark that more follows.
    if at + registers.head_size(row, storage) + size >= limit:
        return -1
    data_at = registers.put_head(row, buf, at, storage)
    buf[at] = buf[at] & ~_DATA_FIELD | field
    return put_data(buf, data_at, field, value)


class _Entry:
    """One request: head is its DIB (of dib_size octets) and VIB, without an action."""

    def __init__(self, head, dib_size, registers):
        self.head = head
        vib = head[dib_size:]
        request = Request(head[:dib_size], _ALIAS_OF if vib == _ALIAS else vib)
        self.field = request.field
        self.selected = request.field == SELECT or request.everywhere
        self.named = request.named
        self.storage = request.stored
        self.of_date = request.of_date
        self.hits, self.error = find(registers, request)


class ReadList:
    """Requests in the order in which they came; step() answers them."""

    def __init__(self, registers):
        self._registers = registers
        self._entries = []

    def __len__(self):
        return len(self._entries)

    def clear(self):
        """Nothing is asked for."""
        self._entries.clear()

    def drop_selected(self):
        """Forget what the last selection telegram asked for; what was added by action stays."""
        self._entries = [entry for entry in self._entries if not entry.selected]

    def add(self, head: bytes, dib_size: int) -> bool:
        """Ask for what this head means, once; False when the list is full."""
        for entry in self._entries:
            if entry.head == head:
                return True
        if len(self._entries) == MAX_REQUESTS:
            return False
        self._entries.append(_Entry(head, dib_size, self._registers))
        return True

    def delete(self, head: bytes):
        """Ask no longer for what has this head, whatever its data field."""
        self._entries = [
            entry
            for entry in self._entries
            if (entry.head[0] ^ head[0]) & ~_DATA_FIELD or entry.head[1:] != head[1:]
        ]

    def look(self, snapshot):
        """(whether anything is there, whether any register that was named is not)."""
        found = failed = False
        for entry in self._entries:
            missing = entry.named
            for row in entry.hits:
                for storage in self._storages(entry, row):
                    value = snapshot.get(row, storage)
                    if value is not None and not self._unfit(entry, row, value):
                        found = True
                        missing = False
            failed = failed or missing
        return found, failed

    def _storages(self, entry, row):
        if entry.storage == ALL:
            return range(storages(self._registers, row))
        return range(entry.storage, entry.storage + 1)

    def step(self, telegram) -> bool:
        """Go on with a telegram (readout.py) by one place of the list: True when it is done."""
        count = len(self._entries)
        place = telegram.place
        number, hit, step = place // _STEPS // _HITS, place // _STEPS % _HITS, place % _STEPS
        if number >= 2 * count:
            telegram.place = 0
            return True
        entry = self._entries[number % count]
        # Errors of dates come in a second round, behind all else.
        dates = number >= count
        end = self._item(
            entry,
            hit,
            step,
            dates,
            telegram.snapshot,
            telegram.buf,
            telegram.at,
            telegram.limit,
        )
        if end < 0:
            return telegram.full()
        telegram.at = end
        telegram.place = self._behind(entry, number, hit, step, dates)
        return False

    def _behind(self, entry, number, hit, step, dates):
        hits = entry.hits
        if not dates and hit < len(hits):
            if entry.storage == ALL and step + 1 < storages(self._registers, hits[hit]):
                return (number * _HITS + hit) * _STEPS + step + 1
            if hit + 1 < len(hits):
                return (number * _HITS + hit + 1) * _STEPS
        return (number + 1) * _HITS * _STEPS

    def _item(self, entry, hit, step, dates, snapshot, buf, at, limit):
        """Write what belongs to one place of the list: the new end, or -1 if it does not fit."""
        if dates and not (entry.of_date and entry.named):
            return at
        if hit >= len(entry.hits):
            code = entry.error if entry.named else 0
        else:
            row = entry.hits[hit]
            storage = step if entry.storage == ALL else entry.storage
            value = snapshot.get(row, storage)
            code = NO_VALUE if value is None else self._unfit(entry, row, value)
            if not code:
                return at if dates else self._record(entry, row, storage, value, buf, at, limit)
            if not entry.named:
                code = 0
        if not code or dates != entry.of_date:
            return at
        return self._error(entry, code, buf, at, limit)

    def _unfit(self, entry, row, value):
        """The record error of a value in the data field that is asked for, or 0."""
        field = entry.field
        if entry.selected or field == self._registers.dif(row) & _DATA_FIELD:
            return 0
        if not isinstance(value, int):
            return NO_SIZE
        if field < _BCD:
            half = 1 << 8 * WIDTH[field] - 1
            return 0 if -half <= value < half else OVERFLOW
        digits = 2 * WIDTH[field]
        return 0 if -(10 ** (digits - 1)) < value < 10**digits else OVERFLOW

    def _record(self, entry, row, storage, value, buf, at, limit):
        field = self._registers.dif(row) & _DATA_FIELD if entry.selected else entry.field
        return put_row(self._registers, row, storage, field, value, buf, at, limit)

    def _error(self, entry, code, buf, at, limit):
        head = entry.head
        size = len(head)
        if at + size + 1 >= limit:
            return -1
        buf[at : at + size] = head
        buf[at] &= ~_DATA_FIELD
        buf[at + size - 1] |= _EXTENSION
        buf[at + size] = code
        return at + size + 1
