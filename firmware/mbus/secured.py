# SPDX-License-Identifier: MIT
"""Secured telegrams of EN 13757-7, modes 5 and 7: sealed and opened, one at a time.

What is opened has the one form that this project sends, whatever else the standard allows:
every octet encrypted, and in mode 7 an AFL with a counter and a MAC of 8 octets.  Octets,
keys and counters in, octets and findings out: who may do what, and where counters are kept,
is the station's business.  Findings are numbers, with nothing in them of keys or data.
"""

from micropython import const

from . import afl, configuration
from .cmac import AUTHENTICATION, ENCRYPTION, TO_METER, ZERO_IV, cmac, derive, differ
from .header import LONG, SHORT, put_long, put_short

# The size of the header behind each CI that may be secured, by direction.
COMMAND = {0x5A: SHORT, 0x5B: LONG, 0x6C: LONG, 0x6D: LONG}
READOUT = {0x72: LONG, 0x7A: SHORT}

# What read() and open() find.  To the outside all failures are one (application error 14h).
SOUND = 0
REPEATED = 1  # the command that was accepted last, once more
ADDRESS = 0x88  # of another meter, or of one that nobody names
FORM = 0x89  # mode, form, clear octets
MAC = 0x8A
COUNTER = 0x8B
DECRYPTION = 0x8C  # no 2F 2F in front

LAST_COUNTER = 0xFFFFFFFF

_FILLER = const(0x2F)
_BLOCK = const(16)
_MAX_BLOCKS = const(15)
_CONFIGURATION = const(2)  # octets at the end of either header
_COVERED = const(5)  # octets of the AFL under the MAC: MCL and counter
_WORK = const(272)  # what the MAC covers of the longest telegram, filled up
_CLOCKS = b"\x6c\x6d"  # no room for the counter that mode 5 needs
_COUNTER_RECORD = b"\x04\xfd\x08"  # unique message identification
_COUNTER_SIZE = const(7)
# In mode 5, flipping bits of the access number flips bits of the counter's top octet: 2**24 added
# to a counter of the past must not make one of the future.
_WINDOW_5 = 1 << 23
_WINDOW_7 = 1 << 31


def is_secured(buf, at, end) -> bool:
    """Whether the telegram buf[at:end], from its CI on, claims to be secured in any way.

    So does a command whose header is cut off before it could say.
    """
    ci = buf[at]
    if ci == afl.CI:
        return True
    size = COMMAND.get(ci) or READOUT.get(ci)
    if not size:
        return False
    return buf[at + size] & 0x1F != 0 if size < end - at else ci in COMMAND


class Envelope:
    """Memory for one telegram at a time, and what is known of that telegram.

    To open one, read() and then open(); to seal one, begin(), the records, seal().  The
    buffer is the caller's and holds the telegram from its first CI on.

    mode, ci, access, status   known after read(), once there is a whole header; the CI is the
              one in front of that header
    address   8 octets: the header's, or those that read() was given where it is short
    counter   known after read() in mode 7, after open() in a mode 5 command, else None
    tag       8 octets that tell a telegram from every other: the MAC, or after open() of a
              mode 5 command a CMAC of header and ciphertext; not of a mode 5 read-out
    plain     after open() found nothing wrong, the records are plain[plain_at:plain_end],
              fillers behind them; good until the next call
    """

    def __init__(self):
        self.plain = memoryview(bytearray(_WORK))
        self.tag = bytearray(afl.MAC_SIZE)
        self._forget()

    def _forget(self):
        self.mode = self.ci = self.access = self.status = self.address = self.counter = None
        self.plain_at = self.plain_end = 0
        self._buf = None  # until a telegram of sound form is there
        self._command = False

    def read(self, buf, at, end, direction, address=None, least=5) -> int:
        """Take the telegram buf[at:end] apart: SOUND, ADDRESS or FORM, judged in this order.

        direction is COMMAND or READOUT.  address is the meter's: a long header must bear it,
        if it is given; a short header needs it.  least is the lowest mode that will do.
        """
        self._forget()
        front = afl.parse(buf, at, end) if at < end and buf[at] == afl.CI else None
        tpl = front.end if front else at
        size = direction.get(buf[tpl]) if tpl < end else None
        field = tpl + 1 + (size or 0) - _CONFIGURATION
        found = configuration.parse(buf, field, end) if size else None
        if found is None:
            return FORM
        self.mode, self.ci = found.mode, buf[tpl]
        self.access, self.status = buf[field - 2], buf[field - 1]
        self.address = bytes(buf[tpl + 1 : tpl + 9] if size == LONG else address or b"")
        if len(self.address) != 8 or (address and self.address != bytes(address)):
            return ADDRESS
        if found.mode < least or not configuration.is_accepted(buf, field, found):
            return FORM
        if found.end + found.blocks * _BLOCK != end:
            return FORM
        if found.mode == 7:
            if front is None or not afl.is_accepted(front):
                return FORM
            self.counter = front.counter
            self.tag[:] = buf[front.mac_at : front.mac_at + afl.MAC_SIZE]
        elif front is not None or self.ci in _CLOCKS:
            return FORM
        self._buf, self._at, self._tpl, self._body, self._end = buf, at, tpl, found.end, end
        self._command = direction is COMMAND
        return SOUND

    def open(self, key, highest=None, last=None) -> int:
        """Judge and decrypt what read() found sound: SOUND, REPEATED, or what is wrong.

        highest is the greatest counter accepted so far, last the tag of the telegram that
        had it; where highest is None nobody counts.  A read-out that is repeated is SOUND.
        """
        if self._buf is None:
            return FORM
        code = self._open(key, highest, last)
        if code:
            self.plain_end = 0
        return code

    def _open(self, key, highest, last):
        if self.mode == 7:
            repeated = self.counter == highest and self._bears(last)
            if repeated and self._command:
                return REPEATED
            if differ(self._mac(key), self.tag, afl.MAC_SIZE):
                return MAC
            if not repeated and not _fresh(self.counter, highest, _WINDOW_7):
                return COUNTER
        elif self._command:
            self.tag[:] = self._cmac(key, 0)
            if self._bears(last):
                return REPEATED
        self._decrypt(key)
        if self.plain[0] != _FILLER or self.plain[1] != _FILLER:
            return DECRYPTION
        if self.mode == 5 and self._command and not self._take_counter(highest):
            return COUNTER
        return SOUND

    def _bears(self, tag):
        return tag is not None and not differ(self.tag, tag, afl.MAC_SIZE)

    def wipe(self):
        """Leave nothing of what was opened in memory."""
        self.plain[:] = bytes(_WORK)

    def begin(self, buf, at, ci, mode, address, access, status, counter=None) -> int:
        """Write all that stands in front of the records of a telegram; returns their place.

        buf is a memoryview, the first CI goes to buf[at].  address is the meter's, also where
        the header is short.  The counter, 1 to FFFFFFFF, is needed but for read-outs in mode 5;
        ValueError where there is none left.
        """
        self._forget()
        size = COMMAND.get(ci) or READOUT.get(ci)
        if mode not in (5, 7) or not size or (mode == 5 and ci in _CLOCKS):
            raise ValueError("CI %02X is not sent in mode %d" % (ci, mode))
        self._command = ci in COMMAND
        if (mode == 7 or self._command) and not 0 < counter <= LAST_COUNTER:
            raise ValueError("no message counter is left")
        tpl = afl.put(buf, at, counter) if mode == 7 else at
        buf[tpl] = ci
        if size == LONG:
            put_long(buf, tpl + 1, address, access, status)
        else:
            put_short(buf, tpl + 1, access, status)
        body = tpl + 1 + size - _CONFIGURATION + configuration.size(mode)
        buf[body] = buf[body + 1] = _FILLER
        self.mode, self.ci, self.access, self.status = mode, ci, access, status
        self.address, self.counter = bytes(address), counter
        self._buf, self._at, self._tpl, self._body = buf, at, tpl, body
        if mode == 7 or not self._command:
            return body + 2
        buf[body + 2 : body + 5] = _COUNTER_RECORD
        buf[body + 5 : body + 9] = counter.to_bytes(4, "little")
        return body + 2 + _COUNTER_SIZE

    def limit(self, limit: int) -> int:
        """Where records must end at the latest so that the telegram ends at buf[limit]."""
        return self._body + min((limit - self._body) // _BLOCK, _MAX_BLOCKS) * _BLOCK

    def seal(self, key, end: int) -> int:
        """Fill up, encrypt and authenticate the telegram whose records end at buf[end].

        Returns where it ends.
        """
        buf = self._buf
        blocks = (end - self._body + _BLOCK - 1) // _BLOCK
        if blocks > _MAX_BLOCKS:
            raise ValueError("%d blocks to encrypt, at most %d can be" % (blocks, _MAX_BLOCKS))
        self._end = self._body + blocks * _BLOCK
        for i in range(end, self._end):
            buf[i] = _FILLER
        configuration.put(buf, self._body - configuration.size(self.mode), self.mode, blocks)
        cipher, iv = self._cipher(key)
        cipher.encrypt(iv, buf[self._body : self._end])
        if self.mode == 7:
            self.tag[:] = self._mac(key)
            buf[self._tpl - afl.MAC_SIZE : self._tpl] = self.tag
        return self._end

    def _derived(self, key, use):
        if self._command:
            use |= TO_METER
        return derive(key, self.plain, use, self.counter, self.address[:4])

    def _cipher(self, key):
        """The key and the IV of CBC."""
        if self.mode == 7:
            return self._derived(key, ENCRYPTION), ZERO_IV
        a = self.address
        return key, a[4:6] + a[:4] + a[6:] + bytes((self.access,)) * 8

    def _decrypt(self, key):
        cipher, iv = self._cipher(key)
        cipher.decrypt(iv, self._buf[self._body : self._end], self.plain)
        self.plain_at = 2
        self.plain_end = self._end - self._body

    def _mac(self, key):
        """The MAC that the telegram should have."""
        cipher = self._derived(key, AUTHENTICATION)
        at = self._tpl - afl.MAC_SIZE - _COVERED
        self.plain[:_COVERED] = self._buf[at : at + _COVERED]
        return self._cmac(cipher, _COVERED)

    def _cmac(self, key, n):
        """8 octets of the CMAC of plain[:n] and the telegram from the header's CI on."""
        after = n + self._end - self._tpl
        self.plain[n:after] = self._buf[self._tpl : self._end]
        at = cmac(key, self.plain, after)
        return self.plain[at : at + afl.MAC_SIZE]

    def _take_counter(self, highest):
        """Take the counter in front of the records away; whether it is there and fresh."""
        at = self.plain_at
        if self.plain[at : at + 3] != _COUNTER_RECORD:
            return False
        self.counter = int.from_bytes(self.plain[at + 3 : at + _COUNTER_SIZE], "little")
        self.plain_at = at + _COUNTER_SIZE
        return _fresh(self.counter, highest, _WINDOW_5)


def _fresh(counter, highest, window):
    return highest is None or 1 <= counter - highest <= window
