# SPDX-License-Identifier: MIT
"""What a meter with a key checks, each with a patch that takes the check away.

A row: the check, the clause of the protocol reference, the test of the attack suite that notices,
the patch.  Where a second check hides that one is gone, the row says so and takes both away.
"""

import inspect
import sys
import textwrap

import test_keys_read as reading

import test_attack_cuts as cuts
import test_attack_flips as flips
import test_attack_forms as forms
import test_attack_replay as replay
import test_keyring
import test_reader_keys as reader
import test_secured_forged as forged
import test_secured_keys as keys
import test_secured_policy as policy
from mbus import afl, command, configuration, secured
from mbus.secured import Envelope
from mbusnode import securedreading
from mbusnode.secured import Security
from mbusnode.securedreading import OpenedMeter
from meter.orders import Orders
from node import guard, syntax
from node.guard import Guard, Policy
from node.keyring import Keyring
from reader.keys import Keys


def rewritten(owner, name, *changes):
    """A patch: owner.name with pieces of its text replaced, (old, new) each."""

    def patch(monkeypatch):
        function = getattr(owner, name)
        text = textwrap.dedent(inspect.getsource(function))
        for old, new in changes:
            assert text.count(old) == 1, "%s: %d times %r" % (name, text.count(old), old)
            text = text.replace(old, new)
        made = {}
        exec(compile(text, name, "exec"), vars(sys.modules[function.__module__]), made)
        monkeypatch.setattr(owner, name, made[name])

    return patch


def answering(owner, name, answer):
    """A patch: owner.name says always the same."""
    return lambda monkeypatch: monkeypatch.setattr(owner, name, lambda *_, **__: answer)


def valued(owner, name, value):
    """A patch: owner.name is another value."""
    return lambda monkeypatch: monkeypatch.setattr(owner, name, value)


def both(*patches):
    """A patch: all of these."""

    def patch(monkeypatch):
        for one in patches:
            one(monkeypatch)

    return patch


_ADDRESS = rewritten(Envelope, "read", (" or (address and self.address != bytes(address))", ""))
_NO_TAIL = rewritten(
    Envelope,
    "read",
    ("found.end + found.blocks * _BLOCK != end", "found.end + found.blocks * _BLOCK > end"),
    ("tpl, found.end, end", "tpl, found.end, found.end + found.blocks * _BLOCK"),
)
_ANY_BLOCKS = rewritten(configuration, "is_accepted", (" and found.blocks > 0", ""))
_MAC = rewritten(Envelope, "_open", ("differ(self._mac(key), self.tag, afl.MAC_SIZE)", "False"))
_FILLERS = rewritten(
    Envelope, "_open", ("self.plain[0] != _FILLER or self.plain[1] != _FILLER", "False")
)
_LEADING = rewritten(
    Envelope, "_take_counter", ("self.plain[at : at + 3] != _COUNTER_RECORD", "False")
)
# A station that takes mode 7 without an AFL has to guess the counter, and has no MAC to compare.
_AFL = both(
    rewritten(
        Envelope,
        "read",
        ("front is None or not afl.is_accepted(front)", "front and not afl.is_accepted(front)"),
        ("self.counter = front.counter", "self.counter = front.counter if front else 1"),
        ("buf[front.mac_at : front.mac_at + afl.MAC_SIZE]", "bytes(8)"),
    ),
    _MAC,
)


def obeys_before_it_stores(monkeypatch):
    accept, obey = Keyring.accept, Guard._obey

    def late(self, now):
        taken = []
        monkeypatch.setattr(Keyring, "accept", lambda _, *given: taken.append(given))
        code = obey(self, now)
        monkeypatch.setattr(Keyring, "accept", accept)
        for given in taken:
            self._ring.accept(*given)
        return code

    monkeypatch.setattr(Guard, "_obey", late)


def trusts_everybody(monkeypatch):
    lock_ratio = Orders.lock_ratio
    monkeypatch.setattr(Orders, "lock_ratio", lambda self, lock, _: lock_ratio(self, lock, True))


def keeps_no_counter(monkeypatch):
    def accept(self, counter, tag):
        self.highest, self.last = counter, (counter, bytes(tag))

    monkeypatch.setattr(Keyring, "accept", accept)


def reserves_nothing(monkeypatch):
    def reserve(self):
        self._end += 128

    monkeypatch.setattr(Keyring, "reserve", reserve)


def below_the_level():
    test = reading.test_a_telegram_below_the_level_is_refused
    for case in test.pytestmark[0].args[1]:
        test(*case)


# fmt: off
REMOVALS = (
    # check                                   clause  what notices, and the patch
    ("clear where encryption is needed",      "5.4.1", forms.test_no_mode_but_5_and_7_and_not_5_where_7_is_required,
     answering(Guard, "denies", False)),
    ("an address beside other records",       "5.6",   policy.test_the_policy_holds_at_every_level,
     rewritten(Policy, "_of_records", ("max(needed, self._of_record(buf, at, vib_at, data_at))", "needed"))),
    ("the address of the header",             "5.4.2", forms.test_a_header_bears_the_address_of_this_meter, _ADDRESS),
    ("no clear tail",                         "5.4",   forms.test_no_clear_tail, _NO_TAIL),
    # Without blocks there is a tail, or nothing: the other check finds it.
    ("a block at least, and no clear tail",   "5.4",   forms.test_no_count_of_blocks_but_the_whole,
     both(_NO_TAIL, _ANY_BLOCKS)),
    ("the form of the configuration",         "5.1",   forms.test_no_bit_but_its_own_in_the_configuration_of_mode_5,
     answering(configuration, "is_accepted", True)),
    ("the form of the AFL",                   "5.4",   forms.test_a_mac_that_is_good_needs_the_one_form,
     answering(afl, "is_accepted", True)),
    # Hidden by the MAC, which is nowhere then, and by the keys, which need its counter.
    ("an AFL at all, and a MAC",              "5.4",   forms.test_mode_7_has_an_afl_and_mode_5_has_none, _AFL),
    ("no AFL in front of mode 5",             "5.6",   forms.test_mode_7_has_an_afl_and_mode_5_has_none,
     rewritten(Envelope, "read", ("front is not None or self.ci in _CLOCKS", "self.ci in _CLOCKS"))),
    ("the mode of the level",                 "5.4.3", forms.test_no_mode_but_5_and_7_and_not_5_where_7_is_required,
     rewritten(Envelope, "read", ("found.mode < least or ", ""))),
    ("a repetition is not obeyed again",      "5.4.4", replay.test_every_command_is_obeyed_and_its_repetition_is_not,
     rewritten(Guard, "_open", ("return REPEATED", "return envelope.open(ring.key)"))),
    ("a repetition is known",                 "5.4.4", replay.test_every_command_is_obeyed_and_its_repetition_is_not,
     both(rewritten(Guard, "_open", ("counter and envelope", "False and envelope")),
          rewritten(Envelope, "_open", ("if self._bears(last)", "if False")))),
    ("the MAC",                               "5.4.5", flips.test_a_flipped_bit_is_noticed_in_mode_7, _MAC),
    ("all octets of the MAC",                 "5.4.5", flips.test_a_flipped_bit_is_noticed_in_mode_7,
     valued(secured, "differ", lambda one, other, n: bytes(one[:7]) != bytes(other[:7]))),
    ("the counter of mode 7",                 "5.4.5", replay.test_behind_another_command_a_record_is_a_failure_for_ever,
     rewritten(Envelope, "_open", ("not repeated and not _fresh(self.counter, highest, _WINDOW_7)", "False"))),
    ("the counter of mode 5",                 "5.4.5", replay.test_behind_another_command_a_record_is_a_failure_for_ever,
     rewritten(Envelope, "_take_counter", ("_fresh(self.counter, highest, _WINDOW_5)", "True"))),
    ("the window of mode 7",                  "5.5",   replay.test_counters_that_were_used_are_refused_with_any_content,
     valued(secured, "_WINDOW_7", 1 << 32)),
    ("the window of mode 5",                  "5.6",   forged.test_a_counter_of_the_past_is_made_none_of_the_future,
     valued(secured, "_WINDOW_5", (1 << 24) - 1)),
    # In mode 7 the MAC has found it before; in mode 5 the record of the counter is in one block
    # with the two octets, and cannot be right where they are wrong.
    ("2F 2F, and the record of the counter",  "5.4.5", forms.test_a_mode_5_command_without_a_counter_is_none,
     both(_FILLERS, _LEADING)),
    ("the record of the counter",             "5.5",   forms.test_a_mode_5_command_without_a_counter_is_none, _LEADING),
    ("no mode 5 where mode 7 is needed",      "5.4.5", forms.test_no_mode_but_5_and_7_and_not_5_where_7_is_required,
     rewritten(Guard, "_judge", ("== MODE_7", "== -1"))),
    ("what mode 7 is needed for",             "5.5",   forms.test_no_mode_but_5_and_7_and_not_5_where_7_is_required,
     valued(guard, "_GUARDED", ())),
    # Hidden by the meter, which asks who it is that unlocks.
    ("unlocking the ratio, twice",            "5.5",   policy.test_the_ratio_is_unlocked_in_mode_7_alone,
     both(valued(guard, "_UNLOCK", ()), trusts_everybody)),
    ("clocks of 6C and 6D in mode 7 alone",   "5.4",   forms.test_no_mode_but_5_and_7_and_not_5_where_7_is_required,
     valued(secured, "_CLOCKS", b"")),
    ("stored before it is obeyed",            "5.4.6", cuts.test_what_cannot_be_stored_is_not_obeyed,
     obeys_before_it_stores),
    ("the counter outlives a power cut",      "5.5",   replay.test_behind_another_command_a_record_is_a_failure_for_ever,
     keeps_no_counter),
    ("counters of read-outs are reserved",    "5.5",   cuts.test_no_counter_of_a_readout_comes_twice_wherever_the_supply_goes,
     reserves_nothing),
    ("the last counter is for a new key",     "5.6",   replay.test_an_exhausted_counter_refuses_until_there_is_another_key,
     valued(guard, "LAST_COUNTER", -1)),
    ("no key of the past",                    "5.6",   replay.test_a_key_of_the_past_does_not_come_back_with_its_records,
     answering(Keyring, "_knows", False)),
    ("a key comes in mode 7",                 "5.5",   forms.test_a_key_that_comes_in_clear_or_in_mode_5_is_none,
     valued(guard, "KEY_VIB", b"")),
    ("a key comes alone",                     "5.5",   keys.test_a_key_among_other_records_makes_nothing_of_them_obeyed,
     valued(syntax, "KEY_VIB", b"")),
    ("a key is wiped",                        "5.5",   keys.test_a_key_that_is_refused_is_wiped_too,
     answering(Envelope, "wipe", None)),
    ("nothing secured by broadcast",          "5.6",   forms.test_nothing_is_obeyed_by_broadcast,
     answering(command, "for_all", True)),
    ("nothing clear by broadcast",            "5.6",   forms.test_nothing_is_obeyed_by_broadcast,
     answering(Guard, "denies", False)),
    ("one error for every failure",           "5.4",   forms.test_a_header_bears_the_address_of_this_meter,
     rewritten(Guard, "_fail", ("return command.SECURITY", "return cause & 0x7F"))),
    ("the alarm",                             "5.4",   forms.test_no_clear_tail, valued(guard, "_ALARM", 0)),
    ("the pause",                             "5.6",   forged.test_ten_failures_in_a_minute_pause_commands_for_one,
     answering(Guard, "_pausing", False)),
    ("the pause ends",                        "5.6",   cuts.test_a_flood_of_failures_keeps_nobody_from_reading_and_ends,
     rewritten(Guard, "_pausing", ("self._paused_at = None", "pass"))),
    ("nothing prolongs the pause",            "5.6",   forged.test_a_pause_is_prolonged_by_nothing,
     rewritten(Guard, "execute", ("code if self._pausing(now) else ", ""))),
    ("a header cut off is a failure",         "5.6",   flips.test_nothing_is_obeyed_of_a_cut_command,
     answering(guard, "is_secured", False)),
    ("mode 5 is obeyed whole or not",         "5.4",   flips.test_a_mode_5_command_of_two_blocks_is_obeyed_whole_or_not_at_all,
     rewritten(Guard, "_obey", ("envelope.mode != 7 and", "False and"))),
    ("a number near the one before",          "5.2",   replay.test_another_number_makes_no_command_of_one_recorded_before,
     answering(Keyring, "renumber", None)),
    ("a key that has decayed",                "5.5",   test_keyring.test_a_key_that_has_decayed_does_not_leave_the_device_to_the_one_before,
     rewritten(Keyring, "_load_counters", ("max(of, version) > self.version", "False"))),
    # What the master and the reader take from a meter whose level they know.
    ("master: the level",                     "5.4",   below_the_level, answering(securedreading, "_is_strict", False)),
    ("master: the mode of the level",         "5.4",   below_the_level, answering(securedreading, "_least", 5)),
    ("master: no clear tail",                 "5.4",   below_the_level, _NO_TAIL),
    ("master: a block, and no clear tail",    "5.4",   below_the_level, both(_NO_TAIL, _ANY_BLOCKS)),
    ("master: the form of the AFL",           "5.4",   below_the_level, answering(afl, "is_accepted", True)),
    ("master: an AFL at all, and a MAC",      "5.4",   below_the_level, _AFL),
    # These two are looked at a second time, in words for people.
    ("master: the MAC, twice",                "5.4",   below_the_level, both(_MAC, answering(Security, "_check_mac", True))),
    ("master: 2F 2F, twice",                  "5.4",   below_the_level,
     both(_FILLERS, rewritten(Security, "_open", ('plain[:2] != b"\\x2f\\x2f"', "False")))),
    ("master: the counter",                   "5.5",   reading.test_a_repetition_with_the_same_counter_is_taken_another_telegram_with_it_is_not,
     rewritten(Envelope, "_open", ("not repeated and not _fresh(self.counter, highest, _WINDOW_7)", "False"))),
    ("master: the address",                   "5.4",   reading.test_nobody_answers_in_the_place_of_a_meter_with_a_key,
     answering(OpenedMeter, "_may_be", True)),
    ("reader: the level",                     "5.4",   reader.test_what_is_below_the_level_or_wrong_is_refused,
     rewritten(Keys, "_opened", ("meter.level < _LEVEL_MODE_5 and mode", "mode"))),
    ("reader: the mode of the level",         "5.4",   reader.test_what_is_below_the_level_or_wrong_is_refused,
     rewritten(Keys, "_opened", ("7 if meter.level == _LEVEL_MODE_7 else 5", "5"))),
    ("reader: no clear tail",                 "5.4",   reader.test_what_is_below_the_level_or_wrong_is_refused, _NO_TAIL),
    ("reader: an AFL at all, and a MAC",      "5.4",   reader.test_what_is_below_the_level_or_wrong_is_refused, _AFL),
    ("reader: the MAC",                       "5.4",   reader.test_what_is_below_the_level_or_wrong_is_refused, _MAC),
    ("reader: the address",                   "5.4",   reader.test_what_is_below_the_level_or_wrong_is_refused,
     rewritten(Keys, "_opened", ("known and known[0].level >= _LEVEL_MODE_5", "False"))),
    ("reader: the counter",                   "5.5",   reader.test_a_counter_does_not_come_back_over_a_restart,
     rewritten(Envelope, "_open", ("not repeated and not _fresh(self.counter, highest, _WINDOW_7)", "False"))),
)
# fmt: on
