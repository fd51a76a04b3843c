# SPDX-License-Identifier: MIT
"""Debiting periods over the bus: by command and by schedule, storage 1 to 15, the frozen set."""

from meter import keys, reading
from meters import Meter
from test_commands import register

STOP = "00FFC00B"
FREEZE = "40FE0B"


def pulses(meter, n):
    """So many Wh on the input that feeds A+."""
    meter.meter.pulse(0, n, meter.line.now)
    meter.pass_time(1000)


def measuring(**given):
    """A meter that counts a Wh a pulse, from 2025-11-22 07:45 on or another date."""
    begin = given.pop("begin", "2D27363B")
    meter = Meter(source="pulse1", **given)
    assert meter.send("046D" + begin) == 0
    meter.pass_time(1000)
    return meter


def next_stop(meter, n):
    pulses(meter, n)
    meter.pass_time(120_000, 30_000)
    assert meter.send(STOP) == 0


def test_a_stop_shifts_the_storages_and_drops_the_sixteenth():
    meter = measuring()
    for n in range(1, 18):
        next_stop(meter, 10 * n)
        assert meter.meter.history.closed == n
        assert reading.value(meter.meter, keys.OTHER, keys.PERIODS) == n
    sums = [n * (n + 1) // 2 for n in range(18)]
    for storage, head in (
        (1, "4404"),
        (2, "840104"),
        (3, "C40104"),
        (14, "840704"),
        (15, "C40704"),
    ):
        ask = ("C8" if storage & 1 else "88") + head[2:] if storage > 1 else "4804"
        value = sums[18 - storage]
        assert register(meter, ask) == head + "%02X%02X0000" % (value & 0xFF, value >> 8), storage
    assert register(meter, "880804") == "80088402", "there is no storage number 16"


def test_an_empty_storage_has_no_value():
    meter = measuring()
    next_stop(meter, 10)
    assert register(meter, "4804") == "440401000000"
    assert register(meter, "880104") == "80018415"
    assert register(meter, "486D")[:4] == "446D"
    assert register(meter, "88016D") == "8001ED15"


def test_a_stop_closes_the_maxima_and_adds_them_up():
    meter = Meter()
    assert meter.send(STOP) == 0
    assert register(meter, "582B") == "542B991C0000"
    assert register(meter, "586D") == "546D1E323335"
    assert register(meter, "48FB7B") == "44FB7B98FF0000"
    assert register(meter, "08FB7B") == "04FB7B311C0100"  # 65432 + 7321
    assert register(meter, "182B") == "142B00000000"
    assert register(meter, "186D") == "10ED15"
    assert register(meter, "486D") == "446D2D27363B", "the end of the period"


def test_the_schedule_makes_a_stop_each_month():
    meter = measuring(debit_day="1", debit_minute="60", begin="3B373E3C")  # 2025-12-30 23:59
    pulses(meter, 100)
    meter.send("046D3B204131")  # 2026-01-01 00:59
    meter.pass_time(50_000)
    assert meter.meter.history.closed == 0
    meter.pass_time(20_000)
    assert meter.meter.history.closed == 1
    meter.pass_time(3_600_000, 60_000)
    assert meter.meter.history.closed == 1
    assert register(meter, "4804") == "44040A000000"


def test_a_clock_put_back_closes_no_month_again():
    meter = measuring(begin="3B373F3C")  # 2025-12-31 23:59
    meter.pass_time(120_000)
    assert meter.meter.history.closed == 1
    meter.send("046D3B373F3C")
    meter.pass_time(120_000)
    assert meter.meter.history.closed == 1
    meter.persist()
    again = meter.restarted()
    again.send("046D3B373F3C")
    again.pass_time(120_000)
    assert again.meter.history.closed == 1


def test_a_frozen_set_is_storage_1_until_the_next_stop():
    meter = measuring()
    next_stop(meter, 10)
    pulses(meter, 50)
    assert meter.send(FREEZE) == 0
    pulses(meter, 1000)
    assert register(meter, "4804") == "440406000000"
    assert register(meter, "08FD61") == "02FD610100"
    assert register(meter, "880104") == "80018415", "nothing was shifted"
    meter.persist()
    assert register(meter.restarted(), "4804") == "440406000000"
    meter.pass_time(60_000)
    assert meter.send(STOP) == 0
    assert register(meter, "4804") == "44046A000000"
    assert register(meter, "880104") == "84010401000000", "as if nothing had been frozen"


def test_periods_outlive_a_restart():
    meter = measuring()
    for n in range(1, 18):
        next_stop(meter, 10 * n)
        meter.persist()
    again = meter.restarted()
    for storage in range(1, 16):
        assert again.meter.history.period(storage) == meter.meter.history.period(storage)
    assert again.meter.history.closed == 17


def test_a_cut_between_the_period_and_the_meter_leaves_the_old_state():
    meter = measuring()
    next_stop(meter, 10)
    meter.persist()
    pulses(meter, 20)
    meter.pass_time(60_000)
    meter.send(STOP)
    save, written = meter.slots.save, []

    def cut_behind_the_first(slot, octets):
        if written:
            raise OSError(5)
        written.append(slot)
        save(slot, octets)

    meter.module._keeping._flash.store._save = cut_behind_the_first
    try:
        meter.persist()
    except OSError:
        pass
    assert written == [2 * (16 + 2)]
    again = meter.restarted()
    assert again.meter.history.closed == 1
    assert register(again, "4804") == "440401000000"
    assert register(again, "880104") == "80018415"
