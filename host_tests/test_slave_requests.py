# SPDX-License-Identifier: MIT
"""REQ_UD2: repetition, next telegram or new request."""

from mbus.fcb import repeat_ms
from stations import Device, Line, long, select


def test_any_frame_count_bit_begins_at_the_first_telegram_after_power_up_and_reset():
    for c in (0x5B, 0x7B, 0x4B, 0x6B):
        for prelude in ((), (0x40,)):
            line = Line()
            for c0 in prelude:
                line.short(c0, 5)
            assert line.data(c) == (0x2A, 0, 1, 0), c


def test_a_toggled_bit_brings_the_next_telegram_of_the_same_snapshot():
    line = Line()
    assert line.data(0x7B) == (0x2A, 0, 1, 0)
    assert line.data(0x5B) == (0x2B, 0, 1, 1)
    assert line.data(0x7B) == (0x2C, 0, 1, 2)


def test_after_the_last_telegram_it_starts_again_with_a_new_snapshot():
    line = Line(Device(telegrams=2))
    line.data(0x7B)
    line.data(0x5B)
    assert line.data(0x7B) == (0x2C, 0, 2, 0)


def test_a_single_telegram_is_new_each_time_the_bit_toggles():
    line = Line(Device(telegrams=1))
    assert [line.data(c)[2] for c in (0x7B, 0x5B, 0x7B, 0x5B)] == [1, 2, 3, 4]


def test_an_equal_bit_in_the_very_next_telegram_is_a_repetition_of_the_stored_octets():
    for before in ((0x7B,), (0x7B, 0x5B), (0x7B, 0x5B, 0x7B)):
        line = Line()
        for c in before:
            reply = line.short(c, 5)
        line.device.state = 0x10
        for _ in range(3):
            assert line.short(c, 5) == reply, before
        assert line.slave.access == (0x2A + len(before)) & 0xFF


def test_the_access_number_wraps_and_rises_by_one_for_each_new_telegram():
    line = Line(Device(access=0xFF))
    assert [line.data(c)[0] for c in (0x7B, 0x7B, 0x5B, 0x5B, 0x7B)] == [255, 255, 0, 0, 1]


def test_any_valid_telegram_in_between_makes_an_equal_bit_a_new_request():
    between = (
        "10407CBC16",  # SND_NKE to somebody else
        "1040FD3D16",  # to the selected
        "105B7CD716",  # REQ_UD2 to somebody else
        "107A057F16",  # REQ_UD1 to this one
        long(0x53, 7, 0x51, "017A08"),
        long(0x53, 253, 0x52, "00000000FFFFFFFF"),
        "1049054E16",
    )
    for octets in between:
        line = Line()
        line.data(0x7B)
        line.say(octets)
        assert line.data(0x7B)[2:] == (2, 0), octets


def test_what_is_no_valid_telegram_of_a_master_does_not_count_on_the_bus():
    for octets in ("E5", "10080109 16".replace(" ", ""), "FF5500", "1040014216"):
        line = Line()
        reply = line.short(0x7B, 5)
        line.say(octets)
        line.parser.clear()
        assert line.short(0x7B, 5) == reply, octets


def test_a_readout_toggled_and_untoggled_by_another_address_kind_is_kept_apart():
    line = Line()
    select(line)
    assert line.data(0x7B, 5)[2:] == (1, 0)
    assert line.data(0x7B, 253)[2:] == (2, 0)
    assert line.data(0x5B, 5)[2:] == (1, 1)
    assert line.data(0x5B, 253)[2:] == (2, 1)


def test_address_254_shares_the_primary_context():
    line = Line()
    assert line.data(0x7B, 5)[2:] == (1, 0)
    assert line.data(0x5B, 254)[2:] == (1, 1)


def test_without_fcv_each_request_brings_the_next_telegram_and_leaves_the_bit():
    line = Line()
    assert [line.data(0x4B)[2:] for _ in range(4)] == [(1, 0), (1, 1), (1, 2), (2, 0)]
    line = Line()
    line.data(0x7B)
    assert line.data(0x4B)[2:] == (1, 1)
    assert line.data(0x5B)[2:] == (1, 2), "the stored bit is still 1"
    line = Line()
    line.data(0x7B)
    line.data(0x6B)
    assert line.data(0x7B)[2:] == (2, 0), "not the very next telegram behind 7B"


def test_a_repetition_of_the_first_telegram_has_a_time_limit():
    for baud, limit_ms in ((300, 11500), (600, 6000), (1200, 3250), (2400, 2000), (9600, 2000)):
        assert repeat_ms(baud) == limit_ms
        for wait, snapshot in ((limit_ms, 1), (limit_ms + 1, 2)):
            line = Line(baud=baud)
            line.data(0x7B)
            assert line.data(0x7B, wait=wait)[2:] == (snapshot, 0), (baud, wait)


def test_repetitions_do_not_renew_the_time_limit():
    line = Line()
    line.data(0x7B)
    assert line.data(0x7B, wait=1500)[2] == 1
    assert line.data(0x7B, wait=1500)[2] == 2


def test_a_repetition_of_a_later_telegram_may_take_sixty_seconds():
    for wait, expected in ((60000, (1, 1)), (60001, (2, 0))):
        line = Line()
        line.data(0x7B)
        line.data(0x5B)
        assert line.data(0x5B, wait=wait)[2:] == expected, wait


def test_the_next_telegram_may_take_sixty_seconds():
    for c in (0x5B, 0x4B):
        for wait, expected in ((60000, (1, 1)), (60001, (2, 0))):
            line = Line()
            line.data(0x7B)
            assert line.data(c, wait=wait)[2:] == expected, (c, wait)


def test_the_age_of_a_telegram_counts_from_the_end_of_its_sending():
    line = Line()
    line.data(0x7B)
    line.slave.primary.request.begin(line.now + 1000)
    assert line.data(0x7B, wait=2900)[2] == 1


def test_a_reply_that_never_left_has_an_age_too():
    line = Line()
    line.slave.sent = lambda now: None
    line.data(0x7B)
    line.data(0x7B, wait=1900)
    assert line.data(0x7B, wait=200)[2] == 2
    line.now += 50000
    assert line.data(0x5B, wait=9000)[2:] == (2, 1)


def grow_old(line):
    """Once round the ticks."""
    for _ in range(16):
        line.now = (line.now + (1 << 26)) & 0x3FFFFFFF
        line.slave.tick(line.now)


def test_old_telegrams_do_not_grow_young_when_the_ticks_wrap():
    line = Line()
    line.data(0x7B)
    line.data(0x5B)
    grow_old(line)
    assert line.data(0x5B, wait=0)[2:] == (2, 0)
    line = Line()
    line.device.pending = 0x04
    line.short(0x7A, 5)
    grow_old(line)
    assert line.short(0x7A, 5, wait=0) == "E5"
    line = Line()
    line.send(0x73, 5, 0x51, "017A08")
    grow_old(line)
    line.send(0x73, 5, 0x51, "017A08", wait=0)
    assert len(line.device.commands) == 2


def test_times_are_right_across_the_wrap_of_the_ticks():
    line = Line()
    line.now = 0x3FFFFFFF - 150
    reply = line.short(0x7B, 5)
    assert line.short(0x7B, 5, wait=1900) == reply
    assert line.data(0x7B, wait=1900)[2] == 2
