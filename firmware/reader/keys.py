# SPDX-License-Identifier: MIT
"""The keys of a reader's meters: what these send is opened, and judged, before anybody sees it.

A file with a table for each meter, that of the command line on a PC (`mbus read --help`):

    [123456780D170102]       # the secondary address, or its identification number alone
    key = "00112233445566778899AABBCCDDEEFF"
    level = 3                # 0 or 1: clear read-outs will do; 2: mode 5 or 7; 3: mode 7

Loaded only where there is such a file.  Nothing here shows a key, or repeats what stands in
the file.  The greatest message counter of each meter is stored before its telegram is used.
"""

from binascii import hexlify, unhexlify
from struct import pack, unpack

from mbus.cmac import cmac
from mbus.decode import Telegram
from mbus.failures import AnswerError
from mbus.frame import Frame
from mbus.header import secondary_octets, secondary_text
from mbus.secured import ADDRESS, COUNTER, DECRYPTION, FORM, MAC, READOUT, Envelope
from mbus.security import BLOCK, Key
from micropython import const
from node.store import RECORDS, Store

_FIRST = const(2)  # record; those in front are committed together
_MOST = RECORDS - _FIRST
_RECORD = "<8sI8s"  # fingerprint, counter, tag
_LABEL = b"mbus-node reader"
_CLEAR = (0x70, 0x71)  # reports of errors and alarms are clear at every level
_VARIABLE_DATA = const(0x72)
_ADDRESS = const(8)
_NUMBER = const(4)
_LEVEL = const(2)  # where nothing is said
_LEVEL_MODE_5 = const(2)
_LEVEL_MODE_7 = const(3)
_SEPARATORS = " :-_."

_WORDS = {
    ADDRESS: "the header names no meter, or another one",
    FORM: "clear, or secured in a way that is not enough",
    MAC: "MAC wrong: the key does not fit, or the telegram was changed",
    COUNTER: "the message counter does not go up, it is a telegram from before",
    DECRYPTION: "the key does not fit",
}


_DAMAGED = (
    "the message counters of the meters are damaged: remove what is stored, and give the meters "
    "other keys, for what was recorded could be played back"
)
_FORM_WORDS = 'a table [ADDRESS] for each meter is needed, in it key = "..." and level = 0 to 3'


class KeysError(ValueError):
    """What is wrong with the file of keys, in words without any of it."""


class _Meter:
    """address: 8 octets, or the 4 of an identification number; the rest of one entry."""

    def __init__(self, address):
        self.address = address
        self.key = None
        self.level = _LEVEL
        self.record = 0
        self.counter = self.tag = None

    def mark(self):
        """What tells its record: 8 octets of number and key."""
        work = memoryview(bytearray(BLOCK))
        work[:] = _LABEL
        work[:_NUMBER] = self.address[:_NUMBER]
        at = cmac(self.key, work, BLOCK)
        return bytes(work[at : at + 8])


class Keys:
    """The meters of a file of keys, given as its lines, and their counters in slots (store.py)."""

    def __init__(self, lines, slots):
        self._meters = parsed(lines)
        self._store = Store(slots.load, slots.save)
        self._envelope = Envelope()
        self._load(slots)

    def _load(self, slots):
        by_mark = {meter.mark(): meter for meter in self._meters}
        free = []
        for record in range(_FIRST, RECORDS):
            damaged = self._store.damaged
            octets = self._store.read(record)
            # With one slot empty it is a first write that was cut: nothing was used yet.
            if (
                self._store.damaged > damaged
                and slots.load(2 * record)
                and slots.load(2 * record + 1)
            ):
                raise KeysError(_DAMAGED)
            mark, counter, tag = unpack(_RECORD, octets) if octets else (b"", 0, None)
            meter = by_mark.pop(mark, None)
            if not meter:
                free.append(record)
                continue
            meter.record = record
            if counter:
                meter.counter, meter.tag = counter, tag
        for meter in by_mark.values():
            meter.record = free.pop(0)
            for _ in range(2):  # both slots, so that a torn write never empties the record
                self._write(meter, 0, bytes(8), KeysError)

    def _write(self, meter, counter, tag, error):
        try:
            self._store.write(meter.record, pack(_RECORD, meter.mark(), counter, tag))
        except OSError as e:
            raise error("the message counter cannot be stored (error %s)" % e)

    def opening(self, procedure, place):
        """The same procedure, with every frame that comes opened.

        place  where the meter is: a primary address, or 8 octets, F a wildcard
        AnswerError where a telegram cannot be taken.
        """
        known = None if isinstance(place, int) else self._reached(place)
        reply = None
        try:
            while True:
                reply = yield procedure.send(reply)
                if reply and reply.ci is not None and reply.ci not in _CLEAR:
                    reply, known = self._opened(reply, known)
        except StopIteration as e:
            return e.value
        finally:
            procedure.close()

    def _reached(self, mask):
        """(meter, address as far as it is known) that a selection is for, or None."""
        best = None
        for meter in self._meters:
            if _covers(mask, meter.address) and (not best or meter.level > best.level):
                best = meter
        if not best or not _covers(mask[:_NUMBER], mask[:_NUMBER], False):
            return None
        return best, (mask if b"\xff" not in mask[_NUMBER:] else best.address)

    def _find(self, address):
        found = None
        for meter in self._meters:
            if meter.address == address:
                return meter
            if meter.address == address[:_NUMBER]:
                found = meter
        return found

    def _opened(self, frame, known):
        """(the frame in clear, who sent it)."""
        envelope = self._envelope
        telegram = bytes((frame.ci,)) + frame.data
        end = len(telegram)
        envelope.read(telegram, 0, end, READOUT)
        address = envelope.address or _address_of(frame)
        if not address:
            address = known[1] if known else b""
        elif known and known[0].level >= _LEVEL_MODE_5 and known[1] != address[: len(known[1])]:
            where = secondary_text(address)
            raise AnswerError("%s answers in the place of a meter with a key" % where)
        meter = self._find(address)
        if not meter:
            return frame, known
        mode = envelope.mode or 0
        if meter.level < _LEVEL_MODE_5 and mode == 0 and frame.ci != 0x90:
            return frame, (meter, address)
        if len(address) < _ADDRESS and mode == 7:
            address += bytes(_ADDRESS - len(address))  # only the number matters
        least = 7 if meter.level == _LEVEL_MODE_7 else 5
        code = envelope.read(telegram, 0, end, READOUT, address, least)
        code = code or envelope.open(meter.key, meter.counter, meter.tag)
        if code:
            raise AnswerError(
                "refused, level %d of this meter: %s (mode %d)" % (meter.level, _WORDS[code], mode)
            )
        if mode == 7:
            self._keep(meter, envelope)
        header = address + bytes((envelope.access, envelope.status, 0, 0))
        plain = bytes(envelope.plain[envelope.plain_at : envelope.plain_end])
        return Frame(frame.c, frame.a, _VARIABLE_DATA, header + plain), (meter, address)

    def _keep(self, meter, envelope):
        if envelope.counter == meter.counter:
            return
        tag = bytes(envelope.tag)
        self._write(meter, envelope.counter, tag, AnswerError)
        meter.counter, meter.tag = envelope.counter, tag


def _address_of(frame):
    """The address in a header that is not secured, or None."""
    header = Telegram(frame.data, 0, len(frame.data), frame.ci).header
    return header.address if header else None


def _covers(mask, address, wild=True):
    """Whether an address, or its first octets, is one of a mask; without wild: has no wildcard."""
    for i in range(len(address)):
        for nibble in (0x0F, 0xF0):
            digit = mask[i] & nibble
            if digit == nibble:
                if not wild:
                    return False
            elif digit != address[i] & nibble:
                return False
    return True


def parsed(lines) -> list:
    """The meters of a file; KeysError says in which line something is wrong."""
    meters = []
    for number, line in enumerate(lines, 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        try:
            if line[0] == "[":
                meters.append(_Meter(_address(line)))
            else:
                _setting(meters[-1], line)
        except (ValueError, IndexError):
            raise KeysError("file of keys, line %d: %s" % (number, _FORM_WORDS))
    if not 0 < len(meters) <= _MOST:
        raise KeysError("file of keys: %d meters, it may have 1 to %d" % (len(meters), _MOST))
    for meter in meters:
        if not meter.key or sum([other.address == meter.address for other in meters]) > 1:
            place = hexlify(meter.address).decode()
            raise KeysError("file of keys: meter %s has no key, or is there twice" % place)
    return meters


def _address(line):
    name = line.strip("[] \"'")
    if line[-1] != "]" or len(name) not in (8, 16) or "F" in name[:8].upper():
        raise ValueError
    return secondary_octets((name + "00000000")[:16].upper())[: len(name) // 2]


def _setting(meter, line):
    name, _, text = line.partition("=")
    name, text = name.strip(), text.strip()
    if name == "level":
        meter.level = int(text)
        if not 0 <= meter.level <= _LEVEL_MODE_7:
            raise ValueError
    elif name == "key":
        for separator in _SEPARATORS:
            text = text.replace(separator, "")
        meter.key = Key(unhexlify(text.strip("\"'")))
    elif name != "commands":  # for those who send some
        raise ValueError
