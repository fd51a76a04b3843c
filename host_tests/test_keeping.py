# SPDX-License-Identifier: MIT
"""When the meter is stored, in which order, and what is found again."""

from helpers import raises
from meters import Meter, Slots
from test_commands import register


def pulses(meter, n):
    meter.meter.pulse(0, n, meter.line.now)
    meter.pass_time(1000)


def test_what_is_counted_is_stored_by_intervals():
    meter = Meter(source="pulse1", save_min="2")
    pulses(meter, 5)
    assert not meter.module.due(meter.line.now)
    meter.pass_time(118_000)
    assert not meter.module.due(meter.line.now)
    meter.pass_time(1_000)
    assert meter.module.due(meter.line.now)
    meter.persist()
    assert not meter.module.due(meter.line.now)
    meter.pass_time(600_000)
    assert not meter.module.due(meter.line.now), "nothing was counted"


def test_a_command_is_stored_at_once():
    meter = Meter(source="pulse1")
    meter.send("0CFD6778563412")
    assert meter.module.due(meter.line.now)


def test_records_are_written_by_turns_and_only_where_they_changed():
    meter = Meter()
    written = []
    save = meter.slots.save

    def noted(slot, octets):
        written.append(slot)
        save(slot, octets)

    meter.module._keeping._flash.store._save = noted
    meter.send("0CFD6778563412")
    meter.persist()
    meter.send("017A08")
    meter.persist()
    meter.send("00FFC00B", a=254)
    meter.persist()
    settings, state, log, period = (0, 1), (2, 3), (64, 65), (2 * (16 + 10), 2 * (16 + 10) + 1)
    assert written == [
        state[0],
        settings[0],
        log[0],
        state[1],
        period[0],
        log[1],
        state[0],
    ]


def test_a_full_store_is_tried_again_and_nothing_is_taken_for_stored():
    meter = Meter(source="pulse1")
    meter.send("00FFC00B")
    meter.slots.full = True
    for _ in range(2):
        try:
            meter.persist()
        except OSError:
            pass
        assert meter.module.due(meter.line.now)
    meter.slots.full = False
    meter.persist()
    assert meter.restarted().meter.history.closed == 1


def test_both_copies_spoiled_is_told_and_starts_anew():
    meter = Meter()
    meter.send("0CFD6778563412")
    meter.persist()
    meter.slots.octets[2] = b"\xff" * 100
    again = meter.restarted()
    assert register(again, "08FD67") == "0CFD6700000000"
    assert register(again, "08FD17") == "04FD1702000000"
    assert again.line.data(0x7B)[1] == 0x08


def stored(meter):
    """All slots but those of the starts that are counted."""
    return {slot: octets for slot, octets in meter.slots.octets.items() if slot not in (8, 9)}


def test_what_does_not_go_with_the_configuration_is_left_alone():
    meter = Meter(ct="yes")
    meter.meter.energy.preset(0, 99_000_000_000, 1)
    meter.send("0CFD6778563412")
    meter.persist()
    before = stored(meter)
    meter.given["ct"] = "no"
    again = meter.restarted()
    assert "does not go with this configuration" in again.module.failure
    assert register(again, "08FD17") == "04FD1701000000"
    again.send("0CFD6711111111")
    assert not again.module.due(again.line.now)
    assert stored(again) == before
    meter.given["ct"] = "yes"
    assert register(meter.restarted(), "08FD67") == "0CFD6778563412"


def test_periods_of_a_life_before_are_not_shown():
    slots = Slots()
    meter = Meter(slots)
    meter.send("00FFC00B")
    meter.persist()
    for slot in (2, 3):
        slots.octets.pop(slot, None)  # the meter's record is gone, its periods are not
    again = Meter(slots, source="pulse1")
    assert register(again, "4804") == "408415"


def test_a_save_that_ends_early_goes_on_and_what_was_taken_back_never_counts():
    meter = Meter(source="pulse1", primary=5)
    meter.send("017A07" + "0CFD6778563412")
    meter.persist()
    meter.send("017A09", a=7)
    # The first write is let through, the second one not.
    answers = [True, True, False]
    meter.module.persist(meter.line.now, lambda: answers.pop(0))
    assert not answers and meter.module.due(meter.line.now)
    assert meter.restarted().module.primary == 7
    meter.module.set_primary(7)
    meter.persist()
    assert not meter.module.due(meter.line.now)
    again = meter.restarted()
    assert again.module.primary == 7 and again.meter.events.total == meter.meter.events.total


def test_what_a_save_has_written_is_not_written_again_when_it_goes_on():
    meter = Meter(source="pulse1", primary=5)
    meter.persist()
    meter.send("017A09")
    meter.send("00FFC00B", a=9)
    written = []
    save = meter.slots.save
    meter.module._keeping._flash.store._save = lambda slot, octets: (
        written.append(slot),
        save(slot, octets),
    )
    for _ in range(4):
        answers = [True, True, False]
        meter.module.persist(meter.line.now, lambda answers=answers: answers.pop(0))
    assert len(written) == len(set(written)) == 4, "settings, period, events, meter"
    assert not meter.module.due(meter.line.now)
    again = meter.restarted()
    assert again.module.primary == 9 and again.meter.history.closed == 1


def test_a_cut_in_the_first_commit_of_all_leaves_nothing_behind():
    meter = Meter(source="pulse1")
    meter.send("066D1E2DC7363B2F")
    meter.send("00FFC00B")
    save = meter.slots.save

    def torn(slot, octets):
        if slot in (2, 3):
            save(slot, octets[: len(octets) // 2])
            raise OSError(5)
        save(slot, octets)

    meter.module._keeping._flash.store._save = torn
    raises(OSError, meter.module.persist, meter.line.now)
    again = meter.restarted()
    assert (again.meter.history.closed, again.meter.events.total) == (0, 0)
    again.send("066D1E2DC7363B2F")
    again.persist()
    assert again.restarted().meter.events.total == 1
