# SPDX-License-Identifier: MIT
"""Secured meters are read: a procedure's frames are opened, and judged, before it sees them.

From level 2 on a meter's telegrams are taken only in the one form that mbus.secured accepts,
and in mode 7 only with a message counter that goes up.  Below, everything that can be opened
is taken, as secured.py does it.
"""

from mbus import secured as strict
from mbus.decode import Telegram
from mbus.frame import DATA, SND_UD
from mbus.header import secondary_text
from mbus.master import SELECT, SELECTED
from mbusnode.keys import CLEAR_LEVEL, MODE_7_LEVEL, has_number, reaches
from mbusnode.secured import Security, opened

_CLEAR = (0x70, 0x71)  # reports of errors and alarms are clear at every level
_ADDRESS = 8  # octets

_REASONS = {
    strict.ADDRESS: "the short header names no meter, give its secondary address",
    strict.COUNTER: "its message counter does not go up, it is a telegram from before",
}


def opening(procedure, master, ring):
    """The same procedure, with every frame that comes opened by the keys of the ring."""
    meter = _Meter(ring)
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


class _Meter:
    """The meter that is talked to, as far as it is known."""

    def __init__(self, ring):
        self._ring = ring
        self._mask = self._entry = None
        self._answered = False  # then the address is that of a telegram
        self._address = b""  # in full, or only the identification number
        self._highest = self._tag = None  # of the last telegram in mode 7
        self._envelope = strict.Envelope()

    def sent(self, octets):
        """Take notice of what is sent: a selection says who will answer."""
        if bytes(octets[4:DATA]) != bytes((SND_UD, SELECTED, SELECT)):
            return
        mask = bytes(octets[DATA : DATA + _ADDRESS])
        if mask != self._mask and has_number(mask):
            self._mask, self._answered = mask, False
            self._entry = self._ring.strictest(mask)
            self._address = self._entry.address if self._entry else b""
            if self._entry and b"\xff" not in mask[4:]:
                self._address = mask

    def opened(self, frame):
        """The frame in clear, or without records where it cannot be taken for what it claims."""
        if frame.ci is None or frame.ci in _CLEAR:
            return frame
        security = Security(frame)
        address = security.address or _address(frame)
        found = self._ring.find(address) if address else None
        if address and self._is_strict(self._entry) and not self._may_be(address, found):
            security.refuse(
                "refused: %s answers in the place of a meter with a key" % secondary_text(address)
            )
            return security.frame()
        if found:
            self._entry, self._address, self._answered = found, address, True
        entry = self._entry
        if not self._is_strict(entry):
            return opened(frame, self._ring, self._address)
        if security.mode in (5, 7):
            security.use(self._ring, self._address)
        self._judge(security, frame, entry)
        return security.frame()

    @staticmethod
    def _is_strict(entry):
        return entry is not None and entry.level > CLEAR_LEVEL

    def _may_be(self, address, found):
        """Whether the meter that is talked to may have this address, which is found or not."""
        if self._answered:
            return address == self._address
        return found is not None and reaches(self._mask, address)

    def _judge(self, security, frame, entry):
        telegram = bytes((frame.ci,)) + frame.data
        least = 7 if entry.level == MODE_7_LEVEL else 5
        address = self._address
        if len(address) < _ADDRESS and security.mode == 7:
            address += bytes(_ADDRESS - len(address))  # only the number matters
        envelope = self._envelope
        if security.address:
            address = None
        code = envelope.read(telegram, 0, len(telegram), strict.READOUT, address, least)
        code = code or envelope.open(entry.key, self._highest, self._tag)
        if not code:
            if envelope.mode == 7:
                self._highest, self._tag = envelope.counter, bytes(envelope.tag)
        elif code == strict.FORM:
            security.refuse("refused: " + _reason(security, entry.level, least))
        elif code in _REASONS:
            security.refuse("refused: " + _REASONS[code])
        elif security.is_open or not security.errors:
            security.refuse("refused")


def _reason(security, level, least):
    if (security.mode or 0) >= least and security.mode in (5, 7):
        return "mode %d, but in a form that is not safe" % security.mode
    what = "it is in mode %d" % security.mode if security.mode else "it is clear"
    wanted = "mode 7" if least == 7 else "mode 5 or 7"
    return "%s, but level %d of this meter requires %s" % (what, level, wanted)


def _address(frame):
    """The secondary address in the header of a clear telegram, or None."""
    header = Telegram(frame.data, 0, len(frame.data), frame.ci).header
    return header.address if header else None
