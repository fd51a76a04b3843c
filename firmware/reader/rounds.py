# SPDX-License-Identifier: MIT
"""The reader role: reads meters in turn, again and again, and tells what they say.

Each record is one line of JSON, and each meter that did not answer is one too.
"""

import json

from mbus import names
from mbus.decode import Telegram
from mbus.header import secondary_octets, secondary_text
from mbus.timing import elapsed
from mbus.value import decimal
from mbus.vif import remembered
from micropython import const

_PRIMARY_MAX = const(250)
_LONGEST_WAIT_MS = const(1000)


def place(text: str):
    """A primary address, or the 8 octets of a secondary one; ValueError says what is wrong."""
    if len(text) <= 3:
        if not all("0" <= digit <= "9" for digit in text) or not text:
            raise ValueError("address %r: a primary address is a number of 0 to 250" % text)
        if int(text) > _PRIMARY_MAX:
            raise ValueError("address %s: a primary address is 0 to 250" % text)
        return int(text)
    return secondary_octets((text + "FFFFFFFF" if len(text) == 8 else text).upper())


class Reader:
    """Reads over a MasterLink; tell(line) gets each line.

    places  texts of place()
    every_ms  how long after the begin of a round the next one begins
    opening   makes a procedure at a place one whose frames are opened (keys.py), or None
    rounds, failures  how many have ended; how many meters have not been read
    """

    def __init__(self, link, places, every_ms: int, tell, opening=None):
        self._link = link
        self._places = [(text, place(text)) for text in places]
        self._every_ms = every_ms
        self._tell = tell
        self._opening = opening
        self._next = 0
        self._begun = None
        self._running = self._overload = False
        self.rounds = self.failures = 0

    def poll(self, now: int, overload: bool = False) -> int:
        """Do what is due; returns in how many ms to call again at the latest.

        overload: the supply of the bus is overloaded, so that no round begins.
        """
        link = self._link
        if overload and not self._running:
            if not self._overload:
                self._tell(json.dumps({"error": "the supply of the bus is overloaded"}))
            self._overload = True
            return _LONGEST_WAIT_MS
        self._overload = False
        if self._running:
            wait_ms = link.poll(now)
            if not link.done:
                return wait_ms
            self._end()
        if self._next == 0 and self._begun is not None:
            rest_ms = self._every_ms - elapsed(now, self._begun)
            if rest_ms > 0:
                return min(rest_ms, _LONGEST_WAIT_MS)
        if self._next == 0:
            self._begun = now
        where = self._places[self._next][1]
        procedure = link.master.read(where, self._take)
        link.start(self._opening(procedure, where) if self._opening else procedure, now)
        self._running = True
        return 0

    def _end(self):
        text = self._places[self._next][0]
        self._running = False
        if self._link.error:
            self.failures += 1
            self._tell(json.dumps({"address": text, "error": str(self._link.error)}))
        self._next += 1
        if self._next == len(self._places):
            self._next = 0
            self.rounds += 1

    def _take(self, frame):
        """A telegram, as soon as it has come."""
        telegram = Telegram(frame.data, 0, len(frame.data), frame.ci)
        line = {"address": self._places[self._next][0]}
        if telegram.header and telegram.header.address:
            line["meter"] = secondary_text(telegram.header.address)
        for record in telegram.records(remembered):
            self._tell(_record(line, record))
        for _, words in telegram.errors:
            line["error"] = words
            self._tell(json.dumps(line))


def _record(line, record):
    """A record as JSON, its number digit for digit."""
    meaning, value = record.meaning, record.value
    number = isinstance(value, tuple)
    fields = dict(line)
    fields["name"] = meaning.quantity
    fields["unit"] = meaning.unit
    fields["function"] = names.FUNCTIONS[meaning.function]
    fields["storage"] = meaning.storage
    fields["tariff"] = meaning.tariff
    fields["subunit"] = meaning.subunit
    if record.error:
        fields["error"] = record.error
    text = decimal(*value) if number else json.dumps(value)
    return '%s, "value": %s}' % (json.dumps(fields)[:-1], text)
