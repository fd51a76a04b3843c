# SPDX-License-Identifier: MIT
"""SND_UD: which commands are repetitions."""

from stations import Line, long, select

ACK = "E5"
OWN = "785634120D170102"


def commands_after(*steps, **options):
    """How many commands the steps cause to be obeyed: (octets, wait) each."""
    line = Line(**options)
    select(line)
    for octets, wait in steps:
        line.say(octets, wait=wait)
    return len(line.device.commands)


def test_the_identical_command_at_once_with_fcv_is_a_repetition():
    line = Line()
    frame = long(0x73, 5, 0x51, "01FD1F00")
    assert [line.say(frame) for _ in range(3)] == [ACK] * 3
    assert len(line.device.commands) == 1
    line.send(0x53, 5, 0x51, "01FD1F00")
    assert len(line.device.commands) == 2, "the toggled bit is a new command"


def test_any_difference_makes_a_command_new():
    first = long(0x73, 5, 0x51, "01FD1F00")
    for octets in (
        long(0x53, 5, 0x51, "01FD1F00"),
        long(0x73, 5, 0x51, "01FD1F01"),
        long(0x73, 254, 0x51, "01FD1F00"),
        long(0x73, 5, 0x5A, "0000000001FD1F00"),
        long(0x73, 5, 0x51, "01FD1F002F"),
    ):
        assert commands_after((first, 100), (octets, 100)) == 2, octets


def test_without_fcv_every_command_is_obeyed():
    for c in (0x43, 0x63):
        frame = long(c, 5, 0x51, "01FD1F00")
        assert commands_after((frame, 100), (frame, 100)) == 2


def test_a_repeated_command_has_a_time_limit_from_its_first_reception():
    frame = long(0x53, 5, 0x51, "01FD1F00")
    assert commands_after((frame, 0), (frame, 2000)) == 1
    assert commands_after((frame, 0), (frame, 2001)) == 2
    assert commands_after((frame, 0), (frame, 1500), (frame, 1500)) == 2
    assert commands_after((frame, 0), (frame, 11500), baud=300) == 1


def test_any_telegram_for_this_slave_in_between_makes_the_command_new():
    frame = long(0x53, 5, 0x51, "01FD1F00")
    for octets, obeyed in (
        ("105B056016", 2),
        ("105BFE5916", 2),
        ("105BFD5816", 2),  # it is selected
        ("1040FF3F16", 2),
        ("1040FD3D16", 2),
        (long(0x53, 253, 0x52, "FFFFFFFFFFFFFFFF"), 2),
        (long(0x53, 253, 0x52, "00000000FFFFFFFF"), 2),
        ("1040067A16", 1),  # not a sound frame
        ("1040064616", 1),
        (long(0x53, 6, 0x51, "01FD1F00"), 1),
    ):
        assert commands_after((frame, 0), (octets, 100), (frame, 100)) == obeyed, octets


def test_traffic_to_253_counts_only_while_selected():
    line = Line()
    frame = long(0x53, 5, 0x51, "01FD1F00")
    line.say(frame)
    line.say("105BFD5816")
    line.say(frame)
    assert len(line.device.commands) == 1


def test_a_link_reset_makes_the_identical_command_new():
    frame = long(0x53, 5, 0x51, "01FD1F00")
    assert commands_after((frame, 0), ("1040054516", 100), (frame, 100)) == 2


def test_selections_are_never_repetitions():
    line = Line()
    assert select(line, OWN, 0x73) == ACK
    line.slave.selected = False
    assert select(line, OWN, 0x73) == ACK
    assert line.slave.selected


def test_an_application_reset_clears_both_contexts():
    for ci, data in ((0x50, ""), (0x50, "00"), (0x53, OWN + "00000000")):
        line = Line()
        select(line)
        line.send(0x73, 253, 0x51, "01FD1F00")
        line.send(0x53, 5, ci, data)
        line.send(0x73, 253, 0x51, "01FD1F00")
        assert len(line.device.commands) == 3, ci
