# SPDX-License-Identifier: MIT
"""The device behind the slave station: joins the meter, its registers and what it keeps.

What is sent is readout.py's business, what is obeyed told.py's, what the meter does with it
the meter's.
"""

from mbus import __version__
from mbus.command import SECURITY
from mbus.encode import text
from mbus.timing import RATES, elapsed
from meter import events
from meter.pulses import shown_unit
from meter.refusal import BUSY
from meter.status import (
    BATTERY_LOW,
    CHECKSUM,
    CONFIGURATION_CHANGED,
    INTERNAL_ERROR,
    SAMPLED,
    header_status,
)
from micropython import const

from .ahead import Ahead
from .readout import Readout
from .registers import of as registers_of
from .store import always
from .told import Told
from .values import Snapshot
from .writing import BAD_VALUE, UNKNOWN

_TICK_MS = const(1000)
_EARLY_MS = const(500)
_TOP = const(3)  # octet of a number

METROLOGY = "mbus-node meter " + __version__
# What a broadcast may do only where the configuration says so.
_BREAKER = (b"\x01\xfd\x1f",)


def table_of(config):
    """The registers of a meter that is configured so."""
    legacy = config.profile == "legacy"
    units = shown_unit(1, config.pulse1_unit, legacy), shown_unit(2, config.pulse2_unit, legacy)
    return registers_of(config.ct, legacy, units)


class Module:
    """A meter (meter/meter.py) on the bus.

    health   see health.py
    version, metrology  texts as records send them
    kept_baud  the rate for the next start, 0 to find it out
    baud     the rate to begin with; 0 leaves it to the first master
    locked   every command is refused, as by a jumper
    power_low  the supply is failing
    sampled  pulses are counted by software
    failure  why nothing is stored, in words, or None
    freeze, put, for_all, guard  see mbus/slave.py
    keyring  see keyring.py
    trusts   what is being obeyed came in mode 7
    """

    def __init__(self, config, meter, keeping, health, keyring, access=0):
        self.meter = meter
        self.access = access
        self.locked = config.lock
        self.power_low = self.sampled = False
        self.for_all = _BREAKER if config.broadcast_breaker else ()
        self.serial = config.serial
        self.identification = bytearray(config.identification)
        self.primary = config.primary
        self._settings = settings = keeping.settings
        self.baud = settings.baud or config.baud
        if settings.primary is not None:
            self.primary = settings.primary
            self.identification[:4] = settings.identification
        self.error = 0
        self.failure = keeping.failure
        self._damaged = config.damaged or keeping.damaged
        self._keeping = keeping
        self.health = health
        self._changed = False
        self._automatic = not config.baud
        self.kept_baud = settings.baud or config.baud
        self._registers = registers = table_of(config)
        self._readout = Readout(registers, config.telegrams)
        self._ahead = Ahead(self._readout, self._snapshot)
        self.freeze, self.put = self._ahead.freeze, self._ahead.put
        self._told = Told(self, self._readout, registers)
        self.keyring = keyring
        self.guard = None
        self.trusts = False
        self.rekeyed()
        self.version = text("mbus-node " + __version__)
        self.metrology = text(METROLOGY)
        self._ticked_at = 0

    def rekeyed(self):
        """There may be another key, or another security level."""
        if not self.keyring.secured:
            return
        from .guard import ROOMS, Guard

        self._readout.room = ROOMS[self.keyring.level]
        self._ahead.void()
        if not self.guard:
            self.guard = Guard(self, self.keyring, self._registers)

    def _snapshot(self):
        return Snapshot(self._registers, self)

    def tick(self, now: int, may=None, early: bool = False):
        """Time goes on: to be called while nobody waits for a reply, as often as one likes.

        may()  whether that is still so: asked in front of each row of the next readout
        early  this is a better time than most
        """
        if elapsed(now, self._ticked_at) >= (_EARLY_MS if early else _TICK_MS):
            self._ticked_at = now
            self.meter.tick(now)
            self._keeping.tick()
            self._ahead.renew()
            if self.guard:
                self.guard.tick(now)
        self._ahead.go_on(may)

    def power_fails(self, now: int):
        """Before the supply is gone: what takes no time is stored, where there is FRAM."""
        self.meter.tick(now)
        self._keeping.tick()

    def meter_status(self) -> int:
        """The meter status register."""
        status = self.meter.status()
        if self._changed:
            status |= CONFIGURATION_CHANGED
        if self.failure:
            status |= INTERNAL_ERROR
        if self.power_low:
            status |= BATTERY_LOW
        if self.sampled:
            status |= SAMPLED
        return status | CHECKSUM if self._damaged else status

    def last_error(self) -> int:
        """The last application error, its cause where only the owner of the key reads it."""
        guard = self.guard
        if guard and guard.seals and self.error == SECURITY:
            return guard.cause
        return self.error

    def status(self) -> int:
        """The status octet of the header, bits 2 to 7."""
        return header_status(self.meter_status())

    def alarms(self) -> int:
        """The alarm bits that wait to be seen."""
        return self.meter.alarms

    def acknowledge(self, bits):
        """The master has seen the alarm bits."""
        self.meter.alarms &= ~bits

    def application(self, sub: int) -> int:
        """CI 50h: choose what is sent, forget the last error.  Registers stay as they are."""
        if not sub:
            self._readout.reset()
        else:
            snapshot = self._snapshot()
            snapshot.take()
            if not self._readout.select(sub, snapshot):
                return UNKNOWN
        self.error = 0
        self._changed = False
        self._ahead.void()
        return 0

    def command(self, ci: int, buf, at: int, end: int, now: int) -> int:
        """Obey SND_UD: all records are read before the first is obeyed.

        The first record that is refused ends it; what stands before it has been done.  A
        readout selection is no command: the last error can still be asked for by it.
        """
        code, executed = self._told.obey(ci, buf, at, end, now)
        self._ahead.void()
        if executed and not code:
            self.error = 0
        return code

    def set_primary(self, address: int) -> int:
        """Another primary address, from the next telegram on."""
        if address != self.primary:
            self.primary = address
            self._keep(events.PRIMARY, address)
        return 0

    def set_number(self, octets) -> int:
        """Another identification number, 4 BCD octets."""
        if octets != self.identification[:4]:
            if octets[:_TOP] == self.identification[:_TOP]:
                try:
                    self.keyring.renumber()
                except OSError:
                    return BUSY
            self.identification[:4] = octets
            self._keep(events.IDENTIFICATION, int.from_bytes(bytes(octets), "little"))
        return 0

    def set_baud(self, baud: int) -> int:
        """Another baud rate from the next start on; 0 for none, where it is found out."""
        if baud not in RATES and (baud or not self._automatic):
            return BAD_VALUE
        self.keep_baud(baud)
        return 0

    def keep_baud(self, baud: int):
        """A baud rate has proved good, or is preferred: the next start begins with it."""
        if baud != self.kept_baud:
            self.kept_baud = baud
            self._set()

    def _set(self):
        self._settings.set(self.primary, self.identification[:4], self.kept_baud)

    def _keep(self, event, value):
        self.meter.note(event, value)
        self._changed = True
        self._set()

    def due(self, now: int) -> bool:
        """Whether something waits to be stored: call persist() when the line is quiet."""
        return self.health.due or self.keyring.due or self._keeping.due(now)

    def persist(self, now: int, go_on=always):
        """Store what has changed, as long as go_on() says so before each write.

        OSError when the port cannot; what is not stored is still due.
        """
        if self.health.due and go_on():
            self.health.save()
        if self.keyring.due and go_on():
            self.keyring.reserve()
        if self._keeping.due(now) and go_on():
            self._keeping.save(now, go_on)
