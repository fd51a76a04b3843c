# SPDX-License-Identifier: MIT
"""The 230 V tariff input: mains as pulses and as a level, noise, gaps, hold-off."""

from helpers import raises
from meter.tariffinput import TariffInput

WRAP = 0x3FFFFFFF


class Line:
    """An input sampled every 10 ms."""

    def __init__(self, mode="auto", at=0, **given):
        self.input = TariffInput(mode, **given)
        self.now = at
        self.changes = []  # (ms since the begin, level)
        self.begin = at

    def run(self, ms, pulses_per_second=0, active=0, step_ms=10):
        """So many ms, with pulses at a rate, or active in so many of ten samples."""
        before = self.input.level
        for n in range(ms // step_ms):
            self.now = (self.now + step_ms) & WRAP
            count = (n + 1) * pulses_per_second * step_ms // 1000
            count -= n * pulses_per_second * step_ms // 1000
            level = self.input.sample(self.now, count, 1 if n % 10 < active else 0)
            if level != before:
                self.changes.append(((self.now - self.begin) & WRAP, level))
                before = level
        return self


# fmt: off
SEEN = (
    # mode      pulses a second  active of ten  level
    ("auto",    50,              3,             1),
    ("auto",    60,              3,             1),
    ("auto",    100,             6,             1),
    ("auto",    0,               10,            1),
    ("auto",    0,               0,             0),
    ("pulses",  50,              3,             1),
    ("pulses",  0,               0,             0),
    ("pulses",  0,               10,            None),  # no mains stands still
    ("level",   0,               9,             1),
    ("level",   50,              3,             None),
    ("level",   0,               1,             0),
    ("auto",    20,              1,             None),  # neither mains nor nothing
    ("auto",    0,               5,             None),
)
# fmt: on


def test_what_each_input_means_by_each_mode():
    for mode, pulses, active, level in SEEN:
        line = Line(mode).run(2000, pulses, active)
        assert line.input.level == level, (mode, pulses, active)


def test_the_first_decision_takes_half_a_second():
    assert Line().run(2000, 50).changes == [(510, 1)]
    assert Line(at=WRAP - 300).run(2000, 50).changes == [(510, 1)]


def test_a_change_is_confirmed_and_held_off():
    line = Line().run(1000, 50).run(400).run(1000, 50)
    assert line.changes == [(510, 1)], "400 ms of nothing are not enough"
    line = Line().run(3000, 50).run(1000).run(1200, 50).run(100)
    assert line.changes[:2] == [(510, 1), (3510, 0)]
    assert len(line.changes) == 2, "not again within two seconds"
    line.run(1000, 50)
    assert line.changes[2][1] == 1 and 5510 <= line.changes[2][0] <= 6000


def test_windows_that_took_too_long_say_nothing():
    line = Line().run(1000, 50)
    line.run(4000, 0, 0, step_ms=400)  # flash is being written all the time
    assert line.input.level == 1
    line.run(400)
    assert line.input.level == 1, "the hold-off is over, five windows are not"
    line.run(200)
    assert line.input.level == 0


def test_noise_never_decides():
    line = Line("pulses").run(1000)
    for _ in range(50):
        line.run(40, 50).run(160)
    assert line.changes == [(510, 0)]


def test_there_are_three_modes():
    raises(ValueError, TariffInput, "mains")
