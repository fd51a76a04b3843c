# SPDX-License-Identifier: MIT
"""What a port must offer: one file per place the firmware runs.

A port is a module in this folder.  It is handed to main.py, which hands its parts on; no
other code imports it, and `machine` is imported nowhere else.

The line: a stream, in the shape of machine.UART
    open_bus(where, baud, find) -> stream; 8 data bits, even parity, 1 stop bit where there is
        a UART; find: the rate is to be found out; raises OSError when there is no such line.
    stream.any()                  octets received and waiting, without waiting for any
    stream.readinto(buf, nbytes)  move at most nbytes of them into buf; returns how many, or
                                  None for none; never waits for more than any() has told
    stream.write(buf)             take the whole reply and send it without a gap; may return
                                  before it has left, and buf is to stay as it is until
                                  txdone()
    stream.txdone()               whether all that was written has left the device
    stream.init(baudrate=...)     another rate, once txdone()
    stream.steady                 optional: true where what was written leaves without a gap even
                                  while storage is written
    stream.source                 optional: what asyncio can wait for a single octet of, with
                                  read(1); None where there is none
    stream.rates                  optional: the rates that init() takes, without an error; 300
                                  to 38400 (mbus.timing.RATES) where it is missing
    stream.errors()               optional: whether a parity or framing error, an overrun or
                                  a break was seen since the last call
    stream.feeds                  optional: (rate, receiver) of several receivers on the same
                                  pin, each with any(), readinto() and errors(); then the
                                  stream's own any() is 0, and init() is for what is written
    To find the rate of a master without feeds, errors() must tell of every break: at 9600 baud
    a master at 300 is nothing else.
    Nothing but the line's end closes a stream: then its methods raise OSError.

Time
    ticks_ms()                    milliseconds from any start, wrapping at 2**30
    ticks_us()                    microseconds from any start, wrapping at 2**30
    utc_s()                       UTC in seconds since 2000-01-01, None where it is not known
    backup_clock(calendar)        a clock that goes on without power, for node/timekeeper.py, or
                                  None where there is none that could be set; utc_s() is
                                  asked only then.  calendar is meter/calendar.py

Storage: slots for node/store.py, by number; 0 to 81, of 317 octets, slots 2 and 3 of 1500
    store(where) -> slots
    others() -> (slots in FRAM or None, memory that outlives a reset or None: mirror.py)
    slots.load(slot)              the octets last saved, or None; octets that a power cut has
                                  torn may come back, for the caller has a checksum
    slots.save(slot, octets)      returns when they are safe; leaves other slots alone;
                                  raises OSError when they cannot be stored
    slots.forget()                removes them all: a factory reset (node/reset.py)

Inputs and outputs, for node/senses.py; each function returns None where there are none
    inputs() -> the inputs
        inputs.pulses(n)          pulses of input 0 or 1 since the start, counted by hardware, in
                                  32 bits; None where there is no such input
        inputs.sampled            whether software counts, which is good for 5 pulses a second
        inputs.level(n)           its level, 0 or 1
        inputs.tariff()           (pulses since the last call, level 0 or 1) of the tariff input;
                                  None where there is none
        inputs.button()           whether the button at the breaker is pressed
        inputs.lock()             whether the jumper against writing is set
        inputs.power_good()       whether the supply is sound; None where nothing tells
    coils() -> the relay of the breaker
        coils.pulse(coil, ms)     pulse a coil (meter/relay.py) for so long, by hardware; never
                                  both at once
        coils.feedback()          its contact, 0 or 1; None where there is none

    overload()                    whether the supply of a master's bus is overloaded

Starts
    reset_cause()                 why it started, as node/health.py numbers that
    watchdog()                    an object with feed(), to be called every 8 s; or None
    restart()                     reset the device because of an exception; None where the end of
                                  a bus is the end of the program, which an OSError tells

About itself
    report()                      one line: what runs here, and the size of its heap
"""
