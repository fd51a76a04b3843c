# SPDX-License-Identifier: MIT
"""A line in virtual time with simple meters on it, and faults to order.

The meters are written apart from mbus.slave, by the bare rules of EN 13757-2 and -3: an
unchanged FCB repeats, a changed one moves on, and nothing is forgiven.
"""

from binascii import hexlify, unhexlify

from mbus.exchange import MasterLink
from mbus.frame import DATA, seal
from mbus.header import secondary_octets
from mbus.whole import FrameError, parse

# Four meters in the order a search finds them.
WORKED = (
    "144910010D170102",
    "144910080D170102",
    "321048330D170102",
    "765432100D170102",
)


def long_frame(c, a, ci, data):
    """The octets of a long or control frame."""
    buf = bytearray(261)
    buf[DATA : DATA + len(data)] = data
    return bytes(buf[: seal(buf, c, a, ci, len(data))])


def text(octets):
    """Octets as capital hexadecimal digits."""
    return hexlify(octets).decode().upper()


class FakeMeter:
    """A strict slave; number is its fabrication number (4 octets) or None.

    records    one octet string per telegram
    deaf_to    C fields (FCB cleared) it never answers
    answer_as  the A field of its answers, its primary address unless set
    """

    def __init__(self, secondary, primary=0, records=(b"\x01\x13\x05",), number=None):
        self.secondary = secondary
        self.primary = primary
        self.records = records
        self.number = number
        self.deaf_to = ()
        self.answer_as = None
        self.c = 0x08
        self.ci = 0x72
        self.busy = 0
        self.takes_address = True
        self.selected = False
        self.delay_ms = 10
        self.commands = []
        self._fcb = {}
        self._index = {}

    def handle(self, octets):
        try:
            f = parse(octets)
        except FrameError:
            return b""
        c = f.c & ~0x20
        if f.a == 253 and f.ci == 0x52:
            return self._select(f.data)
        mine = f.a in (self.primary, 254, 255) or (f.a == 253 and self.selected)
        if not mine or c in self.deaf_to:
            return b""
        kind = f.a == 253
        reply = self._answer(f, c, kind)
        return b"" if f.a == 255 else reply

    def _select(self, data):
        want = self.secondary
        ok = all(m in (0xFF, w) for m, w in zip(data[4:8], want[4:]))
        for m, w in zip(data[:4], want):
            for shift in (0, 4):
                digit = m >> shift & 15
                ok = ok and digit in (15, w >> shift & 15)
        if len(data) > 8:
            ok = ok and self.number is not None and data[8:10] == b"\x0c\x78"
            for m, w in zip(data[10:], self.number or b""):
                for shift in (0, 4):
                    ok = ok and m >> shift & 15 in (15, w >> shift & 15)
        self.selected = ok
        self._fcb.pop((True, 0x5B), None)
        self._fcb.pop((True, 0x53), None)
        return b"\xe5" if ok else b""

    def _answer(self, f, c, kind):
        if c == 0x40:
            self._fcb = {k: v for k, v in self._fcb.items() if k[0] != kind}
            if f.a == 253:
                self.selected = False
            return b"\xe5"
        last = self._fcb.get((kind, c))
        fcb = self._fcb[kind, c] = f.c & 0x20
        if c in (0x53, 0x43):
            if fcb != last or c == 0x43:
                self._execute(f)
            return b"\xe5"
        if c == 0x5A:
            return self._frame(0x71, b"\x04") if fcb != last else b"\xe5"
        return self._data(kind, last is None, fcb != last)

    def _execute(self, f):
        self.commands.append((f.c, f.ci, f.data))
        if f.ci == 0x51 and f.data[:2] == b"\x01\x7a" and self.takes_address:
            self.primary = f.data[2]

    def _data(self, kind, first, new):
        if not self.records:
            return b"\xe5"
        if self.busy and new:
            self.busy -= 1
            return self._frame(0x70, b"\x08")
        at = 0 if first else (self._index.get(kind, -1) + new) % len(self.records)
        self._index[kind] = at
        records = self.records[at]
        if self.number:
            records = b"\x0c\x78" + self.number + records
        header = {0x72: self.secondary + b"\x2a\x00\x00\x00", 0x7A: b"\x2a\x00\x00\x00", 0x78: b""}
        return self._frame(self.ci, header[self.ci] + records)

    def _frame(self, ci, data):
        a = self.primary if self.answer_as is None else self.answer_as
        return long_frame(self.c, a, ci, data)


class FakeLine:
    """The Stream of a master; every write is heard by all meters, answers overlap as they may.

    faults   {number of the write from 0: function(octets of the answer) -> octets}
    late_ms  {number of the write: milliseconds the answer comes later}
    echo     None, or function(octets sent) -> octets echoed
    """

    def __init__(self, meters=(), baud=2400, echo=None):
        self.meters = list(meters)
        self.baud = baud
        self.echo = echo
        self.now = 0x3FFFFF00  # soon the ticks wrap
        self.faults = {}
        self.late_ms = {}
        self.keep = 40
        self.writes = []  # the first of them: (milliseconds since the beginning, octets)
        self.count = self.selections = 0  # all writes, and the long frames among them
        self.ms = 0  # since the beginning
        self.coming = []  # [ms, octet], in order of time

    def line_ms(self, octets):
        return -(-octets * 11000 // self.baud)

    def write(self, buf):
        octets = bytes(buf)
        n = self.count
        self.count = n + 1
        self.selections += octets[0] == 0x68
        if n < self.keep:
            self.writes.append((self.ms, octets))
        if self.echo:
            self.put(self.ms, self.echo(octets))
        end = self.ms + self.line_ms(len(octets)) + self.late_ms.get(n, 0)
        fault = self.faults.get(n)
        answers = [(m.delay_ms, m.handle(octets)) for m in self.meters]
        if fault and not any(a for _, a in answers):
            answers.append((10, b""))
        for delay_ms, answer in answers:
            if fault and (answer or not any(a for _, a in answers)):
                answer = fault(answer)
            self.put(end + delay_ms, answer)
        return len(octets)

    def put(self, at, octets):
        others = list(self.coming)
        for i, octet in enumerate(octets):
            ms = at + self.line_ms(i + 1)
            for other in others:
                if abs(other[0] - ms) < self.line_ms(1):
                    other[1] &= octet
                    break
            else:
                self.coming.append([ms, octet])
        self.coming.sort()

    def any(self):
        n = 0
        while n < len(self.coming) and self.coming[n][0] <= self.ms:
            n += 1
        return n

    def readinto(self, buf, n):
        for i in range(n):
            buf[i] = self.coming.pop(0)[1]
        return n

    def init(self, baudrate):
        self.baud = baudrate

    def advance(self, ms):
        if self.coming:
            ms = min(ms, self.coming[0][0] - self.ms)
        ms = max(ms, 1)
        self.ms += ms
        self.now = (self.now + ms) & 0x3FFFFFFF

    def sent(self):
        """What was written, as text, without the times."""
        return [text(octets) for _, octets in self.writes]


def drive(link, line, procedure):
    """Poll until the procedure is done; its result, or its error raised."""
    link.start(procedure, line.now)
    while not link.done:
        line.advance(link.poll(line.now))
    if link.error:
        raise link.error
    return link.result


def run(line, master, procedure, echo="auto"):
    """drive() with a MasterLink made for it."""
    return drive(MasterLink(line, master, line.baud, echo), line, procedure)


def bus(*addresses, numbers=None):
    """A line with meters of these secondary addresses, primary addresses 1, 2 ..."""
    line = FakeLine(baud=9600)
    for i, address in enumerate(addresses):
        meter = FakeMeter(secondary_octets(address), i + 1)
        meter.number = numbers[i] and unhexlify(numbers[i]) if numbers else None
        # Answers of different meters never begin at quite the same time.
        meter.delay_ms = 10 + 3 * i
        line.meters.append(meter)
    return line


def found_as(*addresses):
    """Secondary addresses as the search hands them over, as text."""
    return [text(secondary_octets(a)) for a in addresses]
