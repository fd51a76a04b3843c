# SPDX-License-Identifier: MIT
"""A master's commands to strict meters on a line with faults."""

from binascii import unhexlify

from fakeline import FakeLine, FakeMeter, run, text
from helpers import raises
from masterline import FAULTS, NKE5, OTHER, SECONDARY, lost, meter, requests
from mbus.failures import AnswerError, NoAnswerError, place
from mbus.frame import Frame
from mbus.master import DAMAGED, Master


def test_commands_toggle_their_own_fcb_after_success_only():
    line, master = meter(), Master()
    line.faults = {2: lost}
    for value in (1, 2):
        run(line, master, master.send(5, 0x51, bytes((0x01, 0x13, value))))
    run(line, master, master.read(5, len))
    sent = line.sent()
    assert sent[0] == NKE5
    assert [t[8:10] for t in sent[1:4]] == ["73", "53", "53"]
    assert sent[2] == sent[3]
    assert sent[4][2:6] == "7B05"
    assert [c[2][2] for c in line.meters[0].commands] == [1, 2]


def test_a_command_without_acknowledgement_fails_after_three_identical_telegrams():
    line, master = meter(), Master()
    line.faults = dict.fromkeys(range(1, 4), lost)
    raises(NoAnswerError, run, line, master, master.send(5, 0x51, b"\x01\x13\x01"))
    assert len(set(line.sent()[1:])) == 1
    assert len(line.writes) == 4
    assert len(line.meters[0].commands) == 1


def test_data_for_an_answer_to_a_command_is_no_acknowledgement():
    line, master = meter(), Master()
    rsp = unhexlify("68030368080571") + b"\x7e\x16"
    line.faults = {n: (lambda octets: rsp) for n in range(1, 4)}
    raises(AnswerError, run, line, master, master.send(5, 0x51, b"\x01\x13\x01"))


def test_broadcast_is_sent_once_without_frame_count_and_not_waited_for():
    line, master = meter(), Master()
    run(line, master, master.send(255, 0x50, b"\x10"))
    assert line.sent() == ["6804046843FF5010A216"]
    run(line, master, master.reset(255))
    assert line.sent()[1] == "1040FF3F16"
    assert len(line.meters[0].commands) == 1


def test_snd_nke_to_all_makes_every_address_begin_anew():
    line, master = meter(), Master()
    run(line, master, master.read(5, len))
    run(line, master, master.reset(255))
    run(line, master, master.read(5, len))
    assert requests(line) == ["4005", "7B05", "40FF", "4005", "7B05"]


def test_application_reset_with_and_without_sub_code():
    line, master = meter(), Master()
    run(line, master, master.application_reset(5))
    run(line, master, master.application_reset(5, 0x10))
    run(line, master, master.application_reset(SECONDARY, 0x50))
    assert [c[1:] for c in line.meters[0].commands] == [(0x50, b""), (0x50, b"\x10"), (0x50, b"P")]


def test_baud_rate_commands():
    for baud, ci in ((300, 0xB8), (2400, 0xBB), (9600, 0xBD), (38400, 0xBF)):
        line, master = meter(), Master()
        run(line, master, master.switch_baud(5, baud))
        assert line.meters[0].commands[0][1:] == (ci, b""), baud
    assert "1234" in str(raises(ValueError, run, meter(), master, master.switch_baud(5, 1234)))


def test_a_new_primary_address_is_set_and_seen_to_answer():
    line, master = meter(), Master()
    run(line, master, master.set_address(5, 8))
    assert line.meters[0].primary == 8
    assert text(line.meters[0].commands[0][2]) == "017A08"
    assert line.sent()[-1] == "1040084816"


def test_a_new_primary_address_through_253_and_254():
    for old in (254, SECONDARY):
        line, master = meter(), Master()
        run(line, master, master.set_address(old, 8))
        assert line.meters[0].primary == 8, old


def test_a_lost_acknowledgement_of_a_new_address_is_found_out_there():
    for fault in FAULTS:
        line, master = meter(), Master()
        line.faults = {4: fault}
        run(line, master, master.set_address(5, 8))
        assert line.meters[0].primary == 8, fault
        assert "1040084816" in line.sent()[5:]


def test_a_new_address_nobody_took_is_reported():
    line, master = FakeLine(), Master()
    raises(NoAnswerError, run, line, master, master.set_address(5, 8))
    line = meter()
    line.meters[0].takes_address = False
    error = raises(AnswerError, run, line, master, master.set_address(5, 8))
    assert "does not answer at 8" in str(error)


def test_an_address_in_use_is_not_given_away():
    for deaf in ((), (0x40,)):
        line, master = meter(), Master()
        line.meters.append(FakeMeter(OTHER, 8))
        line.meters[1].deaf_to = deaf
        error = raises(AnswerError, run, line, master, master.set_address(5, 8))
        assert "8 is taken" in str(error)
        assert not line.meters[0].commands


def test_a_meter_may_be_given_the_address_it_has():
    line, master = meter(), Master()
    run(line, master, master.set_address(5, 5))
    assert line.meters[0].primary == 5


def test_after_a_change_the_old_address_begins_with_snd_nke_again():
    line, master = meter(), Master()
    run(line, master, master.set_address(5, 8))
    line.meters.append(FakeMeter(OTHER, 5))
    run(line, master, master.read(5, len))
    assert requests(line)[-2:] == ["4005", "7B05"]


def test_addresses_above_250_are_refused():
    for new in (-1, 251, 255):
        raises(ValueError, run, meter(), Master(), Master().set_address(5, new))


def test_an_address_may_be_set_to_0_where_others_have_it():
    line, master = meter(), Master()
    line.meters.append(FakeMeter(OTHER, 0))
    run(line, master, master.set_address(5, 0))
    assert line.meters[0].primary == 0


def test_the_alarm_is_asked_with_its_own_fcb():
    line, master = meter(), Master()
    assert run(line, master, master.alarm(5)).data == b"\x04"
    run(line, master, master.read(5, len))
    assert run(line, master, master.alarm(5)).ci == 0x71
    assert requests(line) == ["4005", "7A05", "7B05", "5A05"]
    line.faults = {4: lambda octets: b"\xe5"}
    assert run(line, master, master.alarm(5)) is None


def test_raw_octets_go_out_as_they_are():
    line, master = meter(), Master()
    assert run(line, master, master.raw(unhexlify(NKE5))) == Frame(0xE5, None, None, b"")
    assert run(line, master, master.raw(b"\x01\x02")) is None
    line.faults = {2: lambda octets: b"\xfe"}
    assert run(line, master, master.raw(unhexlify(NKE5))) is DAMAGED
    assert line.sent() == [NKE5, "0102", NKE5]
    for octets in (b"", bytes(262)):
        raises(ValueError, run, line, master, master.raw(octets))


def test_nothing_is_believed_about_frame_counts_after_raw_octets():
    line, master = meter(), Master()
    run(line, master, master.read(5, len))
    run(line, master, master.raw(unhexlify("107B058016")))
    run(line, master, master.read(5, len))
    assert requests(line) == ["4005", "7B05", "7B05", "4005", "7B05"]


def test_places_are_worded_for_people():
    assert place(5) == "address 5"
    assert place(SECONDARY) == "secondary address 123456780D170102"
    assert place(SECONDARY + b"\x0c\x78") == "secondary address 123456780D170102+0C78"
