# SPDX-License-Identifier: MIT
"""The time table of tariffs as a text, such as Mo-Fr 1-12 06:00 1; Sa,Su 4-9 22:30 2.

An entry is weekdays, months, a time of day and the tariff from then on.
"""

_DAYS = "Mo Tu We Th Fr Sa Su"
_MONTHS = "1 2 3 4 5 6 7 8 9 10 11 12"
_DIGITS = "0123456789"


def entries(text):
    """(weekdays, months, minute of the day, tariff) of each, as meter/tariff.py takes them.

    ValueError names the entry that is none; how many there may be is for others to say.
    """
    result = []
    for entry in text.split(";"):
        fields = entry.split()
        read = None
        if len(fields) == 4 and fields[3] in ("1", "2", "3", "4"):
            days, months = _mask(fields[0], _DAYS), _mask(fields[1], _MONTHS)
            read = (days, months, _minute(fields[2]), int(fields[3]))
        if read is None or None in read:
            raise ValueError("entry %d, %s" % (len(result) + 1, entry.strip()))
        result.append(read)
    return tuple(result)


def _mask(text, names):
    """A bit for each name of a list such as Mo,We-Fr; a range may go past the last name."""
    names = names.split()
    mask = 0
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in names or (dash and last not in names):
            return None
        at = names.index(first)
        mask |= 1 << at
        while dash and names[at] != last:
            at = (at + 1) % len(names)
            mask |= 1 << at
    return mask


def _minute(text):
    if len(text) != 5 or text[2] != ":":
        return None
    for digit in text[:2] + text[3:]:
        if digit not in _DIGITS:
            return None
    hours, minutes = int(text[:2]), int(text[3:])
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None
