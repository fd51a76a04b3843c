# SPDX-License-Identifier: MIT
"""The master's procedures against strict meters on a line with faults."""

from binascii import unhexlify

from fakeline import FakeLine, FakeMeter, long_frame, run, text
from helpers import raises
from mbus.frame import Frame
from mbus.master import DAMAGED, AnswerError, DamagedError, Master, NoAnswerError, place

SECONDARY = unhexlify("785634120D170102")
OTHER = unhexlify("795634120D170102")
ONE = (b"\x01\x13\x05",)
THREE = (b"\x01\x13\x05\x1f", b"\x01\x13\x06\x1f", b"\x01\x13\x07")

NKE5 = "1040054516"
SELECT = "680B0B6853FD52785634120D170102" + "D916"


def lost(octets):
    """The answer does not arrive."""
    return b""


def flipped(octets):
    """One octet is damaged; E5h becomes something else."""
    middle = len(octets) // 2
    return octets[:middle] + bytes([octets[middle] ^ 1]) + octets[middle + 1 :]


def cut(octets):
    """The end is missing; of E5h nothing remains but a start octet."""
    return octets[:-1] or b"\x68"


def doubled(octets):
    """One octet comes twice."""
    return octets[:6] + octets[5:] if len(octets) > 6 else octets + b"\x68"


FAULTS = (lost, flipped, cut, doubled)


def meter(**kw):
    """The meter at primary address 5, and what is on its line."""
    return FakeLine([FakeMeter(SECONDARY, 5, **kw)])


def requests(line):
    """The C and A fields of the short frames sent, two digits each."""
    return [t[2:6] for t in line.sent() if t[:2] == "10"]


def test_a_readout_begins_with_snd_nke_and_fcb_1():
    line = meter()
    master = Master()
    frames = []
    assert run(line, master, master.read(5, frames.append)) == 1
    assert line.sent() == [NKE5, "107B058016"]
    assert frames[0].data[12:] == b"\x01\x13\x05"


def test_the_fcb_toggles_from_one_readout_to_the_next():
    line, master = meter(), Master()
    for _ in range(3):
        run(line, master, master.read(5, len))
    assert requests(line) == ["4005", "7B05", "5B05", "7B05"]


def test_telegrams_are_followed_until_the_last_dif_is_not_1f():
    line, master, frames = meter(records=THREE), Master(), []
    assert run(line, master, master.read(5, frames.append)) == 3
    assert requests(line) == ["4005", "7B05", "5B05", "7B05"]
    assert [f.data[14] for f in frames] == [5, 6, 7]


def test_a_readout_of_several_telegrams_begins_anew_with_snd_nke():
    line, master, frames = meter(records=THREE), Master(), []
    for _ in range(2):
        run(line, master, master.read(5, frames.append))
    assert [f.data[14] for f in frames] == [5, 6, 7, 5, 6, 7]
    assert requests(line)[4:6] == ["4005", "7B05"]


def test_a_fault_repeats_the_same_octets_and_does_not_toggle():
    for fault in FAULTS:
        for at in range(1, 4):
            line, master, frames = meter(records=THREE), Master(), []
            line.faults = {at: fault}
            assert run(line, master, master.read(5, frames.append)) == 3, (fault, at)
            assert [f.data[14] for f in frames] == [5, 6, 7], (fault, at)
            assert line.sent()[at] == line.sent()[at + 1], (fault, at)
            assert len(line.writes) == 5


def test_a_lost_acknowledgement_of_snd_nke_repeats_it():
    for fault in FAULTS:
        line, master = meter(), Master()
        line.faults = {0: fault, 1: fault}
        run(line, master, master.read(5, len))
        assert requests(line) == ["4005", "4005", "4005", "7B05"], fault


def test_a_meter_that_never_acknowledges_snd_nke_is_read():
    line, master = meter(), Master()
    line.meters[0].deaf_to = (0x40,)
    assert run(line, master, master.read(5, len)) == 1
    assert requests(line) == ["4005"] * 3 + ["7B05"]
    assert run(line, master, master.reset(5)) is False


def test_an_answer_after_the_window_does_not_spoil_the_repetition():
    line, master, frames = meter(), Master(), []
    line.late_ms = {1: 230}
    assert run(line, master, master.read(5, frames.append)) == 1
    assert frames[0].data[14] == 5


def test_silence_is_reported_after_three_attempts_with_the_address():
    line, master = FakeLine(), Master()
    error = raises(NoAnswerError, run, line, master, master.read(5, len))
    assert "address 5" in str(error) and "3 times" in str(error)
    assert requests(line) == ["4005"] * 3 + ["7B05"] * 3


def test_the_number_of_attempts_can_be_set():
    for tries in (1, 2, 5):
        line, master = FakeLine(), Master(tries=tries)
        raises(NoAnswerError, run, line, master, master.read(5, len))
        assert len(line.writes) == 2 * tries


def test_after_a_failed_readout_the_next_one_begins_with_snd_nke():
    line, master, frames = meter(records=THREE), Master(), []
    line.faults = {2: lost, 3: lost, 4: lost}
    raises(NoAnswerError, run, line, master, master.read(5, frames.append))
    run(line, master, master.read(5, frames.append))
    assert [f.data[14] for f in frames] == [5, 5, 6, 7]


def test_damage_to_the_end_is_reported_as_damage():
    line, master = meter(), Master()
    line.faults = dict.fromkeys(range(1, 4), flipped)
    error = raises(DamagedError, run, line, master, master.read(5, len))
    assert "several meters" in str(error)


def test_e5_to_req_ud2_means_no_data():
    line, master = meter(records=()), Master()
    assert run(line, master, master.read(5, len)) == 0


def test_a_meter_without_end_is_read_up_to_16_telegrams():
    line, master = meter(records=(b"\x01\x13\x05\x1f",)), Master()
    assert run(line, master, master.read(5, len)) == 16


def test_a_telegram_of_another_meter_ends_the_readout():
    line, master, frames = meter(records=THREE), Master(), []

    def telegram(frame):
        frames.append(frame)
        line.meters[0].secondary = OTHER

    error = raises(AnswerError, run, line, master, master.read(5, telegram))
    assert "telegram 2 of address 5" in str(error)
    assert len(frames) == 1


def test_encrypted_telegrams_are_not_followed_but_old_signatures_are():
    for configuration, telegrams in ((b"\x00\x05", 1), (b"\x00\x07", 1), (b"\x34\x12", 3)):
        line, master = meter(records=THREE), Master()
        data = SECONDARY + b"\x2a\x00" + configuration + THREE[0]
        line.faults = {1: lambda octets, data=data: long_frame(0x08, 5, 0x72, data)}
        assert run(line, master, master.read(5, len)) == telegrams, configuration


def test_a_busy_meter_is_asked_again_after_a_pause_with_a_toggled_fcb():
    line, master, frames = meter(), Master(), []
    line.meters[0].busy = 1
    run(line, master, master.read(5, frames.append))
    assert requests(line) == ["4005", "7B05", "5B05"]
    assert frames[0].ci == 0x72
    assert line.writes[2][0] - line.writes[1][0] >= 1000


def test_a_meter_that_stays_busy_is_delivered_as_it_is():
    line, master, frames = meter(), Master(), []
    line.meters[0].busy = 9
    assert run(line, master, master.read(5, frames.append)) == 1
    assert (frames[0].ci, frames[0].data) == (0x70, b"\x08")
    assert requests(line) == ["4005", "7B05", "5B05", "7B05"]


def test_acd_and_dfc_are_no_part_of_the_answer():
    for c in (0x08, 0x18, 0x28, 0x38):
        line, master = meter(), Master()
        line.meters[0].c = c
        assert run(line, master, master.read(5, len)) == 1, c


def test_meters_may_answer_as_themselves_or_as_0_fd_or_fe():
    for a in (5, 0, 0xFD, 0xFE):
        line, master = meter(), Master()
        line.meters[0].answer_as = a
        assert run(line, master, master.read(5, len)) == 1, a


def test_an_answer_from_another_address_is_refused():
    line, master = meter(), Master()
    line.meters[0].answer_as = 6
    error = raises(AnswerError, run, line, master, master.read(5, len))
    assert "from address 6" in str(error)
    assert requests(line) == ["4005"] + ["7B05"] * 3


def test_a_short_header_or_none_is_read_too():
    for ci in (0x7A, 0x78):
        line, master = meter(records=THREE), Master()
        line.meters[0].ci = ci
        assert run(line, master, master.read(5, len)) == 3, ci


def test_the_acknowledgement_of_iec_60870_is_taken_for_e5():
    line, master = meter(), Master()
    line.faults = {0: lambda octets: unhexlify("1000050516")}
    assert run(line, master, master.reset(5)) is True
    line = meter()
    line.faults = {0: lambda octets: unhexlify("1000060616")}
    assert run(line, master, master.reset(5)) is True
    assert len(line.writes) == 2


def test_254_is_answered_under_the_meter_s_own_address():
    line, master = meter(), Master()
    assert run(line, master, master.read(254, len)) == 1
    assert requests(line) == ["40FE", "7BFE"]


def test_a_secondary_address_is_selected_first_and_read_at_253():
    line, master = meter(records=THREE), Master()
    assert run(line, master, master.read(SECONDARY, len)) == 3
    assert line.sent()[0][:30] == SELECT[:30]
    assert requests(line) == ["7BFD", "5BFD", "7BFD"]


def test_every_secondary_readout_selects_again_and_begins_with_fcb_1():
    line, master, frames = meter(records=ONE), Master(), []
    for _ in range(2):
        run(line, master, master.read(SECONDARY, frames.append))
        line.meters[0].selected = False
    assert len(frames) == 2
    assert requests(line) == ["7BFD", "7BFD"]


def test_a_lost_acknowledgement_of_a_selection_repeats_it():
    for fault in FAULTS:
        line, master = meter(), Master()
        line.faults = {0: fault}
        assert run(line, master, master.read(SECONDARY, len)) == 1, fault
        assert line.sent()[0] == line.sent()[1], fault


def test_wildcards_select():
    for mask in ("FFFFFFFFFFFFFFFF", "7856F4FF0D170102", "78563412FFFFFFFF"):
        line, master = meter(), Master()
        assert run(line, master, master.read(unhexlify(mask), len)) == 1, mask


def test_nobody_selected_is_reported_with_the_address():
    line, master = meter(), Master()
    error = raises(NoAnswerError, run, line, master, master.read(OTHER, len))
    assert "secondary address 123456790D170102" in str(error)


def test_enhanced_selection_takes_records_behind_the_address():
    number = unhexlify("21436587")
    line = FakeLine([FakeMeter(SECONDARY, 5, number=number), FakeMeter(SECONDARY, 6)])
    master, frames = Master(), []
    run(line, master, master.select(b"\xff" * 8, b"\x0c\x78" + number))
    assert line.sent() == ["6811116853FD52FFFFFFFFFFFFFFFF0C78214365876E16"]
    run(line, master, master.read(b"\xff" * 8 + b"\x0c\x78" + number, frames.append))
    assert frames[0].a == 5


def test_two_meters_behind_one_mask_are_damage():
    line = FakeLine([FakeMeter(SECONDARY, 5), FakeMeter(OTHER, 6)])
    line.meters[1].delay_ms = 13
    master = Master()
    error = raises(DamagedError, run, line, master, master.read(b"\xff" * 8, len))
    assert "FFFFFFFFFFFFFFFF" in str(error)


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
