# SPDX-License-Identifier: MIT
"""Sequences of steps for a whole module beside its model, as hypothesis makes them.

hold() is the property: whatever the steps, what the module shows is what the model says.
"""

from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import strategies as st
from metermodel_clock import moment, seconds_of, stop_of
from metermodel_rig import Rig
from metermodel_whole import Model

from meter.energy import A_MINUS, A_PLUS
from node import clockdata

# The time table is what the model knows by heart.
TABLE = "Mo-Su 1-12 06:00 1; Mo-Su 1-12 22:00 2"
# fmt: off
VARIANTS = {
    "plain": {"source": "pulse1", "pulse1_weight": "7/3", "dst": "eu", "period_min": "5"},
    "ct": {"source": "pulse2", "pulse2_unit": "kWh", "pulse2_weight": "640", "ct": "yes",
           "ratio": "50", "dst": "eu", "debit_day": "31", "debit_minute": "1439",
           "tariff_source": "bus", "period_min": "5"},
    "prepaid": {"source": "pulse1", "pulse1_weight": "10", "breaker": "yes", "prepayment": "yes",
                "period_min": "5", "debit_day": "29", "debit_minute": "90", "dst": "eu"},
    "fed": {"source": "host", "tariff_source": "bus", "dst": "eu", "period_min": "5",
            "breaker": "yes", "reconnect": "manual", "debit_minute": "150"},
    "fed_ct": {"source": "host", "ct": "yes", "ratio": "7", "tariff_source": "clock",
               "tariff_table": TABLE, "threshold_opens": "yes", "breaker": "yes", "dst": "eu",
               "period_min": "5"},
    "fed_prepaid": {"source": "host", "breaker": "yes", "prepayment": "yes", "debit_day": "0",
                    "threshold_opens": "yes", "utc_offset_min": "-210", "period_min": "5"},
}
# Shortly before something happens: months end, time changes, tariffs and days of stops.
MOMENTS = [
    datetime(2026, 1, 31, 23, 58, 50), datetime(2026, 2, 28, 23, 58, 55),
    datetime(2026, 3, 29, 1, 59, 10), datetime(2026, 3, 29, 3, 0, 0),
    datetime(2026, 10, 25, 1, 59, 58), datetime(2026, 10, 25, 2, 29, 59),
    datetime(2026, 10, 25, 2, 59, 30), datetime(2026, 12, 31, 23, 59, 59),
    datetime(2028, 2, 29, 1, 29, 20), datetime(2026, 4, 1, 2, 29, 40),
    datetime(2026, 6, 15, 5, 59, 30), datetime(2026, 6, 15, 21, 59, 50),
    datetime(2026, 7, 1, 0, 0, 0), datetime(2026, 1, 29, 1, 29, 0),
]
# fmt: on
WORTHS = [Fraction(1), Fraction(5, 32), Fraction(1000, 7), Fraction(10, 3), Fraction(12345, 1000)]
WEIGHTS = (1, 3, 7, 640, 1000, 6400, 12345)


def hex_of(value, octets):
    return (value % (1 << 8 * octets)).to_bytes(octets, "little").hex().upper()


# Each sort of command: (records, what the model does).


def special(which, digits):
    text = bytes.fromhex("%08d" % digits)[::-1].hex()
    return ("8C40FD67" if which else "0CFD67") + text, Model.put, "special", digits, which


def weight(which, pulses):
    dib = "848040" if which else "8440"
    return dib + "FF42" + hex_of(pulses, 4), Model.set_weight, which, pulses


def clear(kind):
    vib = "84BCFF83" if kind else "84FF83"
    return "80808040" + vib + "07", Model.clear, kind


def credit(value, add=False):
    vib = "FF8401" if add else "FF04"
    return "04" + vib + hex_of(value, 4), Model.set_credit, value, add


def byte(head, value, method, *arguments):
    return head + hex_of(value, 1), method, *arguments


def pulse_preset(value):
    return "848040FD3A" + hex_of(value, 4), Model.put, "pulses", value, 1


numbers = st.integers(0, 99_999_999)
clears = st.builds(clear, st.sampled_from((A_PLUS, A_MINUS)))
plain_commands = st.one_of(
    st.builds(special, st.integers(0, 1), numbers),
    st.builds(weight, st.integers(0, 1), st.sampled_from(WEIGHTS)),
    clears,
    st.builds(
        lambda r: ("02FF68" + hex_of(r, 2), Model.set_ratio, r), st.sampled_from((5, 7, 50, 6000))
    ),
    st.builds(
        lambda m: byte("01FF43", m, Model.set_period, m), st.sampled_from((5, 5, 5, 15, 30, 60))
    ),
    st.builds(lambda s: byte("01FF44", s, Model.put, "tariff_source", s), st.integers(0, 2)),
    st.builds(lambda i: byte("01FF45", i, Model.put, "inverted", i), st.integers(0, 1)),
    st.sampled_from((("01FF1401", Model.lock_ratio),)),
)
tariffs = st.builds(lambda t: byte("01FF13", t, Model.set_tariff, t), st.integers(1, 4))
supply = st.one_of(
    st.builds(lambda c: byte("01FD1F", c, Model.breaker, c), st.integers(0, 2)),
    st.builds(lambda m: byte("01FF41", m, Model.prepay, m), st.sampled_from((0, 1, 1, 1))),
    st.builds(credit, st.sampled_from((0, 1, 30, 5000, 999_999_900)), st.booleans()),
)
closing = st.sampled_from(
    (
        ("00FFC00B", Model.debiting_stop),
        ("40FE0B", Model.freeze),
        ("00FFC00B", Model.debiting_stop),
    )
)


class Steps(Rig):
    """What a step of a sequence does, by its name."""

    def command_at(self, command):
        self.command(command[0], *command[1:])

    def threshold(self, watts):
        """Where power is what the test says."""
        if self.feed:
            self.command("04AB48" + hex_of(watts, 4), Model.set_threshold, watts)

    def charge(self, value):
        """Prepayment on, and credit."""
        self.command_at(byte("01FF41", 1, Model.prepay, 1))
        self.command_at(credit(value))

    def preset_pulses(self, value):
        self.command_at(pulse_preset(value))

    def set_clock(self, local, summer, how):
        if not 31 * 86400 < local < 36000 * 86400:
            return
        if how == "F":
            local -= local % 60
            data, ci = "046D" + clockdata.write_f(bytearray(4), local, summer).hex(), 0x51
        else:
            octets = clockdata.write_i(bytearray(6), local, summer).hex()
            data, ci = ("066D" + octets, 0x51) if how == "I" else (self.header() + octets, 0x6C)
        change = lambda clock: clock.set(local, summer or None)  # noqa: E731
        self.command(data, Model.set_clock, change, ci=ci)

    def header(self):
        """What stands in front of CI 6Ch's data: the long header, and TC field 0."""
        return self.node.number() + "00000000" + "00"

    def set_to(self, at, summer, how):
        self.set_clock(seconds_of(at), summer, how)

    def jump(self, offset_s, summer, how):
        self.set_clock(self.model.clock.local + offset_s, summer, how)

    def set_date(self, at):
        data = "026C" + clockdata.write_g(bytearray(2), seconds_of(at)).hex()
        date = at.replace(hour=0, minute=0, second=0)
        self.command(data, Model.set_clock, lambda clock: clock.set_date(date))

    def set_time(self, of_day):
        data = "036D" + clockdata.write_j(bytearray(3), of_day).hex()
        self.command(data, Model.set_clock, lambda clock: clock.set_time(of_day))

    def correct_time(self, offset_s):
        """As set_time(), to nearly the same time."""
        self.set_time((self.model.clock.local + offset_s) % 86400)

    def shift(self, offset_s):
        if self.model.clock.standard < 40 * 86400:
            return
        data = "03ED%02X" % (1 if offset_s >= 0 else 2)
        data += clockdata.write_j(bytearray(3), abs(offset_s)).hex()
        self.command(data, Model.shift, offset_s)

    def stored(self, gap_ms):
        self.persist()
        self.restart(gap_ms)

    def before_stop(self, seconds):
        """The clock to shortly before a stop by schedule."""
        stops, local = self.model.stops, self.model.clock.local
        behind = moment(local).replace(day=28) + timedelta(days=4)
        at = stop_of(stops.day, stops.minute, behind.year, behind.month)
        self.set_clock(seconds_of(at) - seconds, False, "I")


# Not seen before the next tick: what comes next meets them as they are.
PENDING = ("energy", "pulses", "level", "power")


def hold(variant, sequence, rig=Steps):
    """After each step the module shows what the model says; at the end it also sends it."""
    steps = rig(**VARIANTS[variant])
    steps.check()
    for name, *arguments in sequence:
        getattr(steps, name)(*arguments)
        if name not in PENDING:
            steps.check()
    steps.read()
    steps.stored(0)
    steps.read()


def step(name, *strategies):
    return st.tuples(st.just(name), *strategies)


many = st.integers(0, 200)
energy = step("energy", st.integers(0, 5), many, st.sampled_from(WORTHS))
# A fifth of what the smallest register shows, at most.
loads = step("energy", st.integers(0, 5), st.integers(0, 200_000), st.just(Fraction(1000)))
offsets = st.one_of(
    st.integers(-35, 35), st.integers(-4000, 4000), st.sampled_from((86400, -86400, -3600, 3600))
)
days = st.integers(-45, 45).map(lambda days: days * 86400)
hows = st.sampled_from(("I", "F", "CI"))
clocks = st.one_of(
    step("set_to", st.sampled_from(MOMENTS), st.booleans(), hows),
    step("jump", st.one_of(offsets, days), st.booleans(), hows),
    step("before_stop", st.integers(0, 70)),
    step("set_date", st.sampled_from(MOMENTS)),
    step("set_time", st.integers(0, 86399)),
    step("correct_time", st.integers(-40, 40)),
    step("shift", st.one_of(st.integers(-35, 35), st.integers(-4000, 4000))),
)
passing = st.one_of(
    step("time", st.integers(1, 20), st.integers(1, 60)), step("period"), step("period")
)
closes = step("command_at", closing)
commands = st.one_of(
    step("command_at", plain_commands),
    step("command_at", tariffs),
    step("command_at", supply),
    closes,
    closes,
    step("charge", st.sampled_from((30, 5000, 100_000))),
    step("threshold", st.sampled_from((0, 100, 900))),
    step("preset_pulses", st.integers(0, 2**31 - 1)),
)
inputs = st.one_of(
    step("level", st.integers(0, 1)),
    step("power", st.one_of(st.none(), st.integers(-500, 1500))),
    step("pulses", st.integers(0, 1), many),
)
gaps = st.integers(0, 100_000)
restarts = st.one_of(
    step("persist"),
    step("persist"),
    step("stored", gaps),
    step("restart", gaps),
    step("cut", gaps, st.integers(0, 6)),
    step("cut", gaps, st.integers(0, 6)),
)
any_step = st.one_of(
    energy, energy, energy, loads, clocks, passing, passing, commands, inputs, restarts
)
begins = step("set_to", st.sampled_from(MOMENTS), st.just(False), st.just("I"))
short, long = (st.lists(any_step, min_size=n, max_size=40) for n in (0, 15))
sequences = st.builds(
    lambda begin, rest: [*begin, *rest], st.lists(begins, max_size=1), st.one_of(short, long)
)


def focused(*some):
    """Sequences of only these steps, beginning with a clock that is set."""
    several = st.lists(st.one_of(*some), min_size=15, max_size=40)
    return st.builds(lambda begin, rest: [begin, *rest], begins, several)


# What a fault in a part needs most.
SEQUENCES = {
    "all": sequences,
    "time": focused(clocks, clocks, passing, energy, closes),
    "orders": focused(energy, commands, commands, restarts),
    "demand": focused(step("period"), energy, step("command_at", tariffs), closes),
    "clears": focused(energy, step("command_at", clears), passing),
}
