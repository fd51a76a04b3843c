# SPDX-License-Identifier: MIT
"""Reading single registers of our meters: readout selection (EN 13757-3, 11.2), as procedures.

What has been asked for is taken off the meter's readout list again, so that the next master
finds the default telegrams.  An application reset would do that too, but it also forgets the
last error and the telegram set that somebody has chosen.
"""

import re

from mbus import names
from mbus.record import dib_values
from mbusnode import registernames
from mbusnode.failure import Failure
from mbusnode.report import Report

_SEND = 0x51
_SELECT = 0x08
_UNLIST = 0x0D
_LIST = 0x0C
_EXTENSION = 0x80
_FIELD = 0x0F
_MAX_OCTETS = 220  # of one telegram's records
_MAX_REQUESTS = 40  # our meters hold 48

_NAME = re.compile(r"([a-z0-9_]+)(?:\[(\d+)(?:-(\d+))?\])?")


def wanted(text: str, legacy: bool = False) -> list:
    """[(Register, storage)] of NAME, NAME[2] or NAME[1-15], with commas between them."""
    result = []
    for part in text.split(","):
        match = _NAME.fullmatch(part.strip())
        if not match:
            raise Failure(
                "register %r: give NAME, NAME[STORAGE] or NAME[FROM-TO], with commas between"
                % part,
                2,
            )
        register = registernames.register(match[1], legacy)
        if not is_readable(register):
            raise Failure("register %s is a command, there is nothing to read" % register.name, 2)
        first = int(match[2] or 0)
        last = int(match[3] or first)
        if not first <= last < register.storages:
            raise Failure(
                "register %s: its storage numbers are %s"
                % (
                    part,
                    "0 to %d" % (register.storages - 1) if register.storages > 1 else "0 only",
                ),
                2,
            )
        result += [(register, storage) for storage in range(first, last + 1)]
    return result


def name_of(register, storage: int) -> str:
    """How a record of this register is named in a report."""
    return "%s[%d]" % (register.name, storage) if storage else register.name


def is_readable(register) -> bool:
    """Whether a register has a value at all."""
    return bool(register.access & registernames.registers.READ)


def dib(field, function, storage, tariff, subunit) -> bytes:
    """A DIB with as many DIFE as it takes for none of its numbers to mean "all"."""
    n = 0
    while not _fits(n, storage, tariff, subunit):
        n += 1
    octets = bytearray((field | function << 4 | (storage & 1) << 6,))
    storage >>= 1
    for _ in range(n):
        octets[-1] |= _EXTENSION
        octets.append(storage & 0x0F | (tariff & 3) << 4 | (subunit & 1) << 6)
        storage >>= 4
        tariff >>= 2
        subunit >>= 1
    return bytes(octets)


def _fits(n, storage, tariff, subunit):
    """Whether n DIFE hold them, and the highest number that n DIFE can hold is none of them."""
    if storage >= 2 << 4 * n or tariff >= 1 << 2 * n or subunit >= 1 << n:
        return False
    if n and (storage == (2 << 4 * n) - 1 or tariff == (1 << 2 * n) - 1):
        return False
    return n < 2 or subunit != (1 << n) - 1


def request(register, storage: int = 0) -> bytes:
    """The record that asks for one register: any data field, or its own where it must be that."""
    _, tariff, subunit = dib_values(register.dib, 0, len(register.dib))
    function = register.dib[0] >> 4 & 3
    if not register.exact:
        return dib(_SELECT, function, storage, tariff, subunit) + register.vib
    head = dib(register.dib[0] & _FIELD, function, storage, tariff, subunit)
    return _with_action(head + register.vib, _LIST)


def requests(register, storage: int = 0) -> list:
    """The same in every unit that the register may show: at most one of them is answered."""
    return [request(variant, storage) for variant in registernames.variants(register)]


def _with_action(head, action):
    return head[:-1] + bytes((head[-1] | _EXTENSION, action))


def withdrawal(record: bytes) -> bytes:
    """The record that takes the request off the readout list again."""
    if record[0] & _FIELD != _SELECT:
        return record[:-1] + bytes((_UNLIST,))
    return _with_action(bytes((record[0] & ~_FIELD,)) + record[1:], _UNLIST)


def ask(master, address, records, telegram):
    """A procedure: ask for these records; telegram(frame) gets each answer.  Returns how many."""
    count = 0
    for part in _parts(records):
        yield from master.send(address, _SEND, b"".join(part))
        count += yield from master.read(address, telegram)
        yield from master.send(address, _SEND, b"".join(withdrawal(record) for record in part))
    return count


def _parts(records):
    part, size = [], 0
    for record in records:
        if part and (len(part) == _MAX_REQUESTS or size + len(record) + 1 > _MAX_OCTETS):
            yield part
            part, size = [], 0
        part.append(record)
        size += len(record) + 1
    if part:
        yield part


def values(master, address, registers):
    """A procedure: {name: Row of the report} of these registers; a Row may hold an error."""
    reports = []
    records = [record for register in registers for record in requests(register)]
    yield from ask(master, address, records, lambda frame: reports.append(Report.of_frame(frame)))
    registernames.name_all(reports, "on")
    registernames.drop_misses(reports)
    wanted_names = {register.name for register in registers}
    rows = [row for report in reports for row in report.rows]
    return {row.register: row for row in rows if row.register in wanted_names}


def period(storage: int) -> list:
    """The records that ask for all that is kept of a closed period: values, then maxima."""
    octets = []
    for function in (names.FUNCTIONS.index("instantaneous"), names.FUNCTIONS.index("maximum")):
        dif = _SELECT | function << 4 | (storage & 1) << 6 | _EXTENSION
        octets.append(bytes((dif, 0x30 | storage >> 1, 0x7E)))  # tariff 3 of one DIFE: all
    return octets


def everything_of(register) -> bytes:
    """The record that asks for all storage numbers of a register without tariff and subunit."""
    return bytes((_SELECT | 0x40 | _EXTENSION, 0x0F)) + register.vib
