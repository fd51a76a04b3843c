# SPDX-License-Identifier: MIT
"""When the slave's link begins its reply, to the microsecond."""

from binascii import unhexlify

from linebench import REQUEST, RESET
from mbus.link import SlaveLink, coming_ms
from mbus.slave import Slave
from mbus.timing import bits_us
from node.assembly import assemble, join
from node.config import Config
from slots import Slots
from stations import Device

RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)
WRAP = 0x3FFFFFFF
CALL_US = 90  # between two calls of poll() where it does not want to sleep
OVERSLEPT_US = 400  # by a pause of asyncio


class Wire:
    """A UART in microseconds: an octet is there in the middle of its stop bit."""

    def __init__(self, baud, begin_us):
        self.us = begin_us
        self.baud = baud
        self.coming = []  # (us, octet)
        self.began = []  # us at which replies begin

    def say(self, octets):
        """Octets without a pause from now on; when the last stop bit ends."""
        for n, octet in enumerate(unhexlify(octets)):
            self.coming.append((self.us + bits_us(22 * n + 21, 2 * self.baud), octet))
        return self.us + bits_us(11 * (n + 1), self.baud)

    def any(self):
        return len([us for us, _ in self.coming if us <= self.us])

    def readinto(self, buf, nbytes):
        for i in range(nbytes):
            buf[i] = self.coming.pop(0)[1]
        return nbytes

    def write(self, octets):
        self.began.append(self.us)
        return len(octets)

    def txdone(self):
        return True


def after_us(baud, octets, phase_us, fine=True, **more):
    """(how long behind the request the reply began, how often poll() was called)."""
    wire = Wire(baud, 5_000_000 + phase_us)
    link = SlaveLink(wire, Slave(Device(primary=5, telegrams=1)), baud, "off", **more)
    calls, end = 0, None
    while not wire.began:
        now_us = wire.us
        wait_ms = link.poll(now_us // 1000 & WRAP, *((now_us & WRAP,) if fine else ()))
        calls += 1
        if end is None:
            end = wire.say(octets)
        if fine and link.idle:
            # As the module's tasks do: octets end the pause.
            wire.us = wire.coming[0][0]
            link.wake(wire.coming.pop(0)[1], wire.us // 1000 & WRAP)
            continue
        if fine:
            wire.us += CALL_US if wait_ms == 1 else wait_ms * 1000 + OVERSLEPT_US
        else:
            # As a bus in virtual time does: at a tick, or when an octet has come.
            due = [(now_us // 1000 + wait_ms) * 1000] + [us for us, _ in wire.coming]
            wire.us = min([us for us in due if us > now_us])
        assert wire.us < 10_000_000
    return wire.began[0] - end, calls


def test_a_reply_begins_11_bit_times_behind_the_request_and_hardly_later():
    for baud in RATES:
        for phase_us in range(0, 3000, 170):
            for octets in (RESET, REQUEST):
                after, _ = after_us(baud, octets, phase_us)
                least = bits_us(11, baud)
                assert least <= after <= least + 2 * CALL_US, (baud, phase_us, after, least)


def test_a_clock_of_milliseconds_makes_no_reply_too_early():
    for baud in RATES:
        for phase_us in range(0, 3000, 170):
            after, _ = after_us(baud, RESET, phase_us, fine=False)
            assert bits_us(11, baud) <= after <= bits_us(11, baud) + 9000, (baud, phase_us, after)


def test_a_master_that_needs_longer_to_turn_gets_the_time():
    for baud in RATES:
        for bits in (22, 33, 250):
            after, _ = after_us(baud, RESET, 0, reply_bits=bits)
            assert 0 <= after - bits_us(bits, baud) <= 2 * CALL_US, (baud, bits, after)


def test_the_time_to_the_reply_is_slept_as_far_as_it_is_long():
    for baud, most in ((300, 180), (9600, 90)):
        assert after_us(baud, RESET, 0)[1] < most, baud


def test_the_configuration_says_how_long_that_is_at_fixed_and_automatic_rates():
    for more in ({"reply_bits": "33"}, {"reply_bits": "33", "baud": "auto"}, {}):
        given = {"source": "host", "primary": "5"}
        given.update(more)
        config = Config(given)
        wire = Wire(2400, 0)
        wire.init = lambda baudrate: None
        link = join(wire, config, assemble(config, Slots(), 0))
        end_us = wire.say(RESET)
        while not wire.began:
            wait_ms = link.poll(wire.us // 1000, wire.us)
            wire.us += CALL_US if wait_ms == 1 else wait_ms * 1000
        bits = 33 if more else 11
        assert bits_us(bits, 2400) <= wire.began[0] - end_us <= bits_us(bits, 2400) + 6000, more


class Parser:
    """What coming_ms() wants of a FrameParser."""

    def __init__(self, missing, waiting=True):
        self.size, self.n, self.waiting = missing and missing + 1, 1, waiting


def test_the_end_of_a_frame_is_waited_for_without_a_pause_only_where_it_is_near():
    for missing, silent_ms, wait_ms in (
        (0, 0, 2),  # nobody knows how long it is
        (1, 0, 1),
        (5, 0, 1),
        (6, 0, 2),
        (9, 0, 2),
        (9, 5, 1),
        (1, 3, 1),
        (9, 12, 1),
        (9, 13, 2),
        (1, 4, 2),  # what does not come is not waited for like that
        (1, 4000, 2),
    ):
        assert coming_ms(Parser(missing), 1146, silent_ms) == wait_ms, (missing, silent_ms)
    assert coming_ms(Parser(5, False), 1146, 0) == 2, "no frame has begun"
