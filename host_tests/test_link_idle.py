# SPDX-License-Identifier: MIT
"""A link that waits for an octet instead of looking for one: when it may, and how it wakes."""

from linebench import REQUEST, RESET, Bench
from mbus.timing import bits_ms, reply_max_ms


def wake(bench, octets):
    """Sleep for hours, until the first octet of a telegram wakes the link."""
    assert bench.link.idle
    bench.wire.now = (bench.wire.now + 7_200_000) & 0x3FFFFFFF
    end = bench.say(octets)
    bench.link.still(bench.wire.now)
    first = bench.wire.arriving.pop(0)
    bench.wire.now = first[0]
    bench.link.wake(first[1], bench.wire.now)
    return end


def test_a_telegram_that_wakes_it_is_answered_in_time():
    for baud in (300, 2400, 9600):
        for octets in (RESET, REQUEST):
            bench = Bench(baud)
            bench.run(100)
            end = wake(bench, octets)
            assert not bench.link.idle
            bench.run(3000)
            assert len(bench.wire.written) == 1, baud
            after = bench.wire.written[0][0] - end
            assert bits_ms(11, baud) <= after <= reply_max_ms(baud) * 8 // 10, (baud, after)
            assert bench.link.idle and bench.link.late == 0


def test_a_request_of_a_time_in_which_nobody_looked_is_not_answered():
    bench = Bench(9600)
    bench.run(100)
    bench.link.still(bench.wire.now)
    bench.say(RESET)
    bench.wire.now += 120  # flash is being written
    bench.link.still(bench.wire.now)
    first = bench.wire.arriving.pop(0)
    bench.link.wake(first[1], bench.wire.now)
    bench.run(1000)
    assert bench.wire.written == [] and bench.link.late == 1


def test_noise_that_wakes_it_leaves_it_listening():
    bench = Bench()
    bench.run(100)
    bench.link.wake(0x55, bench.wire.now)
    bench.run(50)
    assert bench.link.idle
    bench.say(RESET)
    bench.run(1000)
    assert bench.replies() == ["E5"]


def test_it_may_not_wait_while_anything_is_to_be_done():
    bench = Bench()
    bench.run(100)
    bench.say("10")
    bench.run(20)
    assert not bench.link.idle, "a telegram is under way"
    bench.run(200)
    assert bench.link.idle
    bench.wire.broken = True
    bench.run(5)
    assert not bench.link.idle, "deaf until the line is idle"
    bench.run(200)
    end = bench.say("6803036853FEBD0E16")
    bench.run(end - bench.wire.now + 20)
    assert not bench.link.idle, "a reply waits"
    bench.run(5000)
    assert not bench.link.idle, "a rate is on trial"
    bench.run(30_000)
    assert bench.link.idle
