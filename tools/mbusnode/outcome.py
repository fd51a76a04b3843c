# SPDX-License-Identifier: MIT
"""Whether a meter of ours did what it was told.

The acknowledgement of SND_UD says only that it was received.  So the last application error
and the register itself are read back.  What must not be done twice (add, subtract, debiting
stop) is repeated in clear only while the meter can still know the repetition for what it is; a
secured command is known by its counter, and the meter's counter tells whether it came.
"""

from mbus import names
from mbus.failures import MasterError, NoAnswerError
from mbus.fcb import repeat_ms
from mbus.secured import ADDRESS, COUNTER, DECRYPTION, FORM, MAC
from mbus.timing import elapsed
from mbusnode import partner, registernames, writtenvalue
from mbusnode.failure import Failure
from node.registers import ADD, FREEZE, READ, SUBTRACT, WRITE
from port import cpython

_NOT_TWICE = (ADD, SUBTRACT, FREEZE)
_LONG_FRAME = 0x68
_CI_AT = 6
_MARGIN_MS = 100

_DENIED = 0x10
_SECURITY = "security error: %s; or it obeys nobody for a minute, after ten such errors"
_OTHER_KEY = _SECURITY % "it has another key than the key file"

# What the meter says by the code of the last error (EN 13757-3, table 17, and our details).
_REFUSALS = {
    0x08: "it is too busy for that; try again in a minute",
    _DENIED: "access denied: it is locked, or can only be read",
    0x11: "it has no such function, or that is not possible now",
    0x12: "the value is out of range or wrong",
    0x14: _SECURITY % "it has another key than the key file, or requires mode 7",
    0x80: "access denied: it is locked, or can only be read",
    0x81: "it takes that encrypted only",
    0x82: "it has no such function",
    0x83: "that is not possible in its present state",
    ADDRESS: _SECURITY % "it has another secondary address",
    FORM: _SECURITY
    % "it requires mode 7: set level = 3, or take commands = 5 away, in the key file",
    MAC: _OTHER_KEY,
    COUNTER: _SECURITY % "another program told it something meanwhile, try again",
    DECRYPTION: _OTHER_KEY,
}
_ENCRYPTED_ONLY = (
    "access denied: it is locked, or can only be read, or takes that encrypted only, for it has a "
    "key and the key file has none for it (mbus read --help)"
)


def carry_out(one, place: str, what, record: bytes) -> dict:
    """Order what a writing.Order says, as this record, of a Partner; {name: Row} of what is
    read back.  Failure with the meter's refusal."""
    try:
        one.meet()
    except MasterError as e:
        raise Failure(str(e)) from None
    return _Command(one, place, what, record).carry_out()


class _Command:
    """One order on its way."""

    def __init__(self, one, place, what, record):
        self._one, self._place, self._what, self._record = one, place, what, record
        self._name = what.register.name
        self._new = _new_identification(what)
        self._failed = None

    def carry_out(self):
        after = self._tell()
        try:
            found = self._read_back(after)
        except MasterError as e:
            if self._failed:
                raise Failure(self._unknown(str(self._failed))) from None
            raise Failure("%s acknowledged it, but then: %s" % (self._place, e)) from None
        if self._told.counter is not None:
            self._one.settle_moving()
            self._weigh_counter(found)
        self._judge(found)
        return found

    def _tell(self):
        """Send it; the addresses at which the meter may be found then."""
        one, what = self._one, self._what
        self._told = told = one.told(self._record)
        if told.counter is not None and self._new:
            one.begin_moving(self._new)
        self._in_doubt = told.counter is None and what.action in _NOT_TWICE
        sending = Sending(one.link, told.ci, self._in_doubt)
        try:
            one.run(sending.watch(self._procedure(told)))
        except MasterError as e:
            self._failed = e
            # An address that was refused shows so: nobody answers there.
            doubtful = (
                self._in_doubt or told.counter is not None or self._name == "primary_address"
            )
            if not (sending.begun and doubtful):
                raise Failure(str(e)) from None
            return [one.address] if not self._new else self._addresses()
        return self._addresses()

    def _procedure(self, told):
        master, address = self._one.link.master, self._one.address
        if self._name == "primary_address":
            return master.set_address(address, self._what.data, told.ci, told.data)
        return master.send(address, told.ci, told.data)

    def _addresses(self):
        """Where the meter may be found once it has been told."""
        address = self._one.address
        if self._name == "primary_address":
            return [self._what.data if isinstance(address, int) else address]
        if isinstance(address, int) or not self._new:
            return [address]
        return [self._new[:4] + address[4:], address]

    def _read_back(self, addresses):
        one, what = self._one, self._what
        if what.settle_ms:
            one.run(_pause(what.settle_ms))
        wanted = [registernames.register("last_error")]
        if self._told.counter is not None:
            wanted.append(registernames.register(partner.COUNTER))
        wanted += [row for row in (what.register, *what.show) if row.access & READ]
        for self._at in addresses[:-1]:
            try:
                return one.values(self._at, wanted)
            except NoAnswerError:
                continue
        self._at = addresses[-1]
        return one.values(self._at, wanted)

    def _weigh_counter(self, found):
        """What the counter of the meter says of a secured command."""
        counter = number(found, partner.COUNTER)
        if counter is None:
            if self._failed:
                raise Failure(self._unknown(str(self._failed)))
        elif counter == self._told.counter or (
            # Behind a number near the one before it goes on with the next multiple of 256.
            self._new and counter == self._told.counter | 0xFF
        ):
            self._failed = None  # only its acknowledgement was lost
        elif self._failed:
            raise Failure("%s did not get it: %s" % (self._place, self._failed))
        elif not number(found, "last_error"):
            raise Failure("%s did not take it, and does not say why" % self._place)

    def _judge(self, found):
        row = found.get(self._name)
        now = value(found, self._what.register) if row and row.value is not None else None
        code = number(found, "last_error")
        failed, in_doubt = self._failed, self._in_doubt
        if code and not (failed and in_doubt):
            words = self._words(code)
            still = "; it is still " + now if now else ""
            raise Failure(
                "%s refused %s: %s (%02Xh)%s" % (self._place, self._name, words, code, still)
            )
        if failed and in_doubt:
            is_now = "; %s is %s" % (self._name, now) if now else ""
            raise Failure(self._unknown(str(failed) + is_now))
        if failed:
            raise Failure(str(failed))
        if "last_error" not in found and not (row and row.raw == self._written()):
            is_now = "; %s is %s" % (self._name, now) if now else ""
            words = "%s acknowledged it, but does not tell whether it did so%s"
            raise Failure(words % (self._place, is_now))

    def _words(self, code):
        if code == _DENIED and self._told.counter is None:
            counter = registernames.register(partner.COUNTER)
            if number(self._one.values(self._at, [counter]), counter.name) is not None:
                return _ENCRYPTED_ONLY
        return refusal(code)

    def _written(self):
        """What the register holds once it has been written; nothing for all other actions."""
        register = self._what.register
        if self._what.action != WRITE:
            return ""
        return self._record[len(register.dib) + len(register.vib) :].hex().upper()

    def _unknown(self, why):
        return "%s: whether it did that is not known: %s" % (self._place, why)


def _new_identification(what):
    """The 4 or 8 octets that it gives the meter as its identification, or None."""
    if what.register.name == "identification":
        return bytes(what.data)
    if what.register.name == "meter_number":
        return bytes.fromhex("%08d" % what.data)[::-1]
    return None


def refusal(code: int) -> str:
    """What an application error says, in words; nothing for 0."""
    return (_REFUSALS.get(code) or names.application_error(code)) if code else ""


def last_refusal(one) -> str:
    """Why the meter of a Partner refused the last command, nothing where it did not."""
    found = one.values(one.address, [registernames.register("last_error")])
    return refusal(number(found, "last_error") or 0)


def number(found, name):
    """What a register holds that was read back, an unsigned integer; None where it was not."""
    row = found.get(name)
    return int.from_bytes(bytes.fromhex(row.raw), "little") if row and row.raw else None


def value(found, register) -> str:
    """What a register says that was read back."""
    return writtenvalue.shown(register, found[register.name])


class Sending:
    """A procedure that is watched while it sends a command with this CI.

    begun  whether the command has been sent at all
    once   it is not sent again when the meter would take that for a new command
    """

    def __init__(self, link, ci: int, once: bool):
        self.begun = False
        self._link = link
        self._ci = ci
        self._once = once

    def watch(self, procedure):
        """The same procedure."""
        link, tx = self._link, self._link.master.tx
        limit_ms = repeat_ms(link.baud) - link.idle_ms - _MARGIN_MS
        reply = None
        first = 0
        while True:
            try:
                size, wait = procedure.send(reply)
            except StopIteration as e:
                return e.value
            if size and tx[0] == _LONG_FRAME and tx[_CI_AT] == self._ci:
                now = cpython.ticks_ms()
                if not self.begun:
                    self.begun, first = True, now
                elif self._once and elapsed(now, first) > limit_ms:
                    procedure.close()
                    raise NoAnswerError("no acknowledgement, and it is too late to repeat it")
            reply = yield size, wait


def _pause(ms):
    """A procedure that waits."""
    yield 0, ms
