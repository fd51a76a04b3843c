# SPDX-License-Identifier: MIT
"""The emulated meter with a key behind a station, and the partner that has the key."""

from binascii import unhexlify

from meters import Meter
from securedtelegrams import octets, sealed

# isort: split
from mbus.secured import READOUT, Envelope
from mbus.security import Key
from node.keyring import provision
from slots import Slots
from stations import text

FIRST = octets("00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F")  # that of RAISING
SECOND = octets("A1 B2 C3 D4 E5 F6 07 18 29 3A 4B 5C 6D 7E 8F 90")
THIRD = octets("DE AD 00 BE EF 01 02 03 04 05 06 07 08 09 0A 0B")
# Meter 12345678 of EXM at address 5.
KIND = {
    "primary": 5,
    "source": "host",
}

MORE = {"breaker": "yes", "prepayment": "yes", "ct": "yes", "tariff_source": "bus"}


class PowerCut(Exception):
    """The supply has gone."""


class CutSlots(Slots):
    """Slots whose supply goes at the write number `left`; torn: in the middle of it."""

    def __init__(self):
        super().__init__()
        self.left = None
        self.torn = False
        self.writes = 0

    def save(self, slot, octets):
        self.writes += 1
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                if self.torn:
                    self.octets[slot] = bytes(octets)[: len(octets) // 2]
                raise PowerCut
        super().save(slot, octets)

    def copy(self):
        other = CutSlots()
        other.octets = dict(self.octets)
        return other


class Owner:
    """A meter at a security level, and who owns its key."""

    def __init__(self, level, key=FIRST, slots=None, pauses=True, **given):
        self.slots = slots if slots is not None else CutSlots()
        if key is not None:
            provision(self.slots, key, level, pauses)
        for name, value in KIND.items():
            given.setdefault(name, value)
        self.given = given
        self.start()
        self.key = Key(key) if key else None
        self.counter = 0
        self.highest = None  # of the read-outs

    def start(self):
        """Power is back."""
        self.rig = Meter(self.slots, **self.given)
        self.module, self.line = self.rig.module, self.rig.line

    def seal(self, records, mode=7, counter=None, ci=0x5B, key=None, access=0x11, address=None):
        """A command as user data, with the next counter."""
        if counter is None:
            self.counter += 1
            counter = self.counter
        address = address or bytes(self.module.identification)
        return sealed(ci, mode, octets(records), counter, key or self.key, address, access)

    def say(self, telegram, a=None, c=0x53, wait=70_000):
        """The application error behind the acknowledged telegram, 0 for none."""
        a = self.module.primary if a is None else a
        self.module.error = 0
        frame = bytes((c, a)) + telegram
        n = len(frame)
        whole = b"\x68" + bytes((n, n)) + b"\x68" + frame + bytes((sum(frame) & 0xFF, 0x16))
        reply = self.line.say(text(whole), wait=wait)
        assert reply == ("" if a == 0xFF else "E5"), reply
        return self.module.error

    def command(self, records, mode=7, wait=70_000, **more):
        """Say a sealed command."""
        return self.say(self.seal(records, mode, **more), wait=wait)

    def clear(self, records, ci=0x51, a=None):
        """Say a clear one."""
        return self.say(bytes((ci,)) + octets(records), a)

    def ask(self, c=0x7B):
        """The user data of the answer to REQ_UD2, b"" for E5."""
        reply = unhexlify(self.line.short(c, self.module.primary))
        return reply[6:-2] if len(reply) > 1 else b""

    def opened(self, telegram):
        """(records with fillers, Envelope) of an encrypted read-out."""
        envelope = Envelope()
        number = bytes(self.module.identification)
        assert envelope.read(telegram, 0, len(telegram), READOUT, number) == 0
        assert envelope.open(self.key, self.highest) == 0
        if envelope.counter:
            self.highest = envelope.counter
        return bytes(envelope.plain[envelope.plain_at : envelope.plain_end]), envelope

    def readout(self):
        """The records of a whole read-out in clear or not, in a list of telegrams."""
        result = []
        for c in (0x7B, 0x5B) * 8:
            telegram = self.ask(c)
            if self.module.guard and self.module.guard.seals:
                records = self.opened(telegram)[0].rstrip(b"\x2f")
            else:
                assert telegram[0] == 0x72 and telegram[11:13] == b"\0\0"
                records = telegram[13:]
            result.append(records)
            if records[-1] != 0x1F:
                break
        return result


def owner(level, **given):
    """A meter with all that commands can be given to, at a security level."""
    for name, value in MORE.items():
        given.setdefault(name, value)
    if given["prepayment"] == "yes":
        del given["tariff_source"]  # the two do not go together
    return Owner(level, **given)


def bus_tariff(level, **given):
    """One whose tariff can be set."""
    return owner(level, prepayment="no", **given)


def tariff(one):
    """The active tariff of a meter."""
    return one.module.meter.tariff.active


def alarms(one):
    """Its alarm bit of security."""
    return one.module.meter.alarms & 0x40
