# SPDX-License-Identifier: MIT
"""A master's readouts from strict meters on a line with faults."""

from binascii import unhexlify

from fakeline import FakeLine, FakeMeter, long_frame, run
from helpers import raises
from masterline import (
    FAULTS,
    NKE5,
    ONE,
    OTHER,
    SECONDARY,
    SELECT,
    THREE,
    flipped,
    lost,
    meter,
    requests,
)
from mbus.failures import AnswerError, DamagedError, NoAnswerError
from mbus.master import Master


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
