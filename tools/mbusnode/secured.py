# SPDX-License-Identifier: MIT
"""Secured telegrams of EN 13757-7 for people: every form of modes 5 and 7 is opened and explained.

What is not encrypted, not authenticated or not understood is told as an error of its own.
Whether a telegram is secured well enough is not decided here, see securedreading.py.
"""

from mbus import afl, configuration
from mbus.cmac import AUTHENTICATION, ENCRYPTION, TO_METER, ZERO_IV, cmac, derive, differ
from mbus.frame import Frame
from mbus.header import LONG, secondary_text
from mbus.secured import COMMAND, READOUT

# EN 13757-7, table 19.
MODES = (
    "not encrypted",
    "manufacturer's own",
    "DES-CBC, IV 0",
    "DES-CBC, IV from the header",
    "reserved",
    "AES-128-CBC, IV from the header",
    "reserved",
    "AES-128-CBC, derived key",
    "AES-128-CTR with CMAC",
    "AES-128-GCM",
    "AES-128-CCM",
    "reserved",
    "reserved",
    "TLS",
    "reserved",
    "special",
)

_HEADERS = {**COMMAND, **READOUT, 0x6E: 4, 0x6F: 12, 0x74: 4, 0x75: 12}
_CI_AT = 6  # in a frame
_BLOCK = 16
_MAC_SIZES = {3: 2, 4: 4, 5: 8, 6: 12, 7: 16}  # of AES-CMAC, by the type in MCL
_SHORT_MAC = 8
_KDF_A = 1
_MORE_FRAGMENTS = 0x4000


class SecuredFrame(Frame):
    """What a secured frame says, as if it had been clear; security tells what it was.

    Without its records, where these could not be opened.
    """

    security = None


def opened(frame, ring=None, meter=None):
    """The frame itself where it does not claim to be secured in any way, else a SecuredFrame.

    ring.find(address) knows the keys.  meter, 8 octets or the 4 of an identification number,
    is whose telegram it is where the header does not say so.
    """
    if not _is_claimed(frame):
        return frame
    security = Security(frame)
    if security.mode is None and frame.ci != afl.CI:
        return frame  # a header that is cut off is told by the decoder
    if ring and security.mode in (5, 7):
        security.use(ring, meter)
    elif security.mode:
        security.leave()
    return security.frame()


def _is_claimed(frame):
    """Whether a frame claims to be secured in any way."""
    size = _HEADERS.get(frame.ci, 0)
    if len(frame.data) >= size > 0:
        return 0 < frame.data[size - 1] & 0x1F < len(MODES)
    return frame.ci == afl.CI


class Security:
    """How one telegram is secured.

    ci       of the frame; that of the AFL where there is one
    mode, configuration   of the header, None where none can be read
    address  of the long header, else None
    counter  the message counter in clear, or None
    mac      "right", "wrong", "none", or "not checked"
    tag      the first octets of the MAC, at most 8
    clear    how many octets of the records are in clear
    clear_at where these begin in the data of frame()
    is_open  whether the records could be opened
    errors   [(place in the frame, text)]
    """

    def __init__(self, frame):
        self.ci = frame.ci
        self.mode = self.configuration = self.address = self.counter = None
        self.mac = "not checked"
        self.clear = self.clear_at = 0
        self.is_open = False
        self.errors = []
        self._frame = frame
        self._telegram = bytes((frame.ci,)) + frame.data
        self._afl = self._found = None
        self._plain = b""
        self._take()

    def _fail(self, at, text):
        self.errors.append((_CI_AT + at, text))

    def _take(self):
        telegram, end, tpl = self._telegram, len(self._telegram), 0
        if self.ci == afl.CI:
            front = afl.parse(telegram, 0, end)
            if front is None:
                self._fail(0, "the AFL is cut off, or its lengths contradict each other")
                return
            if front.control & _MORE_FRAGMENTS or front.control & 0xFF > 1:
                self._fail(2, "a fragment of a message, not decoded")
                return
            self._afl, tpl = front, front.end
            self.counter = front.counter
        size = _HEADERS.get(telegram[tpl]) if tpl < end else None
        self._field = tpl + 1 + (size or 0) - 2
        found = configuration.parse(telegram, self._field, end) if size else None
        if found is None:
            if self._afl:
                self._fail(tpl, "no header that is known stands behind the AFL")
            return
        self._found, self._tpl = found, tpl
        self.mode = found.mode
        self.configuration = int.from_bytes(telegram[self._field : self._field + 2], "little")
        self.address = telegram[tpl + 1 : tpl + 9] if size == LONG else None
        if found.counter is not None:
            self.counter = found.counter
        if not self._afl or not self._afl.mac_size:
            self.mac = "none"
        if self.mode == 0:
            self._leave_clear(telegram[found.end :])

    @property
    def mode_name(self) -> str:
        """What the mode is."""
        return MODES[self.mode] if self.mode < len(MODES) else "unknown"

    @property
    def tag(self) -> bytes:
        front = self._afl
        return self._telegram[front.mac_at :][: min(front.mac_size, _SHORT_MAC)] if front else b""

    def leave(self, why=""):
        """Name the mode, and say that the records are not decoded."""
        text = "encrypted in mode %d (%s), not decoded" % (self.mode, self.mode_name)
        self._fail(self._found.end, text + why)

    def use(self, ring, meter=None):
        """Look for the key, and open the records with it."""
        address = self.address or meter
        if not address:
            self.leave(": the short header names no meter, give its secondary address")
            return
        entry = ring.find(address)
        if not entry:
            self.leave(": no key for %s" % secondary_text(address))
        elif self.mode == 5 and len(address) < 8:
            self.leave(": the whole secondary address of the meter is needed")
        else:
            untouched = self.mac, list(self.errors)
            self._open(entry.key, bytes(address))
            if not self.is_open and entry.pending:
                self.mac, self.errors = untouched
                self._open(entry.pending, bytes(address))

    def _open(self, key, address):
        found = self._found
        size = found.blocks * _BLOCK
        after = found.end + size
        if after > len(self._telegram):
            have = len(self._telegram) - found.end
            self._fail(found.end, "%d octets should be encrypted, %d are there" % (size, have))
            return
        cipher, iv = key, b""
        if self.mode == 7:
            if not self._may_derive() or not self._check_mac(key, address, after):
                return
            cipher, iv = self._derived(key, ENCRYPTION, address), ZERO_IV
        else:
            access = self._telegram[self._field - 2]
            iv = address[4:6] + address[:4] + address[6:] + bytes((access,)) * 8
        plain = bytearray(size)
        if size:
            cipher.decrypt(iv, self._telegram[found.end : after], plain)
            if plain[:2] != b"\x2f\x2f":
                self._fail(found.end, "the key does not fit (no 2F 2F)")
                return
        self._plain = bytes(plain)
        self._leave_clear(self._telegram[after:])

    def _leave_clear(self, rest):
        self.is_open = True
        self.clear = len(rest)
        self.clear_at = self._field - self._tpl + 1 + len(self._plain)
        self._plain += rest
        if rest:
            text = "%d octets are clear, anybody may have put them there" % len(rest)
            self._fail(len(self._telegram) - len(rest), text)

    def _may_derive(self):
        if self.counter is None:
            self._fail(0, "no message counter, in neither AFL nor header")
        elif self._found.kdf != _KDF_A:
            self._fail(self._field + 2, "key derivation %d is not known" % self._found.kdf)
        else:
            return True
        return False

    def _derived(self, key, use, address):
        if self._telegram[self._tpl] in COMMAND:
            use |= TO_METER
        return derive(key, memoryview(bytearray(_BLOCK)), use, self.counter, address[:4])

    def _check_mac(self, key, address, after):
        """False where the MAC is wrong; whatever else is to be said of it is an error."""
        front = self._afl
        if self.mac == "none":
            self._fail(0, "mode 7 without a MAC: anybody may have changed it")
            return True
        size = front.mac_size
        if front.message is None or _MAC_SIZES.get(front.message & 0x0F) != size:
            self._fail(front.mac_at, "the MAC of %d octets is of a kind not known" % size)
            return True
        if size < _SHORT_MAC:
            self._fail(front.mac_at, "a MAC of no more than %d octets" % size)
        authentication = self._derived(key, AUTHENTICATION, address)
        telegram = self._telegram
        covered = telegram[4 : front.mac_at] + telegram[front.mac_at + size : self._tpl]
        # Whether a clear tail belongs under it is read both ways; the tail is told in any case.
        for end in (after, len(telegram)):
            message = covered + telegram[self._tpl : end]
            work = memoryview(bytearray(len(message) + _BLOCK))
            work[: len(message)] = message
            at = cmac(authentication, work, len(message))
            if not differ(work[at : at + size], telegram[front.mac_at :], size):
                self.mac = "right"
                return True
        self.mac = "wrong"
        self._fail(front.mac_at, "MAC wrong: the key does not fit, or the telegram was changed")
        return False

    def refuse(self, text):
        """Take what was opened away again, for the reason in text."""
        self.is_open = False
        self._plain = b""
        self.errors.insert(0, (_CI_AT, text))

    def frame(self) -> SecuredFrame:
        """What the telegram says."""
        kept = self._frame
        if self._found is None:
            result = SecuredFrame(kept.c, kept.a, kept.ci, b"")
        else:
            header = self._telegram[self._tpl + 1 : self._field] + bytes(2)
            result = SecuredFrame(kept.c, kept.a, self._telegram[self._tpl], header + self._plain)
        result.security = self
        return result

    def place(self, at: int) -> int:
        """Where in the frame an octet stands, of which frame() has the place at."""
        at += self._tpl
        if at > _CI_AT + self._field + 1:
            at += self._found.end - self._field - 2
        return at

    def facts(self) -> dict:
        """All that is known, for programs."""
        return {
            "mode": self.mode,
            "mode_name": None if self.mode is None else self.mode_name,
            "decrypted": self.is_open,
            "mac": self.mac,
            "counter": self.counter,
            "clear_octets": self.clear,
        }

    def words(self) -> str:
        """The same for people, in one line."""
        if self.mode is None:
            return "by an AFL" if self._afl else "not at all"
        parts = ["mode %d (%s)" % (self.mode, self.mode_name)]
        parts.append("no MAC" if self.mac == "none" else "MAC " + self.mac)
        if self.counter is not None:
            parts.append("counter %d" % self.counter)
        if self.is_open:
            parts.append("%d octets clear" % self.clear if self.clear else "nothing clear")
        return ", ".join(parts)
