# SPDX-License-Identifier: MIT
"""Pauses, windows, echo and damage of the master's link, in virtual time."""

from binascii import unhexlify

from fakeline import FakeLine, FakeMeter, drive
from helpers import raises
from mbus.exchange import MasterLink
from mbus.failures import MasterError
from mbus.frame import Frame
from mbus.master import ALL, DAMAGED, FIRST, NONE, Master
from mbus.whole import parse

SECONDARY = unhexlify("785634120D170102")
NKE = unhexlify("1040054516")
REQ = unhexlify("107B058016")
RSP = unhexlify("68121268080572785634120D1701022A000000011305FD16")
E5 = Frame(0xE5, None, None, b"")


class Script:
    """Sends given telegrams with given waits and keeps the replies."""

    def __init__(self):
        self.tx = memoryview(bytearray(261))
        self.replies = []

    def run(self, *steps):
        for octets, wait in steps:
            self.tx[: len(octets)] = octets
            self.replies.append((yield len(octets), wait))


def ask(line, *steps, **kw):
    """(replies, link) of telegrams sent over the line."""
    script = Script()
    link = MasterLink(line, script, line.baud, **kw)
    drive(link, line, script.run(*steps))
    return script.replies, link


def answering(answer, delay_ms=10, **kw):
    """A line on which every telegram gets the same octets for an answer."""
    line = FakeLine(**kw)

    class Fixed:
        def handle(self, octets):
            return answer

    fixed = Fixed()
    fixed.delay_ms = delay_ms
    line.meters.append(fixed)
    return line


def test_an_answer_is_handed_over_once_the_line_is_idle_again():
    for answer in (b"\xe5", RSP):
        for wait in (FIRST, ALL):
            line = answering(answer)
            replies, _ = ask(line, (REQ, wait))
            assert replies == [parse(answer)], (answer, wait)


def test_silence_lasts_330_bits_and_50_ms_and_one_character():
    for baud in (300, 600, 1200, 2400, 4800, 9600, 19200, 38400):
        line = FakeLine(baud=baud)
        replies, link = ask(line, (REQ, FIRST), (REQ, FIRST))
        assert replies == [None, None]
        apart = line.writes[1][0] - line.writes[0][0]
        window = 330 * 1000 / baud + 50 + 11 * 1000 / baud
        least = 5 * 11000 / baud + window
        assert least - 2 <= apart <= least + 4, (baud, apart, least)
        assert link.bus_ms >= 2 * least - 4


def test_an_answer_in_the_last_moment_is_taken_and_one_after_it_is_not():
    for baud, last in ((300, 1150), (2400, 187), (9600, 84)):
        assert ask(answering(b"\xe5", last - 1, baud=baud), (NKE, FIRST))[0] == [E5], baud
        assert ask(answering(b"\xe5", last + 12, baud=baud), (NKE, FIRST))[0] == [None], baud


def test_window_and_latency_can_be_set():
    assert ask(answering(b"\xe5", 400), (NKE, FIRST))[0] == [None]
    assert ask(answering(b"\xe5", 400), (NKE, FIRST), latency_ms=300)[0] == [E5]
    line = answering(b"\xe5", 400)
    script = Script()
    link = MasterLink(line, script, line.baud)
    link.window_ms = 500
    drive(link, line, script.run((NKE, FIRST)))
    assert script.replies == [E5]


def test_the_line_is_idle_before_every_telegram():
    for baud, idle in ((300, 110), (2400, 25), (9600, 25)):
        line = answering(RSP, baud=baud)
        ask(line, (REQ, FIRST), (REQ, FIRST))
        assert line.writes[0][0] >= idle, baud
        answer_end = line.writes[0][0] + line.line_ms(5) + 10 + line.line_ms(len(RSP))
        pause = line.writes[1][0] - answer_end
        assert idle <= pause <= idle + 3, (baud, pause)


def test_octets_before_the_telegram_restart_the_pause_and_are_dropped():
    line = answering(b"\xe5")
    line.coming = [[5, 0xE5], [20, 0x68], [40, 0x68]]
    assert ask(line, (NKE, FIRST))[0] == [E5]
    assert line.writes[0][0] >= 40 + 25


def test_nothing_is_awaited_where_nobody_answers():
    line = FakeLine()
    replies, _ = ask(line, (NKE, NONE), (NKE, NONE))
    assert replies == [None, None]
    assert line.line_ms(5) + 25 <= line.writes[1][0] - line.writes[0][0] <= line.line_ms(5) + 27


def test_a_pause_sends_nothing():
    line = FakeLine()
    ask(line, (NKE, NONE), (b"", 700), (NKE, NONE))
    assert len(line.writes) == 2
    assert line.writes[1][0] - line.writes[0][0] >= 700


def test_damage_is_not_silence():
    damaged = RSP[:-2] + b"\x00\x16"
    for answer in (damaged, RSP[:-1], RSP[:1], b"\xfe", b"\x00\xa5", RSP[:9] + RSP[10:]):
        for wait in (FIRST, ALL):
            assert ask(answering(answer), (REQ, wait))[0] == [DAMAGED], (answer, wait)
    assert DAMAGED is not None


def test_after_damage_the_line_is_left_to_become_idle():
    long_noise = b"\x68\x02" + b"\xaa" * 200
    line = answering(long_noise)
    ask(line, (REQ, FIRST), (REQ, FIRST))
    end = line.writes[0][0] + line.line_ms(5) + 10 + line.line_ms(len(long_noise))
    assert line.writes[1][0] >= end + 25


def test_the_gap_within_an_answer_may_be_50_ms_and_what_latency_adds():
    half = len(RSP) // 2
    for pause_ms, latency_ms, reply in (
        (40, 0, parse(RSP)),
        (70, 0, DAMAGED),
        (70, 50, parse(RSP)),
    ):
        line = FakeLine()
        line.put(100, RSP[:half])
        line.put(100 + line.line_ms(half) + pause_ms, RSP[half:])
        assert ask(line, (REQ, FIRST), latency_ms=latency_ms)[0] == [reply], pause_ms


def test_leading_noise_is_passed_over_except_in_a_search():
    for answer in (b"\xff\x00" + RSP, b"\x00\xe5"):
        line = answering(answer)
        assert ask(line, (REQ, FIRST))[0] == [parse(answer.lstrip(b"\xff\x00"))]
        assert ask(answering(answer), (REQ, ALL))[0] == [DAMAGED]


def test_noise_in_front_of_an_answer_does_not_end_the_window():
    line = FakeLine()
    line.put(40, b"\xff")
    line.put(170, RSP)
    assert ask(line, (REQ, FIRST))[0] == [parse(RSP)]


def test_a_search_waits_for_the_end_of_the_window_even_after_damage():
    line = answering(b"\x68\xfe\x00")
    assert ask(line, (REQ, ALL), (REQ, ALL))[0] == [DAMAGED, DAMAGED]
    assert line.writes[1][0] - line.writes[0][0] >= 187 + line.line_ms(5)


def test_octets_behind_a_long_frame_are_ignored_except_in_a_search():
    assert ask(answering(RSP + b"\x00\xff"), (REQ, FIRST))[0] == [parse(RSP)]
    assert ask(answering(RSP + b"\x00\xff"), (REQ, ALL))[0] == [DAMAGED]
    assert ask(answering(RSP + b"\x68\x02"), (REQ, ALL))[0] == [DAMAGED]


def test_octets_behind_e5_are_damage_but_for_a_second_e5():
    assert ask(answering(b"\xe5\xfe"), (REQ, FIRST))[0] == [DAMAGED]
    assert ask(answering(b"\xe5\x68"), (REQ, FIRST))[0] == [DAMAGED]
    assert ask(answering(b"\xe5\xe5"), (REQ, FIRST))[0] == [E5]
    assert ask(answering(b"\xe5\xe5"), (REQ, ALL))[0] == [DAMAGED]


def test_a_search_listens_the_whole_window_for_a_second_answer():
    for delay_ms, reply in ((60, DAMAGED), (180, DAMAGED)):
        line = answering(b"\xe5")
        second = answering(b"\xe5", delay_ms).meters[0]
        line.meters.append(second)
        assert ask(line, (REQ, ALL))[0] == [reply], delay_ms


def test_two_answers_at_the_same_time_are_one_e5():
    line = FakeLine([FakeMeter(SECONDARY, 5), FakeMeter(SECONDARY, 5)])
    assert ask(line, (NKE, ALL))[0] == [E5]


def test_the_echo_is_removed():
    for mode in ("auto", "on"):
        line = answering(RSP, echo=lambda octets: octets)
        replies, _ = ask(line, (REQ, FIRST), (NKE, ALL), (REQ, ALL), echo=mode)
        assert replies == [parse(RSP)] * 3, mode
        silent = FakeLine(echo=lambda octets: octets)
        assert ask(silent, (REQ, FIRST), (REQ, ALL), echo=mode)[0] == [None, None], mode


def test_an_echo_nobody_removes_is_known_by_its_direction():
    line = answering(RSP, echo=lambda octets: octets)
    assert ask(line, (REQ, FIRST), echo="off")[0] == [parse(RSP)]
    assert ask(FakeLine(echo=lambda octets: octets), (REQ, FIRST), echo="off")[0] == [None]


def test_an_echo_that_differs_is_damage():
    for spoil in (
        lambda octets: octets[:-1] + b"\x17",
        lambda octets: octets[:2] + octets[3:],
        lambda octets: octets[:3],
    ):
        line = answering(RSP, echo=spoil)
        assert ask(line, (REQ, FIRST), echo="on")[0] == [DAMAGED]
        silent = FakeLine(echo=spoil)
        assert ask(silent, (REQ, FIRST), echo="on")[0] == [DAMAGED]
        assert ask(FakeLine(echo=spoil), (REQ, FIRST))[0] == [DAMAGED]


def test_an_answer_that_begins_like_the_request_is_not_lost():
    request = unhexlify("681212685305510123456789ABCDEF0123456789ABCD")[:20] + b"\x00\x00\x00\x16"
    for mode in ("auto", "off"):
        assert ask(answering(RSP), (request, FIRST), echo=mode)[0] == [parse(RSP)], mode


def test_a_line_that_is_never_idle_ends_in_damage():
    line = FakeLine()
    line.coming = [[20 * i, 0xAA] for i in range(150)]
    assert ask(line, (REQ, FIRST))[0] == [DAMAGED]
    assert not line.writes
    assert line.ms < 3000


def test_noise_without_end_after_a_telegram_ends_in_damage():
    line = FakeLine()
    line.coming = [[50 + 20 * i, 0xAA] for i in range(200)]
    assert ask(line, (REQ, FIRST))[0] == [DAMAGED]
    assert line.coming


def test_a_flagged_parity_error_is_damage():
    line = answering(RSP)
    flags = [True]
    line.errors = lambda: flags and flags.pop()
    assert ask(line, (REQ, FIRST))[0] == [DAMAGED]


def test_all_octets_are_traced_both_ways():
    line = answering(b"\xe5")
    seen = []
    script = Script()
    link = MasterLink(line, script, line.baud)
    link.trace = lambda direction, octets, now: seen.append((direction, octets))
    drive(link, line, script.run((NKE, FIRST)))
    assert seen == [(">", NKE), ("<", b"\xe5")]


def test_another_baud_rate_changes_line_and_times():
    line = answering(b"\xe5")
    link = MasterLink(line, Script(), 2400)
    link.set_baud(300)
    assert line.baud == link.baud == 300
    assert (link.idle_ms, link.window_ms) == (110, 1150 + 37)


def test_an_error_of_the_procedure_is_kept_and_the_link_is_free_again():
    line = FakeLine()
    master = Master(tries=1)
    link = MasterLink(line, master, 2400)
    assert raises(MasterError, drive, link, line, master.read(5, None))
    assert link.done
    assert link.error is not None
    assert link.poll(line.now) == 0
    assert drive(link, line, master.raw(NKE)) is None
    assert link.error is None
