# SPDX-License-Identifier: MIT
"""What was counted since the last save outlives a reset, in memory of the chip."""

from memories import Memory
from meter.meter import Meter
from node.assembly import assemble
from node.config import Config
from node.mirror import Mirror
from slots import Slots


def started(slots, memory, given):
    module = assemble(Config(given), slots, 1000, others=(None, memory))
    return module, module.meter


def count(module, seconds, n=3):
    """Pulses on both inputs, for so many seconds."""
    now = module._ticked_at
    for _ in range(seconds):
        now += 1000
        module.meter.pulse(0, n, now)
        module.meter.pulse(1, n + 1, now)
        module.tick(now)
    return now


def shown(meter):
    """All registers, and what they would show with a digit more."""
    energy = meter.energy
    values = [energy.value(kind, tariff) for kind in (0, 1) for tariff in range(5)]
    return values, energy.verification(0), [one.count for one in meter.pulses]


def test_a_reset_loses_nothing_and_a_power_cut_what_was_not_saved():
    for given in (
        {"source": "pulse1"},
        {"source": "pulse2", "pulse2_unit": "kWh", "pulse2_weight": "1000/7"},
        {"source": "none"},
        {"source": "pulse1", "ct": "yes", "ratio": "100"},
    ):
        slots, memory = Slots(), Memory()
        module, meter = started(slots, memory, given)
        now = count(module, 5)
        module.persist(now)
        module.meter.changed = True
        module.persist(now)
        saved = [one.count for one in meter.pulses]
        count(module, 7)
        _, again = started(slots, memory, given)
        assert shown(again) == shown(meter)
        assert again.changed, "and is saved at once"
        memory.power_cut()
        _, again = started(slots, memory, given)
        assert [one.count for one in again.pulses] == saved


def test_resets_that_follow_each_other_lose_nothing():
    slots, memory = Slots(), Memory()
    given = {"source": "pulse1"}
    total = 0
    for n in range(5):
        module, meter = started(slots, memory, given)
        assert meter.pulses[0].count == total
        count(module, 2, n)
        total += 2 * n
    module, meter = started(slots, memory, given)
    module.persist(2000)
    _, again = started(slots, memory, given)
    assert again.pulses[0].count == total, "not twice"


def test_pulses_are_of_the_tariff_they_came_under():
    slots, memory = Slots(), Memory()
    given = {"source": "pulse1", "tariff_source": "bus", "pulse1_weight": "1"}
    module, meter = started(slots, memory, given)
    for tariff in (2, 1, 4, 2):
        meter.tariff.active = tariff
        count(module, tariff)
    assert meter.energy.value(0, 4) == 4 * 300
    _, again = started(slots, memory, given)
    for tariff in range(5):
        assert again.energy.value(0, tariff) == meter.energy.value(0, tariff), tariff


def test_credit_goes_with_what_is_counted_again():
    slots, memory = Slots(), Memory()
    given = {"source": "pulse1", "breaker": "yes", "prepayment": "yes", "pulse1_weight": "100"}
    module, meter = started(slots, memory, given)
    meter.prepayment.set_mode(1)
    meter.prepayment.set(1000)
    meter.changed = True
    module.persist(1000)
    count(module, 10)
    left = meter.prepayment.credit
    assert left == 970
    _, again = started(slots, memory, given)
    assert again.prepayment.credit == left


def test_what_goes_with_another_save_or_is_torn_does_not_count():
    memory = Memory()
    meter = Meter(Config({"source": "pulse1"}), 0)
    mirror = Mirror(memory)
    mirror.begin(meter, 7)
    meter.pulse(0, 5, 0)
    meter.tick(1000)
    mirror.note(meter)
    good = memory.octets
    for generation, octets, counts in (
        (7, good, True),
        (7, good + b"\xff" * 8, True),
        (6, good, False),
        (8, good, False),
        (7, good[:-1], False),
        (7, b"", False),
        (7, bytes(20), False),
        (7, good[:4] + b"\x09" + good[5:], False),
    ):
        memory.octets = octets
        again = Meter(Config({"source": "pulse1"}), 0)
        assert Mirror(memory).restore(again, generation) == counts
        assert again.pulses[0].count == (5 if counts else 0)


def test_a_register_that_is_set_is_no_count():
    slots, memory = Slots(), Memory()
    module, meter = started(slots, memory, {"source": "pulse1"})
    count(module, 2)
    meter.pulses[0].count = 2_000_000
    now = count(module, 1, 0)
    meter.changed = True
    module.persist(now)
    _, again = started(slots, memory, {"source": "pulse1"})
    assert again.pulses[0].count == 2_000_000
