# SPDX-License-Identifier: MIT
"""Commands that cannot be obeyed in the state the meter is in; the write lock; broadcasts."""

from meters import Meter
from test_commands import CREDIT, CT, ON, PREPAID, register

# fmt: off
REFUSED = (
    # configuration             first            then                  application error
    (CT,                        "01FF1401",      "02FF686400",         0x10),  # locked
    (CT,                        "01FF1401",      "01FF1400",           0x10),  # by the local tool
    (CT,                        "",              "02FF680400",         0x12),  # less than 5 / 5 A
    (CT,                        "",              "02FF687117",         0x12),
    (CT,                        "",              "01FF1402",           0x12),
    (PREPAID,                   "",              "04FF0401000000",     0x11),  # switched off
    (PREPAID,                   "",              "00FF8407",           0x11),
    (PREPAID,                   CREDIT,          "04FF8401FFC99A3B",   0x12),  # over its end
    (PREPAID,                   "",              "01FF4102",           0x12),
    (PREPAID,                   "",              "01FF1302",           0x11),  # no tariffs
    ({"breaker": "yes"},        "",              "01FD1F03",           0x12),
    ({"breaker": "yes"},        "",              "01FD1F02",           0x11),  # it is connected
    ({"breaker": "yes"},        "",              "01FF4101",           0x11),  # no prepayment
    ({"tariff_source": "bus"},  "",              "01FF1305",           0x12),
    ({"tariff_source": "bus"},  "",              "01FF1300",           0x12),
    ({},                        "00FFC00B",      "00FFC00B",           0x08),  # within a minute
    ({"source": "pulse1"},      "",              "8080804084BCFF8307", 0x11),  # no A-
    ({"source": "none"},        "",              "8080804084FF8307",   0x11),
)
# fmt: on


def test_what_the_state_of_the_meter_does_not_allow_is_refused():
    for given, first, then, code in REFUSED:
        meter = Meter(**given)
        if first:
            assert meter.send(first) == 0, then
        meter.pass_time(10_000)  # no repetition
        assert meter.send(then) == code, then


def test_a_debiting_stop_is_possible_again_after_a_minute():
    meter = Meter()
    assert meter.send("00FFC00B") == 0
    meter.pass_time(58_000)
    assert meter.send("00FFC00B") == 0x08
    meter.pass_time(10_000)
    assert meter.send("00FFC00B") == 0
    assert register(meter, "08FD61") == "02FD610B00"


def test_a_weight_that_does_not_go_with_the_remainders_is_refused():
    meter = Meter(source="pulse1", pulse1_weight="4294967291")
    meter.meter.pulse(0, 1, meter.line.now)
    meter.pass_time(1000)
    before = register(meter, "8840FF42")
    assert meter.send("8440FF42EFFFFFFF") == 0x12
    assert register(meter, "8840FF42") == before
    assert meter.send("8440FF42E8030000") == 0


# fmt: off
LOCKED = (
    "017A08", "0C7921436587", "0779040302010D170102", "046D2D27363B", "03ED010A0000", "01FF1301",
    "01FD1F00", "00FFC00B", "40FE0B", "8080804084FF8307", ON, "04FF0401000000", "04AB48401F0000",
    "0CFD6778563412", "02FF686400", "01FF1401", "8440FD3A00000000", "8440FF4201000000",
    "01FF431E", "01FF4401", "01FF4501", "04FF4600000000",
)
# fmt: on


def test_the_write_lock_refuses_every_command_and_notes_it():
    for records in LOCKED:
        meter = Meter(lock="yes", breaker="yes", tariff_source="bus")
        before = bytes(meter.module.identification), meter.module.primary
        assert meter.send(records) == 0x10, records
        assert (bytes(meter.module.identification), meter.module.primary) == before
        assert meter.meter.events.total == 1 and meter.meter.events.get(1, 0)[6] == 13, records
    own = "785634120D17010200000000"
    meter = Meter(lock="yes")
    assert meter.send("", ci=0x5C) == 0x10
    assert meter.send(own + "001E2DC7363B2F000000", ci=0x6C) == 0x10
    assert meter.send(own + "011E0000", ci=0x6D) == 0x10
    assert register(meter, "082B") == "042BFE050000", "asking is no command"


def test_refusals_in_a_row_are_one_event():
    meter = Meter(lock="yes")
    for _ in range(5):
        assert meter.send("017A08") == 0x10
        meter.line.now += 5000
    assert meter.meter.events.total == 1
    meter.module.locked = False
    meter.send("017A08")
    meter.module.locked = True
    meter.send("017A09", a=8)
    assert [meter.meter.events.get(3, n)[6] for n in range(3)] == [13, 7, 13]


def test_a_jumper_locks_at_any_time():
    meter = Meter()
    meter.module.locked = True
    assert meter.send("017A08") == 0x10
    meter.module.locked = False
    assert meter.send("017A08") == 0


def test_a_broadcast_does_what_all_may_do_and_is_silent():
    meter = Meter(breaker="yes")
    for ci, records in ((0x51, "046D2D27363B"), (0x51, "40FE0B"), (0x5C, "")):
        assert meter.line.send(0x53, 255, ci, records) == ""
    assert register(meter, "4804") == "44044E61BC00"
    for records in ("017A08", "0C7921436587", "01FD1F00", "00FFC00B", "40FE0B017A08"):
        assert meter.line.send(0x53, 255, 0x51, records) == "", records
    assert meter.module.primary == 5 and meter.meter.history.closed == 9
    assert meter.meter.breaker.control == 1
    assert meter.module.error == 0


def test_a_breaker_obeys_a_broadcast_where_it_is_configured_to():
    meter = Meter(breaker="yes", broadcast_breaker="yes")
    assert meter.line.send(0x53, 255, 0x51, "01FD1F00") == ""
    assert meter.meter.breaker.control == 0
    assert meter.line.send(0x53, 255, 0x51, "01FD1F01017A08") == ""
    assert meter.meter.breaker.control == 0 and meter.module.primary == 5
