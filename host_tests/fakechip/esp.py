# SPDX-License-Identifier: MIT
"""The module esp32, and machine.Counter: the pulse counter and the pulse maker in hardware."""

from .clock import Misuse

_RANGE = 32000


class _Edges:
    """Counts edges of a pad, bounce and all: its filter of 12.8 us is no debounce."""

    def __init__(self, pad, rising, falling):
        self._pad = pad
        self._rising, self._falling = rising, falling
        self._total = 0
        self._since = pad.chip.clock.now
        self._computed = getattr(pad.outside, "bounce_us", None) == 0 and rising + falling == 1
        if not self._computed:
            pad.counters.append(self._edge)
            pad.watch()

    def _edge(self, level):
        self._total += self._rising if level else self._falling

    def total(self):
        if not self._computed:
            return self._total
        # Without bounce every pulse has one edge of each kind.
        outside, now = self._pad.outside, self._pad.chip.clock.now
        return outside.sent(now) - outside.sent(self._since)


class PCNTBase:
    """esp32.PCNT of one channel."""

    IRQ_MIN, IRQ_MAX, IRQ_ZERO, IRQ_THRESHOLD0, IRQ_THRESHOLD1 = 16, 32, 64, 8, 4
    INCREMENT, DECREMENT, IGNORE, NORMAL, REVERSE, HOLD = 1, 2, 0, 0, 1, 2

    _chip = None

    def __init__(self, _id, *, channel=0, pin=None, rising=0, falling=0, filter=0, min=-32768,
                 max=32767, value=0):  # fmt: skip
        if not 0 <= _id < 8:
            raise ValueError("id")
        self._edges = None
        self.init(channel=channel, pin=pin, rising=rising, falling=falling, filter=filter,
                  min=min, max=max, value=value)  # fmt: skip

    def init(self, *, channel=0, pin=None, rising=0, falling=0, filter=0, min=-32768, max=32767,
             value=0):  # fmt: skip
        if not 0 <= filter <= 1023 or channel != 0:
            raise ValueError("filter or channel")
        if 2 in (rising, falling):
            raise Misuse("counting down is not modelled")
        self._max = max
        if pin is not None:
            self._edges = _Edges(pin._pad, rising, falling)
        self._base = value - (self._edges.total() if self._edges else 0)
        self._handler = None
        self._trigger = self._seen = self._flags = 0
        self._running = False

    def start(self):
        self._running = True

    def stop(self):
        self._running = False

    def deinit(self):
        self._edges = None

    def value(self, _value=None):
        self._chip.core.spend()
        total = self._base + (self._edges.total() if self._edges else 0)
        over = total // self._max
        while self._seen < over:
            # Each began again at 0.
            self._seen += 1
            if self._trigger & self.IRQ_MAX and self._handler:
                self._flags = self.IRQ_MAX
                self._handler(self)
        if _value is not None:
            self._base += _value - total
            self._seen = 0
        return total % self._max

    def irq(self, handler=None, trigger=64):
        if handler is not None:
            self._handler, self._trigger = handler, trigger
        return self

    def flags(self):
        return self._flags


class CounterBase:
    """machine.Counter, as the port writes it around PCNT; gone after a soft reset."""

    RISING, FALLING, UP, DOWN = 1, 2, 1, 2
    _chip = None

    def __init__(self, id, src=None, *, edge=1, direction=1, filter_ns=0):
        if not 0 <= id < 8:
            raise ValueError("id")
        self._id = id
        self.init(src, edge=edge, direction=direction, filter_ns=filter_ns)

    def init(self, src, *, edge=1, direction=1, filter_ns=0):
        if direction != self.UP:
            raise Misuse("counting down is not modelled")
        if filter_ns > 12787:
            raise Misuse("the filter of PCNT ends at 12.8 us: %d ns" % filter_ns)
        self._edges = _Edges(src._pad, edge & 1, edge >> 1 & 1)
        self._base = 0

    def value(self, value=None):
        if not self._edges:
            raise RuntimeError("not initialised")
        self._chip.core.spend()
        counted = self._edges.total() + self._base
        if value is not None:
            self._base += value - counted
        return counted

    def deinit(self):
        self._edges = None


class RMTBase:
    """esp32.RMT: drives a pin for times that the processor has no part in."""

    PULSE_MAX = 32767
    _chip = None

    def __init__(self, _id=-1, *, pin, resolution_hz=None, clock_div=None, idle_level=False):
        if clock_div is None and resolution_hz is None:
            resolution_hz = 10000000
        self._hz = resolution_hz or 80000000 // clock_div
        if not 80000000 // 256 <= self._hz <= 80000000:
            raise ValueError("resolution_hz")
        self._pad = pin._pad
        self._idle = 1 if idle_level else 0
        self._event = None
        self._until = 0
        self._pad.drive(self._idle)

    def write_pulses(self, _duration, _data=True):
        """Durations in ticks; their levels, or the first of them, which then alternate."""
        core = self._chip.core
        core.spend()
        if min(_duration) <= 0 or max(_duration) > self.PULSE_MAX:
            raise ValueError("duration")
        clock = self._chip.clock
        at, ticks, start = clock.now, 0, self._chip.started
        levels = _data
        if not isinstance(_data, (list, tuple)):
            levels = [bool(_data) ^ i & 1 for i in range(len(_duration))]
        for duration, level in zip(_duration, levels):
            clock.at(at + ticks * 1000000 // self._hz, self._drive, (1 if level else 0, start))
            ticks += duration
        at += ticks * 1000000 // self._hz
        clock.at(at, self._drive, (self._idle, start))
        clock.run_until(clock.now)
        self._until = at

    def _drive(self, what):
        level, start = what
        if start == self._chip.started:  # no hard reset has stopped it
            self._pad.drive(level)

    def wait_done(self, *, timeout=0):
        clock = self._chip.clock
        if timeout and clock.now < self._until:
            self._chip.core.sleep(min(timeout * 1000, self._until - clock.now))
        return clock.now >= self._until

    def deinit(self):
        self._pad.drive(None)


class NVSBase:
    """esp32.NVS: what is not committed is lost at a reset."""

    _chip = None

    def __init__(self, _namespace):
        self._stored = self._chip.nvs.setdefault(_namespace, {})
        self._new = dict(self._stored)

    def _get(self, key):
        if key not in self._new:
            raise OSError(-0x1102, "ESP_ERR_NVS_NOT_FOUND")
        return self._new[key]

    def get_i32(self, _key):
        return self._get(_key)

    def set_i32(self, _key, _value):
        if not -(1 << 31) <= _value < 1 << 31:
            raise OverflowError
        self._new[_key] = _value

    def get_blob(self, _key, _buffer):
        octets = self._get(_key)
        _buffer[: len(octets)] = octets
        return len(octets)

    def set_blob(self, _key, _value):
        self._new[_key] = bytes(_value)

    def erase_key(self, _key):
        self._get(_key)
        del self._new[_key]

    def commit(self):
        self._chip.core.stall(3000)
        self._stored.clear()
        self._stored.update(self._new)
