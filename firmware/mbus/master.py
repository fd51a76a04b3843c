# SPDX-License-Identifier: MIT
"""The master's procedures of EN 13757-2 and -3, as generators: what to send, what came back.

No I/O and no clock: exchange.py drives a procedure over a line.  A procedure yields
(size, wait): send tx[:size] and wait for
    NONE   nothing, for nobody answers (address 255)
    FIRST  the first sound frame
    ALL    whatever comes in the whole reply window: one sound frame and nothing else is an
           answer, anything more a collision (a search)
and is sent a Frame, None after silence, or DAMAGED.  (0, ms) sends nothing and waits so long.

An address is a primary one (0..255), or the octets of a selection: the 8 of a secondary
address in wire order, F nibbles and FF octets as wildcards, with or without records behind
them (enhanced selection).  The procedure then selects first and goes on with address 253.
"""

from micropython import const

from .failures import AnswerError, DamagedError, NoAnswerError, place
from .frame import (
    ACK,
    DATA,
    FCB,
    MAX_FRAME,
    REQ_UD1,
    REQ_UD2,
    RSP_UD,
    SND_NKE,
    SND_UD,
    seal,
    short,
)
from .readout import more_follows, owner

NONE = 0
FIRST = 1
ALL = 2

DAMAGED = False  # octets came, but no sound frame, or more than one where one was due

SELECTED = 253
BROADCAST = 255
SELECT = 0x52  # CI of a selection

_FCV = const(0x10)
_ALL_FCB = const(-1)  # every frame count bit 1: the state after SND_NKE and selection
_CI_DATA = const(0x51)
_CI_RESET = const(0x50)
_CI_BAUD = const(0xB8)
_CI_ERROR = const(0x70)
_BUSY = const(8)
_MAX_TELEGRAMS = const(16)
_BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)


class Master:
    """Sends tx; keeps the next frame count bits of every address it has talked to.

    tries    how often a telegram is sent until it is answered
    busy_ms  pause before a meter that reported "busy" is asked again
    """

    def __init__(self, tries: int = 3, busy_ms: int = 1000):
        self.tx = memoryview(bytearray(MAX_FRAME))
        self.tries = tries
        self.busy_ms = busy_ms
        # By address, bit n is the FCB of function n.  No entry: SND_NKE must come first.
        self._fcb = {}

    def reset(self, address):
        """Link reset: SND_NKE.  True when it was acknowledged; some meters never do that."""
        a = yield from self._reach(address)
        size = short(self.tx, SND_NKE, a)
        if a == BROADCAST:
            yield size, NONE
            self._fcb.clear()
            return True
        self._fcb[a] = _ALL_FCB
        for _ in range(self.tries):
            reply = yield size, FIRST
            if reply and _is_ack(reply, a):
                return True
        return False

    def forget(self, address: int):
        """Begin with SND_NKE when this primary address is talked to next."""
        self._fcb.pop(address, None)

    def select(self, mask, extra=b""):
        """Select the meters that match the 8 octets of mask and the records in extra."""
        address = bytes(mask) + extra
        size = self.put_selection(address)
        yield from self._acknowledged(size, SELECTED, address)

    def put_selection(self, address) -> int:
        """Put the selection telegram into tx; returns its size.  Both FCB of 253 become 1."""
        n = len(address)
        self.tx[DATA : DATA + n] = address
        self._fcb[SELECTED] = _ALL_FCB
        return seal(self.tx, SND_UD, SELECTED, SELECT, n)

    def read(self, address, telegram):
        """Read a meter out; returns how many telegrams it sent, each given to telegram(frame).

        0 means that it has no data.  A meter with more than 16 telegrams is read that far.
        """
        a = yield from self._reach(address)
        count = 0
        first = None
        more = True
        while more and count < _MAX_TELEGRAMS:
            frame = yield from self._data(a, address)
            if frame.ci is None:
                break
            sender = owner(frame)
            if first and sender and sender[:6] != first[:6]:
                self.forget(a)
                raise AnswerError(
                    "telegram %d of %s comes from another meter than the first: are there "
                    "two with this address?" % (count + 1, place(address))
                )
            first = first or sender
            telegram(frame)
            count += 1
            more = more_follows(frame)
        if count > 1:
            # Meters differ in what they send to a further toggled request: E5h, the last
            # telegram or the first.  After SND_NKE all send the first.
            self.forget(a)
        return count

    def _data(self, a, address):
        # A busy meter has answered, so its FCB is toggled: an unchanged one would ask for
        # the same report again.
        for _ in range(self.tries - 1):
            frame = yield from self._request(REQ_UD2, a, address)
            if frame.ci != _CI_ERROR or frame.data[:1] != bytes((_BUSY,)):
                return frame
            yield 0, self.busy_ms
        frame = yield from self._request(REQ_UD2, a, address)
        return frame

    def alarm(self, address):
        """Class 1 data: the Frame of the alarm report, or None when there is no alarm."""
        a = yield from self._reach(address)
        frame = yield from self._request(REQ_UD1, a, address)
        return None if frame.ci is None else frame

    def send(self, address, ci: int, data=b""):
        """SND_UD: to all without an answer, else until the meter has acknowledged it.

        The acknowledgement says that it was received, not that it was carried out.
        """
        a = yield from self._reach(address)
        n = len(data)
        if a != BROADCAST and a not in self._fcb:
            yield from self.reset(a)
        self.tx[DATA : DATA + n] = data
        if a == BROADCAST:
            # Without FCV: there is no frame count bit that could be right for all.
            yield seal(self.tx, SND_UD & ~_FCV, a, ci, n), NONE
            return
        yield from self._acknowledged(seal(self.tx, self._c(SND_UD, a), a, ci, n), a, address)
        self._toggle(SND_UD, a)

    def set_address(self, old, new: int, ci=_CI_DATA, data=None):
        """Give the meter at old the primary address new, and see that it answers there.

        ci and data are the command where it is secured.
        """
        if not 0 <= new <= 250:
            raise ValueError("a primary address is 0 to 250, not %d" % new)
        # Address 0 is that of all meters without one, so it may well be taken.
        if new and old != new and (yield from self._answers(new)):
            raise AnswerError("address %d is taken: a meter answers there already" % new)
        try:
            yield from self.send(old, ci, data or bytes((0x01, 0x7A, new)))
        except (NoAnswerError, DamagedError):
            # Perhaps only its E5h was lost: then it listens to the new address now.
            if not (yield from self._answers(new)):
                raise
        else:
            if not (yield from self._answers(new)):
                raise AnswerError(
                    "%s acknowledged the new address but does not answer at %d: "
                    "the meter may be locked" % (place(old), new)
                )
        if isinstance(old, int):
            self.forget(old)

    def _answers(self, a):
        # Some meters answer SND_NKE, some only REQ_UD2; a damaged answer is one, too.
        self.forget(a)
        for c in (SND_NKE, SND_NKE, REQ_UD2 | FCB):
            reply = yield short(self.tx, c, a), FIRST
            if reply is not None:
                return True
        return False

    def application_reset(self, address, sub=None):
        """Application reset, or selection of the application and telegram of sub-code sub."""
        yield from self.send(address, _CI_RESET, b"" if sub is None else bytes((sub,)))

    def switch_baud(self, address, baud: int):
        """Tell a meter (255: all) to change its baud rate; the line itself is not changed."""
        if baud not in _BAUDS:
            raise ValueError("no CI for %d baud" % baud)
        yield from self.send(address, _CI_BAUD + _BAUDS.index(baud))

    def raw(self, octets):
        """Send octets once, as they are; returns the answering Frame, None or DAMAGED."""
        n = len(octets)
        if not 0 < n <= MAX_FRAME:
            raise ValueError("%d octets to send, it must be 1 to %d" % (n, MAX_FRAME))
        self._fcb.clear()  # who knows what they do
        self.tx[:n] = octets
        reply = yield n, FIRST
        return reply

    def _reach(self, address):
        """Select a secondary address; returns the A field to go on with."""
        if isinstance(address, int):
            return address
        yield from self.select(address)
        return SELECTED

    def _c(self, c, a):
        return c | FCB if self._fcb[a] >> (c & 0x0F) & 1 else c

    def _toggle(self, c, a):
        self._fcb[a] ^= 1 << (c & 0x0F)

    def _request(self, c, a, address):
        """REQ_UD1 or REQ_UD2: the RSP_UD, or the E5h of a meter that has no data."""
        if a not in self._fcb:
            yield from self.reset(a)
        frame = yield from self._ask(short(self.tx, self._c(c, a), a), a, address, is_answer)
        self._toggle(c, a)
        return frame

    def _acknowledged(self, size, a, address):
        yield from self._ask(size, a, address, _is_ack)

    def _ask(self, size, a, address, is_right):
        """Send tx[:size], the same octets each time, until the answer is right."""
        reply = frame = None
        damaged = False
        for _ in range(self.tries):
            reply = yield size, FIRST
            if reply is DAMAGED:
                damaged = True
            elif reply:
                if is_right(reply, a):
                    return reply
                frame = reply
        self.forget(a)
        where = place(address)
        if frame:
            raise AnswerError(
                "%s sent C %02X from address %s, which is no answer to what was asked"
                % (where, frame.c, frame.a)
            )
        if damaged:
            raise DamagedError(
                "only damaged answers from %s: several meters answer together, or the baud "
                "rate is wrong, or the line is disturbed" % where
            )
        raise NoAnswerError(
            "no answer from %s (asked %d times): check the address, the baud rate, the wiring"
            % (where, self.tries)
        )


def _is_ack(frame, a):
    # Some slaves send the acknowledgement of IEC 60870-5, a short frame, for E5h.
    if frame.c == ACK:
        return True
    return frame.ci is None and frame.c & ~0x30 == 0 and _is_from(frame, a)


def is_answer(frame, a: int) -> bool:
    """This Frame can answer a request of data sent to address a."""
    if frame.ci is None:
        return _is_ack(frame, a)
    return frame.c & ~0x30 == RSP_UD and _is_from(frame, a)


def _is_from(frame, a):
    # A selected meter answers with its primary address, one at 254 too; and some answer
    # as 0, FDh or FEh whatever they were asked as.
    return a >= SELECTED or frame.a in (a, 0, 0xFD, 0xFE)
