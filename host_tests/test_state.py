# SPDX-License-Identifier: MIT
"""What of a meter outlives a power gap, and what is done about what does not go with it."""

from helpers import raises
from meter import keys, state
from meter.meter import Meter
from meter.orders import Orders
from meter.reading import value
from node.config import Config

KINDS = (
    {},
    {"ct": "yes", "ratio": "100"},
    {"breaker": "yes", "prepayment": "yes"},
    {"source": "load_profile", "phases": "1", "tariff_source": "bus"},
    {"source": "none", "pulse1_unit": "none"},
)


def lived(**given):
    """A meter that has seen something."""
    meter = Meter(Config(given), 0)
    orders = Orders(meter)
    meter.clock.set(817128000, 0)
    for second in range(0, 3600, 30):
        meter.pulse(0, 3, second * 1000)
        meter.tick(second * 1000)
    orders.set_special(0, 12345678)
    orders.set_special(1, 87654321)
    orders.set_tariff(3)
    orders.set_threshold(4000)
    orders.lock_ratio(1)
    orders.prepayment_mode(1)
    orders.set_credit(500)
    orders.breaker(0, 3_600_000)
    orders.debiting_stop(3_600_000)
    meter.tick(3_700_000)
    return meter


def shown(meter):
    """All that is read of a meter, but the running demand, the powers and the clock."""
    skipped = keys.LIVE, keys.LEVEL
    result = []
    for group in b"cemxavzplqk":
        for index in range(21 if group == keys.OTHER else 2):
            if group == keys.OTHER and index in (keys.TIME, keys.RTC_STATUS):
                continue
            if group not in skipped and index < 20:
                result.append(value(meter, group, index))
    return result


def test_what_was_dumped_is_loaded():
    for given in KINDS:
        meter = lived(**given)
        again = Meter(Config(given), 0)
        assert shown(again) != shown(meter)
        state.load(again, state.dump(meter))
        assert shown(again) == shown(meter), given
        again.history = meter.history
        again.clock.set(meter.clock.seconds, 0)
        assert state.dump(again) == state.dump(meter), given


def test_a_record_that_is_cut_or_of_another_form_is_refused():
    octets = state.dump(lived())
    for size in range(1, len(octets), 7):
        meter = Meter(Config({}), 0)
        try:
            state.load(meter, octets[:size])
        except ValueError:
            continue
        # Cut between two sections: they are whole, and the others stay as configured.
        assert octets[:size] == state.dump(lived())[:size]
    raises(ValueError, state.load, Meter(Config({}), 0), octets + b"\x01")
    raises(ValueError, state.load, Meter(Config({}), 0), b"e\x02\x00ab")


def test_sections_of_other_versions_are_passed_over():
    octets = state.dump(lived())
    meter = Meter(Config({}), 0)
    state.load(meter, b"Z\x03\x00abc" + octets + b"Y\x00\x00")
    assert state.dump(meter)[:500] == octets[:500]


def test_more_than_this_meter_shows_is_refused_and_not_cut():
    meter = Meter(Config({"ct": "yes", "source": "host"}), 0)
    meter.energy.preset(0, 99_000_000_000, 1)
    error = raises(ValueError, state.load, Meter(Config({}), 0), state.dump(meter))
    assert "register" in str(error)


def test_a_weight_of_another_configuration_must_go_with_the_remainders():
    meter = Meter(Config({"pulse1_weight": "4294967291"}), 0)
    meter.pulse(0, 1, 0)
    meter.tick(1000)
    other = Meter(Config({"pulse1_weight": "4294967279"}), 0)
    error = raises(ValueError, state.load, other, state.dump(meter))
    assert "4294967279/1" in str(error)
