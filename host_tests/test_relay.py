# SPDX-License-Identifier: MIT
"""The coils of the breaker's relay: pulsed only to move it, spaced, and not at start."""

from meter.relay import NONE, OFF, ON, Relay


class Bench:
    """A relay under a contact that follows, or one that is stuck."""

    def __init__(self, contact=1, stuck=False, seen=True, **given):
        self.relay = Relay(**given)
        self.contact = contact
        self.stuck = stuck
        self.seen = seen
        self.now = 1000
        self.pulses = []

    def run(self, ms, wanted):
        for _ in range(ms // 20):
            self.now += 20
            coil = self.relay.tick(self.now, wanted, self.contact if self.seen else None)
            if coil != NONE:
                self.pulses.append((self.now, coil))
                if not self.stuck:
                    self.contact = 1 if coil == ON else 0
        return self


def coils(bench):
    return [coil for _, coil in bench.pulses]


def test_nothing_is_pulsed_at_start_whatever_the_contact_says():
    for contact in (0, 1):
        for wanted in (0, 1):
            for seen in (True, False):
                assert not Bench(contact, seen=seen).run(60_000, wanted).pulses


def test_a_command_pulses_one_coil_once():
    for seen in (True, False):
        bench = Bench(1, seen=seen).run(1000, 1).run(60_000, 0)
        assert coils(bench) == [OFF] and bench.contact == 0
        bench.run(60_000, 1)
        assert coils(bench) == [OFF, ON] and bench.contact == 1
        assert bench.relay.position == 1


def test_pulses_are_spaced_and_the_last_command_counts():
    bench = Bench(1).run(1000, 1).run(1000, 0).run(1000, 1).run(1000, 0).run(60_000, 1)
    assert coils(bench) == [OFF, ON]
    assert bench.pulses[1][0] - bench.pulses[0][0] >= 10_000
    bench = Bench(1).run(1000, 1).run(1000, 0).run(1000, 1).run(60_000, 0)
    assert coils(bench) == [OFF]


def test_a_contact_that_does_not_follow_is_tried_three_times():
    bench = Bench(1, stuck=True).run(1000, 1).run(120_000, 0)
    assert coils(bench) == [OFF] * 3
    assert bench.relay.position == 1, "the contact is the truth"
    times = [at for at, _ in bench.pulses]
    assert all(b - a >= 10_000 for a, b in zip(times, times[1:]))


def test_without_a_contact_the_stored_position_counts():
    bench = Bench(seen=False, position=0).run(1000, 0).run(20_000, 1)
    assert coils(bench) == [ON] and bench.relay.position == 1


def test_a_contact_moved_by_hand_is_left_alone():
    bench = Bench(1).run(1000, 1)
    bench.contact = 0
    assert not bench.run(60_000, 1).pulses
