# SPDX-License-Identifier: MIT
"""Puts a module together: its meter, what was stored of it, its station and its link."""

from mbus.link import SlaveLink
from mbus.slave import Slave
from meter.meter import Meter

from .health import UNKNOWN, Health
from .keeping import Keeping
from .keyring import Keyring
from .module import Module
from .store import Store

_DEFAULT_BAUD = 2400  # where an automatic meter begins
_MINUTE_S = 60
NO_OTHERS = (None, None)


def assemble(config, slots, now, access=0, utc_s=None, cause=UNKNOWN, others=NO_OTHERS):
    """The module of a configuration, over slots that load(slot) and save(slot, octets).

    now is the tick in ms, access the first access number, utc_s the time in seconds since
    2000 where something here knows it, cause why it starts (health.py), others the slots of
    FRAM and the memory that outlives a reset (mirror.py), each of them if there is one.
    StoreError where a newer version wrote the slots.
    """
    fram, memory = others
    stores = [Store(one.load, one.save) for one in (slots, fram) if one]
    keeping = Keeping(stores, config, memory)
    meter = _meter(config, now)
    if not keeping.load(meter, now):
        # As it is configured, and what is stored stays as it is.
        meter = _meter(config, now)
    if utc_s is not None and config.source != "host":
        meter.clock.restore(utc_s + config.utc_offset_min * _MINUTE_S, now)
    meter.tick(now)
    health, keyring = Health(stores[0], cause), Keyring(stores[0])
    return Module(config, meter, keeping, health, keyring, access)


def _meter(config, now):
    meter = Meter(config, now)
    if config.source == "host":
        from . import profile

        profile.begin(meter, config.meter, now)
    return meter


def start_baud(config, module) -> int:
    """The rate that the bus is opened with."""
    return module.baud or _DEFAULT_BAUD


def join(stream, config, module):
    """The link of a module to its bus, at a fixed rate or one that it finds out."""
    slave = Slave(module, config.strict, config.ack_reset_253)
    baud = start_baud(config, module)
    if config.baud:
        link = SlaveLink(stream, slave, baud, config.echo, config.reply_bits)
    else:
        from mbus import autobaud

        link = autobaud.make_link(stream, slave, baud, config.echo, config.reply_bits)
    module.health.link = link
    return link
