# SPDX-License-Identifier: MIT
"""Readout selection and application select on the bus: what the next REQ_UD2 answers."""

from meters import Meter
from stations import select


def read(meter, a=5):
    """(status octet, records of each telegram in hexadecimal) of one readout."""
    bodies, status = [], None
    for c in (0x7B, 0x5B) * 8:
        reply = meter.line.short(c, a)
        assert reply[8:10] == "08" and reply[12:14] == "72", reply
        status = reply[32:34] if status is None else status
        bodies.append(reply[38:-4])
        if not bodies[-1].endswith("1F"):
            return status, bodies
    raise AssertionError("no end")


def test_voltage_and_current_are_answered_by_themselves():
    meter = Meter()
    assert meter.line.say("680D0D6853055108FDC8FC0108FDDAFC014F16") == "E5"
    assert read(meter) == ("00", ["02FDC8FC01FD0804FDDAFC01DF000000"])
    assert read(meter)[1] == ["02FDC8FC01FD0804FDDAFC01DF000000"], "the list stays"


def test_all_tariffs_come_with_the_total():
    meter = Meter()
    assert meter.line.say("6807076853055188B030041516") == "E5"
    expected = "04044E61BC0084100480969800842004CECA2300843004000000008480100400000000"
    assert read(meter) == ("00", [expected])


def test_everything_takes_several_telegrams_of_one_moment():
    meter = Meter()
    assert meter.line.say("680404685305517F2816") == "E5"
    status, bodies = read(meter)
    assert status == "00" and len(bodies) == 3
    joined = "".join(bodies)
    for octets in ("04044E61BC00", "02FB2EF401", "017A05", "0DFD0F", "01FF4400"):
        assert octets in joined


def test_both_kinds_of_addressing_share_the_list():
    meter = Meter()
    select(meter.line)
    meter.send("082B", a=253)
    assert read(meter) == ("00", ["042BFE050000"])
    assert read(meter, 253) == ("00", ["042BFE050000"])


def test_an_application_reset_ends_the_list_and_a_new_list_replaces_it():
    meter = Meter()
    meter.send("082B")
    meter.send("0822")
    assert read(meter)[1] == ["042239300000"]
    meter.send("", ci=0x50)
    assert len(read(meter)[1]) == 2
    meter.send("0822")
    meter.send("00", ci=0x50)
    assert len(read(meter)[1]) == 2


def test_list_actions_add_to_the_list_and_delete_from_it():
    meter = Meter()
    meter.send("0822")
    meter.send("04AB0C")
    assert read(meter)[1] == ["042239300000042BFE050000"]
    meter.send("0878")
    assert read(meter)[1] == ["042BFE0500000C7821436587"], "a selection leaves what was added"
    meter.send("04AB0D")
    assert read(meter)[1] == ["0C7821436587"]
    meter.send("04F80D")
    assert len(read(meter)[1]) == 2, "an empty list is none"


def test_what_is_not_there_shows_once_in_the_status():
    meter = Meter()
    meter.send("08FDC8FC04082B")
    assert meter.module.error == 0
    assert read(meter) == ("02", ["00FDC8FC840C042BFE050000"])


def test_a_quantity_without_a_source_is_answered_by_error_15():
    for request, reply in (
        ("08FF10", "00FF9015"),
        ("08FD1A", "00FD9A15"),
        ("88C0C00083FF0E", "80C0C00083FF8E15"),
        ("4804", "408415"),
        ("486D", "40ED15"),
    ):
        meter = Meter()
        meter.send(request)
        assert read(meter) == ("02", [reply]), request


def test_the_last_error_is_asked_for_by_a_selection():
    meter = Meter()
    assert meter.send("01FD1F00") == 0x11
    meter.line.send(0x53, 5, 0x51, "08FF2F")
    assert read(meter)[1] == ["01FF2F11"]


def test_a_selection_and_a_command_in_one_telegram():
    meter = Meter()
    assert meter.send("087A017A09") == 0
    assert read(meter, 9) == ("80", ["017A09"])


def test_too_many_requests_are_refused():
    meter = Meter()
    assert meter.send("".join("08%02X" % vif for vif in range(49))) == 0x03


def test_an_application_select_sends_its_set():
    meter = Meter()
    meter.send("50", ci=0x50)
    status, bodies = read(meter)
    assert status == "00" and "042BFE050000" in bodies[0] and "02FDC8FC01FD08" in bodies[0]
    assert "04044E61BC00" not in bodies[0]
    meter.send("082B")
    assert read(meter)[1] == ["042BFE050000"], "the list goes before the set"
    meter.send("02", ci=0x50)
    assert len(read(meter)[1]) == 1


def test_the_list_is_forgotten_at_power_up():
    meter = Meter()
    meter.send("082B")
    assert len(read(meter.restarted())[1]) == 2
