# SPDX-License-Identifier: MIT
"""What clears the memory of frame count bits, and the strict mode."""

from stations import Line, select

ACK = "E5"
OWN = "785634120D170102"


def test_strict_is_the_bare_test_of_the_bit():
    line = Line(strict=True)
    reply = line.short(0x7B, 5)
    line.say("1040FD3D16")
    assert line.short(0x7B, 5, wait=100000) == reply
    line = Line(strict=True)
    line.data(0x7B)
    assert line.data(0x5B, wait=100000)[2:] == (1, 1)
    line.slave.tick(line.now + 100000)
    assert line.data(0x5B, wait=200000)[2:] == (1, 1)


def test_strict_does_not_obey_a_command_with_an_equal_bit():
    line = Line(strict=True)
    line.send(0x73, 5, 0x51, "017A08")
    line.short(0x5B, 5)
    assert line.send(0x73, 5, 0x51, "017A09", wait=100000) == ACK
    line.send(0x53, 5, 0x51, "017A09")
    assert [data for _, data in line.device.commands] == ["017A08", "017A09"]


def test_strict_forgets_the_bit_when_it_is_told_to():
    for a, forget in (
        (5, lambda line: line.short(0x40, 5)),
        (5, lambda line: line.short(0x40, 255)),
        (5, lambda line: line.send(0x53, 253, 0x50)),
        (253, lambda line: line.send(0x53, 5, 0x50)),
        (253, select),
        (5, lambda line: line.send(0x53, 253, 0x51, "017A08")),
    ):
        for c in (0x5B, 0x7B):
            line = Line(strict=True)
            select(line)
            line.data(c, a)
            forget(line)
            assert line.data(c, a)[2:] == (2, 0), (a, c)


def test_strict_obeys_a_command_again_after_a_reset_and_without_fcv():
    for forget in (
        lambda line: line.short(0x40, 5),
        lambda line: line.send(0x53, 253, 0x50),
        lambda line: line.send(0x53, 5, 0x53, OWN + "00000000"),
    ):
        line = Line(strict=True)
        select(line)
        line.send(0x73, 5, 0x51, "017A08")
        forget(line)
        line.device.commands.clear()
        line.send(0x73, 5, 0x51, "017A08")
        assert len(line.device.commands) == 1
    line = Line(strict=True)
    line.send(0x53, 5, 0x51, "017A08")
    line.send(0x43, 5, 0x51, "017A08")
    assert len(line.device.commands) == 2


def test_link_resets_clear_their_own_context_only():
    for a in (5, 254, 255):
        line = Line()
        select(line)
        line.data(0x7B, 5)
        line.data(0x7B, 253)
        line.short(0x40, a)
        assert line.data(0x5B, 5)[2:] == (3, 0), a
        assert line.data(0x5B, 253)[2:] == (2, 1), a


def test_a_link_reset_to_253_deselects_clears_and_is_answered_only_when_selected():
    line = Line()
    assert line.short(0x40, 253) == ""
    select(line)
    assert line.short(0x40, 253) == ACK
    assert not line.slave.selected
    assert line.short(0x40, 253) == ""
    assert line.short(0x7B, 253) == ""


def test_a_link_reset_to_253_can_be_answered_always():
    line = Line(ack_reset_253=True)
    assert line.short(0x40, 253) == ACK
    assert line.short(0x7B, 253) == ""
    assert line.send(0x53, 253, 0x52, "00000000FFFFFFFF") == ""


def test_a_link_reset_to_253_restarts_the_primary_readout_and_nothing_else_of_it():
    for selected in (False, True):
        line = Line()
        if selected:
            select(line)
        line.data(0x7B)
        line.short(0x40, 253)
        assert line.data(0x5B)[2:] == (2, 0), "toggled, and begins at the first telegram"
    line = Line()
    line.send(0x73, 5, 0x51, "017A08")
    line.short(0x40, 253)
    line.send(0x73, 5, 0x51, "017A08")
    assert len(line.device.commands) == 1, "the memory of commands stays"


def test_a_new_selection_clears_the_secondary_context():
    line = Line()
    select(line)
    line.data(0x7B, 253)
    line.data(0x5B, 253)
    select(line)
    assert line.data(0x7B, 253)[2:] == (2, 0)


def test_a_selection_leaves_the_primary_readout():
    line = Line()
    line.data(0x7B)
    select(line)
    assert line.data(0x5B)[2:] == (1, 1)


# fmt: off
RESTARTS = (
    # CI   data                                                restarts both readouts
    (0x50, "",                                                 True),
    (0x50, "F0",                                               True),
    (0x51, "017A08",                                           True),
    (0x53, OWN + "00000000",                                   True),
    (0x5A, "00000000017A08",                                   True),
    (0x5B, OWN + "00000000017A08",                             True),
    (0x5C, "",                                                 True),
    (0x6C, OWN + "00000000001E2DC7363B2F000000",               True),
    (0x6D, OWN + "00000000011E0000000000000000",               True),
    (0x52, OWN,                                                False),
    (0x54, "",                                                 False),
    (0x55, "",                                                 False),
    (0xBB, "",                                                 False),
)
# fmt: on


def test_each_processed_command_restarts_the_readout_in_both_contexts():
    for ci, data, restarts in RESTARTS:
        for answer in (0, 0x11):
            for a in (5, 254, 253):
                if ci == 0x52 and a == 253:
                    continue
                line = Line()
                select(line)
                line.data(0x7B, 5)
                line.data(0x7B, 253)
                line.device.answer = answer
                line.send(0x53, a, ci, data)
                primary, secondary = ((3, 0), (4, 0)) if restarts else ((1, 1), (2, 1))
                assert line.data(0x5B, 5)[2:] == primary, (ci, a)
                assert line.data(0x5B, 253)[2:] == secondary, (ci, a)


def test_a_repeated_command_does_not_restart_the_readout():
    line = Line()
    line.send(0x73, 5, 0x51, "017A08")
    line.send(0x73, 5, 0x51, "017A08")
    assert line.data(0x7B)[2:] == (1, 0)
    assert len(line.device.commands) == 1
