# SPDX-License-Identifier: MIT
"""Find the meters on a bus, by primary or by secondary address (EN 13757-3, 11).

Procedures as in master.py.  found(address, reply) is called for each meter at once: address
is a primary address, or the octets of a selection that reaches this meter and no other;
reply is its RSP_UD as a Frame, None where it acknowledged but sent no data, or DAMAGED where
several meters answer that cannot be told apart.
progress(done, address), where given, is told the part done (0 to 1) and what is tried next.
"""

from micropython import const

from .frame import FCB, REQ_UD2, SND_NKE, short
from .master import ALL, DAMAGED, NONE, SELECTED, is_answer
from .readout import owner, record_data

_ADDRESS = const(8)  # octets of a secondary address
_NUMBER = const(10)  # where the fabrication number begins behind it
_FABRICATION = b"\x0c\x78"
_WILD = const(0xFF)
_DEVICE_TYPE = const(7)


def primary(master, found, addresses=range(251), progress=None):
    """Try primary addresses; a meter that does not answer SND_NKE may answer REQ_UD2."""
    tx = master.tx
    count = len(addresses)
    for i in range(count):
        a = addresses[i]
        if progress:
            progress(i / count, a)
        master.forget(a)
        linked = yield short(tx, SND_NKE, a), ALL
        reply = yield short(tx, REQ_UD2 | FCB, a), ALL
        if linked is None and reply is None:
            continue
        if reply and not is_answer(reply, a):
            reply = DAMAGED
        if reply is None and linked is DAMAGED:
            reply = DAMAGED
        found(a, reply if not reply or reply.ci is not None else None)


def secondary(master, found, mask=b"\xff" * _ADDRESS, progress=None, hexadecimal=False, tries=1):
    """Find all meters whose secondary address matches the 8 octets of mask.

    hexadecimal   identification numbers may hold digits A to E from the start; without it
                  they are tried where a collision is not explained by what was found
    tries         how often a selection is sent before silence is believed
    """
    search = _Search(master, found, mask, progress, tries)
    if hexadecimal:
        search.digits = 15
    for _ in range(2):
        yield short(master.tx, SND_NKE, SELECTED), NONE
    if (yield from search.probe(-1, 0.0)) is DAMAGED:
        yield from search.tell_apart(0, 0.0, 1.0)


class _Search:
    """The tree search: each field of the mask that is wild is varied where meters collide.

    The fields are the eight digits of the identification number, the device type, the
    version, both octets of the manufacturer, and the digits of the fabrication number as
    a record behind the address (enhanced selection).
    """

    def __init__(self, master, found, mask, progress, tries):
        self._master = master
        self._found = found
        self._progress = progress
        self._tries = tries
        self.digits = 10
        self._seen = []
        self._mask = bytearray(mask) + _FABRICATION + b"\xff\xff\xff\xff"
        self._fields = []  # (octet of the mask, shift of a digit in it or -1 for the whole)
        self._wild_digits(0)
        self._octets = len(self._fields)  # the fields from here on are whole octets
        for at in (_DEVICE_TYPE, 6, 4, 5):
            if self._mask[at] == _WILD:
                self._fields.append((at, -1))
        self._plain = len(self._fields)  # the fields from here on need enhanced selection
        self._wild_digits(_NUMBER)

    def _wild_digits(self, at):
        for i in range(8):
            octet, shift = at + 3 - i // 2, 0 if i & 1 else 4
            if self._mask[octet] >> shift & 0x0F == 0x0F:
                self._fields.append((octet, shift))

    def probe(self, level, done):
        """Select by the mask: None (nobody), a Frame (one meter: reported) or DAMAGED.

        level is the last field that holds a value to try, -1 for the mask as it was given.
        """
        master = self._master
        address = bytes(self._mask[: _ADDRESS if level < self._plain else None])
        if self._progress:
            self._progress(done, address)
        reply = None
        for _ in range(self._tries):
            reply = yield master.put_selection(address), ALL
            if reply is not None:
                break
        if reply is None:
            return None
        # Where the identification number is given the answer to REQ_UD2 decides alone: there
        # are meters that send E5h twice, and meters without data.
        given = level >= self._octets - 1
        if reply or given:
            reply = yield short(master.tx, REQ_UD2 | FCB, SELECTED), ALL
        # A clean E5h may come from several; silence after it is a collision as well.
        if not reply or not is_answer(reply, SELECTED):
            return DAMAGED
        if reply.ci is not None:
            self._report(_learnt(reply, address), reply)
        elif given:
            self._report(address, None)
        else:
            return DAMAGED
        return reply

    def tell_apart(self, level, done, part):
        """Meters that match the mask collided: vary field number level, and on from there."""
        if level == len(self._fields):
            self._report(bytes(self._mask), DAMAGED)
            return
        common, rare = self._values(level)
        heard = yield from self._vary(level, common, done, part)
        if heard < 2:
            heard += yield from self._vary(level, rare, done + part, 0.0)
        if level == self._plain and heard < 2:
            # A meter without fabrication number is silent to all of enhanced selection.
            self._report(bytes(self._mask[:_ADDRESS]), DAMAGED)
        elif not heard:
            # Nothing explains the collision: it was noise, or nobody takes this field.
            reply = yield from self.probe(level - 1, done + part)
            if reply is DAMAGED and self._octets <= level < self._plain:
                yield from self.tell_apart(level + 1, done + part, 0.0)
            elif reply is DAMAGED:
                self._report(bytes(self._mask[:_ADDRESS]), DAMAGED)

    def _values(self, level):
        """The values to try for a field, and those to try when these explain too little."""
        if self._octets <= level < self._plain:
            # FF is the wildcard; device types are defined up to 3F.
            n = 64 if self._fields[level][0] == _DEVICE_TYPE else 255
            return range(n), range(n, 255)
        return range(self.digits), range(self.digits, 15)

    def _vary(self, level, values, done, part):
        """Probe each value of a field; returns how many meters that proves (a collision: 2)."""
        at, shift = self._fields[level]
        octet = self._mask[at]
        heard = 0
        for value in values:
            if shift >= 0:
                value = octet & ~(0x0F << shift) | value << shift
            self._mask[at] = value
            reply = yield from self.probe(level, done)
            width = part / len(values)
            known = self._half_wild(at) if shift < 0 and reply is not None else 0
            if known:
                # Those found explain it; one alone does not explain a collision.
                if reply is DAMAGED and known == 1:
                    self._report(bytes(self._mask[:_ADDRESS]), DAMAGED)
            elif reply is DAMAGED:
                heard += 2
                yield from self.tell_apart(level + 1, done, width)
            elif reply:
                heard += 1
            done += width
        self._mask[at] = octet
        return heard

    def _half_wild(self, at):
        """How many of those found answer to this octet too, if a digit F is a wildcard to them.

        Values come in rising order, so they are found before.
        """
        mask = self._mask
        return sum(
            address[at] != mask[at] and all(_is_like(mask[i], address[i]) for i in range(_ADDRESS))
            for address in self._seen
        )

    def _report(self, address, reply):
        # A meter that takes no mask seriously is found under each.
        if address not in self._seen:
            self._seen.append(address)
            self._found(address, reply)


def _is_like(mask, octet):
    differs = mask ^ octet
    return (mask >= 0xF0 or differs < 0x10) and (mask & 0x0F == 0x0F or not differs & 0x0F)


def _learnt(frame, address):
    """The address in a RSP_UD, with the fabrication number if that was needed to select it."""
    own = owner(frame) or address[:_ADDRESS]
    if len(address) == _ADDRESS:
        return own
    return own + _FABRICATION + (record_data(frame, _FABRICATION) or address[_NUMBER:])
