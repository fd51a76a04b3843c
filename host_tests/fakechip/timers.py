# SPDX-License-Identifier: MIT
"""machine.Timer, WDT and RTC, and the calendar behind the last."""

EPOCH_2000 = 946684800  # in seconds since 1970
_RESTART = 1609459200  # 2021-01-01, where rp2 begins after every hard reset


def days_of(year, month, day):
    """Days since 1970-01-01."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def date_of(days):
    """(year, month, day) of days since 1970-01-01."""
    days += 719468
    era = days // 146097
    of_era = days - era * 146097
    years = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * years + years // 4 - years // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return years + era * 400 + (month <= 2), month, day


def fields_of(seconds):
    """(year, month, day, hour, minute, second, weekday, yearday) of seconds since 1970."""
    days, rest = divmod(seconds, 86400)
    year, month, day = date_of(days)
    yearday = days - days_of(year, 1, 1) + 1
    return year, month, day, rest // 3600, rest // 60 % 60, rest % 60, (days + 3) % 7, yearday


def seconds_of(fields):
    """Seconds since 1970 of (year, month, day, hour, minute, second, ...)."""
    year, month, day, hour, minute, second = fields[:6]
    return days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second


class ChipTime:
    """The chip's clock: seconds since 1970, wrong by ppm."""

    def __init__(self, chip):
        self._chip = chip
        self.ppm = 0
        self.restart()

    def restart(self):
        """As behind a hard reset: nobody knows that it is wrong."""
        self.set(_RESTART if self._chip.variant == "rp2" else EPOCH_2000)

    def set(self, seconds):
        self._base = seconds
        self._at = self._chip.clock.now

    def microseconds(self):
        us = self._chip.clock.now - self._at
        return self._base * 1000000 + us + us * self.ppm // 1000000

    def seconds(self):
        return self.microseconds() // 1000000


class RTCBase:
    """machine.RTC."""

    _chip = None

    def __init__(self, id=0):
        if id != 0:
            raise ValueError("RTC(%s) doesn't exist" % id)

    def datetime(self, datetimetuple=None):
        """(year, month, day, weekday, hours, minutes, seconds, subseconds)."""
        time = self._chip.time
        if datetimetuple is None:
            us = time.microseconds()
            f = fields_of(us // 1000000)
            return (f[0], f[1], f[2], f[6], f[3], f[4], f[5], us % 1000000 * self._SUBSECONDS)
        if len(datetimetuple) != 8:
            raise ValueError("requested length 8 but object has length %d" % len(datetimetuple))
        y, month, day, _, hour, minute, second, _ = datetimetuple
        time.set(seconds_of((y, month, day, hour, minute, second)))
        return None


class RpRTC(RTCBase):
    """Without memory; no fractions of a second."""

    _SUBSECONDS = 0


class EspRTC(RTCBase):
    """memory() survives every reset but a loss of power."""

    _SUBSECONDS = 1

    def init(self, _datetime=None):
        if _datetime is not None:
            self.datetime(_datetime)

    def memory(self, _data=None):
        if _data is None:
            return bytes(self._chip.memory)
        if len(_data) > 2048:
            raise ValueError("buffer too long")
        self._chip.memory = bytes(_data)
        return None


class WDTBase:
    """machine.WDT: cannot be stopped, not even by a soft reset."""

    _chip = None

    def __init__(self, *, id=0, timeout=5000):
        if id != 0:
            raise ValueError("WDT(%s) doesn't exist" % id)
        if timeout < 1 or timeout > self._MOST_MS:
            raise ValueError("timeout exceeds %d" % self._MOST_MS)
        self._chip.watchdog.start(timeout * 1000)

    def feed(self):
        self._chip.watchdog.feed()
        self._chip.core.spend(2)


class RpWDT(WDTBase):
    _MOST_MS = 8388


class EspWDT(WDTBase):
    _MOST_MS = 1 << 31


class Watchdog:
    """The hardware: closest_us is how near it ever came to a reset."""

    def __init__(self, chip):
        self._chip = chip
        self._event = None
        self.us = 0
        self.closest_us = None

    def start(self, us):
        self.stop()
        self.us = us
        self._due = self._chip.clock.now + us
        self._event = self._chip.clock.at(self._due, self._look)
        self._chip.scratch[4] = 0x6AB73121  # the SDK's mark

    def stop(self):
        self._chip.clock.cancel(self._event)
        self._event = None
        self.us = 0

    def feed(self):
        now = self._chip.clock.now
        rest = self._due - now
        if self.closest_us is None or rest < self.closest_us:
            self.closest_us = rest
        self._due = now + self.us

    def _look(self, _):
        clock = self._chip.clock
        if self._due > clock.now:
            self._event = clock.at(self._due, self._look)
        else:
            self._event = None
            self._chip.reset("watchdog")


class TimerBase:
    """machine.Timer; soft unless hard=True, which esp32 refuses."""

    _chip = None
    ONE_SHOT, PERIODIC = 0, 1

    def __init__(self, _id, *, mode=1, period=None, callback=None, hard=False, freq=None):
        if _id < -1 or _id > self._MOST or (_id == -1 and not self._VIRTUAL):
            raise ValueError("invalid Timer number")
        self._event = None
        self._chip.timers.append(self)
        if period is not None or freq is not None:
            self.init(mode=mode, period=period, callback=callback, hard=hard, freq=freq)

    def init(self, *, mode=1, period=None, callback=None, hard=False, freq=None):
        if hard and not self._HARD:
            raise ValueError("hard Timers are not implemented")
        self.deinit()
        self._us = 1000000 // freq if freq else period * 1000
        self._repeats = mode == self.PERIODIC
        self._callback = callback
        self._hard = hard
        core = self._chip.core
        n = core.open_heap()
        self._event = self._chip.clock.after(self._us, self._due)
        core.close_heap(n)

    def deinit(self):
        self._chip.clock.cancel(self._event)
        self._event = None

    def _due(self, _):
        self._event = self._chip.clock.after(self._us, self._due) if self._repeats else None
        self._chip.core.interrupt(self)

    def service(self):
        self._chip.core.handle(self._hard, self._callback, self)


class RpTimer(TimerBase):
    """Only virtual timers, any number of them."""

    _MOST, _VIRTUAL, _HARD = -1, True, True


class EspTimer(TimerBase):
    """Four in hardware, and virtual ones."""

    _MOST, _VIRTUAL, _HARD = 3, True, False
