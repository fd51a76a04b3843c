# SPDX-License-Identifier: MIT
"""Energy registers: sums, remainders, wraps, storage."""

from helpers import raises
from meter import energy, ratio
from meter.energy import A_MINUS, A_PLUS, R1, R2, R3, R4, R_MINUS, R_PLUS, Energy, PulseWeight

# kind, numerator, denominator, what the register shows of it
ADDED = (
    (A_PLUS, 123, 1, 12),
    (A_PLUS, 9999, 1000, 0),
    (A_MINUS, 10, 1, 1),
    (A_MINUS, 7 * 1000, 6400, 0),
    (R1, 999, 1, 0),
    (R2, 2000, 1, 2),
    (R3, 5000, 3, 1),
    (R4, 0, 1, 0),
)


def sums(meter, kind):
    return sum(meter.value(kind, tariff) for tariff in range(1, energy.TARIFFS + 1))


def test_an_increment_goes_to_its_kind_and_tariff_only():
    for kind, numerator, denominator, shown in ADDED:
        for tariff in range(1, 5):
            meter = Energy()
            meter.add(kind, numerator, denominator, tariff)
            for k in range(6):
                for t in range(1, 5):
                    want = shown if (k, t) == (kind, tariff) else 0
                    assert meter.value(k, t) == want, (kind, tariff, k, t)
                assert meter.value(k) == (shown if k == kind else 0)


def test_a_remainder_is_carried_until_it_makes_a_unit():
    meter = Energy()
    for pulse in range(1, 6401):
        meter.add(A_PLUS, 1000, 6400, 1)
        assert meter.value(A_PLUS) == pulse * 1000 // 6400 // 10
        assert meter.verification(A_PLUS) == pulse * 10000 // 6400
    assert meter.value(A_PLUS, 1) == 100


def test_the_total_is_the_sum_of_the_tariffs_as_shown():
    meter = Energy()
    for tariff in range(1, 5):
        meter.add(A_PLUS, 19, 1, tariff)
        meter.add(R1, 1999, 1, tariff)
    assert meter.value(A_PLUS) == sums(meter, A_PLUS) == 4
    assert meter.value(R1) == sums(meter, R1) == 4
    # what the total is behind has not been lost
    assert meter.verification(A_PLUS) == 760
    for tariff in range(1, 5):
        meter.add(A_PLUS, 1, 1, tariff)
    assert meter.value(A_PLUS) == sums(meter, A_PLUS) == 8


def test_reactive_sums_are_of_quadrants_with_their_remainders():
    meter = Energy()
    for kind, tariff, varh in ((R1, 1, 700), (R2, 1, 700), (R3, 2, 999), (R4, 2, 1001)):
        meter.add(kind, varh, 1, tariff)
    assert [meter.value(kind) for kind in (R1, R2, R3, R4)] == [0, 0, 0, 1]
    assert (meter.value(R_PLUS), meter.value(R_MINUS)) == (1, 2)
    assert [meter.value(R_PLUS, t) for t in range(1, 5)] == [1, 0, 0, 0]
    assert [meter.value(R_MINUS, t) for t in range(1, 5)] == [0, 2, 0, 0]


def test_registers_wrap_at_the_display():
    meter = Energy()
    meter.add(A_PLUS, 9, 1, 1)
    meter.preset(A_PLUS, 999_999_999, 1)  # which drops the remainder
    meter.preset(R1, 9_999_999, 2)
    meter.add(A_PLUS, 9, 1, 1)
    meter.add(R1, 999, 1, 2)
    assert (meter.value(A_PLUS), meter.value(R_PLUS)) == (999_999_999, 9_999_999)
    meter.add(A_PLUS, 1, 1, 1)
    meter.add(R2, 1, 1, 2)
    assert (meter.value(A_PLUS), meter.value(R_PLUS), meter.value(R_PLUS, 2)) == (0, 0, 0)
    meter.add(A_PLUS, 10, 1, 1)
    assert meter.value(A_PLUS, 1) == 1


def test_the_sum_of_tariffs_wraps_as_they_do():
    meter = Energy()
    for tariff in (1, 2):
        meter.preset(A_PLUS, 600_000_000, tariff)
        meter.preset(R3, 6_000_000, tariff)
    assert meter.value(A_PLUS) == 200_000_000
    assert meter.value(R_MINUS) == meter.value(R3) == 2_000_000


def test_verification_wraps_at_a_thousand_kwh():
    meter = Energy()
    meter.add(A_PLUS, 9_999_999, 10, 1)
    meter.add(A_MINUS, 5, 10, 4)
    assert meter.verification(A_PLUS) == 9_999_999
    meter.add(A_PLUS, 1, 10, 2)
    assert meter.verification(A_PLUS) == 0
    assert meter.verification(A_MINUS) == 5


def test_verification_goes_on_where_the_display_wraps():
    meter = Energy()
    meter.preset(A_PLUS, 999_999_999, 1)
    meter.add(A_PLUS, 99, 10, 1)
    assert meter.verification(A_PLUS) == 9_999_999
    meter.add(A_PLUS, 2, 10, 1)
    assert meter.verification(A_PLUS) == 1


def test_clearing_a_resettable_register_touches_no_other():
    meter = Energy()
    for kind in (A_PLUS, A_MINUS):
        for tariff in (1, 2):
            meter.add(kind, 56, 1, tariff)
        assert meter.resettable(kind) == 11
    meter.clear(A_PLUS)
    assert (meter.resettable(A_PLUS), meter.resettable(A_MINUS)) == (0, 11)
    assert meter.value(A_PLUS) == 10
    assert meter.verification(A_PLUS) == 1120
    meter.add(A_PLUS, 9, 1, 1)  # the remainder was cleared too
    assert meter.resettable(A_PLUS) == 0


def test_a_terminal_side_counts_single_wh_and_wraps_earlier():
    meter = Energy(1, 1, 1_000_000)
    meter.add(A_PLUS, 5, 2, 3)
    meter.add(R1, 3, 1, 3)
    assert (meter.value(A_PLUS), meter.value(R_PLUS, 3)) == (2, 3)
    meter.add(A_PLUS, 999_999_999, 1, 3)
    assert meter.value(A_PLUS, 3) == 1


def test_a_primary_side_counts_nine_digits_of_kwh():
    meter = Energy(10, 1000, energy.CT_WRAP_KWH)
    meter.add(A_PLUS, 99_999_999_999 * 10, 1, 1)  # 48 bits hold it, 32 do not
    meter.add(R3, 999_999_999_999, 1, 2)
    assert meter.value(A_PLUS) == meter.resettable(A_PLUS) == 99_999_999_999
    assert meter.value(R_MINUS) == 999_999_999
    assert (meter.wrap(A_PLUS), meter.wrap(R_MINUS)) == (10**11, 10**9)
    other = Energy(10, 1000, energy.CT_WRAP_KWH)
    other.load(meter.dump())
    for each in (meter, other):
        each.add(A_PLUS, 20, 1, 1)
        each.add(R4, 1, 1, 2)
        assert (each.value(A_PLUS, 1), each.value(R_MINUS)) == (1, 0)
    raises(ValueError, Energy().load, meter.preset(A_PLUS, 10**9, 1) or meter.dump())


def test_a_ratio_that_does_not_go_with_the_remainders_changes_nothing():
    meter = Energy()
    meter.add(A_PLUS, 1, 4_294_967_291, 1)
    before = meter.dump()
    assert not meter.takes(1, 4_294_967_279)
    raises(ValueError, meter.add, A_PLUS, 1, 4_294_967_279, 1)
    assert meter.dump() == before
    assert meter.takes(1, 1000)
    meter.add(A_PLUS, 1, 1000, 1)


def test_what_was_dumped_is_loaded_with_its_remainders():
    meter = Energy()
    for n, (kind, numerator, denominator, _) in enumerate(ADDED):
        meter.add(kind, numerator * 7, denominator, n % 4 + 1)
    meter.clear(A_MINUS)
    other = Energy()
    other.load(meter.dump())
    assert other.dump() == meter.dump()
    for one in (meter, other):
        one.add(A_PLUS, 1, 7, 2)
    assert other.dump() == meter.dump()
    assert other.value(A_PLUS, 1) == 86
    assert len(meter.dump()) == 424


def test_an_unsound_dump_changes_nothing():
    meter = Energy()
    meter.add(A_PLUS, 1234, 7, 1)
    good = meter.dump()
    zero = bytes(len(good))
    for bad in (
        b"",
        good[:-1],
        good + b"\0",
        zero,  # a denominator of 0
        b"\xff" * 8 + good[8:],
        good[:8] + b"\x00\xca\x9a\x3b" + good[12:],  # one more than the display
        good[:12] + b"\1" + good[13:],  # beyond 32 bits
        good[:216] + b"\xff" * 8 + good[224:],  # a negative remainder
        good[:216] + b"\x46" + bytes(7) + good[224:],  # a remainder of a whole unit
    ):
        raises(ValueError, meter.load, bad)
        assert meter.dump() == good


def test_a_refused_increment_changes_nothing():
    meter = Energy()
    meter.add(A_PLUS, 1, 3, 1)
    before = meter.dump()
    for kind, numerator, denominator, tariff in (
        (R_PLUS, 1, 1, 1),
        (-1, 1, 1, 1),
        (A_PLUS, 1, 1, 0),
        (A_PLUS, 1, 1, 5),
        (A_PLUS, -1, 1, 1),
        (A_PLUS, 1, 0, 1),
        (A_PLUS, 1, -1, 1),
        (A_PLUS, 1, ratio.DENOMINATOR_MAX, 1),
    ):
        raises(ValueError, meter.add, kind, numerator, denominator, tariff)
        assert meter.dump() == before


def test_a_register_that_is_not_there_is_refused():
    meter = Energy()
    for method, args in (
        (meter.value, (8,)),
        (meter.value, (-1,)),
        (meter.value, (A_PLUS, 5)),
        (meter.resettable, (R1,)),
        (meter.clear, (R1,)),
        (meter.verification, (R1,)),
        (meter.preset, (R_PLUS, 1, 1)),
        (meter.preset, (A_PLUS, 1, 0)),
        (meter.preset, (A_PLUS, 1_000_000_000, 1)),
        (meter.preset, (A_PLUS, -1, 1)),
    ):
        raises(ValueError, method, *args)


def test_a_denominator_grows_only_as_far_as_it_must():
    rests = ratio.Ratios(1)
    rests.numerators[0] = 1
    for numerator, denominator, scaled, common in (
        (1, 4, 1, 4),
        (1, 6, 2, 12),
        (1000, 6400, 15, 96),
        (5, 1, 480, 96),
        (0, 1001, 0, 96),
    ):
        assert rests.scaled(numerator, denominator) == scaled
        assert rests.denominator == rests.numerators[0] == common


def test_a_pulse_is_worth_its_weight():
    for pulses, per, unit, count, shown in (
        (1000, 1, "kWh", 1000, 100),
        (1000, 1, "kWh", 9, 0),
        (6400, 1, "kWh", 6399, 99),
        (1, 2, "kWh", 3, 600),  # half a pulse a kWh
        (100, 1, "m3", 7, 70),
        (1, 10, "l", 7, 70),
        (4, 1, "l", 7, 1),
        (1, 1, "none", 7, 7),
        (3, 2, "none", 7, 4),
    ):
        assert PulseWeight(pulses, per, unit).value(count) == shown, (pulses, per, unit)


def test_pulses_of_a_weight_add_up_in_a_register():
    weight = PulseWeight(6400)
    assert (weight.unit, weight.numerator, weight.denominator) == ("kWh", 5, 32)
    meter = Energy()
    for _ in range(1600):
        meter.add(A_PLUS, 4 * weight.numerator, weight.denominator, 2)
    assert meter.verification(A_PLUS) == 10_000
    assert meter.value(A_PLUS, 2) == weight.value(6400) == 100


def test_a_change_of_weight_keeps_the_remainder():
    meter = Energy()
    for pulses in (6400, 600, 1000, 7, 6400):
        weight = PulseWeight(pulses)
        meter.add(A_PLUS, pulses * weight.numerator - 1, weight.denominator, 1)
    # 5 kWh less 1/32 + 1/3 + 1 + 1/7 + 1/32 Wh
    assert meter.value(A_PLUS) == 499
    assert meter.verification(A_PLUS) == 49_984
    meter.add(A_PLUS, 1034, 672, 1)
    assert meter.verification(A_PLUS) == 50_000


def test_a_weight_that_says_nothing_is_refused():
    for args in ((0,), (1, 0), (-1,), (1 << 32,), (1, 1 << 32), (1, 1, "MWh")):
        raises(ValueError, PulseWeight, *args)
