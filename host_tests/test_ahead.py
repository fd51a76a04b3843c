# SPDX-License-Identifier: MIT
"""Readouts made ahead: the same octets, the values of one moment, none of before a command."""

from meters import Meter


def sequence(meter, telegrams=3):
    """The records of a whole readout."""
    bodies = []
    for n in range(telegrams):
        reply = meter.line.short(0x5B if n & 1 else 0x7B, 5)
        bodies.append(reply[38:-4])
        if not reply.endswith("1F", 0, -4):
            break
    meter.line.short(0x40, 5)
    return bodies


def test_what_is_made_ahead_is_what_is_made_when_asked_for():
    for telegrams in ("2", "3"):
        meter = Meter(telegrams=telegrams)
        asked = sequence(meter)
        meter.pass_time(400, 20)
        assert meter.is_ahead()
        assert sequence(meter) == asked
        assert not meter.is_ahead(), "taken"
        meter.pass_time(1000, 20)
        assert sequence(meter) == asked
    lists = Meter()
    lists.send("7F")
    asked = sequence(lists, 20)
    looks = 0
    while not lists.is_ahead():
        lists.pass_time(20, 20)
        looks += 1
        assert looks < 200
    assert len(asked) == 3
    assert sequence(lists, 20) == asked


def test_a_single_telegram_of_a_set_can_be_made_ahead():
    for sub in ("10", "11", "31", "01", "02"):
        meter = Meter()
        meter.send(sub, ci=0x50)
        asked = sequence(meter)
        meter.pass_time(1000, 20)
        assert meter.is_ahead()
        assert sequence(meter) == asked and len(asked) == 1, sub


def test_all_telegrams_are_of_one_moment():
    meter = Meter(source="pulse1", pulse1_weight="100", telegrams="3")
    meter.meter.pulse(0, 5, meter.line.now)
    meter.pass_time(1400, 20)
    first = meter.line.short(0x7B, 5)
    assert "040405000000" in first
    meter.meter.pulse(0, 90, meter.line.now)
    meter.pass_time(2000, 20)
    second = meter.line.short(0x5B, 5)
    assert "84804082FF0FF4010000" in second, "50 Wh in 0.1 Wh"
    meter.line.short(0x7B, 5)
    assert "04045F000000" in meter.line.short(0x5B, 5), "the next readout"


def test_a_command_voids_what_was_made_ahead():
    meter = Meter(tariff_source="bus", telegrams="3")
    meter.pass_time(1000, 20)
    assert meter.is_ahead()
    meter.send("01FF1304")
    assert any("01FF1304" in body for body in sequence(meter))
    meter.pass_time(1000, 20)
    meter.send("02FF680000")
    assert meter.module.error == 0x11
    assert any("01FF2F11" in body for body in sequence(meter))


def test_two_masters_have_readouts_of_their_own():
    meter = Meter()
    asked = sequence(meter)
    meter.line.send(0x53, 0xFD, 0x52, "785634120D170102")
    meter.pass_time(1000, 20)
    first = meter.line.short(0x7B, 5)
    meter.pass_time(1000, 20)
    again = meter.line.short(0x7B, 0xFD)
    second = meter.line.short(0x5B, 5)
    assert [first[38:-4], second[38:-4]] == asked
    assert again[38:-4] == asked[0]
    assert meter.line.short(0x5B, 0xFD)[38:-4] == asked[1]


class Steps:
    """Counts the rows that a meter makes, meanwhile."""

    def __init__(self, meter):
        self.readout = meter.module._readout
        self.n = 0

    def __enter__(self):
        step = self.readout.step

        def counted(telegram):
            self.n += 1
            return step(telegram)

        self.readout.step = counted
        return self

    def __exit__(self, *exception):
        del self.readout.step


def steps_of(meter, c):
    """How many rows are made while a request waits for its reply."""
    with Steps(meter) as steps:
        assert len(meter.line.short(c, 5)) > 100
    return steps.n


class Makes:
    """Counts the readouts for which a meter takes room, and the snapshots, beyond the first."""

    def __init__(self, meter):
        pool = meter.module._ahead._pool
        self.readouts = self.counted(pool)
        self.snapshots = self.counted(pool._free[0]._makers)

    @staticmethod
    def counted(pool):
        made, make = [], pool._make

        def counted():
            made.append(0)
            return make()

        pool._make = counted
        return made

    @property
    def n(self):
        return len(self.readouts), len(self.snapshots)


def test_a_readout_is_ready_at_any_time_also_while_the_next_one_is_made():
    meter = Meter()
    makes = Makes(meter)
    meter.line.short(0x40, 5)
    for n in range(60):
        # Of the second that values count for, and of what it takes to make the next ones.
        meter.pass_time(400 + 20 * n, 20)
        assert steps_of(meter, 0x7B) == 0 == steps_of(meter, 0x5B), n
    assert makes.n == (1, 0)


def test_what_is_made_in_part_is_taken_as_far_as_it_is():
    meter = Meter()
    meter.send("02FF680000")
    whole = steps_of(meter, 0x7B)
    meter.send("02FF680000")
    meter.pass_time(20, 20)
    assert steps_of(meter, 0x7B) == whole - 7, "7 rows behind the values of that moment"


def test_what_was_asked_for_before_it_was_ready_goes_before_the_next_readout():
    meter = Meter()
    meter.send("02FF680000")
    assert steps_of(meter, 0x7B) > 10
    meter.pass_time(160, 20)
    assert steps_of(meter, 0x5B) == 0


def test_nothing_is_made_while_values_stay():
    meter = Meter()
    meter.pass_time(2000, 20)
    meter.pass_time(500, 20)
    with Steps(meter) as steps:
        for _ in range(50):
            meter.module.tick(meter.line.now)
    assert steps.n == 0


def test_a_command_voids_what_is_made_in_part():
    meter = Meter(tariff_source="bus", telegrams="3")
    for looks in range(1, 12):
        meter.send("01FF130%d" % (1 + looks % 4))
        meter.pass_time(20 * looks, 20)
        meter.send("01FF130%d" % (1 + (looks + 1) % 4))
        assert any("01FF130%d" % (1 + (looks + 1) % 4) in body for body in sequence(meter))


def test_readouts_that_are_not_heard_to_their_end_take_no_more_room_each_time():
    meter = Meter()
    makes = Makes(meter)
    for n in range(20):
        if n & 1:
            meter.line.send(0x53, 0xFD, 0x52, "785634120D170102")
            meter.line.short(0x7B, 0xFD)
        meter.pass_time(100 * n, 20)
        meter.send("02FF680000")
        meter.pass_time(20 * n, 20)
        meter.line.short(0x40, 5)
        meter.line.short(0x7B, 5)
        meter.pass_time(100 * n, 20)
    # One of each address, one that is ready, one that is made; of two moments at the most.
    assert makes.n == (3, 1)
