# SPDX-License-Identifier: MIT
"""The modules that firmware imports on a chip, made for one chip and put in their places.

machine, time, micropython, gc, asyncio, and rp2 or esp32.  Files of the firmware that have
imported one of them are forgotten, so that they are loaded anew, as behind a reset.
"""

import gc
import sys

import micropython

from . import i2c, pads, timers, uart

# What is loaded anew at every start, and what begins so.
FORGET = ("main", "port", "node.app", "node.boot", "node.start", "node.senses", "node.health")
PREFIXES = ("port.",)
_CLASSES = {
    "rp2": (("Pin", pads.RpPin), ("UART", uart.RpUart), ("I2C", i2c.RpI2C), ("RTC", timers.RpRTC),
            ("WDT", timers.RpWDT), ("Timer", timers.RpTimer)),
    "esp32": (("Pin", pads.EspPin), ("UART", uart.EspUart), ("I2C", i2c.EspI2C),
              ("RTC", timers.EspRTC), ("WDT", timers.EspWDT), ("Timer", timers.EspTimer)),
}  # fmt: skip
_CONSTANTS = {
    "rp2": (("PWRON_RESET", 1), ("WDT_RESET", 3)),
    "esp32": (("PWRON_RESET", 1), ("HARD_RESET", 2), ("WDT_RESET", 3), ("DEEPSLEEP_RESET", 4),
              ("SOFT_RESET", 5)),
}  # fmt: skip

_saved = {}
_placed = {}  # what of a chip stands in sys.modules
_names = set()


class Module:
    """Stands in sys.modules."""


def _bound(chip, classes, module):
    for name, base in classes:
        setattr(module, name, type(name, (base,), {"_chip": chip}))
    return module


def make_machine(chip):
    machine = _bound(chip, _CLASSES[chip.variant], Module())
    for name, value in _CONSTANTS[chip.variant]:
        setattr(machine, name, value)
    rp2 = chip.variant == "rp2"
    if rp2:
        from .memory import Mem32

        machine.mem32 = Mem32(chip)
    else:
        from .esp import CounterBase

        _bound(chip, (("Counter", CounterBase),), machine)

    def disable_irq():
        core = chip.core
        core.mask()
        core.lock()
        return core.masked - 1

    def enable_irq(_state):
        core = chip.core
        core.unlock()
        core.unmask()

    def freq(_hz=None):
        return 125000000 if rp2 else 160000000

    machine.disable_irq, machine.enable_irq = disable_irq, enable_irq
    machine.freq = freq
    machine.reset = lambda: chip.reset("machine")
    machine.soft_reset = lambda: chip.reset("soft")
    machine.reset_cause = lambda: chip.reset_cause
    machine.unique_id = lambda: chip.unique_id
    machine.idle = lambda: chip.core.sleep(1000)
    return machine


def make_extra(chip):
    """The module rp2 or esp32."""
    if chip.variant == "rp2":
        from . import pio
        from .dma import DMABase

        classes = (("PIO", pio.PIOBase), ("StateMachine", pio.StateMachineBase), ("DMA", DMABase))
        module = _bound(chip, classes, Module())
        module.asm_pio = pio.asm_pio
        return module
    from . import esp

    classes = (("PCNT", esp.PCNTBase), ("RMT", esp.RMTBase), ("NVS", esp.NVSBase))
    return _bound(chip, classes, Module())


def make_time(chip):
    """ticks begin at 0 with every hard reset."""
    time = Module()
    clock, core = chip.clock, chip.core

    def ticks_ms():
        core.spend(5)
        return (clock.now - chip.started) // 1000 & 0x3FFFFFFF

    def ticks_us():
        core.spend(5)
        return clock.now - chip.started & 0x3FFFFFFF

    time.ticks_ms, time.ticks_us, time.ticks_cpu = ticks_ms, ticks_us, ticks_us
    time.ticks_add = lambda _ticks, _delta: _ticks + _delta & 0x3FFFFFFF
    time.ticks_diff = lambda _a, _b: (_a - _b + 0x20000000 & 0x3FFFFFFF) - 0x20000000
    time.sleep = lambda _seconds: core.sleep(int(_seconds * 1000000))
    time.sleep_ms = lambda _ms: core.sleep(_ms * 1000)
    time.sleep_us = lambda _us: core.sleep(_us)  # noqa: PLW0108
    time.time = lambda: chip.time.seconds() - chip.epoch
    time.time_ns = lambda: chip.time.microseconds() * 1000 - chip.epoch * 1000000000
    now = time.time
    time.gmtime = lambda _seconds=None: timers.fields_of(
        (now() if _seconds is None else _seconds) + chip.epoch
    )
    time.localtime = time.gmtime
    time.mktime = lambda _fields: timers.seconds_of(_fields) - chip.epoch
    return time


def make_micropython(chip):
    module = Module()

    def schedule(_func, _arg):
        if not chip.core.schedule(_func, _arg):
            raise RuntimeError("schedule queue full")

    module.schedule = schedule
    module.const = module.native = module.viper = lambda _value: _value
    module.heap_lock, module.heap_unlock = micropython.heap_lock, micropython.heap_unlock
    module.alloc_emergency_exception_buf = lambda _size: None
    return module


def make_gc(chip):
    module = Module()
    real = sys.implementation.name == "micropython"  # CPython's takes long and shows nothing

    def collect():
        if real:
            gc.collect()
        chip.core.collect(chip.collect_us)

    module.collect = collect
    module.mem_free = getattr(gc, "mem_free", lambda: 150000)
    module.mem_alloc = getattr(gc, "mem_alloc", lambda: 50000)
    module.threshold = lambda _amount=None: None
    module.enable = module.disable = lambda: None
    return module


def forget():
    """Whatever of the firmware is bound to a chip is loaded anew when it is next imported; what
    is built into the chip is there again, should the firmware have let go of it.
    """
    for name in list(sys.modules):
        if name in FORGET or name in _names or name.startswith(PREFIXES):
            module = sys.modules.pop(name)
            parent, _, leaf = name.rpartition(".")
            if parent in sys.modules and getattr(sys.modules[parent], leaf, None) is module:
                delattr(sys.modules[parent], leaf)
    sys.modules.update(_placed)


def install(chip, also=()):
    """Put the modules of a chip in place; also names more files that are to be loaded anew."""
    from . import looping

    uninstall()
    _names.update(also)
    places = {
        "machine": make_machine(chip),
        chip.variant: make_extra(chip),
        "time": make_time(chip),
        "micropython": make_micropython(chip),
        "gc": make_gc(chip),
        "asyncio": looping.asyncio_for(chip),
    }
    if chip.board:
        places["board"] = chip.board
    if sys.implementation.name != "micropython":
        _complete_sys(chip)
    for name in places:
        _saved[name] = sys.modules.get(name)
    _placed.update(places)
    forget()


def _complete_sys(chip):
    """What MicroPython's sys has and CPython's has not."""
    import traceback

    def print_exception(e, file=None):
        traceback.print_exception(type(e), e, e.__traceback__, file=file)

    sys.implementation._machine = chip.variant
    sys.print_exception = print_exception


def uninstall():
    """Put back what was there."""
    if not _saved:
        return
    _placed.clear()
    forget()
    for name, module in _saved.items():
        if module is None:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module
    _saved.clear()
    if hasattr(sys.implementation, "_machine") and sys.implementation.name != "micropython":
        del sys.implementation._machine
        del sys.print_exception
    _names.clear()
    from . import looping

    looping.restore()
