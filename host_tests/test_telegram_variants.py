# SPDX-License-Identifier: MIT
"""Default telegrams of a CT meter, and of the legacy profile."""

from binascii import unhexlify

from telegrams import module, readout, records


def test_the_legacy_profile_sends_the_same_values_in_older_codes():
    first, second = readout(module(primary=5, profile="legacy"))
    found = records(first)
    for dib, vib, data in (
        ("8440", "04", "07870000"),
        ("848040", "04", "04940300"),
        ("84C040", "04", "B0040000"),
        ("8450", "06", "A0860100"),
        ("8460", "06", "A05B0000"),
    ):
        assert (unhexlify(dib), unhexlify(vib), unhexlify(data)) in found, dib
    assert not any(
        dib[:1] == b"\x84" and dib[1:2] in b"\x80\xc0" for dib, vib, _ in records(second)
    )


def test_a_ct_meter_sends_energy_in_48_bits():
    found = records(readout(module(primary=5, ct=True))[0])
    assert (b"\x06", b"\x04", unhexlify("4E61BC000000")) in found
    assert (b"\x86\x10", b"\x04", unhexlify("809698000000")) in found
    assert (b"\x14", b"\x2b", unhexlify("991C0000")) in found


def test_a_single_phase_meter_leaves_the_other_phases_out():
    first, second = readout(module(primary=5, phases="1"))
    vibs = [vib for _, vib, _ in records(second)]
    for vif in (b"\xfd\xc8\xfc", b"\xfd\xda\xfc", b"\xab\xfc"):
        assert [vib[-1] for vib in vibs if vib.startswith(vif)] == [1], vif
    now = [data for dib, vib, data in records(first) if (dib, vib) == (b"\x04", b"\x2b")]
    of_l1 = [data for _, vib, data in records(second) if vib == b"\xab\xfc\x01"]
    assert now == of_l1 and len(now) == 1
