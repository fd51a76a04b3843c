# SPDX-License-Identifier: MIT
"""Commands on the bus: what each does, and that it outlives a restart."""

from meters import Meter

CT = {"ct": "yes", "ratio": "50"}
BREAKER = {"breaker": "yes"}
PREPAID = {"breaker": "yes", "prepayment": "yes"}
BUS = {"tariff_source": "bus"}
ON = "01FF4101"
OFF = "01FD1F00"
CREDIT = ON + "04FF0488130000"  # 50 kWh

# fmt: off
DONE = (
    # configuration     records                  selection          the register then
    #          before
    ({},       "",      "017A08",                "087A",            "017A08"),
    ({},       "",      "0C7921436587",          "0879",            "0C7921436587"),
    ({},       "",      "0779040302010D170102",  "07F90C",          "0779040302010D170102"),
    (BUS,      "",      "01FF1303",              "08FF13",          "01FF1303"),
    (BUS,      "",      "01FF1304",              "08FF13",          "01FF1304"),
    ({},       "",      "04AB48401F0000",        "08AB48",          "04AB48401F0000"),
    ({},       "",      "0CFD6778563412",        "08FD67",          "0CFD6778563412"),
    ({},       "",      "8C40FD6721436587",      "8840FD67",        "8C40FD6721436587"),
    (CT,       "",      "02FF686400",            "08FF68",          "02FF686400"),
    (CT,       "",      "02FF687017",            "08FF68",          "02FF687017"),
    (CT,       "",      "01FF1401",              "08FF14",          "01FF1401"),
    ({},       "",      "01FF431E",              "08FF43",          "01FF431E"),
    ({},       "",      "01FF4402",              "08FF44",          "01FF4402"),
    ({},       "",      "01FF4501",              "08FF45",          "01FF4501"),
    ({},       "",      "8440FF42D0070000",      "8840FF42",        "8440FF42D0070000"),
    ({},       "",      "848040FF420A000000",    "888040FF42",      "848040FF420A000000"),
    ({},       "",      "8440042A000000",        "884004",          "8440042A000000"),
    ({},       "",      "848040FD3A01000000",    "888040FD3A",      "848040FD3A01000000"),
    ({},       "",      "04FF4680250000",        "08FF46",          "04FF4680250000"),
    (PREPAID,  "",      ON,                      "08FF41",          "01FF4101"),
    (PREPAID,  ON,      "04FF0488130000",        "08FF04",          "04FF0488130000"),
    (PREPAID,  CREDIT,  "04FF840101000000",      "08FF04",          "04FF0489130000"),
    (PREPAID,  CREDIT,  "00FF8407",              "08FF04",          "04FF0400000000"),
    (PREPAID,  CREDIT,  "01FF4100",              "08FF04",          "04FF0400000000"),
    (BREAKER,  "",      "01FD1F00",              "08FD1F",          "01FD1F00"),
    (BREAKER,  OFF,     "01FD1F02",              "08FD1F",          "01FD1F02"),
    (BREAKER,  OFF,     "01FD1F01",              "08FD1F",          "01FD1F01"),
    (BREAKER,  "",      "01FD1F00",              "08FD1A",          "01FD1A00"),
    ({},       "",      "8080804084FF8307",      "8880804084FF03",  "8480804084FF0300000000"),
    ({},       "",      "8080804084BCFF8307",    "8880804084BCFF03", "8480804084BCFF0300000000"),
    ({},       "",      "00FFC00B",              "08FD61",          "02FD610A00"),
    ({},       "",      "00FFC00B",              "4804",            "44044E61BC00"),
    ({},       "",      "40FE0B",                "4804",            "44044E61BC00"),
)
# fmt: on


def register(meter, selection):
    """The record that answers a selection, which is forgotten again."""
    assert meter.send(selection, a=254) == 0, selection
    reply = meter.line.short(0x7B, 254)
    meter.send("", a=254, ci=0x50)
    return reply[38:-4]


def test_each_command_does_what_it_says_and_outlives_a_restart():
    for given, before, records, selection, shown in DONE:
        meter = Meter(**given)
        assert not before or meter.send(before) == 0
        assert register(meter, selection) != shown, records
        assert meter.send(records) == 0, records
        meter.pass_time(1000)
        assert register(meter, selection) == shown, records
        assert meter.module.due(meter.line.now), records
        meter.persist()
        assert register(meter.restarted(), selection) == shown, records


def test_a_repeated_frame_is_executed_once():
    meter = Meter(**PREPAID)
    meter.send(CREDIT)
    frame = "04FF840101000000"
    for c in (0x73, 0x73):
        assert meter.line.send(c, 5, 0x51, frame) == "E5"
    assert register(meter, "08FF04") == "04FF0489130000"


def test_a_syntax_error_behind_a_command_does_nothing_at_all():
    meter = Meter(**PREPAID)
    assert meter.send(CREDIT + "01FD1F") == 0x04
    assert register(meter, "08FF41") == "01FF4100"


def test_what_a_master_has_set_goes_before_the_configuration():
    meter = Meter(period_min="30", tariff_source="bus", pulse2_weight="10")
    meter.send("01FF433C01FF4401848040FF420B000000")
    meter.persist()
    meter.given.update(period_min="5", tariff_source="input", pulse2_weight="20")
    again = meter.restarted()
    assert register(again, "08FF43") == "01FF433C"
    assert register(again, "08FF44") == "01FF4401"
    assert register(again, "888040FF42") == "848040FF420B000000"


def test_what_nobody_has_set_follows_the_configuration():
    meter = Meter(period_min="30", tariff_source="bus", pulse2_weight="10", ct="yes", ratio="50")
    meter.send("0CFD6778563412")
    meter.persist()
    meter.given.update(period_min="5", tariff_source="input", pulse2_weight="20", ratio="60")
    again = meter.restarted()
    assert register(again, "08FF43") == "01FF4305"
    assert register(again, "08FF44") == "01FF4400"
    assert register(again, "888040FF42") == "848040FF4214000000"
    assert register(again, "08FF68") == "02FF683C00"
