# SPDX-License-Identifier: MIT
"""Secured meters are read: a procedure's frames are opened, and judged, before it sees them.

From level 2 on a meter's telegrams are taken only in the one form that mbus.secured accepts.
Below, everything that can be opened is taken, as secured.py does it.  At every level a message
counter that has been seen does not come back, see counters.py.
"""

from mbus import secured as strict
from mbus.afl import MAC_SIZE
from mbus.decode import Telegram
from mbus.frame import DATA, SND_UD
from mbus.header import secondary_text
from mbus.master import SELECT, SELECTED
from mbusnode.counters import Ledger
from mbusnode.keys import CLEAR_LEVEL, MODE_7_LEVEL, OneKey, has_number, reaches
from mbusnode.secured import Security, opened

_CLEAR = (0x70, 0x71)  # reports of errors and alarms are clear at every level
_ADDRESS = 8  # octets

_OLD = "its message counter does not go up, it is a telegram from before"
_REASONS = {
    strict.ADDRESS: "the short header names no meter, give its secondary address",
    strict.COUNTER: _OLD,
}


def opening(procedure, master, meter):
    """The same procedure, with every frame that comes opened, and judged, by the OpenedMeter."""
    reply = None
    try:
        while True:
            wanted = procedure.send(reply)
            meter.sent(master.tx[: wanted[0]])
            reply = yield wanted
            if reply:
                reply = meter.opened(reply)
    except StopIteration as e:
        return e.value
    finally:
        procedure.close()


class OpenedMeter:
    """The meter that is talked to, as far as it is known, and what is known of its keys.

    address  8 octets, or the 4 of its identification number, or none; of a meter with an entry
    entry    of the key file, or None
    answered whether the address is that of a telegram
    proved   the key that opened the telegram that came last; None where that was clear
    sure     whether a MAC says so
    refusal  why a telegram was not taken, the first since somebody set it to None
    """

    def __init__(self, ring, ledger=None):
        self._ring = ring
        self._ledger = ledger or Ledger()
        self._mask = self.entry = None
        self.answered = False
        self.address = b""
        self.proved = self.refusal = None
        self.sure = False
        self._envelope = strict.Envelope()

    def sent(self, octets):
        """Take notice of what is sent: a selection says who will answer."""
        if bytes(octets[4:DATA]) != bytes((SND_UD, SELECTED, SELECT)):
            return
        mask = bytes(octets[DATA : DATA + _ADDRESS])
        if mask != self._mask and has_number(mask):
            self._mask, self.answered = mask, False
            self.entry = self._ring.strictest(mask)
            self.address = _reached(self.entry, mask) if self.entry else b""

    def counters(self, key):
        """The message counters of the meter under a key."""
        return self._ledger.of(self.address, key)

    def opened(self, frame):
        """The frame in clear, or without records where it cannot be taken for what it claims."""
        if frame.ci is None or frame.ci in _CLEAR:
            return frame
        self.proved, self.sure = None, False
        security = Security(frame)
        address = security.address or _address(frame)
        found = self._ring.find(address) if address else None
        if address and _is_strict(self.entry) and not self._may_be(address, found):
            text = "%s answers in the place of a meter with a key" % secondary_text(address)
            return self._refuse(security, text)
        if found:
            self.entry, self.address, self.answered = found, address, True
        if self.entry is None or (address and not found):
            return self._strange(frame)
        return (self._judged if _is_strict(self.entry) else self._lenient)(frame)

    def _refuse(self, security, text):
        self.refusal = self.refusal or text
        security.refuse("refused: " + text)
        return security.frame()

    def _may_be(self, address, found):
        """Whether the meter that is talked to may have this address, which is found or not."""
        if self.answered and self.entry.moving and found is self.entry:
            number = address[: len(found.address)]
            return number in (found.address, found.moving)
        if self.answered:
            return address == self.address
        return found is not None and reaches(self._mask, address)

    def _strange(self, frame):
        """What a meter without an entry sends."""
        result = opened(frame, self._ring, self.address)
        security = getattr(result, "security", None)
        if security and not security.is_open:
            self.refusal = self.refusal or security.errors[0][1]
        return result

    def _keys(self):
        return (self.entry.key, self.entry.pending) if self.entry.pending else (self.entry.key,)

    def _lenient(self, frame):
        """What the key opens in whatever form; of several keys the first that does."""
        for key in self._keys():
            result = opened(frame, OneKey(key), self.address)
            security = getattr(result, "security", None)
            if security is None or security.mode not in (5, 7):
                break
            if security.is_open:
                self.proved = key
                self.sure = security.mac == "right" and len(security.tag) == MAC_SIZE
                if self.sure and not self._take(key, security.counter, security.tag):
                    return self._refuse(security, _OLD)
                break
        return result

    def _take(self, key, counter, tag):
        """Whether a counter may come, which it may not do again."""
        counters = self.counters(key)
        if counters.highest is not None and counter <= counters.highest:
            return counter == counters.highest and tag == counters.tag
        counters.keep(counter, tag)
        return True

    def _judged(self, frame):
        """What is in the one safe form, and opened by a key; of several the first that fits."""
        for key in self._keys():
            security = Security(frame)
            code = self._open(security, frame, key)
            if code not in (strict.MAC, strict.DECRYPTION):
                break
        if not code:
            self.proved, self.sure = key, security.mode == 7
            return security.frame()
        if code == strict.FORM:
            return self._refuse(security, _reason(security, self.entry.level))
        if code in _REASONS:
            return self._refuse(security, _REASONS[code])
        if security.is_open or not security.errors:
            security.refuse("refused")
        self.refusal = self.refusal or security.errors[0][1]
        return security.frame()

    def _open(self, security, frame, key):
        """0, or the check of mbus.secured that failed."""
        if security.mode in (5, 7):
            security.use(OneKey(key), self.address)
        telegram = bytes((frame.ci,)) + frame.data
        address = self.address
        if len(address) < _ADDRESS and security.mode == 7:
            address += bytes(_ADDRESS - len(address))  # only the number matters
        envelope = self._envelope
        address = None if security.address else address
        least = _least(self.entry.level)
        code = envelope.read(telegram, 0, len(telegram), strict.READOUT, address, least)
        if code or envelope.mode != 7:
            return code or envelope.open(key)
        counters = self.counters(key)
        code = envelope.open(key, counters.highest, counters.tag)
        if not code:
            counters.keep(envelope.counter, envelope.tag)
        return code


def _is_strict(entry):
    return entry is not None and entry.level > CLEAR_LEVEL


def _reached(entry, mask):
    """The address of an entry that a selection is for, as much as is known of it."""
    if b"\xff" not in mask[4:]:
        return mask
    return entry.address if reaches(mask, entry.address) else entry.moving


def _least(level):
    return 7 if level == MODE_7_LEVEL else 5


def _reason(security, level):
    least = _least(level)
    if (security.mode or 0) >= least and security.mode in (5, 7):
        return "mode %d, but in a form that is not safe" % security.mode
    what = "it is in mode %d" % security.mode if security.mode else "it is clear"
    wanted = "mode 7" if least == 7 else "mode 5 or 7"
    return "%s, but level %d of this meter requires %s" % (what, level, wanted)


def _address(frame):
    """The secondary address in the header of a clear telegram, or None."""
    header = Telegram(frame.data, 0, len(frame.data), frame.ci).header
    return header.address if header else None
