# SPDX-License-Identifier: MIT
"""This machine as the communication partner of a meter with a key: what it is told is sealed.

Everything goes to the meter that the key file names.  A command takes a message counter that
is on the disk before it is sent (counters.py), and is sent in mode 7, or in mode 5 where the
key file says so and the command needs no more.  Its repetition has the same octets, so that
the meter knows it for what it is.

Before a command the meter is asked for its own counter: another program or another machine
with the same key may have gone ahead.  What it answers is believed in full only under a MAC.
"""

import os
from collections import namedtuple
from contextlib import contextmanager

from mbus.failures import place
from mbus.header import secondary_text
from mbus.secured import Envelope
from mbusnode import asking, busline, counters, keyfile, keys, registernames, wire
from mbusnode.failure import Failure
from mbusnode.securedreading import OpenedMeter, opening
from node import registers
from node.guard import MODE_7, Policy

COUNTER = "command_counter"

# How far a counter that anybody could have sent may be ahead of ours: in mode 5 a command may
# be ahead of the meter by 2^23, and 2^32 of them must last.
_LEAP = 1 << 20

_SEND = 0x51
_SEND_LONG = 0x5B
_ADDRESS = 8
_ROOM = 256

# ci and data are what master.send() takes; counter is None where it is in clear.
Told = namedtuple("Told", "ci data counter")


@contextmanager
def opened(args, address):
    """The Partner at an address, with the bus that args name and the key file of this machine."""
    ring = keys.load_default()
    with (
        busline.opened(args) as link,
        counters.Ledger(ring.path) as ledger,
        busline.plainly(),
    ):
        yield Partner(link, address, ring, ledger)


class Partner:
    """Of one meter, at an address of busline.address(), over a MasterLink.

    meter  the OpenedMeter; without an entry there all is in clear, as without a key file
    seals  whether commands are sealed, with key; known behind meet()
    """

    def __init__(self, link, address, ring, ledger):
        self.link = link
        self.address = address
        self.meter = OpenedMeter(ring, ledger)
        self._ring = ring
        self._ledger = ledger
        self._met = False
        self._floor = 0
        self.key = None

    @property
    def seals(self) -> bool:
        return self.key is not None

    def run(self, procedure):
        """Run a procedure whose frames are opened; MasterError, PortError, Failure."""
        self.meter.refusal = None
        result = wire.run(self.link, opening(procedure, self.link.master, self.meter))
        self._settle_proved()
        return result

    def ask(self, records, telegram):
        """asking.ask(); Failure where what comes cannot be taken."""
        self.run(asking.ask(self.link.master, self.address, records, telegram))
        self._refused()

    def values(self, address, wanted):
        """{name: Row} of registers; Failure where what comes cannot be taken."""
        found = self.run(asking.values(self.link.master, address, wanted))
        self._refused()
        return found

    def _refused(self):
        if self.meter.refusal:
            raise Failure("%s: %s" % (place(self.address), self.meter.refusal))

    def meet(self):
        """Find out who is there and how far its counter is, before it is told anything.

        Done once; what is to be told at its moment is made up behind it, for it takes a while.
        """
        if self._met:
            return
        self._met = True
        if not self._is_keyed():
            return
        counter = self._counter()
        entry = self.meter.entry
        if len(self.meter.address) < _ADDRESS:
            raise Failure("it does not tell its secondary address, which a command must bear")
        if entry.moving:
            self.settle_moving()
        if entry.pending:
            self.find_key(counter)
        else:
            self._go_on(entry.key, counter)

    def _is_keyed(self):
        """Whether this is a meter with a key; others are not asked what only ours would answer."""
        if not isinstance(self.address, int):
            mask = self.address[:_ADDRESS]
            if b"\xff" not in mask[4:] and keys.has_number(mask):
                return self._ring.find(mask) is not None
            if self._ring.strictest(mask) is None:
                return False
        elif not self._ring:
            return False
        self.run(_first(self.link.master, self.address))
        return self.meter.answered

    def _counter(self):
        """The counter of the last command that the meter accepted, None where it tells none."""
        found = self.values(self.address, [registernames.register(COUNTER)])
        row = found.get(COUNTER)
        return int.from_bytes(bytes.fromhex(row.raw), "little") if row and row.raw else None

    def _go_on(self, key, counter):
        """Seal with this key from now on; the meter says that it accepted this counter."""
        self.key, self._floor = key, 0
        if counter is None:
            return
        ours = self.meter.counters(key).sent
        if counter > ours + _LEAP and not (self.meter.sure and self.meter.proved is key):
            raise Failure(
                "%s says that its last command had counter %d, ours is %d, and nothing proves "
                "it: at level 3 it proves what it says"
                % (secondary_text(self.meter.address), counter, ours)
            )
        self._floor = counter

    def told(self, records, last=counters.LAST_ORDINARY) -> Told:
        """What to send so that the meter obeys these records, once; behind meet()."""
        if not self.seals:
            return Told(_SEND, bytes(records), None)
        entry = self.meter.entry
        mode = 7 if entry.commands == 7 or _needs_7(records) else entry.commands
        counter = self.meter.counters(self.key).take(self._floor, last)
        buf = memoryview(bytearray(_ROOM))
        envelope = Envelope()
        access = os.urandom(1)[0]
        address = self.meter.address
        at = envelope.begin(buf, 0, _SEND_LONG, mode, address, access, 0, counter)
        end = at + len(records)
        buf[at:end] = bytes(records)
        end = envelope.seal(self.key, end)
        return Told(buf[0], bytes(buf[1:end]), counter)

    # ---- a key that is being changed ----

    def find_key(self, counter):
        """Find out which of two keys the meter has, and keep that one; counter is the meter's."""
        entry, proved = self.meter.entry, self.meter.proved
        if counter and counter >= counters.LAST_ORDINARY and proved is not entry.pending:
            self._go_on(entry.key, counter)  # a new key would have begun anew
            self._settle_key(False)
            return
        # The counter begins anew with a key, and a command has gone before under the old one.
        order = (entry.key, entry.pending) if counter else (entry.pending, entry.key)
        for key in (proved,) if proved else order:
            # Ahead of the counter under either key, so that it shows whether this is taken.
            self._go_on(key, counter)
            if self.prove():
                self._settle_key(key is entry.pending)
                return
        raise Failure(
            "%s obeys neither its key nor the one that was to be the new one, or nothing for a "
            "minute after 10 failures; both stay in the key file"
            % secondary_text(self.meter.address)
        )

    def prove(self) -> bool:
        """Whether the meter takes a command under the key: one that asks for its counter."""
        told = self.told(asking.request(registernames.register(COUNTER)))
        self.run(self.link.master.send(self.address, told.ci, told.data))
        return self._counter() == told.counter

    def _settle_key(self, new_counts):
        entry = self.meter.entry
        keyfile.settle(self._ring.path, entry.address, new_counts)
        self._put(entry._replace(key=entry.pending if new_counts else entry.key, pending=None))

    def _put(self, entry):
        self._ring.put(self.meter.entry, entry)
        self.meter.entry = entry

    def begin_pending(self, octets):
        """Keep another key beside the one that counts."""
        entry = self.meter.entry
        keyfile.set_pending(self._ring.path, entry.address, octets)
        self._put(entry._replace(pending=keys.Key(octets)))

    # ---- a number that is being changed ----

    def begin_moving(self, new):
        """The meter is to be told another identification, its number or all 8 octets of it."""
        entry = self.meter.entry
        address = bytes(new) + self.meter.address[len(new) :]
        moving = address[: len(entry.address)]
        if moving == entry.address:
            return
        old = self.meter.counters(self.key)
        self._ledger.of(address, self.key).adopt(old)
        keyfile.set_moving(self._ring.path, entry.address, address)
        self._put(entry._replace(moving=moving))

    def settle_moving(self):
        """The meter has told its address: keep that one."""
        entry = self.meter.entry
        if not entry.moving:
            return
        moved = self.meter.address[: len(entry.moving)] == entry.moving
        keyfile.settle_moving(self._ring.path, entry.address, moved)
        address = entry.moving if moved else entry.address
        self._put(entry._replace(address=address, moving=None))

    def _settle_proved(self):
        """What nobody but the meter can have said is settled at once.

        That goes for the new key and the new number only: what was secured before may have
        been recorded, and nobody knows how much of it was heard here.
        """
        entry, meter = self.meter.entry, self.meter
        if entry is None or not meter.sure:
            return
        if entry.pending is not None and meter.proved is entry.pending:
            self._settle_key(True)
        if self.meter.entry.moving == meter.address[: len(entry.address)]:
            self.settle_moving()


def _first(master, address):
    """A procedure: the first telegram of a read-out, whose header says who answers."""
    seen = []
    procedure = master.read(address, seen.append)
    reply = None
    while True:
        try:
            wanted = procedure.send(reply)
        except StopIteration:
            return
        if seen:
            procedure.close()
            if isinstance(address, int):
                master.forget(address)  # it has not asked for the next one
            return
        reply = yield wanted


def _needs_7(records):
    policy = Policy(registers.of(False, False))
    return policy.needs(_SEND, bytes(records), 0, len(records)) == MODE_7
