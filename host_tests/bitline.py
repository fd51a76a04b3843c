# SPDX-License-Identifier: MIT
"""A slave on a line of bits in virtual time: the master's rate and the receiver's may differ.

Written apart from the virtual bus: levels are strings of bits, a receiver samples each bit in
its middle (8E1), and flags parity and framing.
"""

from binascii import hexlify, unhexlify

from mbus.link import SlaveLink
from mbus.slave import Slave
from mbus.timing import RATES, octets_ms
from stations import Device

WRAP = 0x3FFFFFFF


def bits(octets):
    """What octets are on the line, a start bit first; idle is "1"."""
    line = ""
    for octet in octets:
        data = "".join(["%d" % (octet >> i & 1) for i in range(8)])
        line += "0" + data + "%d" % (data.count("1") & 1) + "1"
    return line


def sampled(line, rate, own, since_us=0):
    """[(microseconds, octet, damaged)] of a receiver at the rate own that begins at since_us."""
    result = []
    end = len(line) * 1000000 // rate

    def level(us):
        at = us * rate // 1000000
        return line[at] if us >= 0 and at < len(line) else "1"

    step = 1000000 // (16 * own) or 1
    us = max(0, since_us)
    before = level(us)
    if us == 0:
        before = "1"
    while us < end:
        now = level(us)
        if before == "1" and now == "0":
            # A UART sees an edge late: the middle of a bit may be the end of another.
            first = us + step // 2
            got = [level(first + (2 * k + 1) * 500000 // own) for k in range(11)]
            if got[0] == "0":
                us += 21 * 500000 // own
                octet = int("".join(got[8:0:-1]), 2)
                bad = got[10] == "0" or got[1:10].count("1") & 1 == 1
                result.append((us, octet, bad))
                now = level(us)
        before = now
        us += step
    return result


class BitWire:
    """The stream of the slave; its rate is what init() has set last, one of rates."""

    def __init__(self, baud, ms=1000, rates=RATES):
        self.ms = ms  # never wraps
        self.baud = baud
        self.inits = []
        self.written = []  # (ms, rate, octets)
        self.bad = False
        self.rates = rates
        self._burst = ("", 0, 0)  # bits, rate, microseconds
        self._coming = []

    def say(self, octets, rate):
        """A master begins now to send octets; returns when it ends."""
        self._burst = (bits(octets), rate, self.ms * 1000)
        self._sample()
        return self.ms + octets_ms(len(octets), rate)

    def _sample(self):
        line, rate, at = self._burst
        since = self.ms * 1000 - at
        if rate and since * rate // 1000000 < len(line):
            self._coming += [(at + us, o, b) for us, o, b in sampled(line, rate, self.baud, since)]

    def any(self):
        n = 0
        while n < len(self._coming) and self._coming[n][0] <= self.ms * 1000:
            self.bad = self.bad or self._coming[n][2]
            n += 1
        return n

    def readinto(self, buf, nbytes):
        for i in range(nbytes):
            buf[i] = self._coming.pop(0)[1]
        return nbytes

    def errors(self):
        bad, self.bad = self.bad, False
        return bad

    def write(self, octets):
        self.written.append((self.ms, self.baud, bytes(octets)))
        return len(octets)

    def txdone(self):
        if not self.written:
            return True
        ms, rate, octets = self.written[-1]
        return self.ms >= ms + octets_ms(len(octets), rate)

    def init(self, baudrate):
        assert self.txdone() and baudrate in self.rates
        self.inits.append((self.ms, baudrate))
        self.baud = baudrate
        # What was half received is lost, what is still to come is heard at the new rate.
        self._coming = [c for c in self._coming if c[0] <= self.ms * 1000]
        self._sample()


class Keeping(Device):
    """A device that notes which rates it is to keep."""

    def __init__(self, **options):
        super().__init__(**options)
        self.kept_rates = []

    def keep_baud(self, rate):
        self.kept_rates.append(rate)


class RateBench:
    """A slave of primary address 5 on such a wire, and a master of any rate."""

    def __init__(self, baud, make=SlaveLink, ms=1000, rates=RATES):
        self.wire = BitWire(baud, ms, rates)
        self.device = Keeping(primary=5, telegrams=1)
        self.slave = Slave(self.device)
        self.link = make(self.wire, self.slave, baud)

    def run(self, ms):
        end = self.wire.ms + ms
        while self.wire.ms < end:
            wait = self.link.poll(self.wire.ms & WRAP)
            assert wait >= 1
            self.wire.ms += min(wait, end - self.wire.ms)

    def ask(self, request, rate, wait=1400):
        """The answer, hexadecimal, that a master at this rate gets within wait; "" for none."""
        before = len(self.wire.written)
        end = self.wire.say(unhexlify(request), rate)
        self.run(end + wait - self.wire.ms)
        answers = [w for w in self.wire.written[before:] if w[1] == rate]
        assert len(self.wire.written) - before == len(answers) <= 1
        return hexlify(answers[0][2]).decode().upper() if answers else ""
