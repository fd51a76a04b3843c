# SPDX-License-Identifier: MIT
"""What comes to the inputs of a chip: contacts that bounce, lines with spikes, octets."""

import random

from pioboard import Line

SPIKE_S = 0.0002
SPIKES_EVERY_S = 0.005
_FASTEST_S, _SLOWEST_S = 0.00005, 0.001  # from one bounce to the next


def contact(seed, pulses, closed_s, open_s, bounce_s=0.0, spikes=False, level=1):
    """(a Line with so many pulses to ground, when the last is over)."""
    rng = random.Random(seed)
    at = 0.05 + rng.random() / 1000
    changes = []
    for _ in range(pulses):
        for length in (closed_s, open_s):
            changes += _settling(rng, at, bounce_s)
            at += length
    end = at + 0.02
    if spikes:
        changes += _spikes(rng, end)
    return line(changes, level), end


def spikes_only(seed, seconds, level=1, apart_s=SPIKES_EVERY_S):
    """A Line that does nothing but have spikes."""
    return line(_spikes(random.Random(seed), seconds, apart_s), level)


def line(changes, level):
    """The Line that is at the level first and at the other after each of the changes."""
    made = Line(level)
    for at in sorted(changes):
        level ^= 1
        made.to(level, at)
    return made


def _settling(rng, at, bounce_s):
    """The changes of one closing or opening: an odd number, the last after bounce_s."""
    if not bounce_s:
        return [at]
    times, now = [at], at
    while (now := now + rng.uniform(_FASTEST_S, _SLOWEST_S)) < at + bounce_s:
        times.append(now)
    if len(times) % 2 == 0:
        times.append(at + bounce_s)
    return times


def _spikes(rng, until, apart_s=SPIKES_EVERY_S):
    times, at = [], rng.random() * apart_s
    while at < until - SPIKE_S:
        times += [at, at + SPIKE_S]
        at += apart_s * rng.uniform(0.8, 1.2)
    return times


def octet_bits(octet, bad_parity=False, stop=1):
    """Start bit, data, parity, stop bit."""
    data = [octet >> i & 1 for i in range(8)]
    return [0, *data, sum(data) & 1 ^ bad_parity, stop]


def send(to, at, baud, octets, pause_bits=0):
    """Put octets (or lists of bits) on a Line; returns when the last has been said."""
    for octet in octets:
        bits = octet if isinstance(octet, list) else octet_bits(octet)
        for i, bit in enumerate(bits):
            to.to(bit, at + i / baud)
        at += len(bits) / baud
        to.to(1, at)  # after a stop bit that was none
        at += pause_bits / baud
    return at
