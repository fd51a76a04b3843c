# SPDX-License-Identifier: MIT
"""The slave station: one sound frame in, the octets of the reply out (EN 13757-2, -3, -7).

No I/O, and time is an argument.  All primary and secondary addressing, link reset, REQ_UD1,
REQ_UD2 over several telegrams, SND_UD with the application errors that follow it.  What is
sent and what a command does is the device's business, and so is encryption: a device without
a guard refuses every secured command.  Not here: mode 2 octet order, the change of the baud
rate: the link's.
"""

from micropython import const

from . import command, selection
from .fcb import NEW, REPEAT, SEQUENCE_MS, Context, repeat_ms
from .frame import ACD, ACK, DATA, PRM, RSP_UD, SND_NKE, Parts, seal
from .header import put_long

_SELECTED = const(0xFD)
_TEST = const(0xFE)
_BROADCAST = const(0xFF)
_FUNCTION = const(0xCF)  # of the C field, without FCB and FCV
_SND_UD = const(0x43)
_REQ_UD1 = const(0x4A)
_REQ_UD2 = const(0x4B)
_COUNT = const(0x3FFFFFFF)

_ERROR = const(0x70)
_ALARM = const(0x71)
_VARIABLE_DATA = const(0x72)
_ANY_ERROR = const(0x02)  # in the status octet
# The user group's advice: no telegram longer than 255 octets, checksum and stop included.
_LIMIT = const(253)


class Slave:
    """The station of one device.

    device has
      identification   8 octets, the secondary address in wire order
      primary          0..250
      serial           4 BCD octets in wire order, or None
      access           the access number of its first RSP_UD
      error            last application error, also set from here
      freeze(context)  put a snapshot of the values into context.values
      put(context, buf, at, limit) -> end
                       write one telegram's records from row context.row on, none behind
                       buf[limit - 1]; set context.row to the next row, 0 when all are sent
      command(ci, buf, at, end, now), application(sub)    as command.py wants them
      status() -> the status octet, bits 2 to 7
      alarms() -> alarm bits; acknowledge(bits): the master has seen these
      for_all          heads of records, as octets, that it obeys by broadcast beyond those
                       that every slave does
      guard            None, or what secures it, with execute(parser, now) as that of
                       command.py, denies(parser): whether that is too little encrypted,
                       seals: whether telegrams are encrypted, and telegram(context, access,
                       status, limit): where the one it has made in context.tx ends, 0 for none
      keep_baud(rate)  optional, for the link: the rate that a master has set, to be stored
    """

    def __init__(self, device, strict=False, ack_reset_253=False, baud=2400):
        self.device = device
        self.strict = strict
        self.ack_reset_253 = ack_reset_253
        self.repeat_ms = repeat_ms(baud)
        self.rate = 0  # what the frame handled last wants the link to change to, or 0
        self.access = device.access
        self.selected = False
        self.primary = Context()
        self.secondary = Context()
        self._short = self._parts = Parts(16)  # of short replies, and of the one of now
        self._heard = 0  # telegrams of the master, whoever they were for
        self._own = 0  # those for this slave
        self._fresh = None  # the FrameCount whose telegram is being sent

    def asks(self, parser) -> bool:
        """Whether the frame in parser would be answered by this slave, as far as addresses say."""
        a = parser.a
        if parser.c & 0xC0 != PRM or a == _BROADCAST:
            return False
        if a == _SELECTED:
            return self.selected or parser.ci == command.SELECT
        return True if a == _TEST else a == self.device.primary

    def reply(self, n: int):
        """The n octets of reply that handle() told of; good until it is called again."""
        return self._parts.first(n)

    def handle(self, parser, now: int) -> int:
        """Take the frame that parser holds; returns how many octets the reply has.

        To be called for every sound frame on the bus: those for others count as well.
        """
        self._fresh = None
        self.rate = 0
        if parser.c & 0xC0 != PRM:
            return 0
        self._heard = (self._heard + 1) & _COUNT
        a = parser.a
        context = self.primary
        if a == _SELECTED:
            context = self.secondary
            if parser.ci is None:
                if parser.c == SND_NKE:
                    return self._reset_selected()
            elif parser.c & _FUNCTION == _SND_UD and parser.ci in command.SELECTIONS:
                return self._select(parser)
            if not self.selected:
                return 0
        # Apart, for a tuple that holds other than constants would be allocated.
        elif a != self.device.primary and a not in (_TEST, _BROADCAST):
            return 0
        self._own = (self._own + 1) & _COUNT
        if a == _BROADCAST:
            self._broadcast(parser, now)
            return 0
        if parser.ci is None:
            return self._serve(context, parser.c, now)
        # A selection means something on address 253 only.
        if parser.c & _FUNCTION != _SND_UD or parser.ci in command.SELECTIONS:
            return 0
        self._command(context, parser, now)
        return self._acknowledge()

    def sent(self, now: int):
        """The reply has left the station: the age of a fresh telegram counts from here."""
        if self._fresh:
            self._fresh.begin(now)
            self._fresh = None

    def tick(self, now: int):
        """To be called at least once a day, at any time."""
        self.primary.tick(now)
        self.secondary.tick(now)

    def _reset_selected(self):
        # libmbus opens every session with this and never resets the link of a primary
        # address: without the restart its next readout would go on where the last ended.
        self.primary.restart()
        was_selected = self.selected
        if was_selected:
            self._own = (self._own + 1) & _COUNT
            self.selected = False
            self.secondary.reset()
        return self._acknowledge() if was_selected or self.ack_reset_253 else 0

    def _select(self, parser):
        if self.selected:
            self._own = (self._own + 1) & _COUNT
        self.selected = parser.ci == command.SELECT and selection.matches(
            parser.buf, DATA, parser.end, self.device
        )
        if not self.selected:
            return 0
        self.secondary.reset()
        return self._acknowledge()

    def _serve(self, context, c, now):
        """Of a short frame."""
        if c == SND_NKE:
            context.reset()
            return self._acknowledge()
        if c & _FUNCTION == _REQ_UD2:
            return self._data(context, c, now)
        if c & _FUNCTION == _REQ_UD1:
            return self._alarm(context, c, now)
        return 0

    def _broadcast(self, parser, now):
        context = self.primary
        if parser.ci is None:
            if parser.c == SND_NKE:
                context.reset()
        elif parser.c & _FUNCTION == _SND_UD and command.for_all(parser, self.device):
            guard = self.device.guard
            if not (guard and guard.denies(parser)):
                self._command(context, parser, now)

    def _command(self, context, parser, now):
        # Also where it is a repetition: the acknowledgement may have been lost.
        self.rate = command.rate_of(parser)
        if context.command.repeated(parser, self._own, now, self.repeat_ms, self.strict):
            return
        guard = self.device.guard
        code = guard.execute(parser, now) if guard else command.execute(parser, self.device, now)
        if code != command.NO_ACTION and command.restarts_readout(parser.ci):
            self.primary.forget()
            self.secondary.forget()
        if parser.ci in command.RESETS:
            self._application_reset(code)
        if code > 0:
            context.failed = True
            if code & command.REPORT:
                context.report = code & 0xFF
            self.device.error = code & 0xFF
        elif code == 0:
            context.failed = False
        context.command.store(parser, self._own, now)

    def _application_reset(self, code):
        for context in (self.primary, self.secondary):
            context.reset()
            if not code:
                context.failed = False
                context.report = 0

    def _data(self, context, c, now):
        request = context.request
        limit_ms = SEQUENCE_MS if context.index > 0 else self.repeat_ms
        kind = request.judge(c, self._heard, now, limit_ms, self.strict)
        request.answered(c, self._heard)
        self._parts = context.parts
        if kind == REPEAT:
            return context.size
        old = request.older(now, SEQUENCE_MS) and not self.strict
        self._begin(request, now)
        if context.report:
            return self._report(context)
        if kind == NEW or context.row == 0 or old:
            self.device.freeze(context)
            context.row = context.index = 0
        else:
            context.index += 1
        return self._telegram(context)

    def _telegram(self, context):
        device, buf = self.device, context.tx
        status = device.status() | (_ANY_ERROR if context.failed else 0)
        guard = device.guard
        if guard and guard.seals:
            at = guard.telegram(context, self.access, status, _LIMIT)
            if not at:
                # Received, and no data: also to its repetitions.
                buf[0] = ACK
                context.size = 1
                return 1
        else:
            buf[DATA - 1] = _VARIABLE_DATA
            at = put_long(buf, DATA, device.identification, self.access, status)
            at = device.put(context, buf, at, _LIMIT)
        context.failed = False
        self.access = (self.access + 1) & 0xFF
        c = RSP_UD | (ACD if device.alarms() else 0)
        context.size = seal(buf, c, device.primary, buf[DATA - 1], at - DATA, context.parts)
        return context.size

    def _report(self, context):
        context.tx[DATA] = context.report
        context.report = 0
        primary = self.device.primary
        context.size = seal(context.tx, RSP_UD, primary, _ERROR, 1, context.parts)
        return context.size

    def _alarm(self, context, c, now):
        device, poll = self.device, context.poll
        if poll.judge(c, self._heard, now, self.repeat_ms, self.strict) != REPEAT:
            if context.alarm:
                device.acknowledge(context.alarm)
            context.alarm = device.alarms()
            self._begin(poll, now)
        poll.answered(c, self._heard)
        if not context.alarm:
            return self._acknowledge()
        self._parts = parts = self._short
        parts.buf[DATA] = context.alarm
        return seal(parts.buf, RSP_UD, device.primary, _ALARM, 1, parts)

    def _begin(self, count, now):
        count.begin(now)
        self._fresh = count

    def _acknowledge(self):
        self._parts = self._short
        self._short.buf[0] = ACK
        return 1
