# SPDX-License-Identifier: MIT
"""The echo is removed where there is one; no octet of an answer is lost where there is none."""

from binascii import unhexlify

from helpers import raises
from mbus.echo import BROKEN, PASS, Echo

REQ_UD2 = unhexlify("107B057C16")
SND_UD = unhexlify("6806066853FE51017A082516")
RSP_UD = unhexlify("680606680805720102038516")  # begins with the first four octets of SND_UD
SELECT = unhexlify("680B0B6873FD5278563412FFFFFFFFD216")
UNTIL_MS = 100


def receive(echo, octets, now=10):
    """(octets the parser gets, octets that were BROKEN) when octets come in at now."""
    passed, broken = b"", 0
    for octet in octets:
        kind = echo.take(octet, now)
        if kind == PASS:
            passed += bytes(echo.buf[: echo.held]) + bytes([octet])
        elif kind == BROKEN:
            broken += 1
    return passed, broken


def learnt():
    """An automatic Echo that has seen one whole echo."""
    echo = Echo("auto")
    echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
    receive(echo, REQ_UD2)
    return echo


def test_without_echo_every_octet_is_passed_in_every_mode():
    for mode in ("off", "auto"):
        echo = Echo(mode)
        for question in (REQ_UD2, SND_UD):
            for answer in (b"\xe5", RSP_UD):
                echo.sent(question, len(question), 0, UNTIL_MS)
                assert receive(echo, answer) == (answer, 0), (mode, question, answer)
                assert not echo.present


def test_a_whole_echo_is_swallowed_and_the_answer_behind_it_passed():
    for mode in ("auto", "on"):
        for question in (REQ_UD2, SND_UD, SELECT):
            for answer in (b"", b"\xe5", RSP_UD):
                echo = Echo(mode)
                echo.sent(question, len(question), 0, UNTIL_MS)
                assert receive(echo, question + answer) == (answer, 0), (mode, question)
                assert echo.present
                assert not echo.pending


def test_off_passes_the_echo_itself():
    echo = Echo("off")
    echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
    assert not echo.pending
    assert receive(echo, REQ_UD2) == (REQ_UD2, 0)


def test_an_echo_that_begins_late_is_still_echo():
    for mode in ("auto", "on"):
        echo = Echo(mode)
        echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
        assert receive(echo, REQ_UD2 + b"\xe5", UNTIL_MS) == (b"\xe5", 0), mode


def test_what_begins_after_the_time_is_no_echo():
    for mode in ("auto", "on"):
        echo = Echo(mode)
        echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
        assert receive(echo, REQ_UD2, UNTIL_MS + 1) == (REQ_UD2, 0), mode
        assert not echo.pending


def test_the_time_holds_across_the_wrap_of_the_ticks():
    echo = Echo("on")
    echo.sent(REQ_UD2, len(REQ_UD2), 0x3FFFFFF0, UNTIL_MS)
    assert receive(echo, REQ_UD2 + b"\xe5", 5) == (b"\xe5", 0)


def test_an_answer_that_begins_like_the_question_loses_nothing():
    for mode in ("off", "auto"):
        echo = Echo(mode)
        for n in range(1, len(RSP_UD) + 1):
            question = RSP_UD[: n - 1] + SND_UD[n - 1 :]
            echo.sent(question, len(question), 0, UNTIL_MS)
            passed, broken = receive(echo, RSP_UD)
            if question != RSP_UD:
                assert (passed, broken) == (RSP_UD, 0), (mode, n)


def test_held_octets_are_passed_when_the_time_runs_out_between():
    echo = Echo("auto")
    echo.sent(SND_UD, len(SND_UD), 0, UNTIL_MS)
    assert receive(echo, RSP_UD[:3]) == (b"", 0)
    assert echo.held == 3
    assert receive(echo, RSP_UD[3:], UNTIL_MS + 1) == (RSP_UD, 0)


def test_held_octets_are_passed_once():
    echo = Echo("auto")
    echo.sent(SND_UD, len(SND_UD), 0, UNTIL_MS)
    assert receive(echo, RSP_UD + RSP_UD) == (RSP_UD + RSP_UD, 0)


def test_an_echo_that_differs_is_broken_where_there_is_known_to_be_one():
    for echo in (Echo("on"), learnt()):
        for at in range(len(SELECT)):
            echo.sent(SELECT, len(SELECT), 0, UNTIL_MS)
            echo.present = True
            damaged = SELECT[:at] + bytes([SELECT[at] ^ 0x10])
            assert receive(echo, damaged) == (b"", 1), at


def test_an_echo_that_differs_goes_to_the_parser_while_undecided():
    for at in range(1, len(SELECT)):
        echo = Echo("auto")
        echo.sent(SELECT, len(SELECT), 0, UNTIL_MS)
        damaged = SELECT[:at] + bytes([SELECT[at] ^ 0x10]) + SELECT[at + 1 :]
        assert receive(echo, damaged) == (damaged, 0), at
        assert not echo.present


def test_an_echo_with_an_octet_lost_is_broken_and_does_not_eat_the_answer():
    for echo in (Echo("on"), learnt()):
        for at in range(len(REQ_UD2)):
            echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
            echo.present = True
            passed, broken = receive(echo, REQ_UD2[:at] + REQ_UD2[at + 1 :] + RSP_UD)
            assert broken == 1, at
            assert passed.endswith(RSP_UD[1:]), at


def test_the_rest_of_an_echo_is_not_taken_for_an_answer_when_it_stops():
    for echo in (Echo("on"), learnt()):
        echo.sent(SND_UD, len(SND_UD), 0, UNTIL_MS)
        assert receive(echo, SND_UD[:5]) == (b"", 0)
        assert receive(echo, RSP_UD, UNTIL_MS + 1) == (RSP_UD, 0)


def test_auto_learns_that_there_is_an_echo():
    echo = learnt()
    echo.sent(SELECT, len(SELECT), 0, UNTIL_MS)
    assert receive(echo, SELECT[:4] + b"\xe5") == (b"", 1)
    assert echo.present


def test_auto_finds_out_anew_when_the_echo_does_not_even_begin():
    echo = learnt()
    echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
    assert receive(echo, RSP_UD)[1] == 1  # this answer is spent, the next one is not
    for _ in range(2):
        echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
        assert receive(echo, RSP_UD) == (RSP_UD, 0)
        assert not echo.present


def test_auto_finds_out_anew_after_silence():
    echo = learnt()
    echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
    echo.sent(REQ_UD2, len(REQ_UD2), 500, UNTIL_MS)
    assert not echo.present


def test_on_stays_on():
    echo = Echo("on")
    for answer, broken in ((RSP_UD, 1), (REQ_UD2, 0), (b"\xe5", 1)):
        echo.sent(REQ_UD2, len(REQ_UD2), 0, UNTIL_MS)
        assert receive(echo, answer)[1] == broken
        assert echo.present


def test_nothing_is_held_back_before_anything_was_sent():
    for mode in ("off", "auto", "on"):
        assert receive(Echo(mode), REQ_UD2) == (REQ_UD2, 0)


def test_another_mode_is_refused():
    assert "auto, on or off" in str(raises(ValueError, Echo, "maybe"))
