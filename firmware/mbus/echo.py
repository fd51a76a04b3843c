# SPDX-License-Identifier: MIT
"""Takes what a station has sent itself out of what it receives (EN 13757-2, 5.3).

Many level converters and slave transceivers return every octet they send.  The echo is
found by comparison, never by counting: a lost octet must not shift what follows.
"""

from micropython import const

from .timing import elapsed

PASS = 0  # no echo: first buf[:held], then this octet are for the parser
ECHO = 1  # echo, or perhaps echo: it is held back and will not be lost
BROKEN = 2  # an echo that differs from what was sent: the line is disturbed

_OFF = const(0)
_AUTO = const(1)
_ON = const(2)


class Echo:
    """Sorts received octets into echo and the rest.

    mode "off" passes everything, "on" calls everything BROKEN that comes in the place of
    the echo and differs, "auto" becomes "on" with the first whole echo and goes back to
    finding out when an echo does not even begin.

    While "auto" has seen no echo, octets equal to those sent are held back until one
    differs, because an answer may begin like the question (68h).  take() then returns PASS
    with held > 0, and the caller hands buf[:held] to its parser in front of the octet.

    pending is how many octets were sent whose echo has not come yet, wholly or at all; while it
    is 0 every octet may pass without take().
    """

    def __init__(self, mode: str = "auto"):
        if mode not in ("off", "auto", "on"):
            raise ValueError("echo is auto, on or off, not %s" % mode)
        self._mode = _OFF if mode == "off" else _AUTO if mode == "auto" else _ON
        self.present = mode == "on"  # this line is known to echo
        self.buf = b""
        self.held = 0  # octets of buf held back
        self.pending = 0
        self._since = self._until_ms = 0

    def sent(self, buf, n: int, now: int, until_ms: int):
        """buf[:n] has just been written; its echo comes within until_ms or not at all.

        buf is not copied and must stay as it is while pending.
        """
        if self._mode != _OFF:
            self._lost()
            self.buf = buf
            self.pending = n
            self._since = now
            self._until_ms = until_ms
        self.held = 0

    def take(self, octet: int, now: int) -> int:
        """PASS, ECHO or BROKEN: what the next received octet is."""
        held = self.held
        if self.pending == 0:
            self.held = 0
            return PASS
        if elapsed(now, self._since) > self._until_ms:
            if self.present:
                self.held = 0  # the part of an echo: no answer begins with it
            self._lost()
            return PASS
        if octet != self.buf[held]:
            broken = self.present
            self._lost()
            return BROKEN if broken else PASS
        self.held = held + 1
        if self.held == self.pending:
            self.pending = self.held = 0
            self.present = True
        return ECHO

    def _lost(self):
        """The echo awaited will not come (any more)."""
        if self.pending and not self.held and self._mode == _AUTO:
            self.present = False
        self.pending = 0
