# SPDX-License-Identifier: MIT
"""What is done once at each start of the module role: settings, storage, station, senses.

boot.py forgets all of it before it serves.
"""

import os

import board

from mbus.header import secondary_text
from meter import calendar

from . import ConfigError, assembly, forget, loss, registers
from .config import SAFE, UNIT, Config
from .senses import Senses
from .store import StoreError
from .timekeeper import Timekeeper

_RESET = "factory_reset="  # no setting: a file must not do that at each start


def configuration(arguments):
    """The board's settings, those of the files named, and those given as key=value.

    A file that cannot be read or used is told of, and Config.damaged says so: of what all files
    say only which unit this is then counts, and SAFE takes its place.  ConfigError for key=value
    that cannot be.
    """
    from .configfile import MOST, pairs, settings_of

    read, said, unit = dict(board.CONFIG), {}, dict(board.CONFIG)
    damaged = False
    for argument in arguments:
        if "=" in argument:
            said.update(pairs([argument]))
            continue
        try:
            with open(argument, "rb") as f:
                given = settings_of(f.read(MOST + 1))
            whole = dict(read)
            whole.update(given)
            Config(whole)
            read = whole
            unit.update({key: given[key] for key in UNIT if key in given})
        except (OSError, ConfigError) as e:
            words = "cannot be read (error %s)" % e if isinstance(e, OSError) else str(e)
            print("configuration %s: %s; starting with safe defaults" % (argument, words))
            damaged = True
    if damaged:
        read = unit
        read.update(SAFE)
    read.update(said)
    config = Config(read, damaged)
    for key in ("bus", "state"):
        if not getattr(config, key):
            raise ConfigError("%s= is missing" % key)
    forget("configkeys", "configfile", "timetable")
    return config


def make(port, arguments):
    """What a port is to serve: (link, module, source, parts, (bus, identity, primary, loss)).

    An exit code instead where that is not to be; the reason has been printed.
    """
    given = [argument for argument in arguments if not argument.startswith(_RESET)]
    try:
        config = configuration(given)
    except ConfigError as e:
        print("error:", e)
        return 2
    try:
        slots = port.store(config.state)
        if len(given) < len(arguments):
            return _factory_reset(port, config, slots, arguments)
    except OSError as e:
        print("error: state directory %s cannot be used (error %s)" % (config.state, e))
        return 1
    others = port.others()
    clock = port.backup_clock(calendar)
    try:
        module = _module(port, config, slots, others, clock)
    except StoreError as e:
        print("error: state directory %s: %s" % (config.state, e))
        return 1
    if module.failure:
        print("warning: %s; nothing is counted or stored" % module.failure)
    try:
        stream = port.open_bus(config.bus, assembly.start_baud(config, module), not config.baud)
    except OSError as e:
        print("error: bus %s cannot be opened (error %s)" % (config.bus, e))
        return 1
    link = assembly.join(stream, config, module)
    registers.forget_names()
    parts = _parts(module, config, port, clock)
    identity = secondary_text(module.identification)
    told = config.bus, identity, module.primary, loss.worst(config, bool(others[0]))
    return link, module, getattr(stream, "source", None), parts, told


def _module(port, config, slots, others, clock):
    now = port.ticks_ms()
    utc_s = clock.read() if clock else port.utc_s()
    cause = port.reset_cause()
    # A start takes about as long each time: ticks would make the first access number a constant.
    access = os.urandom(1)[0]
    return assembly.assemble(config, slots, now, access, utc_s, cause, others)


def _factory_reset(port, config, slots, arguments):
    from . import reset

    numbers = [argument[len(_RESET) :] for argument in arguments if argument.startswith(_RESET)]
    done, words = reset.forget(config, slots, port.others(), numbers[-1])
    print(words)
    return 0 if done else 2


def _parts(module, config, port, clock):
    inputs = port.inputs()
    parts = []
    if inputs:
        parts.append(Senses(module, config, inputs, port.coils()))
    if clock:
        parts.append(Timekeeper(module.meter, clock, config.utc_offset_min))
    return parts
