# SPDX-License-Identifier: MIT
"""Automatic baud rate with one receiver: which try of a master is answered."""

from binascii import unhexlify

from bitline import WRAP, RateBench
from mbus.autobaud import HuntingLink, make_link
from mbus.timing import bits_ms, octets_ms, reply_max_ms
from stations import long

RESET = "1040054516"
RATES = (300, 2400, 9600)
# A master repeats its telegram soon, or late: after its time-out, or when it is asked to.
RETRIES = {300: (1200, 3000), 2400: (200, 700), 9600: (90, 300)}


def tries(bench, request, rate, pause, most=4):
    """Which try is answered, from 1; 0 for none."""
    for n in range(1, most + 1):
        if bench.ask(request, rate, pause):
            assert bench.link.baud == rate
            return n
    return 0


def test_from_its_rest_the_first_try_is_answered_at_2400_and_the_second_elsewhere():
    for ms in (1000, WRAP - 300):
        for rate in RATES:
            for pause in RETRIES[rate]:
                for request in (RESET, long(0x53, 5, 0x51, "0C130102030405"), long(0x73, 5, 0x50)):
                    bench = RateBench(2400, make_link, ms)
                    bench.run(100)
                    expected = 1 if rate == 2400 else 2
                    assert tries(bench, request, rate, pause) == expected, (rate, pause, request)


def test_a_rest_at_9600_answers_the_first_try_there_and_the_second_elsewhere():
    for rate in RATES:
        for pause in RETRIES[rate]:
            bench = RateBench(9600, make_link)
            bench.run(100)
            assert tries(bench, RESET, rate, pause) == (1 if rate == 9600 else 2), (rate, pause)


def test_once_found_every_telegram_is_answered_within_its_window():
    for rate in RATES:
        bench = RateBench(2400, make_link)
        tries(bench, RESET, rate, RETRIES[rate][0])
        for _ in range(3):
            asked = len(bench.wire.written)
            end = bench.wire.say(unhexlify("107B058016"), rate)
            bench.run(end + 5000 - bench.wire.ms)
            began = bench.wire.written[asked][0] - end
            assert bits_ms(11, rate) <= began <= reply_max_ms(rate) * 8 // 10


def test_masters_of_two_rates_take_turns():
    for one in RATES:
        for other in RATES:
            bench = RateBench(2400, make_link)
            tries(bench, RESET, one, RETRIES[one][0])
            if one == 300:
                bench.run(14000)  # a short telegram at 9600 is nothing to a receiver at 300
            else:
                bench.run(500)
            n = tries(bench, RESET, other, RETRIES[other][0])
            assert 1 <= n <= 2, (one, other, n)


def test_300_baud_is_left_after_12_seconds_and_the_others_are_kept():
    for rate, after in ((300, 2400), (2400, 2400), (9600, 9600)):
        bench = RateBench(2400, make_link)
        tries(bench, RESET, rate, 1200)
        bench.run(10000)
        assert bench.link.baud == rate
        bench.run(20000)
        assert bench.link.baud == after
        bench = RateBench(9600, make_link)
        tries(bench, RESET, 300, 1200)
        bench.run(20000)
        assert bench.link.baud == 9600


def test_a_damaged_telegram_at_the_right_rate_changes_nothing():
    for rate in RATES:
        bench = RateBench(2400, make_link)
        tries(bench, RESET, rate, RETRIES[rate][0])
        assert bench.ask("1040054617", rate) == ""
        assert bench.ask(RESET, rate) == "E5", rate


def test_a_command_to_change_the_rate_is_acknowledged_and_kept_as_a_wish():
    bench = RateBench(2400, make_link, rates=(300, 2400, 9600))
    for ci, kept in ((0xBD, [9600]), (0xB8, [9600, 300]), (0xBF, [9600, 300])):
        assert bench.ask(long(0x53, 5, ci), 2400) == "E5"
        assert bench.device.kept_rates == kept
        assert bench.link.baud == 2400
    assert bench.ask(long(0x53, 255, 0xBB), 2400) == ""
    assert bench.device.kept_rates == [9600, 300, 2400]
    bench.run(40000)
    assert bench.link.baud == 2400


def test_noise_behind_a_telegram_is_no_reason_to_leave():
    bench = RateBench(2400, make_link)
    end = bench.wire.say(unhexlify(RESET + "FF"), 2400)
    bench.run(end + 500 - bench.wire.ms)
    assert len(bench.wire.written) == 1
    assert bench.link.baud == 2400


def test_it_begins_where_it_is_told_to_and_never_at_300():
    for preferred, begins in ((9600, 9600), (300, 2400), (2400, 2400), (38400, 2400)):
        bench = RateBench(preferred, make_link)
        assert isinstance(bench.link, HuntingLink)
        assert bench.link.baud == bench.wire.baud == begins
        assert bench.link.quiet and octets_ms(1, begins) < 6
