# SPDX-License-Identifier: MIT
"""Commands the emulated meter refuses, with which application error, and what then happens."""

from meters import Meter
from stations import long

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
    ("01FD1A01",                            0x10),  # the state of the output
    ("046D2D273F3B",                        0x12),  # no such date: 31 November
    ("046DAD27363B",                        0x12),  # marked invalid
    ("03ED01000060",                        0x12),  # an offset of 96 hours
    ("04840100000000",                      0x10),  # adding to energy
    ("04AE4801000000",                      0x12),  # the threshold in kW
    ("04AB480000",                          0x04),
    ("01FF2F00",                            0x10),
    ("01FD1F00",                            0x11),  # no breaker
    ("01FF4100",                            0x11),
    ("04FF0401000000",                      0x11),  # no prepayment
    ("04FF840101000000",                    0x11),
    ("00FF8407",                            0x11),
    ("02FF686400",                          0x11),  # no transformers
    ("01FF1401",                            0x11),
    ("01FF1302",                            0x11),  # the tariff comes from the input
    ("01FF4403",                            0x12),
    ("01FF4502",                            0x12),
    ("01FF430A",                            0x12),  # a period of 10 minutes
    ("04FF46A00F0000",                      0x12),  # 4000 baud
    ("0CFD67785634F2",                      0x12),
    ("04AB48FFFFFFFF",                      0x12),
    ("8440FF4200000000",                    0x12),  # no pulse for a unit
    ("02FF150100",                          0x10),  # the threshold's counter
    ("0C06",                                0x04),
    ("04",                                  0x04),
    ("0E",                                  0x04),
    ("0D78",                                0x04),
    ("01" + "FF" * 11 + "0000",             0x06),
    ("81" + "80" * 10 + "007A08",           0x05),
    ("0D78FF00",                            0x04),  # a length nobody knows
    ("0F",                                  0x11),
    ("1F",                                  0x11),
)
# fmt: on


def test_refused_commands_change_nothing_and_say_why():
    for data, code in REFUSED:
        meter = Meter()
        assert meter.send(data) == code, data
        assert (meter.module.primary, meter.number()) == (5, "785634120d170102"), data
        assert not meter.module.due(meter.line.now), data
        assert meter.line.data(0x7B)[1] == 0x02, data


def test_several_records_are_obeyed_in_order():
    meter = Meter()
    assert meter.send("017A08" + "2F" + "0C7921436587" + "2F2F") == 0
    assert meter.module.primary == 8
    assert meter.number()[:8] == "21436587"


def test_a_syntax_error_anywhere_obeys_nothing():
    for bad in ("0C79214365", "04", "01" + "FF" * 11 + "0000"):
        meter = Meter()
        assert meter.send("017A08" + bad) in (4, 6), bad
        assert meter.module.primary == 5, bad
        assert not meter.module.due(meter.line.now)


def test_the_first_refused_record_stops_the_rest():
    meter = Meter()
    assert meter.send("017A08" + "01FD1F00" + "0C7921436587") == 0x11
    assert meter.module.primary == 8
    assert meter.number()[:8] == "78563412"


def test_an_executed_command_clears_the_last_error():
    meter = Meter()
    assert meter.send("01FD1F00") == 0x11
    assert meter.send("017A05") == 0
    assert meter.send("01FD1F01") == 0x11
    assert meter.send("", ci=0x50) == 0
    assert meter.send("01FD1F00") == 0x11
    assert meter.send("70", ci=0x50) == 0x11


def test_the_last_error_can_be_read():
    meter = Meter(telegrams=3)
    meter.send("01FD1F00")
    for c in (0x7B, 0x5B, 0x7B):
        reply = meter.line.short(c, 5)
    assert "01FF2F11" in reply


def test_a_broken_readout_selection_is_reported_in_place_of_the_data():
    for data in ("88", "08", "7F84", "C8"):
        meter = Meter()
        meter.send("017A05" + data)
        assert meter.line.data(0x7B)[1] == 0x02, "a command that holds a selection is none"
        meter = Meter()
        meter.send(data)
        assert meter.module.error == 0x04, data
        assert meter.line.short(0x7B, 5) == long(0x08, 5, 0x70, "04"), data
