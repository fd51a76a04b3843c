# SPDX-License-Identifier: MIT
"""The security of a device with a key: seals what it sends, judges what it is told.

Loaded only where there is a key.  The order of checks: clear where encryption is required,
address and form, the repetition of the last accepted command, MAC and counter and decryption,
what needs mode 7.  Then the counter is stored, and the command obeyed.  To the bus every
failure is one error; which check it was can be read in an encrypted telegram.
"""

from struct import pack

from mbus import command
from mbus.cmac import differ
from mbus.frame import DATA
from mbus.record import FILLER, RecordError, split
from mbus.secured import (
    ADDRESS,
    COMMAND,
    COUNTER,
    FORM,
    LAST_COUNTER,
    REPEATED,
    SOUND,
    Envelope,
    is_secured,
)
from mbus.timing import elapsed
from micropython import const

from .commands import SET_CLOCK, SHIFT_CLOCK, SYNCHRONISE
from .keyring import LEVEL_CLEAR, LEVEL_MODE_5, LEVEL_MODE_7
from .syntax import KEY_VIB, SPECIAL, is_request, key_record, request_head
from .writing import BAD_VALUE, DENIED, UNKNOWN, target

_BUSY = const(0x08)  # the counter could not be stored
_ALARM = const(0x40)
_VARIABLE_DATA = const(0x72)
_CI_AT = DATA - 1
_TAG = const(8)
_KEY = const(16)
_MINUTE_MS = const(60_000)
_MOST_FAILURES = const(10)  # in a minute, and commands pause for one
_MOST = const(0xFFFF)
_COUNTS = "<B5H"

# What a command has to be secured with, by what it does.
FREE = 0  # may come in clear at every level
LEVEL = 1  # as the security level says
MODE_7 = 2  # mode 7 at every level

# Whoever has these has the supply, the money or the keys.
_GUARDED = ("breaker", "credit", "prepayment")
_UNLOCK = ("ratio_lock",)
_ADDRESS = b"\x01\x7a"
_COMMANDS = (SYNCHRONISE, SET_CLOCK, SHIFT_CLOCK)
# Octets of records behind the header of a telegram, by the level.
ROOMS = (234, 234, 222, 206)


class Policy:
    """The answers for one register table.

    refusal  of what needs() was asked last: the error of the first record that no register
             takes, or 0
    """

    def __init__(self, registers):
        self._registers = registers
        self._guarded = [registers.row(name) for name in _GUARDED]
        self._unlock = [registers.row(name) for name in _UNLOCK]
        self.refusal = 0

    def needs(self, ci: int, buf, at: int, end: int) -> int:
        """What a command needs, with its CI as mbus.command hands it to a device."""
        self.refusal = 0
        if ci in command.RESETS:
            return FREE
        if ci in _COMMANDS:
            return LEVEL
        return self._of_records(buf, at, end) if ci == command.SEND else FREE

    def _of_records(self, buf, at, end):
        # An address is free, and leaves the judgement to what stands beside it.
        needed = FREE
        while at < end:
            if buf[at] == FILLER:
                at += 1
                continue
            try:
                if is_request(buf, at, end):
                    at = request_head(buf, at, end)[1]
                    continue
                if buf[at] & SPECIAL == SPECIAL:
                    self.refusal = UNKNOWN
                    return max(needed, LEVEL)
                vib_at, data_at, next_at, _ = split(buf, at, end)
            except RecordError:
                # Nothing of it is obeyed; how it begins decides what it was meant for.
                return needed
            if bytes(buf[at:data_at]) != _ADDRESS:
                needed = max(needed, self._of_record(buf, at, vib_at, data_at))
            at = next_at
        return needed

    def _of_record(self, buf, at, vib_at, data_at):
        if bytes(buf[vib_at:data_at]) == KEY_VIB:
            return MODE_7
        row, code = target(self._registers, buf, at, vib_at, data_at)
        self.refusal = self.refusal or code
        if row in self._guarded or (row in self._unlock and not buf[data_at]):
            return MODE_7
        return LEVEL


class Guard:
    """Of one module (module.py) and its keyring (keyring.py).

    cause     the check that failed last, as mbus/secured.py numbers them, 0 for none
    failures  how often each check has failed since the start, from ADDRESS on
    """

    def __init__(self, module, keyring, registers):
        self._module = module
        self._ring = keyring
        self._policy = Policy(registers)
        self._envelope = Envelope()
        self.cause = 0
        self.failures = [0] * 5
        self._times = []  # of the failures of the last minute
        self._paused_at = None

    @property
    def seals(self) -> bool:
        """Whether read-outs are encrypted."""
        return self._ring.level >= LEVEL_MODE_5

    @property
    def counted(self):
        """The failures as LVAR binary, two octets each; None where read-outs are clear."""
        return pack(_COUNTS, 0xE0 + 2 * len(self.failures), *self.failures) if self.seals else None

    def telegram(self, context, access: int, status: int, limit: int) -> int:
        """Make the next telegram of a read-out in context.tx, from its CI on; where it ends.

        0 where it cannot be sealed, for there is no key or no counter: then nothing is sent.
        """
        ring, envelope, module = self._ring, self._envelope, self._module
        mode, counter = 5, None
        if ring.key is None:
            return 0
        if ring.level == LEVEL_MODE_7:
            try:
                mode, counter = 7, ring.take()
            except OSError:
                return 0
            if not counter:
                return 0
        number = module.identification
        at = envelope.begin(
            context.tx, _CI_AT, _VARIABLE_DATA, mode, number, access, status, counter
        )
        at = module.put(context, context.tx, at, envelope.limit(limit))
        return envelope.seal(ring.key, at)

    def denies(self, parser) -> bool:
        """Whether the clear SND_UD in parser should have been encrypted."""
        needed = self._needed(parser)
        return needed == MODE_7 or (needed != FREE and self._ring.level != LEVEL_CLEAR)

    def _needed(self, parser):
        ci, at = command.records_of(parser)
        return self._policy.needs(ci, parser.buf, at, parser.end)

    def execute(self, parser, now: int) -> int:
        """mbus.command.execute() for a device with a key."""
        if is_secured(parser.buf, _CI_AT, parser.end):
            try:
                verdict = self._judge(parser.buf, parser.end)
                if verdict == REPEATED:
                    return command.NO_ACTION
                if self._pausing(now):
                    return command.SECURITY
                # From here, for what an order leads to needs nearly all the stack of a chip.
                return self._obey(now) if verdict == SOUND else self._fail(verdict, now)
            finally:
                self._envelope.wipe()  # there may be a key in it
        if self.denies(parser):
            return DENIED
        if self._pausing(now) and self._needed(parser) != FREE:
            return command.SECURITY
        code = command.execute(parser, self._module, now)
        if code == command.SECURITY:  # encrypted where no command can be
            return code if self._pausing(now) else self._fail(FORM, now)
        return code

    def _judge(self, buf, end):
        envelope, ring = self._envelope, self._ring
        if ring.key is None:
            return FORM
        number = self._module.identification
        least = 7 if ring.level == LEVEL_MODE_7 else 5
        verdict = envelope.read(buf, _CI_AT, end, COMMAND, number, least)
        if verdict == ADDRESS and len(envelope.address) == len(number):
            # The last accepted command may have changed the number.
            sound = not envelope.read(buf, _CI_AT, end, COMMAND, envelope.address, least)
            return REPEATED if sound and self._open() == REPEATED else ADDRESS
        verdict = verdict or self._open()
        if verdict != SOUND:
            return verdict
        ci, plain, at, end = self._plain()
        if envelope.mode != 7 and self._policy.needs(ci, plain, at, end) == MODE_7:
            return FORM
        if envelope.counter == LAST_COUNTER and key_record(ci, plain, at, end) < 0:
            return COUNTER
        return SOUND

    def _open(self):
        envelope, ring = self._envelope, self._ring
        counter, tag = ring.last
        if envelope.mode != 7:
            return envelope.open(ring.key, ring.highest, tag)
        # The last one may have been under another key, and then highest is not its counter.
        if counter and envelope.counter == counter and not differ(envelope.tag, tag, _TAG):
            return REPEATED
        return envelope.open(ring.key, ring.highest)

    def _plain(self):
        """(CI as a device knows it, octets, where the records begin, where they end)."""
        envelope = self._envelope
        ci = command.device_ci(envelope.ci)
        return ci, envelope.plain, envelope.plain_at, envelope.plain_end

    def _obey(self, now):
        envelope, module = self._envelope, self._module
        ci, plain, at, end = self._plain()
        key_at = key_record(ci, plain, at, end)
        try:
            if key_at >= 0:
                return self._change(plain, key_at)
            self._ring.accept(envelope.counter, envelope.tag)
        except OSError:
            return _BUSY
        if envelope.mode != 7 and self._policy.refusal:
            # Nothing vouches for the blocks behind the first: what makes no sense as a whole may
            # not be what the owner has sent.
            return self._policy.refusal
        module.trusts = envelope.mode == 7
        try:
            return module.command(ci, plain, at, end, now)
        finally:
            module.trusts = False

    def _change(self, plain, at):
        """Take another key; OSError, and the one there was goes on."""
        envelope, ring, module = self._envelope, self._ring, self._module
        octets = bytes(plain[at : at + _KEY])
        if module.locked:
            code = DENIED
        elif ring.change(octets, envelope.counter, envelope.tag):
            module.rekeyed()
            return 0
        else:
            code = BAD_VALUE
        ring.accept(envelope.counter, envelope.tag)
        return code

    def _fail(self, cause, now):
        self.cause = cause
        place = cause - ADDRESS
        self.failures[place] = min(self.failures[place] + 1, _MOST)
        self._module.meter.alarms |= _ALARM
        self._forget_old(now)
        self._times.append(now)
        if len(self._times) >= _MOST_FAILURES:
            self._times.clear()
            if self._ring.pauses:
                self._paused_at = now
        return command.SECURITY

    def _forget_old(self, now):
        self._times = [at for at in self._times if elapsed(now, at) <= _MINUTE_MS]

    def _pausing(self, now):
        if self._paused_at is not None and elapsed(now, self._paused_at) >= _MINUTE_MS:
            self._paused_at = None
        return self._paused_at is not None

    def tick(self, now: int):
        """To be called now and then, so that what is long ago does not come back."""
        self._forget_old(now)
        self._pausing(now)
