# SPDX-License-Identifier: MIT
"""Damage of any kind is reported, never raised, and stays where it is."""

from mutants import Random, bases, check_damage_stays_in_one_value, mutate, telegram

MUTANTS = 5000


def test_no_mutant_raises_and_every_error_has_a_place():
    random = Random(13757)
    telegrams = bases()
    for i in range(MUTANTS):
        octets = mutate(telegrams[i % len(telegrams)], random)
        found = telegram(octets)
        for record in found.records():
            empty = record.data_at == record.next_at
            assert record.value is not None or record.error or empty
        for place, words in found.errors:
            assert 6 <= place < len(octets), (place, words)


def test_damage_in_the_data_of_one_record_leaves_all_others_as_they_were():
    random = Random(2)
    for octets in bases():
        check_damage_stays_in_one_value(octets, random, 5)
