# SPDX-License-Identifier: MIT
"""A slave station on a line without time, and a device of known values behind it."""

from binascii import hexlify, unhexlify

from mbus.frame import FrameParser
from mbus.header import secondary_octets
from mbus.slave import Slave


class Device:
    """Sends telegrams of one record, a counter of snapshots; obeys and notes every command."""

    def __init__(self, primary=5, telegrams=3, access=0x2A):
        self.identification = bytearray(secondary_octets("123456780D170102"))
        self.serial = unhexlify("21436587")
        self.primary = primary
        self.access = access
        self.error = 0
        self.telegrams = telegrams
        self.snapshots = 0
        self.commands = []
        self.answer = 0  # what command() and application() return
        self.state = 0  # what status() returns
        self.pending = 0  # alarm bits
        self.for_all = ()
        self.guard = None
        self.kept = 0  # those that acknowledging does not take away

    def freeze(self, context):
        self.snapshots += 1
        context.values = self.snapshots

    def put(self, context, buf, at, limit):
        assert limit - at == 234
        buf[at : at + 4] = bytes((0x02, 0xFD, 0x3A, context.values))
        buf[at + 4] = context.row
        context.row += 1
        if context.row < self.telegrams:
            buf[at + 5] = 0x1F
            return at + 6
        context.row = 0
        return at + 5

    def command(self, ci, buf, at, end, now):
        self.commands.append((ci, text(buf[at:end])))
        return self.answer

    def application(self, sub):
        self.commands.append((0x50, "%02X" % sub))
        return self.answer

    def status(self):
        return self.state

    def alarms(self):
        return self.pending

    def acknowledge(self, bits):
        self.pending &= ~bits | self.kept


class Line:
    """Says frames to a station, octet by octet; `now` is the clock."""

    def __init__(self, device=None, **options):
        self.device = device or Device()
        self.slave = Slave(self.device, **options)
        self.parser = FrameParser()
        self.now = 1000

    def say(self, *parts, wait=100):
        """The reply to the frame of these octets (hexadecimal); "" for silence."""
        self.now = (self.now + wait) & 0x3FFFFFFF
        reply = ""
        for octet in unhexlify("".join(parts).replace(" ", "")):
            if self.parser.push(octet):
                n = self.slave.handle(self.parser, self.now)
                reply = text(self.slave.reply(n))
                self.slave.sent(self.now)
        return reply

    def short(self, c, a, wait=100):
        return self.say("10%02X%02X%02X16" % (c, a, (c + a) & 0xFF), wait=wait)

    def send(self, c, a, ci, data="", wait=100):
        return self.say(long(c, a, ci, data), wait=wait)

    def data(self, c, a=5, wait=100):
        """(access number, status, snapshot, telegram) of the RSP_UD to a REQ_UD2."""
        return telegram(self.short(c, a, wait))


def text(octets):
    return hexlify(bytes(octets)).decode().upper()


def long(c, a, ci, data=""):
    body = bytes((c, a, ci)) + unhexlify(data.replace(" ", ""))
    n = len(body)
    return text(b"\x68" + bytes((n, n)) + b"\x68" + body + bytes((sum(body) & 0xFF, 0x16)))


def telegram(reply):
    octets = unhexlify(reply)
    assert octets[4] & 0xDF == 0x08 and octets[6] == 0x72, reply
    return octets[15], octets[16], octets[22], octets[23]


def select(line, mask="FFFFFFFFFFFFFFFF", c=0x53):
    return line.send(c, 0xFD, 0x52, mask)
