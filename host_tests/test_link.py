# SPDX-License-Identifier: MIT
"""The slave's link with octets that arrive in line time: reply window, gaps, noise, echo."""

from binascii import unhexlify

from linebench import REQUEST, RESET, Bench
from mbus.timing import bits_ms, idle_ms, octets_ms, reply_max_ms
from stations import Device, long


def test_the_reply_begins_inside_its_window_at_every_baud_rate():
    for baud in (300, 600, 1200, 2400, 4800, 9600, 19200, 38400):
        for octets in (RESET, REQUEST):
            bench = Bench(baud)
            bench.run(17)
            end = bench.say(octets)
            bench.run(3000)
            assert len(bench.wire.written) == 1, baud
            after = bench.wire.written[0][0] - end
            assert bits_ms(11, baud) <= after <= reply_max_ms(baud) * 8 // 10, (baud, after)
            # Soon, as far as a clock of milliseconds and how late an arrival is seen allow.
            assert after <= bits_ms(33, baud) + 6, (baud, after)


def test_the_whole_reply_is_one_write():
    bench = Bench(device=Device(telegrams=1))
    bench.say(REQUEST)
    bench.run(2000)
    assert len(bench.wire.written) == 1
    assert bench.replies()[0].startswith("68") and bench.replies()[0].endswith("16")


def test_a_request_seen_too_late_is_not_answered_and_changes_nothing():
    for baud in (300, 2400, 9600):
        bench = Bench(baud, device=Device(telegrams=3))
        bench.run(20)
        bench.say(REQUEST)
        bench.wire.now += reply_max_ms(baud) + 200
        bench.run(2000)
        assert bench.replies() == [], baud
        assert bench.link.late == 1
        assert bench.device.snapshots == 0


def test_a_command_seen_too_late_is_not_obeyed_unless_broadcast():
    for a, obeyed in ((5, 0), (255, 1)):
        bench = Bench()
        bench.run(20)
        bench.say(long(0x53, a, 0x51, "40FE0B"))
        bench.wire.now += 500
        bench.run(500)
        assert len(bench.device.commands) == obeyed, a


def test_a_reply_that_could_not_be_written_in_time_is_dropped():
    bench = Bench()
    bench.say(REQUEST)
    while not bench.link._n:
        bench.wire.now += bench.link.poll(bench.wire.now)
    bench.wire.now += 160
    bench.run(500)
    assert bench.replies() == []
    assert bench.link.late == 1


def test_a_reply_is_dropped_when_the_master_goes_on():
    bench = Bench()
    end = bench.say(REQUEST)
    bench.wire.arrive(0x10, end + 6)
    bench.run(500)
    assert bench.replies() == []


def test_noise_behind_the_request_does_not_take_the_reply_away():
    bench = Bench()
    end = bench.say(REQUEST)
    bench.wire.arrive(0xFF, end + 6)
    bench.run(500)
    assert len(bench.replies()) == 1


def test_it_listens_again_at_once_after_its_reply():
    bench = Bench(9600)
    bench.say(RESET)
    while not bench.wire.written:
        bench.run(1)
    while bench.link.sending:
        bench.run(1)
    bench.say(REQUEST)
    bench.run(200)
    assert [octets[:2] for octets in bench.replies()] == ["E5", "68"]


def test_silence_of_33_bit_times_or_20_ms_ends_a_frame():
    for baud in (300, 1200, 2400, 9600):
        abort_ms = max(idle_ms(baud), 20)
        for gap, answered in ((abort_ms - bits_ms(4, baud) - 2, 1), (abort_ms + 5, 0)):
            bench = Bench(baud)
            for silence, octets in ((0, RESET[:4]), (gap, RESET[4:])):
                bench.run(silence)
                end = bench.say(octets)
                bench.run(end - bench.wire.now)
            bench.run(2000)
            assert len(bench.replies()) == answered, (baud, gap)


def test_pauses_between_octets_are_borne():
    bench = Bench(9600)
    bench.say(RESET, pause=14)
    bench.run(500)
    assert bench.replies() == ["E5"]


def test_after_damage_it_is_deaf_until_33_bit_times_of_silence():
    for baud in (300, 2400, 9600):
        for gap, answered in ((idle_ms(baud) + 6, 1), (1, 0)):
            bench = Bench(baud)
            end = bench.say("1040054616")
            bench.run(end - bench.wire.now + gap)
            bench.say(RESET)
            bench.run(3000)
            assert len(bench.replies()) == answered, (baud, gap)


def test_a_wake_up_preamble_is_skipped():
    bench = Bench()
    bench.say("55" * 40 + "FFFF" + RESET)
    bench.run(1000)
    assert bench.replies() == ["E5"]


def test_a_line_error_voids_the_telegram_and_a_waiting_reply():
    bench = Bench()
    end = bench.say(RESET)
    bench.run(10)
    bench.wire.broken = True
    bench.run(500)
    assert bench.replies() == []
    assert bench.wire.now > end
    bench.say(RESET)
    bench.run(500)
    assert bench.replies() == ["E5"], "it hears again after silence"
    bench = Bench()
    end = bench.say(RESET)
    bench.run(end - bench.wire.now + 2)
    bench.wire.broken = True
    bench.run(500)
    assert bench.replies() == []


def test_after_a_line_error_it_is_deaf_until_the_line_is_idle():
    for gap, answered in ((1, 0), (20, 1)):
        bench = Bench()
        bench.run(300)
        bench.wire.broken = True
        bench.run(gap)
        bench.say(RESET)
        bench.run(500)
        assert len(bench.replies()) == answered, gap


def test_a_request_that_comes_before_the_reply_can_have_ended_begins_its_own():
    bench = Bench(300)
    bench.say(REQUEST)
    while not bench.link.sending:
        bench.run(1)
    bench.run(5)
    for octet in unhexlify("105B056016"):
        bench.wire.arrive(octet, bench.wire.now)
    bench.run(3000)
    began, octets = bench.wire.written[1]
    assert bench.slave.primary.request.since >= began + octets_ms(len(octets), 300)


def test_the_station_is_kept_from_mistaking_old_for_young():
    bench = Bench()
    seen = []
    bench.slave.tick = seen.append
    bench.run(130_000)
    assert len(seen) == 2, "once a minute will do"
    assert seen and seen[-1] > 1050


def test_a_stream_without_errors_will_do():
    bench = Bench()
    bench.link._errors = None
    bench.say(RESET)
    bench.run(500)
    assert bench.replies() == ["E5"]


def test_two_requests_with_and_without_echo():
    for mode, wire_echo in (
        ("auto", False),
        ("auto", True),
        ("on", True),
        ("off", False),
        ("off", True),
    ):
        bench = Bench(echo=mode, wire_echo=wire_echo)
        for octets in (RESET, REQUEST, RESET, RESET, "105B056016"):
            bench.say(octets)
            bench.run(1000)
        starts = [octets[:2] for octets in bench.replies()]
        assert starts == ["E5", "68", "E5", "E5", "68"], (mode, wire_echo)
        assert bench.link.collisions == 0, (mode, wire_echo)


def test_a_disturbed_echo_is_a_collision_and_the_line_recovers():
    bench = Bench(echo="on", wire_echo=True)
    bench.wire.garble = (3, 0x04)
    bench.say(REQUEST)
    bench.run(1000)
    assert bench.link.collisions == 1
    assert bench.link._parser.rejected == 1
    bench.wire.garble = None
    bench.say(RESET)
    bench.run(1000)
    assert bench.replies()[1:] == ["E5"]


def test_octets_alike_our_own_are_not_lost_while_echo_is_unknown():
    bench = Bench(echo="auto")
    bench.say(REQUEST)
    bench.run(160)
    bench.say(long(0x53, 5, 0x51, "017A08"))
    bench.run(1000)
    assert bench.device.commands == [(0x51, "017A08")]
    assert bench.replies()[1:] == ["E5"]


def test_the_age_of_a_telegram_counts_from_the_end_of_its_line_time():
    bench = Bench(300)
    bench.say(REQUEST)
    bench.run(1000)
    began, octets = bench.wire.written[0]
    bench.run(2000)
    assert bench.slave.primary.request.since >= began + octets_ms(len(octets), 300)
    assert bench.slave.repeat_ms == 11500


def test_it_is_quiet_only_between_exchanges():
    bench = Bench()
    assert bench.link.quiet
    end = bench.say(REQUEST)
    bench.run(10)
    assert not bench.link.quiet, "a frame is coming"
    bench.run(end - bench.wire.now + 4)
    assert not bench.link.quiet, "a reply is due"
    bench.run(30)
    assert bench.link.sending and not bench.link.quiet
    bench.run(500)
    assert bench.link.quiet and not bench.link.sending


def test_frames_replies_and_silence_are_counted():
    bench = Bench()
    for octets in (RESET, "1040064616", REQUEST, "1040054616"):
        bench.say(octets)
        bench.run(1000)
    assert (bench.link.frames, bench.link.replies, bench.link.late) == (3, 2, 0)


def test_it_works_across_the_wrap_of_the_ticks():
    bench = Bench()
    bench.wire.now = 0x3FFFFFFF - 15
    at = bench.wire.now
    for n, octet in enumerate(unhexlify(RESET)):
        bench.wire.arrive(octet, (at + octets_ms(n + 1, 2400)) & 0x3FFFFFFF)
    for _ in range(200):
        wait = bench.link.poll(bench.wire.now)
        bench.wire.now = (bench.wire.now + wait) & 0x3FFFFFFF
    assert bench.replies() == ["E5"]


def test_a_telegram_33_bit_times_behind_a_broken_one_is_heard():
    for baud in (300, 1200, 2400, 9600):
        for start in range(5):
            bench = Bench(baud)
            bench.run(start)
            end = bench.say("680B0B68")
            bench.run(end - bench.wire.now + max(idle_ms(baud), 25))
            bench.say(RESET)
            bench.run(1000)
            assert bench.replies() == ["E5"], (baud, start)
