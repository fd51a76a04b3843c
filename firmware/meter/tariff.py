# SPDX-License-Identifier: MIT
"""Which tariff counts now: told by an input, by the bus or by a time table.

The tariff holds until what its source is tells another one: over a start of the device, over
a change of the source, and while the clock is not valid.

An entry of the time table switches on the weekdays and in the months of its masks, at a
minute of the day, and what it switched to holds until the next one that switches, days and
months later if need be.
"""

from micropython import const

from . import calendar
from .refusal import NOT_POSSIBLE, OUT_OF_RANGE

# Sources, as the register of the tariff source numbers them.
INPUT = 0
BUS = 1
CLOCK = 2

TARIFFS = 4
ENTRIES_MAX = 16
ALL_DAYS = 0x7F
ALL_MONTHS = 0x0FFF

_DAY_MINUTES = const(1440)
_BACK_MAX_DAYS = const(400)  # a month and a weekday come again within a year


def _checked(table):
    """The entries in the order of their minutes; of two for one minute the later one last."""
    if len(table) > ENTRIES_MAX:
        raise ValueError("%d entries: allowed are %d" % (len(table), ENTRIES_MAX))
    for number, (days, months, minute, tariff) in enumerate(table):
        for name, value, least, most in (
            ("weekdays", days, 1, ALL_DAYS),
            ("months", months, 1, ALL_MONTHS),
            ("minute of the day", minute, 0, _DAY_MINUTES - 1),
            ("tariff", tariff, 1, TARIFFS),
        ):
            if not least <= value <= most:
                raise ValueError(
                    "entry %d: %s %d, allowed are %d..%d" % (number + 1, name, value, least, most)
                )
    # With the place in the list as a key of its own: not every sort is a stable one.
    order = sorted((entry[2], place) for place, entry in enumerate(table))
    return tuple(tuple(table[place]) for _, place in order)


class TimeTable:
    """Up to 16 entries (weekdays, months, minute, tariff); ValueError says what is wrong.

    weekdays   bit 0 Monday .. bit 6 Sunday
    months     bit 0 January .. bit 11 December
    """

    def __init__(self, entries=()):
        self._entries = _checked(entries)
        self._day = -1
        self._before = 0  # the tariff that day begins with

    def tariff(self, seconds: int) -> int:
        """The tariff at a local time; 0 if no entry has switched since 2000."""
        day = seconds // calendar.DAY_S
        if day != self._day:
            self._day = day
            self._before = self._at_end_before(day)
        minute = seconds % calendar.DAY_S // 60
        return self._switched(day, minute) or self._before

    def _at_end_before(self, day):
        if not self._entries:
            return 0
        first = max(day - _BACK_MAX_DAYS, 0)
        day -= 1
        while day >= first:
            found = self._switched(day, _DAY_MINUTES - 1)
            if found:
                return found
            _, month, day_of_month = calendar.from_seconds(day * calendar.DAY_S)[:3]
            # Months without an entry are passed in one step.
            day -= 1 if self._in_month(month) else day_of_month
        return 0

    def _in_month(self, month):
        return any(entry[1] >> (month - 1) & 1 for entry in self._entries)

    def _switched(self, day, minute):
        """What the last entry of this day up to this minute switched to, or 0."""
        seconds = day * calendar.DAY_S
        weekday = 1 << (calendar.weekday(seconds) - 1)
        month = 1 << (calendar.from_seconds(seconds)[1] - 1)
        found = 0
        for days, months, begin, tariff in self._entries:
            if begin > minute:
                break
            if days & weekday and months & month:
                found = tariff
        return found


class Tariff:
    """The tariff that counts: active, 1..4, is the stored one to begin with.

    source     INPUT, BUS or CLOCK
    inverted   the level 1 of the input means T1
    level      of the input, 0 or 1; None until the input is decided
    """

    def __init__(
        self, active: int = 1, source: int = INPUT, inverted: bool = False, table: TimeTable = None
    ):
        if not 1 <= active <= TARIFFS:
            raise ValueError("tariff %d: allowed are 1..%d" % (active, TARIFFS))
        if not INPUT <= source <= CLOCK:
            raise ValueError("tariff source %d: allowed are 0..2" % source)
        self.active = active
        self.source = source
        self.inverted = bool(inverted)
        self.level = None
        self._table = table or TimeTable()

    def tick(self, level, seconds: int, valid: bool) -> bool:
        """Decide by the debounced level of the input (None: not decided), or by local time.

        True if the tariff has become another one.
        """
        if level is not None:
            self.level = level
        before = self.active
        if self.source == INPUT and self.level is not None:
            self.active = 2 if bool(self.level) != self.inverted else 1
        elif self.source == CLOCK and valid:
            self.active = self._table.tariff(seconds) or before
        return self.active != before

    def command(self, tariff: int) -> int:
        """The bus commands a tariff: 0, or the application error for which nothing changes."""
        if self.source != BUS:
            return NOT_POSSIBLE
        if not 1 <= tariff <= TARIFFS:
            return OUT_OF_RANGE
        self.active = tariff
        return 0

    def set_source(self, source: int) -> int:
        """Another source, which decides from its next tick on: 0 or an application error."""
        if not INPUT <= source <= CLOCK:
            return OUT_OF_RANGE
        self.source = source
        return 0

    def set_inverted(self, inverted: int) -> int:
        """Whether the input is inverted, 0 or 1, from the next tick on: 0 or an error."""
        if not 0 <= inverted <= 1:
            return OUT_OF_RANGE
        self.inverted = bool(inverted)
        return 0

    def set_table(self, table: TimeTable):
        """Another time table, from the next tick on."""
        self._table = table
