# SPDX-License-Identifier: MIT
"""CI fields, application errors, alarms."""

from stations import Line, long, select

ACK = "E5"
OWN = "785634120D170102"


# fmt: off
UNKNOWN = (0x55, 0x57, 0x5D, 0x5F, 0x60, 0x61, 0x64, 0x65, 0x70, 0x72, 0x80, 0x84, 0x85,
           0xA0, 0xB0, 0xB7, 0xC0, 0xC3, 0xFF)
SECURED = (
    # CI    data
    (0x5A, "13001005" + "00" * 16),
    (0x5B, OWN + "13001005" + "00" * 16),
    (0x5B, OWN + "13001007" + "00" * 16),
    (0x5B, "00" * 8 + "13001005" + "00" * 16),
    (0x53, OWN + "13000001"),
    (0x6C, OWN + "13001007" + "00" * 16),
    (0x90, "0F002C25100000"),
)
# fmt: on


def error_after(ci, data=""):
    """The last application error after a command was acknowledged and not obeyed."""
    line = Line()
    assert line.send(0x53, 5, ci, data) == ACK, ci
    assert not line.device.commands, ci
    assert line.data(0x7B)[1] == (2 if line.device.error else 0)
    return line.device.error


def test_unknown_ci_are_acknowledged_and_reported():
    for ci in UNKNOWN:
        assert error_after(ci) == 0x01, ci


def test_baud_rates_and_the_old_synchronise_are_only_acknowledged():
    for ci in (0x54, 0xB8, 0xB9, 0xBA, 0xBB, 0xBC, 0xBD, 0xBE, 0xBF):
        assert error_after(ci) == 0, ci


def test_secured_commands_are_refused_alike_without_a_key():
    for ci, data in SECURED:
        assert error_after(ci, data) == 0x14, (ci, data)


def test_the_address_in_the_header_of_a_command_must_be_the_meters_own():
    for ci in (0x53, 0x5B, 0x6C, 0x6D):
        assert error_after(ci, "785634120D17010300000000") == 0x13, ci
        assert error_after(ci, "FFFFFFFFFFFFFFFF00000000") == 0x13, ci


def test_a_cut_header_is_refused():
    for ci, data in ((0x5A, "000000"), (0x5B, OWN + "000000"), (0x53, ""), (0x6C, OWN)):
        assert error_after(ci, data) == 0x12, ci


# fmt: off
OBEYED = (
    # CI   data                              what the device gets
    (0x50, "",                               (0x50, "00")),
    (0x50, "10",                             (0x50, "10")),
    (0x53, OWN + "00000000",                 (0x50, "00")),
    (0x53, OWN + "0000000020",               (0x50, "20")),
    (0x51, "017A08",                         (0x51, "017A08")),
    (0x51, "",                               (0x51, "")),
    (0x5A, "13000000017A08",                 (0x51, "017A08")),
    (0x5B, OWN + "13000000" + "017A08",      (0x51, "017A08")),
    (0x5C, "",                               (0x5C, "")),
    (0x6C, OWN + "13000000" + "001E2DC7363B2F", (0x6C, "001E2DC7363B2F")),
    (0x6D, OWN + "14000000" + "011E0000",    (0x6D, "011E0000")),
)
# fmt: on


def test_commands_reach_the_device_without_their_header():
    for ci, data, expected in OBEYED:
        line = Line()
        assert line.send(0x53, 5, ci, data) == ACK
        assert line.device.commands == [expected], ci


def test_a_refused_command_is_reported_once_in_the_status_of_its_context():
    for a, other in ((5, 253), (253, 5)):
        line = Line()
        select(line)
        line.device.answer = 0x12
        line.device.state = 0x20
        assert line.send(0x53, a, 0x51, "017AFB") == ACK
        assert line.device.error == 0x12
        assert line.data(0x7B, other)[1] == 0x20
        assert line.data(0x7B, a)[1] == 0x22
        assert line.data(0x7B, a)[1] == 0x22, "the repetition carries it again"
        assert line.data(0x5B, a)[1] == 0x20, "the next telegram does not"


def test_a_successful_command_takes_a_pending_report_back():
    line = Line()
    line.device.answer = 0x12
    line.send(0x53, 5, 0x51, "017AFB")
    line.device.answer = 0
    line.send(0x73, 5, 0x51, "017A05")
    assert line.data(0x7B)[1] == 0


def test_an_application_reset_takes_pending_reports_back_in_both_contexts():
    line = Line()
    select(line)
    line.device.answer = 0x12
    line.send(0x53, 5, 0x51, "017AFB")
    line.device.answer = 0x104
    line.send(0x53, 253, 0x51, "88")
    line.device.answer = 0
    line.send(0x53, 5, 0x50)
    assert line.data(0x7B, 5)[1] == 0
    assert line.data(0x7B, 253)[1] == 0


def test_an_application_we_lack_is_reported():
    line = Line()
    line.device.answer = 0x11
    assert line.send(0x53, 5, 0x50, "F0") == ACK
    assert line.device.error == 0x11
    assert line.data(0x7B)[1] == 2


def test_a_syntax_error_in_a_selection_replaces_the_next_data_once():
    line = Line()
    line.device.answer = 0x104
    line.send(0x53, 5, 0x51, "88")
    assert line.device.error == 4
    report = line.short(0x5B, 5)
    assert report == long(0x08, 5, 0x70, "04")
    assert line.short(0x5B, 5) == report, "a repetition repeats it"
    assert line.data(0x7B)[2:] == (1, 0)


def test_the_repetition_of_an_error_report_has_the_short_time_limit():
    line = Line()
    line.data(0x7B)
    line.data(0x5B)
    line.device.answer = 0x104
    line.send(0x53, 5, 0x51, "88")
    report = line.short(0x5B, 5)
    assert line.short(0x5B, 5, wait=2000) == report
    assert line.data(0x5B, wait=1)[2:] == (2, 0)


def test_the_error_report_goes_to_its_own_context():
    line = Line()
    select(line)
    line.device.answer = 0x104
    line.send(0x53, 253, 0x51, "88")
    assert line.data(0x7B, 5)[2:] == (1, 0)
    assert line.short(0x7B, 253) == long(0x08, 5, 0x70, "04")


def test_alarms_are_reported_until_the_master_has_seen_them():
    line = Line()
    assert line.short(0x7A, 5) == ACK
    line.device.pending = 0x04
    report = line.short(0x5A, 5)
    assert report == "6804046808057104 8216".replace(" ", "")
    assert line.short(0x5A, 5) == report, "a repetition"
    assert line.short(0x7A, 5) == ACK, "acknowledged"
    assert line.device.pending == 0


def test_an_alarm_that_lasts_is_reported_again():
    line = Line()
    line.device.pending = line.device.kept = 0x04
    report = line.short(0x7A, 5)
    assert line.short(0x5A, 5) == report


def test_an_alarm_is_not_lost_by_a_link_reset_nor_by_requests_without_fcv():
    line = Line()
    line.device.pending = 0x04
    report = line.short(0x7A, 5)
    line.short(0x40, 5)
    assert line.short(0x7A, 5) == report
    assert line.short(0x4A, 5) == ACK


def test_an_alarm_request_that_is_not_the_very_next_telegram_acknowledges():
    line = Line()
    line.device.pending = 0x04
    line.short(0x7A, 5)
    line.say("10407CBC16")
    assert line.short(0x7A, 5) == ACK


def test_a_pending_alarm_is_announced_in_the_c_field():
    line = Line()
    line.device.pending = 0x01
    assert line.short(0x7B, 5)[8:10] == "28"
    line.device.pending = 0
    assert line.short(0x5B, 5)[8:10] == "08"


def test_the_reply_is_a_sound_frame_with_the_long_header():
    line = Line()
    assert line.short(0x7B, 5) == long(0x08, 5, 0x72, OWN + "2A000000" + "02FD3A01001F")
