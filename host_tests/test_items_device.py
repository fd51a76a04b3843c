# SPDX-License-Identifier: MIT
"""What a meter knows of itself and of what is connected to it, and what it is set to."""

from binascii import hexlify

from mbus import __version__
from valued import check, put, valued


def lvar(text):
    """LVAR of a text in hexadecimal, the last character first."""
    reverse = "".join(text[i] for i in range(len(text) - 1, -1, -1))
    return "%02X" % len(text) + hexlify(reverse.encode()).decode().upper()


# fmt: off
DEVICE = (
    # register       selection     record: DIB and VIB, data
    "version         08FD0F        0D FD0F " + lvar("mbus-node " + __version__),
    "metrology       08FD0E        0D FD0E " + lvar("mbus-node meter " + __version__),
    "primary_address 087A          01 7A 05",
    "identification  07F90C        07 79 674503120D170102",
    "baud            08FF46        04 FF46 80250000",
    "status          08FD17        04 FD17 40140000",  # L3 missing, breaker open, threshold
    "rtc_status      08FF22        01 FF22 03",
    "security_level  08FF30        01 FF30 00",
    "key_version     08FF31        00 FFB1 15",  # nothing without a key
    "security_failures 08FF32      00 FFB2 15",
    "command_counter 08FD08        00 FD88 15",
    "date            02EC0C        02 6C 593A",
    "time_of_day     03ED0C        03 6D 342F15",
    "time_seconds    06ED0C        06 6D 342FF5593A2B",
    "tariff          08FF13        01 FF13 04",
    "tariff_source   08FF44        01 FF44 01",
    "tariff_inverted 08FF45        01 FF45 01",
    "period_min      08FF43        01 FF43 1E",
    "threshold       08AB48        04 AB48 785A3C00",
    "threshold_count 08FF15        02 FF15 0500",
    "threshold_count 08AB49        02 FF15 0500",
    "special_1       08FD67        0C FD67 78563412",
    "special_2       8840FD67      8C40 FD67 21436587",
    "breaker_state   08FD1A        01 FD1A 00",
    "breaker         08FD1F        01 FD1F 02",
    "pulse_1         8840FD3A      8440 FD3A 04030201",
    "pulse_2         888040FD3A    848040 FD3A 08070605",
    "pulse_1_state   8840FD1B      8140 FD1B 01",
    "pulse_2_state   888040FD1B    818040 FD1B 00",
    "pulse_1_weight  8840FF42      8440 FF42 15EC6501",
    "pulse_2_weight  888040FF42    848040 FF42 D2040000",
)
# fmt: on
PROVES = {"test_what_a_meter_is_and_is_set_to": ("value", "DEVICE")}

_SETTINGS = {
    "breaker": "yes",
    "reconnect": "manual",
    "tariff_source": "bus",
    "tariff_inverted": "yes",
    "period_min": "30",
    "baud": "9600",
    "pulse1_unit": "none",
    "pulse1_weight": "23456789",
    "pulse2_weight": "1234",
}


def set_up():
    """A meter where all of it is something else than in a new one."""
    meter = valued(**_SETTINGS)
    moment = meter.meter.clock.seconds
    put(meter, "lP=1")
    for command in ("01FF1304", "04AB48785A3C00", "0CFD6778563412", "8C40FD6721436587"):
        assert meter.send(command) == 0
    for which, count, level in ((0, 0x01020304, 1), (1, 0x05060708, 0)):
        meter.meter.pulse(which, count, meter.line.now)
        meter.meter.pulses[which].level = level
    assert meter.send("01FD1F00") == 0
    assert meter.send("01FD1F02") == 0
    for watts in ("5060708", "1", "3C5A79", "3C5A78") * 2:
        put(meter, "lP=%s lU_L3=63F" % watts)
    put(meter, "lP=3C5A79 kTIME=%X" % (moment - 1))
    return meter


def test_what_a_meter_is_and_is_set_to():
    check(set_up(), DEVICE)
