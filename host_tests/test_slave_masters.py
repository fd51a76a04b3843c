# SPDX-License-Identifier: MIT
"""What masters in the field send, sequence by sequence."""

from stations import Device, Line, select, telegram

ACK = "E5"
OWN = "785634120D170102"


def test_libmbus_scans_primary_addresses():
    line = Line()
    answers = [a for a in range(251) if line.short(0x40, a)]
    assert answers == [5]


def test_libmbus_scans_secondary_addresses():
    line = Line()
    assert line.say("1040FD3D16") == ""
    assert line.say("1040FF3F16") == ""
    found = []
    for digit in range(10):
        mask = "FFFFFF%dFFFFFFFFF" % digit
        if select(line, mask, 0x73):
            found.append(digit)
            assert telegram(line.short(0x5B, 253, wait=330))[2:] == (1, 0)
        else:
            assert select(line, mask, 0x73) == "", "each silent mask comes twice"
    assert found == [1]


def test_libmbus_requests_data_again_and_again_and_gets_new_values():
    line = Line()
    for run in range(3):
        line.say("1040FD3D16")
        line.say("1040FD3D16", wait=200)
        assert line.data(0x5B)[2:] == (run + 1, 0)


def test_libmbus_over_tcp_requests_data_without_any_reset():
    line = Line()
    for run in range(3):
        assert line.data(0x5B, wait=4200)[2:] == (run + 1, 0)


def test_libmbus_reads_several_telegrams_twice_in_a_row():
    for telegrams in (1, 2, 3):
        for a in (5, 253):
            line = Line(Device(telegrams=telegrams))
            for run in range(3):
                line.say("1040FD3D16", wait=600)
                line.say("1040FD3D16", wait=200)
                if a == 253:
                    assert select(line, OWN, 0x73) == ACK
                for i in range(telegrams):
                    reply = line.data(0x5B if i & 1 else 0x7B, a, wait=200)
                    assert reply[2:] == (run + 1, i), (telegrams, a, run)


def test_libmbus_selects_and_requests():
    line = Line()
    assert select(line, OWN, 0x73) == ACK
    assert telegram(line.short(0x5B, 253, wait=3))[2:] == (1, 0)


def test_libmbus_sets_the_address():
    line = Line()
    line.say("1040FD3D16")
    assert line.short(0x40, 8) == "", "the new address must not be in use"
    assert line.say("6806066853FE51017A082516") == ACK
    assert line.device.commands == [(0x51, "017A08")]


def test_libmbus_switches_the_baud_rate_and_resets_the_application():
    line = Line()
    for ci in range(0xB8, 0xC0):
        assert line.send(0x53, 5, ci) == ACK
    assert line.say("680303685305 50A816".replace(" ", "")) == ACK
    assert line.send(0x53, 5, 0x50, "10") == ACK
    assert line.device.commands == [(0x50, "00"), (0x50, "10")]


def test_pymeterbus_pings_and_requests():
    line = Line()
    for _ in range(2):
        assert line.short(0x40, 5) == ACK
        assert line.data(0x5B, wait=1)[3] == 0
    assert line.device.snapshots == 2
