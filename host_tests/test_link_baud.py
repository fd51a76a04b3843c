# SPDX-License-Identifier: MIT
"""CI B8h to BFh: acknowledged at the old rate, obeyed behind it, taken back after 30 s."""

from bitline import WRAP, RateBench
from mbus.link import SlaveLink
from mbus.slave import Slave
from mbus.timing import RATES, bits_ms, octets_ms, reply_max_ms
from stations import Device, long

RESET = "1040054516"
OTHER = "1040064616"  # to another meter


def switch(rate, a=5, c=0x53):
    return long(c, a, 0xB8 + RATES.index(rate))


def test_the_telegram_is_the_one_of_the_standard():
    assert switch(9600, 0xFE) == "6803036853FEBD0E16"
    assert switch(2400, 5) == "680303685305BB1316"


def test_it_acknowledges_at_the_old_rate_and_answers_at_the_new_one_from_each_to_each():
    for old in RATES:
        for new in RATES:
            bench = RateBench(old)
            assert bench.ask(switch(new), old) == "E5", (old, new)
            assert bench.link.baud == bench.wire.baud == new
            assert bench.ask(RESET, new) == "E5", (old, new)
            asked = len(bench.wire.written)
            bench.wire.say(b"\x10\x7b\x05\x80\x16", new)
            end = bench.wire.ms + octets_ms(5, new)
            bench.run(end + 300 - bench.wire.ms)
            after = bench.wire.written[asked][0] - end
            assert bits_ms(11, new) <= after <= reply_max_ms(new) * 8 // 10, (old, new, after)


def test_it_changes_when_the_acknowledgement_has_left_and_no_sooner():
    for old, new in ((300, 9600), (2400, 300), (9600, 2400)):
        bench = RateBench(old)
        bench.ask(switch(new), old)
        began = bench.wire.written[0][0]
        (changed,) = [ms for ms, _ in bench.wire.inits]
        # And before a master that waits for 33 bit times, or 25 ms, goes on.
        left = octets_ms(1, old)
        assert left <= changed - began <= left + max(25, bits_ms(33, old)) - 10, (old, changed)


def test_a_rate_the_port_cannot_do_is_acknowledged_and_nothing_changes():
    bench = RateBench(2400, rates=(300, 2400))
    assert bench.ask(switch(9600), 2400) == "E5"
    assert bench.ask(RESET, 2400) == "E5"
    assert bench.wire.inits == []
    assert bench.device.kept_rates == []


def test_its_own_rate_is_nothing_new():
    bench = RateBench(2400)
    assert bench.ask(switch(2400), 2400) == "E5"
    bench.run(40000)
    assert bench.wire.inits == []
    assert bench.ask(RESET, 2400) == "E5"
    assert bench.device.kept_rates == []


def test_by_broadcast_all_change_and_none_answers():
    for c in (0x53, 0x43):
        bench = RateBench(2400)
        assert bench.ask(switch(9600, 255, c), 2400) == ""
        assert bench.link.baud == 9600
        assert bench.ask(RESET, 9600) == "E5"
        assert bench.device.kept_rates == [9600]


def test_a_command_for_another_meter_or_with_more_in_it_changes_nothing():
    for frame, answer in (
        (switch(9600, 6), ""),
        (switch(9600, 0xFD), ""),
        (long(0x53, 5, 0xBD, "00"), "E5"),
        (long(0x53, 255, 0xBD, "00"), ""),
        (long(0x53, 5, 0xB7), "E5"),
        (long(0x53, 5, 0xC0), "E5"),
    ):
        bench = RateBench(2400)
        assert bench.ask(frame, 2400) == answer, frame
        assert bench.wire.inits == [], frame


def test_what_has_data_behind_it_is_an_application_error():
    bench = RateBench(2400)
    bench.ask(long(0x53, 5, 0xBD, "00"), 2400)
    assert bench.device.error == 0x12
    bench.ask(switch(9600), 2400)
    assert bench.link.baud == 9600


def test_a_rate_at_which_nobody_talks_is_left_after_30_seconds():
    for start_ms in (1000, WRAP - 15000):
        bench = RateBench(2400, ms=start_ms)
        bench.ask(switch(9600), 2400)
        (changed,) = [ms for ms, _ in bench.wire.inits]
        bench.run(changed + 29990 - bench.wire.ms)
        assert bench.link.baud == 9600
        bench.run(30)
        assert bench.wire.inits[1][1] == bench.link.baud == 2400
        assert bench.ask(RESET, 2400) == "E5"
        assert bench.device.kept_rates == []


def test_a_new_rate_is_kept_with_the_first_sound_telegram_whoever_it_is_for():
    for request in (RESET, OTHER):
        bench = RateBench(2400)
        bench.ask(switch(9600), 2400)
        bench.run(28000)
        assert bench.device.kept_rates == []
        bench.ask(request, 9600)
        assert bench.device.kept_rates == [9600]
        bench.run(100000)
        assert bench.link.baud == 9600
        assert bench.device.kept_rates == [9600]


def test_nothing_but_a_sound_telegram_of_a_master_keeps_a_rate():
    for noise, rate in (
        (RESET, 2400),  # at the old rate
        ("1040054517", 9600),
        ("E5", 9600),  # without a checksum
        ("1008050D16", 9600),  # of a slave
        ("FF55FF", 9600),
        ("104005", 9600),
    ):
        bench = RateBench(2400)
        bench.ask(switch(9600), 2400)
        for _ in range(30):
            bench.ask(noise, rate, 900)
        bench.run(1600)
        bench.run(3000)
        assert (bench.link.baud, bench.device.kept_rates) == (2400, []), noise


def test_a_telegram_that_has_begun_within_30_seconds_is_heard():
    bench = RateBench(2400)
    bench.ask(switch(300), 2400)
    (changed,) = [ms for ms, _ in bench.wire.inits]
    bench.run(changed + 29900 - bench.wire.ms)
    assert bench.ask(RESET, 300) == "E5"
    assert bench.device.kept_rates == [300]


def test_several_changes_in_a_row_come_back_to_the_last_that_was_good():
    bench = RateBench(2400)
    for old, new in ((2400, 9600), (9600, 300), (300, 38400)):
        assert bench.ask(switch(new), old) == "E5"
    # The command to leave a rate is a telegram at that rate.
    assert bench.device.kept_rates == [9600, 300]
    bench.run(31000)
    assert bench.link.baud == 300
    assert bench.ask(switch(38400), 300) == "E5"
    assert bench.ask(RESET, 38400) == "E5"
    assert bench.ask(switch(2400), 38400) == "E5"
    assert bench.ask(RESET, 2400) == "E5"
    assert bench.device.kept_rates == [9600, 300, 38400, 2400]
    bench.run(61000)
    assert bench.link.baud == 2400


def test_a_lost_acknowledgement_is_repeated_and_the_rate_changes_all_the_same():
    bench = RateBench(2400)
    # An error behind the telegram takes the acknowledgement away, and the change with it.
    end = bench.wire.say(bytes((0x68, 3, 3, 0x68, 0x73, 5, 0xBD, 0x35, 0x16)), 2400)
    bench.run(end + 4 - bench.wire.ms)
    bench.wire.bad = True
    bench.run(300)
    assert (bench.wire.written, bench.wire.inits) == ([], [])
    assert bench.ask(switch(9600, c=0x73), 2400) == "E5"
    assert bench.ask(RESET, 9600) == "E5"


def test_a_device_that_keeps_nothing_and_a_stream_that_says_nothing_will_do():
    class Plain:
        baud = 2400

        def any(self):
            return 0

        def txdone(self):
            return True

        def init(self, baudrate):
            self.baud = baudrate

        def write(self, octets):
            return len(octets)

    stream = Plain()
    link = SlaveLink(stream, Slave(Device()), 2400)
    for octet in bytes((0x68, 3, 3, 0x68, 0x53, 5, 0xBF, 0x17, 0x16)):
        link.wake(octet, 0)
    for now in range(0, 60, 2):
        link.poll(now)
    assert stream.baud == 38400
    for octet in bytes((0x10, 0x40, 5, 0x45, 0x16)):
        link.wake(octet, 100)
    for now in range(100, 40000, 1000):
        link.poll(now)
    assert stream.baud == 38400
