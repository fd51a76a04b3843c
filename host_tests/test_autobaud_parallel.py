# SPDX-License-Identifier: MIT
"""Automatic baud rate with a receiver at each rate: the first telegram is answered."""

from binascii import unhexlify

from bitline import BitWire, RateBench
from mbus.autobaud import ParallelLink, make_link
from mbus.timing import bits_ms, reply_max_ms
from stations import long

RESET = "1040054516"
RATES = (300, 2400, 9600)


class Pin:
    """The stream with a receiver at each rate; what is said reaches all of them."""

    def __init__(self, wire):
        self._wire = wire
        self.feeds = [(rate, BitWire(rate)) for rate in RATES]
        self.rates = RATES
        self.write = wire.write
        self.txdone = wire.txdone
        self.init = wire.init

    def any(self):
        for _, feed in self.feeds:
            feed.ms = self._wire.ms
            if feed._burst != self._wire._burst:
                feed._burst = self._wire._burst
                feed._sample()
        return 0


def bench():
    def make(wire, slave, baud):
        pin = Pin(wire)
        for _, feed in pin.feeds:
            # Whoever is asked first takes the moment from the line.
            def anything(feed=feed, own=feed.any):
                pin.any()
                return own()

            feed.any = anything
        return make_link(pin, slave, baud)

    return RateBench(2400, make)


def test_the_first_telegram_is_answered_at_its_rate_in_its_window():
    for order in (RATES, (9600, 300, 2400, 9600), (2400, 9600, 300)):
        b = bench()
        assert isinstance(b.link, ParallelLink)
        for rate in order:
            for request in (RESET, "107B058016", long(0x53, 5, 0x51, "0C1301020304")):
                asked = len(b.wire.written)
                end = b.wire.say(unhexlify(request), rate)
                b.run(end + 2500 - b.wire.ms)
                ((began, at, _),) = b.wire.written[asked:]
                assert at == rate, (order, rate, request)
                assert bits_ms(11, rate) <= began - end <= reply_max_ms(rate) * 8 // 10
    assert b.link.late == 0


def test_damage_is_not_answered_and_the_next_telegram_is():
    for rate in RATES:
        b = bench()
        assert b.ask("1040054617", rate) == ""
        assert b.ask("10400545", rate) == ""
        assert b.ask("1008050D16", rate) == ""  # of a slave
        assert b.ask("E5", rate) == ""
        assert b.link.baud == 2400
        assert b.ask(RESET, rate) == "E5", rate
        assert b.link.quiet


def test_wake_up_octets_do_not_hide_a_telegram():
    for rate in RATES:
        for octets in ("55" * 6, "FF" * 6):
            assert bench().ask(octets + RESET, rate) == "E5", (rate, octets)


def test_a_command_to_change_the_rate_is_acknowledged_and_kept_as_a_wish():
    b = bench()
    assert b.ask(long(0x53, 5, 0xBD), 300) == "E5"
    assert b.device.kept_rates == [9600]
    assert b.ask(RESET, 300) == "E5"


def test_the_end_of_a_telegram_is_not_slept_through():
    for rate in (2400, 9600):
        b = bench()
        b.run(100)
        assert b.link.poll(b.wire.ms) == 5, "nothing comes"
        end = b.wire.say(unhexlify(RESET), rate)
        waits = []
        while b.wire.ms < end:
            waits.append(b.link.poll(b.wire.ms))
            b.wire.ms += 1
        assert waits[-1] == 1 or b.link._n, (rate, waits)
        assert 1 in waits[:-1], (rate, waits)
