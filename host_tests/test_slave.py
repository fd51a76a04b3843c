# SPDX-License-Identifier: MIT
"""The slave station: which frames it answers, and selection by secondary address."""

from binascii import unhexlify

from stations import Device, Line, long, select

ACK = "E5"
OWN = "785634120D170102"


def test_which_addresses_are_answered_and_how():
    for primary in (0, 1, 5, 250):
        for a in range(256):
            line = Line(Device(primary=primary))
            expected = ACK if a in (primary, 254) else ""
            assert line.short(0x40, a) == expected, (primary, a)
            assert line.send(0x53, a, 0x51, "017A08") == expected, (primary, a)
            assert len(line.device.commands) == (a in (primary, 254)), (primary, a)
            reply = line.short(0x5B, a)
            assert bool(reply) == (a in (primary, 254)), (primary, a)
            if reply:
                assert reply[8:12] == "08%02X" % primary, "the reply carries the primary address"


def test_address_253_is_answered_when_selected_with_the_primary_address():
    line = Line()
    assert line.short(0x5B, 253) == ""
    assert line.send(0x53, 253, 0x51, "017A08") == ""
    assert select(line) == ACK
    assert line.short(0x5B, 253)[8:12] == "0805"
    assert line.send(0x53, 253, 0x51, "017A08") == ACK
    assert line.device.commands == [(0x51, "017A08")]


def test_the_primary_address_is_answered_selected_or_not_and_changes_no_selection():
    line = Line()
    select(line)
    assert line.short(0x40, 5) == ACK
    assert line.short(0x5B, 5) != ""
    assert line.slave.selected
    line.send(0x53, 253, 0x52, "00000000FFFFFFFF")
    assert line.short(0x5B, 5) != ""
    assert not line.slave.selected


def test_a_changed_primary_address_is_valid_from_the_next_telegram_on():
    line = Line()
    assert line.send(0x53, 5, 0x51, "017A08") == ACK
    line.device.primary = 8
    assert line.short(0x40, 5) == ""
    assert line.short(0x5B, 8)[8:12] == "0808"


# fmt: off
BROADCAST = (
    # CI    data                              obeyed
    (0x50, "",                                True),
    (0x50, "10",                              True),
    (0x53, OWN + "00000000",                  True),
    (0x53, "785634120D170103" + "00000000",   False),
    (0x51, "046D2D27363B",                    True),
    (0x51, "066D1E2DC7363B2F",                True),
    (0x51, "2F046D2D27363B2F",                True),
    (0x51, "03ED011E0000",                    True),
    (0x51, "03ED020A0000",                    True),
    (0x51, "40FE0B",                          True),
    (0x5A, "00000000" + "40FE0B",             True),
    (0x5B, OWN + "00000000" + "40FE0B",       True),
    (0x5B, OWN + "00000005" + "40FE0B",       False),
    (0x5C, "",                                True),
    (0x6C, OWN + "13000000" + "001E2DC7363B2F000000", True),
    (0x6D, OWN + "14000000" + "011E0000000000000000", True),
    (0x51, "017A08",                          False),
    (0x51, "0C7921436587",                    False),
    (0x51, "01FD1F00",                        False),
    (0x51, "40FE0B017A08",                    False),
    (0x51, "046D2D27363B01FD1F00",            False),
    (0x51, "046D2D27",                        False),
    (0x51, "0F",                              False),
    (0x51, "7F",                              False),
    (0x51, "087A",                            False),
    (0x5A, "0000",                            False),
    (0x54, "",                                False),
    (0x55, "",                                False),
    (0xA0, "",                                False),
)
# fmt: on


def test_a_broadcast_is_never_answered_and_only_harmless_commands_are_obeyed():
    for ci, data, obeyed in BROADCAST:
        line = Line()
        assert line.send(0x53, 255, ci, data) == "", (ci, data)
        assert len(line.device.commands) == obeyed, (ci, data)
        assert line.device.error == 0, (ci, data)
        assert line.data(0x7B)[1] == 0, (ci, data)


def test_a_broadcast_that_is_dropped_changes_nothing():
    line = Line()
    assert line.data(0x7B) == (0x2A, 0, 1, 0)
    line.send(0x53, 255, 0x51, "017A08")
    assert line.data(0x5B) == (0x2B, 0, 1, 1)


def test_a_refused_broadcast_is_reported_to_the_primary_address():
    line = Line()
    line.device.answer = 0x12
    line.send(0x53, 255, 0x51, "046D2D27363B")
    assert line.device.error == 0x12
    assert line.data(0x7B)[1] == 2


def test_requests_and_selection_by_broadcast_meet_silence():
    line = Line()
    for c in (0x5A, 0x7A, 0x5B, 0x7B, 0x4B, 0x49):
        assert line.short(c, 255) == "", c
    assert line.device.snapshots == 0
    assert line.send(0x53, 255, 0x52, OWN) == ""
    assert not line.slave.selected


def test_a_link_reset_to_255_clears_the_primary_context():
    line = Line()
    assert line.data(0x7B)[2:] == (1, 0)
    assert line.short(0x40, 255) == ""
    assert line.data(0x5B)[2:] == (2, 0)


def test_c_fields_that_are_no_known_function_meet_silence():
    known = (0x40, 0x4A, 0x5A, 0x6A, 0x7A, 0x4B, 0x5B, 0x6B, 0x7B)
    for c in range(256):
        line = Line()
        assert bool(line.short(c, 5)) == (c in known), c


def test_long_frames_other_than_snd_ud_meet_silence():
    known = (0x43, 0x53, 0x63, 0x73)
    for c in range(256):
        line = Line()
        assert (line.send(c, 5, 0x51, "017A08") == ACK) == (c in known), c
        assert len(line.device.commands) == (c in known), c
        line = Line()
        select(line)
        assert (select(line, c=c) == ACK) == (c in known), c


def test_damaged_frames_and_frames_of_slaves_meet_silence():
    for octets in (
        "107B057F16",
        "107B058017",
        "6803046853055 0A816".replace(" ", ""),
        "E5",
        "1008050D16",
        long(0x08, 5, 0x72, OWN + "2A000000"),
    ):
        line = Line()
        assert line.say(octets) == "", octets


def test_a_match_selects_and_is_acknowledged_each_time():
    for c in (0x53, 0x73, 0x43, 0x63):
        line = Line()
        assert select(line, OWN, c) == ACK
        assert select(line, OWN, c) == ACK
        assert line.slave.selected


def test_a_mismatch_deselects_silently():
    for mask in ("785634120D170103", "7856341", "785634120D1701", ""):
        line = Line()
        select(line)
        assert select(line, mask if len(mask) != 7 else mask + "1") == ""
        assert not line.slave.selected, mask


def test_mode_2_selection_deselects_silently():
    line = Line()
    select(line)
    assert line.send(0x53, 253, 0x56, OWN) == ""
    assert not line.slave.selected


def test_nothing_but_selection_reset_and_mode_2_deselects():
    line = Line()
    select(line)
    for a in (5, 254, 255):
        line.short(0x40, a)
        line.send(0x53, a, 0x50)
    line.now += 10_000_000
    line.slave.tick(line.now)
    assert line.short(0x7B, 253) != ""


def test_selection_on_other_addresses_is_silent_and_changes_nothing():
    for selected in (False, True):
        for ci in (0x52, 0x56):
            for a in (5, 254, 255):
                line = Line()
                if selected:
                    select(line)
                assert line.send(0x53, a, ci, "00" * 8) == "", (ci, a)
                assert line.slave.selected == selected, (ci, a)


def test_enhanced_selection_by_serial_number():
    line = Line()
    assert line.say("681111685 3FD52FFFFFFFFFFFFFFFF0C78214365876E16".replace(" ", "")) == ACK
    assert select(line, "FFFFFFFFFFFFFFFF0C7822436587") == ""


def test_the_slave_stays_selected_when_its_identification_number_changes():
    line = Line()
    select(line, OWN)
    line.device.identification[:4] = b"\x21\x43\x65\x87"
    assert line.short(0x7B, 253)[14:22] == "21436587"


def test_the_station_tells_which_frames_ask_it_for_a_reply():
    for selected in (False, True):
        for octets, asked in (
            ("1040054516", True),
            ("1040FE3E16", True),
            ("1040FF3F16", False),
            ("1040064616", False),
            ("1008050D16", False),
            ("1008FF0716", False),
            ("E5", False),
            ("105BFD5816", selected),
            (long(0x53, 253, 0x51, "017A08"), selected),
            (long(0x53, 253, 0x52, OWN), True),
        ):
            line = Line()
            line.slave.selected = selected
            parser = line.parser
            assert [parser.push(octet) for octet in unhexlify(octets)][-1]
            assert line.slave.asks(parser) == asked, (octets, selected)
