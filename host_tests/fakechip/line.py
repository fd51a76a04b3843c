# SPDX-License-Identifier: MIT
"""A bus of 8E1 characters at whatever rates: a space of anybody is a space for all.

Errors are told in the bits of the RP2040's UARTRIS: framing, parity, break, overrun.
"""

FRAMING, PARITY, BREAK, OVERRUN = 0x80, 0x100, 0x200, 0x400
BITS = 11
_FOREVER = 1 << 60


def character(octet, flip_parity=False):
    """The eleven bits of a character, the start bit lowest."""
    ones = bin(octet).count("1") & 1
    return octet << 1 | (ones ^ flip_parity) << 9 | 1 << 10


class Sent:
    """One character on the line, or a space of any length (bits 0)."""

    def __init__(self, at, end, bits, baud, sender):
        self.at = at
        self.end = end
        self.bits = bits
        self.baud = baud
        self.sender = sender

    def level(self, us):
        if us < self.at or us >= self.end:
            return 1
        return self.bits >> (us - self.at) * self.baud // 1000000 & 1


class Line:
    """Joins those that send() and the receivers that listen."""

    def __init__(self, clock):
        self.clock = clock
        self.receivers = []
        self.sent = []  # as far back as a receiver may want to look

    def send(self, bits, baud, sender):
        """A character begins now."""
        now = self.clock.now
        return self._put(Sent(now, now + BITS * 1000000 // baud, bits, baud, sender))

    def space(self, us, sender=None):
        """A break begins now, of so many microseconds; None: until release()."""
        end = _FOREVER if us is None else self.clock.now + us
        return self._put(Sent(self.clock.now, end, 0, 1, sender))

    def release(self, sent):
        """The end of a space without an end."""
        sent.end = min(sent.end, self.clock.now)

    def _put(self, new):
        oldest = self.clock.now
        for receiver in self.receivers:
            if receiver.busy and receiver.since < oldest:
                oldest = receiver.since
        self.sent = [s for s in self.sent if s.end > oldest]
        self.sent.append(new)
        for receiver in self.receivers:
            receiver.began()
        return new

    def level(self, us=None, deaf_to=None):
        """0 where anybody sends a space, but for one who is not heard."""
        us = self.clock.now if us is None else us
        for s in self.sent:
            if (s.sender is not deaf_to or deaf_to is None) and not s.level(us):
                return 0
        return 1

    def falls(self, since, deaf_to):
        """When the line next falls behind a time, None when nothing known makes it."""
        first = None
        for s in self.sent:
            if s.end <= since or (s.sender is deaf_to and deaf_to is not None):
                continue
            for k in range(BITS):
                # The first microsecond at which the bit is on the line.
                at = s.at - (-k * 1000000 // s.baud)
                if at > since and (first is None or at < first) and self._falls(at, deaf_to):
                    first = at
        return first

    def _falls(self, at, deaf_to):
        return self.level(at - 1, deaf_to) and not self.level(at, deaf_to)


class Receiver:
    """Samples what comes at a rate; took(octet, errors) is called in the middle of the stop bit.

    own is the sender that it does not hear, None to hear everybody.
    """

    def __init__(self, line, baud, took, own=None, inverted=False):
        self.line = line
        self.baud = baud
        self.took = took
        self.own = own
        self.inverted = inverted  # wired the wrong way round: nothing sound is ever heard
        self.busy = False
        self.since = 0
        self._event = None
        line.receivers.append(self)

    def close(self):
        self.line.clock.cancel(self._event)
        if self in self.line.receivers:
            self.line.receivers.remove(self)
        self.busy = False

    def set_baud(self, baud):
        """Another rate: what was half received is lost, what comes on is taken as it is then."""
        self.line.clock.cancel(self._event)
        self.busy = False
        self.baud = baud
        self._resume(self.line.clock.now)

    def began(self):
        if not self.busy and not self.line.level(None, self.own):
            self._start(None)

    def _start(self, _):
        line = self.line
        now = line.clock.now
        if self.busy or line.level(now, self.own):
            return
        line.clock.cancel(self._event)
        self.busy = True
        self.since = now
        self._event = line.clock.at(now + 21 * 500000 // self.baud, self._end)

    def _end(self, _):
        line = self.line
        heard = [s for s in line.sent if s.end > self.since and s.at <= line.clock.now]
        heard = [s for s in heard if s.sender is not self.own or self.own is None]
        clean = len(heard) == 1 and heard[0].at == self.since and heard[0].baud == self.baud
        bits = heard[0].bits if clean else self._sampled()
        self.busy = False
        self._event = None
        errors = 0
        if bits >> 10 == 0:
            errors = FRAMING if bits else FRAMING | BREAK
        if bin(bits >> 1 & 0x1FF).count("1") & 1:
            errors |= PARITY
        octet = bits >> 1 & 0xFF
        if self.inverted:
            octet, errors = octet ^ 0xFF, errors | FRAMING
        if not clean or errors:
            self._resume(line.clock.now)
        self.took(octet, errors)

    def _sampled(self):
        bits = 0
        for k in range(BITS):
            at = self.since + (2 * k + 1) * 500000 // self.baud
            bits |= self.line.level(at, self.own) << k
        return bits

    def _resume(self, now):
        at = self.line.falls(now, self.own)
        if at is not None:
            self._event = self.line.clock.at(at, self._start)


class Peer:
    """Another station: says octets when told to, and keeps what it hears.

    heard is (end of the octet in us, octet, errors); on_octet(octet, errors) comes behind it.
    """

    def __init__(self, line, baud=2400, echo=False):
        self.line = line
        self.clock = line.clock
        self.heard = []
        self.on_octet = None
        self.sending_until = 0
        self.receiver = Receiver(line, baud, self._took, None if echo else self)

    def set_baud(self, baud):
        self.receiver.set_baud(baud)

    def _took(self, octet, errors):
        # The end of the character: it is taken in the middle of its stop bit.
        end = self.clock.now + 500000 // self.receiver.baud
        self.heard.append((end, octet, errors))
        if self.on_octet:
            self.on_octet(octet, errors)

    def say(self, octets, at=None, gap_us=0, flip_parity=()):
        """Send octets from a time on, now if none is given; returns when the last one ends."""
        baud = self.receiver.baud
        start = self.clock.now if at is None else at
        octets = bytes(octets)
        self.clock.at(start, self._next, (octets, 0, start, gap_us, flip_parity, baud))
        self.sending_until = start + len(octets) * (BITS * 1000000 // baud + gap_us)
        return start + BITS * 1000000 * len(octets) // baud + gap_us * (len(octets) - 1)

    def _next(self, what):
        octets, i, start, gap_us, flip_parity, baud = what
        self.line.send(character(octets[i], i in flip_parity), baud, self)
        i += 1
        if i < len(octets):
            # From the beginning, so that what is rounded does not add up.
            at = start + BITS * 1000000 * i // baud + gap_us * i
            self.clock.at(at, self._next, (octets, i, start, gap_us, flip_parity, baud))

    def octets(self):
        """What has been heard without an error."""
        return bytes([octet for _, octet, errors in self.heard if not errors])
