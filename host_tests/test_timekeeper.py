# SPDX-License-Identifier: MIT
"""The backup clock: it gets what masters command, and is followed where it is the better one."""

from meters import Meter
from node.timekeeper import Timekeeper

HOUR = 3600


class Backup:
    """A clock that runs with the test's time, or does not know it."""

    def __init__(self, bench, utc_s=None, better=True):
        self.bench = bench
        self.better = better
        self.sets = 0
        self.offset_s = None if utc_s is None else utc_s - bench.line.now // 1000

    def read(self):
        return None if self.offset_s is None else self.offset_s + self.bench.line.now // 1000

    def set(self, utc_s):
        self.sets += 1
        self.offset_s = utc_s - self.bench.line.now // 1000


def bench(utc_s=None, better=True, offset_min="60", valid=True):
    meter = Meter(source="pulse1", utc_offset_min=offset_min)
    if valid:
        meter.send("046D2D27363B")  # 2025-11-22 07:45
    backup = Backup(meter, utc_s, better)
    return meter, backup, Timekeeper(meter.meter, backup, int(offset_min))


def run(meter, keeper, seconds):
    for _ in range(seconds):
        meter.pass_time(1000)
        keeper.poll(meter.line.now)


LOCAL = 817112700


def test_a_backup_that_knows_nothing_gets_the_time_in_utc():
    meter, backup, keeper = bench()
    run(meter, keeper, 1)
    assert backup.read() == LOCAL - HOUR + 1
    meter, backup, keeper = bench(valid=False)
    run(meter, keeper, 30)
    assert backup.sets == 0


def test_what_a_master_sets_goes_to_the_backup():
    meter, backup, keeper = bench(LOCAL - HOUR)
    run(meter, keeper, 20)
    assert backup.sets == 0
    meter.send("046D1E27363B")  # 07:30
    run(meter, keeper, 20)
    assert backup.sets == 1
    assert abs(backup.read() - (LOCAL - 900 + 20 - HOUR)) <= 1


def test_a_shift_goes_there_when_it_is_done():
    meter, backup, keeper = bench(LOCAL - HOUR)
    run(meter, keeper, 20)
    meter.send("03ED011E0000")  # 30 s, slewed in ten minutes
    run(meter, keeper, 500)
    assert backup.sets == 0
    run(meter, keeper, 120)
    assert backup.sets == 1
    assert abs(backup.read() - (meter.meter.clock.standard - HOUR)) <= 1


def test_a_better_clock_is_followed_and_another_is_not():
    for better, offset_s in ((True, 5), (True, -7), (False, 5)):
        meter, backup, keeper = bench(LOCAL - HOUR + offset_s, better)
        run(meter, keeper, 400)
        apart = meter.meter.clock.standard - HOUR - backup.read()
        assert abs(apart) <= 2 if better else apart == -offset_s, (better, offset_s, apart)
        assert backup.sets == 0
        assert meter.meter.events.total == 1, "only the command is an event"
