# SPDX-License-Identifier: MIT
"""A decoded telegram for people and programs: JSON lines, CSV lines, or a table.

What a record's head (DIB and VIB) says is worked out once and kept: meters send the same
heads for ever, and only the value behind them changes.
"""

import json
from collections import namedtuple
from functools import lru_cache

from mbus import names, vif, whole
from mbus.decode import Telegram
from mbus.frame import Frame
from mbus.header import manufacturer_text, secondary_text, security_mode
from mbus.value import decimal
from mbusnode.secured import SecuredFrame, opened

# What stays the same for a head; json is the beginning of the record's JSON object.
Head = namedtuple("Head", "dif vif function storage tariff subunit quantity unit json")
# value is digits of a number, a text, or None; number tells the first two apart.  register is
# the name that a meter of ours has for it, see registernames.py.
Row = namedtuple("Row", "head value number raw error register", defaults=(None,))


@lru_cache(maxsize=4096)
def _describe(octets, command):
    return vif.describe(octets, command)


def _dib_size(octets):
    n = 1
    while octets[n - 1] & 0x80:
        n += 1
    return n


@lru_cache(maxsize=4096)
def _head(octets, meaning):
    n = _dib_size(octets) if octets else 0
    fields = (
        octets[:n].hex().upper(),
        octets[n:].hex().upper(),
        names.FUNCTIONS[meaning.function],
        meaning.storage,
        meaning.tariff,
        meaning.subunit,
        meaning.quantity,
        meaning.unit,
    )
    text = json.dumps(dict(zip(Head._fields, fields, strict=False)), ensure_ascii=False)
    return Head(*fields, text[:-1] + ', "value": ')


class Report:
    """One telegram taken apart: frame, header, security, rows, more, manufacturer_data, errors.

    frame is (type, c, a, ci); each is None where the octets are no frame.  security is None
    where all is clear, see secured.py.  errors holds texts with their places.
    """

    def __init__(self):
        self.frame = (None, None, None, None)
        self.header = self.security = None
        self.rows = []
        self.errors = []
        self.manufacturer_data = None
        self.more = False

    @classmethod
    def of_octets(cls, octets: bytes, ring=None, meter=None):
        """What these octets are: a frame, or the error that says why not.

        ring and meter open what is encrypted, see secured.opened().
        """
        try:
            return cls.of_frame(opened(whole.parse(octets), ring, meter))
        except whole.FrameError as e:
            return cls.of_error(str(e))

    @classmethod
    def of_error(cls, text: str):
        """A report that says no more than this."""
        report = cls()
        report.errors.append(text)
        return report

    @classmethod
    def of_frame(cls, found: Frame):
        """What a frame says, one that was opened or one as it came."""
        if not isinstance(found, SecuredFrame):
            found = opened(found)
        if found.a is None:
            kind = "single"
        elif found.ci is None:
            kind = "short"
        else:
            kind = "long" if found.data else "control"
        report = cls()
        report.frame = (kind, found.c, found.a, found.ci)
        if isinstance(found, SecuredFrame):
            report._take_secured(found)
        else:
            report._take(found)
        return report

    def _take_secured(self, found):
        self.security = security = found.security
        self.frame = (*self.frame[:3], security.ci)
        self.errors += ["%s (octet %d)" % (text, at) for at, text in security.errors]
        if security.mode is None:
            return
        self._take(found, security.place, security.clear_at if security.clear else None)
        if self.header:
            self.header["configuration"] = security.configuration
            self.header["security_mode"] = security.mode

    def _take(self, found, place=int, clear_at=None):
        data = found.data
        telegram = Telegram(data, 0, len(data), found.ci)
        for record in telegram.records(_describe):
            at = record.dib_at
            octets = b"" if at is None else data[at : record.data_at]
            value = record.value
            number = type(value) is tuple
            if number:
                value = decimal(*value)
            raw = data[record.data_at : record.next_at].hex().upper()
            error = record.error
            if clear_at is not None and record.next_at > clear_at:
                error = error or "clear"
            self.rows.append(Row(_head(octets, record.meaning), value, number, raw, error))
        if telegram.manufacturer:
            at, end = telegram.manufacturer
            self.manufacturer_data = data[at:end].hex().upper()
        self.more = telegram.more
        for at, text in telegram.errors:
            if telegram.application_error is not None:
                text += ": " + names.application_error(telegram.application_error)
            self.errors.append("%s (octet %d)" % (text, place(at)))
        if telegram.header:
            self.header = _header(telegram)

    def json(self) -> str:
        """One JSON object on one line; numbers stand there digit for digit."""
        kind, c, a, ci = self.frame
        head = {
            "frame": {"type": kind, "c": c, "a": a, "ci": ci},
            "header": self.header,
            "security": self.security.facts() if self.security else None,
        }
        tail = {
            "more": self.more,
            "manufacturer_data": self.manufacturer_data,
            "errors": self.errors,
        }
        return '%s, "records": [%s], %s' % (
            json.dumps(head, ensure_ascii=False)[:-1],
            ", ".join(_record_json(row) for row in self.rows),
            json.dumps(tail, ensure_ascii=False)[1:],
        )


def _header(telegram):
    header, address = telegram.header, telegram.header.address
    identification = manufacturer = version = None
    if address:
        identification = secondary_text(address)[:8]
        if not telegram.fixed:
            manufacturer = manufacturer_text(address[4] | address[5] << 8)
            version = address[6]
    flags = names.fixed_status_flags if telegram.fixed else names.status_flags
    kind = telegram.device_type
    return {
        "identification": identification,
        "manufacturer": manufacturer,
        "version": version,
        "device_type": kind,
        "device_type_name": None if kind is None else names.device_type(kind),
        "access_number": header.access,
        "status": header.status,
        "status_flags": flags(header.status),
        "configuration": header.configuration,
        "security_mode": security_mode(header.configuration),
    }


def _record_json(row):
    if row.number:
        value = row.value
    elif row.value is None:
        value = "null"
    else:
        value = json.dumps(row.value, ensure_ascii=False)
    rest = "" if row.error is None else ', "error": ' + json.dumps(row.error)
    if row.register is not None:
        rest += ', "register": ' + json.dumps(row.register)
    return '%s%s, "raw": "%s"%s}' % (row.head.json, value, row.raw, rest)
