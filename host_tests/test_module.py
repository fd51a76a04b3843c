# SPDX-License-Identifier: MIT
"""What the emulated meter does with commands, and what it keeps."""

from binascii import hexlify

from node import profile
from node.config import Config
from node.module import Module
from node.settings import Settings
from stations import Line, long, select

ACK = "E5"


class Meter:
    """A module behind a station, with slots that can be read again after a restart."""

    def __init__(self, slots=None, telegrams=2):
        self.slots = slots if slots is not None else [None, None]
        settings = Settings(lambda slot: self.slots[slot], self.save)
        config = Config({"primary": 5, "telegrams": telegrams})
        self.module = Module(config, profile.values(1), settings)
        self.line = Line(self.module)

    def save(self, slot, octets):
        self.slots[slot] = octets

    def send(self, data, a=5, ci=0x51):
        """The application error behind the acknowledged command."""
        assert self.line.send(0x53, a, ci, data) == ACK, data
        return self.module.error

    def restarted(self):
        return Meter(self.slots)


def number(module):
    return hexlify(module.identification).decode()


# fmt: off
REFUSED = (
    # records                               application error
    ("017AFB",                              0x12),  # 251 is reserved
    ("017AFD",                              0x12),
    ("017AFF",                              0x12),
    ("027A0800",                            0x12),  # two octets for one
    ("0C79FAFFFFFF",                        0x12),  # no decimal digits
    ("0C797856341A",                        0x12),
    ("0779040302010D170103",                0x12),  # another device type
    ("0779040302012D2C0102",                0x12),  # another manufacturer
    ("0779040302010D170202",                0x12),  # another version
    ("07790A0302010D170102",                0x12),
    ("0C7821436587",                        0x10),  # the serial number
    ("040400000000",                        0x10),
    ("0C0607010000",                        0x10),  # energy in another size and scale
    ("0C860107010000",                      0x10),  # and adding to it
    ("042B00000000",                        0x10),
    ("046D2D27363B",                        0x10),
    ("8080804084FF8307",                    0x10),
    ("01FF2F00",                            0x10),
    ("01FD1F00",                            0x11),  # no breaker
    ("01FF4100",                            0x11),
    ("00FFC00B",                            0x11),
    ("40FE0B",                              0x11),
    ("0C06",                                0x04),
    ("04",                                  0x04),
    ("0E",                                  0x04),
    ("0D78",                                0x04),
    ("01" + "FF" * 11 + "0000",             0x06),
    ("81" + "80" * 10 + "007A08",           0x05),
    ("0F",                                  0x11),
    ("1F",                                  0x11),
    ("087A",                                0x11),  # readout selection
    ("7F",                                  0x11),
)
# fmt: on


def test_refused_commands_change_nothing_and_say_why():
    for data, code in REFUSED:
        meter = Meter()
        assert meter.send(data) == code, data
        assert (meter.module.primary, number(meter.module)) == (5, "785634120d170102"), data
        assert not meter.module.dirty, data
        assert meter.line.data(0x7B)[1] == 0x02, data


def test_the_primary_address_takes_0_to_250():
    for address in (0, 1, 8, 250):
        meter = Meter()
        assert meter.send("017A%02X" % address, a=254) == 0
        assert meter.module.primary == address
        assert meter.module.dirty
        assert meter.line.short(0x40, address) == ACK
        assert meter.line.short(0x40, 5) == ""


def test_the_meter_number_changes_the_header_and_its_register():
    meter = Meter()
    assert meter.send("0C7921436587") == 0
    assert number(meter.module) == "214365870d170102"
    reply = meter.line.short(0x7B, 5)
    assert reply[14:30] == "214365870D170102"
    assert "0C7921436587" in reply and "0C7821436587" in reply


def test_the_complete_identification_may_change_its_number_only():
    meter = Meter()
    assert meter.send("0779040302010D170102") == 0
    assert number(meter.module) == "040302010d170102"


def test_the_meter_stays_selected_and_is_found_under_its_new_number():
    meter = Meter()
    select(meter.line, "785634120D170102")
    assert meter.send("0C7921436587", a=253) == 0
    assert meter.line.short(0x7B, 253) != ""
    assert select(meter.line, "785634120D170102") == ""
    assert select(meter.line, "214365870D170102") == ACK


def test_several_records_are_obeyed_in_order():
    meter = Meter()
    assert meter.send("017A08" + "2F" + "0C7921436587" + "2F2F") == 0
    assert meter.module.primary == 8
    assert number(meter.module)[:8] == "21436587"


def test_a_syntax_error_anywhere_obeys_nothing():
    for bad in ("0C79214365", "04", "01" + "FF" * 11 + "0000"):
        meter = Meter()
        assert meter.send("017A08" + bad) in (4, 6), bad
        assert meter.module.primary == 5, bad
        assert not meter.module.dirty


def test_the_first_refused_record_stops_the_rest():
    meter = Meter()
    assert meter.send("017A08" + "01FD1F00" + "0C7921436587") == 0x11
    assert meter.module.primary == 8
    assert number(meter.module)[:8] == "78563412"


def test_an_executed_command_clears_the_last_error():
    meter = Meter()
    assert meter.send("01FD1F00") == 0x11
    assert meter.send("017A05") == 0
    assert meter.send("01FD1F01") == 0x11
    assert meter.send("", ci=0x50) == 0
    assert meter.send("01FD1F00") == 0x11
    assert meter.send("40", ci=0x50) == 0x11


def test_the_last_error_can_be_read():
    meter = Meter(telegrams=3)
    meter.send("01FD1F00")
    for c in (0x7B, 0x5B, 0x7B):
        reply = meter.line.short(c, 5)
    assert "01FF2F11" in reply


def test_a_broken_readout_selection_is_reported_in_place_of_the_data():
    for data in ("88", "08", "7F0C", "C8"):
        meter = Meter()
        meter.send(data)
        code = 0x11 if data == "7F0C" else 0x04
        expected = "" if data == "7F0C" else long(0x08, 5, 0x70, "04")
        assert meter.module.error == code, data
        if expected:
            assert meter.line.short(0x7B, 5) == expected, data


def test_application_select_of_user_data_sends_the_first_telegram_alone():
    meter = Meter()
    assert meter.send("10", ci=0x50) == 0
    assert meter.line.short(0x7B, 5)[-6:-4] != "1F"
    assert meter.send("", ci=0x50) == 0
    assert meter.line.short(0x7B, 5)[-6:-4] == "1F"


def test_applications_it_lacks_keep_the_telegrams():
    for sub in ("20", "70", "90", "F0", "01"):
        meter = Meter()
        meter.send("10", ci=0x50)
        assert meter.send(sub, ci=0x50) == 0x11, sub
        assert meter.line.short(0x7B, 5)[-6:-4] != "1F"


def test_the_clock_and_freezing_are_not_there():
    own = "785634120D17010200000000"
    assert Meter().send("", ci=0x5C) == 0x11
    assert Meter().send(own + "001E2DC7363B2F000000", ci=0x6C) == 0x11
    assert Meter().send(own + "011E0000", ci=0x6D) == 0x11


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
    meter.module.persist()
    assert not meter.module.dirty
    again = meter.restarted()
    assert again.module.primary == 8
    assert number(again.module) == "214365870d170102"


def test_a_command_that_changes_nothing_is_not_stored():
    meter = Meter()
    meter.send("017A05")
    meter.send("0C7978563412")
    assert not meter.module.dirty


def test_it_stays_dirty_when_it_could_not_be_stored():
    meter = Meter()

    def full(slot, octets):
        raise OSError(28)

    meter.module._settings._save = full
    meter.send("017A08")
    try:
        meter.module.persist()
    except OSError:
        pass
    assert meter.module.dirty
