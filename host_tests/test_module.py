# SPDX-License-Identifier: MIT
"""What the emulated meter obeys, and what it keeps."""

from helpers import raises
from meters import Meter
from stations import select

ACK = "E5"


def test_the_primary_address_takes_0_to_250():
    for address in (0, 1, 8, 250):
        meter = Meter()
        assert meter.send("017A%02X" % address, a=254) == 0
        assert meter.module.primary == address
        assert meter.module.due(meter.line.now)
        assert meter.line.short(0x40, address) == ACK
        assert meter.line.short(0x40, 5) == ""


def test_the_meter_number_changes_the_header_and_its_register():
    meter = Meter()
    assert meter.send("0C7921436587") == 0
    assert meter.number() == "214365870d170102"
    reply = meter.line.short(0x7B, 5)
    assert reply[14:30] == "214365870D170102"
    assert "0C7921436587" in reply and "0C7821436587" in reply


def test_every_decimal_digit_is_allowed():
    meter = Meter()
    assert meter.send("0C7999999999") == 0
    assert meter.send("0C7900000000") == 0


def test_the_complete_identification_may_change_its_number_only():
    meter = Meter()
    assert meter.send("0779040302010D170102") == 0
    assert meter.number() == "040302010d170102"


def test_the_meter_stays_selected_and_is_found_under_its_new_number():
    meter = Meter()
    select(meter.line, "785634120D170102")
    assert meter.send("0C7921436587", a=253) == 0
    assert meter.line.short(0x7B, 253) != ""
    assert select(meter.line, "785634120D170102") == ""
    assert select(meter.line, "214365870D170102") == ACK


def test_application_select_of_user_data_sends_the_first_telegram_alone():
    meter = Meter()
    assert meter.send("10", ci=0x50) == 0
    assert meter.line.short(0x7B, 5)[-6:-4] != "1F"
    assert meter.send("", ci=0x50) == 0
    assert meter.line.short(0x7B, 5)[-6:-4] == "1F"


def test_applications_it_lacks_keep_the_telegrams():
    for sub in ("70", "90", "A0", "F0", "03", "12", "24"):
        meter = Meter()
        meter.send("10", ci=0x50)
        assert meter.send(sub, ci=0x50) == 0x11, sub
        assert meter.line.short(0x7B, 5)[-6:-4] != "1F"


def test_a_change_shows_in_the_status_until_the_next_application_reset():
    meter = Meter()
    assert meter.line.data(0x7B)[1] == 0
    meter.send("0C7921436587")
    assert meter.line.data(0x7B)[1] == 0x80
    meter.send("", ci=0x50)
    assert meter.line.data(0x7B)[1] == 0


def test_what_is_kept_goes_before_the_configuration_after_a_restart():
    meter = Meter()
    meter.send("0C7921436587")
    meter.send("017A08")
    assert meter.restarted().module.primary == 5, "not yet stored"
    meter.persist()
    assert not meter.module.due(meter.line.now)
    again = meter.restarted()
    assert again.module.primary == 8
    assert again.number() == "214365870d170102"


def test_a_baud_rate_that_proved_good_is_the_first_after_a_restart():
    meter = Meter()
    assert meter.module.baud == 2400
    meter.module.keep_baud(9600)
    assert meter.module.due(meter.line.now)
    meter.persist()
    again = meter.restarted().module
    assert again.baud == 9600
    again.keep_baud(9600)
    assert not again.due(1000)


def test_a_command_that_changes_nothing_is_not_stored():
    meter = Meter()
    meter.send("017A05")
    meter.send("0C7978563412")
    assert not meter.module.due(meter.line.now)


def test_what_could_not_be_stored_is_still_due():
    meter = Meter()
    meter.send("017A08")
    module, now = meter.module, meter.line.now
    meter.slots.full = True
    raises(OSError, module.persist, now)
    assert module.due(now)
    meter.slots.full = False
    module.persist(now)
    assert not module.due(now)
    assert meter.restarted().module.primary == 8
