# SPDX-License-Identifier: MIT
"""The layers of the firmware as data: what each file may import.

From the bottom up: a file may import only what stands above it in this table, and of that
only what its row says.  Run as a program it prints the table for the README.
"""

# File, the files of ours that it may import, what it may import of the runtime.
LAYERS = (
    ("mbus", "", ""),
    ("mbus.frame", "", "collections micropython"),
    ("mbus.whole", "mbus.frame", "micropython"),
    ("mbus.header", "", "binascii collections"),
    ("mbus.record", "", "micropython"),
    ("mbus.encode", "", "micropython"),
    ("mbus.timing", "", "micropython"),
    ("mbus.date", "", "micropython"),
    ("mbus.datetext", "", "micropython"),
    ("mbus.echo", "mbus.timing", "micropython"),
    # the slave station
    ("mbus.fcb", "mbus.frame mbus.timing", "micropython"),
    ("mbus.selection", "", "micropython"),
    ("mbus.command", "mbus.frame mbus.header mbus.record mbus.timing", "micropython"),
    (
        "mbus.slave",
        "mbus.frame mbus.header mbus.fcb mbus.selection mbus.command",
        "micropython",
    ),
    ("mbus.link", "mbus.frame mbus.timing mbus.echo mbus.fcb", "micropython"),
    ("mbus.autobaud", "mbus.frame mbus.timing mbus.link", "micropython"),
    # secured telegrams
    ("mbus.security", "", "cryptolib micropython"),
    ("mbus.cmac", "mbus.security", "micropython"),
    ("mbus.afl", "", "collections micropython"),
    ("mbus.configuration", "", "collections micropython"),
    (
        "mbus.secured",
        "mbus.header mbus.cmac mbus.afl mbus.configuration",
        "micropython",
    ),
    # the application layer, read
    ("mbus.value", "mbus mbus.datetext mbus.header mbus.record", "binascii"),
    ("mbus.table", "", "array"),
    ("mbus.names", "mbus.table", ""),
    ("mbus.viftables", "mbus.table", ""),
    ("mbus.vif", "mbus.record mbus.viftables", "binascii collections micropython"),
    ("mbus.fixed", "mbus.value mbus.vif", ""),
    (
        "mbus.decode",
        "mbus.frame mbus.header mbus.record mbus.value mbus.vif mbus.fixed",
        "collections micropython",
    ),
    # the master station
    ("mbus.readout", "mbus.header mbus.record", ""),
    ("mbus.failures", "mbus.header", "binascii"),
    ("mbus.master", "mbus.failures mbus.frame mbus.readout", "micropython"),
    ("mbus.search", "mbus.frame mbus.readout mbus.master", "micropython"),
    ("mbus.exchange", "mbus.failures mbus.frame mbus.timing mbus.echo mbus.master", "micropython"),
    # the meter behind the module
    ("meter", "", ""),
    ("meter.refusal", "", ""),
    ("meter.ticks", "", "micropython"),
    ("meter.calendar", "", "micropython"),
    ("meter.clock", "meter meter.calendar meter.ticks", "micropython"),
    ("meter.tariff", "meter meter.calendar meter.refusal", "micropython"),
    ("meter.schedule", "meter meter.calendar", "struct micropython"),
    ("meter.ratio", "", ""),
    ("meter.energy", "meter.ratio", "array struct micropython"),
    ("meter.demand", "meter.ratio", "array struct micropython"),
    ("meter.live", "", ""),
    ("meter.pulses", "meter.energy meter.refusal", "struct micropython"),
    ("meter.breaker", "meter.refusal meter.ticks", "struct micropython"),
    ("meter.prepayment", "meter.refusal", "struct"),
    ("meter.threshold", "meter.refusal", "struct micropython"),
    ("meter.events", "", "struct micropython"),
    ("meter.sources", "meter.energy meter.live meter.ticks", "micropython"),
    ("meter.hostsource", "meter.live meter.sources", "micropython"),
    (
        "meter.household",
        "meter.energy meter.live meter.sources meter.ticks",
        "micropython",
    ),
    ("meter.tariffinput", "meter.ticks", "micropython"),
    ("meter.relay", "meter.ticks", "micropython"),
    ("meter.keys", "", ""),
    ("meter.status", "", "micropython"),
    ("meter.period", "meter meter.keys meter.energy", "struct micropython"),
    ("meter.history", "meter meter.period", "micropython"),
    (
        "meter.meter",
        "meter meter.breaker meter.clock meter.demand meter.energy meter.events meter.history"
        " meter.hostsource meter.household meter.live meter.period meter.prepayment meter.pulses"
        " meter.schedule meter.sources meter.status meter.tariff meter.threshold",
        "micropython",
    ),
    ("meter.reading", "meter meter.energy meter.keys meter.period", "micropython"),
    (
        "meter.frozen",
        "meter meter.demand meter.energy meter.keys meter.live meter.reading",
        "micropython",
    ),
    (
        "meter.orders",
        "meter meter.demand meter.events meter.keys meter.pulses meter.refusal",
        "micropython",
    ),
    ("meter.state", "meter meter.calendar meter.keys meter.tariff", "struct micropython"),
    (
        "meter.preset",
        "meter meter.calendar meter.energy meter.keys meter.reading",
        "micropython",
    ),
    # the meter module
    ("node", "", "sys"),
    ("node.sourcetext", "meter meter.keys meter.live", ""),
    ("node.registertext", "", ""),
    ("node.registerpack", "node node.registertext node.sourcetext", "binascii"),
    ("node.registers", "node node.registerpack", "array micropython"),
    ("node.match", "mbus.record node.registers", "array micropython"),
    ("node.readlist", "mbus.record node.match", "micropython"),
    ("node.readout", "mbus.record node.readlist node.registers", "micropython"),
    ("node.telegrams", "node.readout", "micropython"),
    ("node.ahead", "node.readout node.telegrams", "micropython"),
    ("node.writing", "mbus.record node.match node.registers", "micropython"),
    ("node.syntax", "mbus.command mbus.record node.match node.writing", "micropython"),
    ("node.clockdata", "mbus.date meter meter.calendar", "micropython"),
    (
        "node.values",
        "meter meter.frozen meter.keys meter.reading node node.clockdata node.registers",
        "micropython",
    ),
    (
        "node.commands",
        "mbus.record meter.energy meter.orders node node.clockdata node.writing",
        "micropython",
    ),
    ("node.profile", "meter meter.keys meter.live meter.preset", ""),
    ("node.zeros", "", "micropython"),
    ("node.store", "node node.zeros", "binascii struct micropython"),
    ("node.settings", "node.store", "binascii struct micropython"),
    (
        "node.saved",
        "meter meter.events meter.history meter.period meter.state node node.settings node.store",
        "binascii struct micropython",
    ),
    ("node.keyring", "mbus.cmac mbus.security node node.store", "micropython struct"),
    (
        "node.guard",
        "mbus mbus.cmac mbus.command mbus.frame mbus.record mbus.secured mbus.timing"
        " node node.commands node.keyring node.syntax node.writing",
        "micropython struct",
    ),
    ("node.mirror", "meter.energy", "binascii struct micropython"),
    (
        "node.keeping",
        "mbus.timing meter meter.state node.mirror node.saved node.settings node.store",
        "micropython",
    ),
    ("node.loss", "mbus.timing", "micropython"),
    ("node.reset", "node.settings node.store", "binascii"),
    ("node.timetable", "", ""),
    ("node.configkeys", "mbus.header node node.timetable", ""),
    ("node.config", "node.configkeys", ""),
    ("node.configfile", "node", "binascii"),
    (
        "node.told",
        "mbus.command mbus.record meter meter.events node node.commands node.syntax node.writing",
        "micropython",
    ),
    (
        "node.module",
        "mbus mbus.command mbus.encode mbus.timing"
        " meter meter.events meter.pulses meter.refusal meter.status node node.ahead node.guard"
        " node.readout node.registers node.store node.told node.values node.writing",
        "micropython",
    ),
    ("node.senses", "mbus.timing meter meter.relay meter.tariffinput", "micropython"),
    ("node.timekeeper", "mbus.timing", "micropython"),
    ("node.health", "mbus.encode mbus.timing", "io micropython struct sys traceback"),
    (
        "node.assembly",
        "mbus mbus.autobaud mbus.link mbus.slave meter.meter"
        " node node.health node.keeping node.keyring node.module node.profile node.store",
        "",
    ),
    ("node.app", "mbus.timing", "asyncio gc micropython"),
    # where it runs: a port may import what it finds there
    ("port", "", ""),
    ("port.files", "", "*"),
    ("port.fram", "", "*"),
    ("port.scratch", "", "*"),
    ("port.ds3231", "", "*"),
    ("port.uart", "", "*"),
    ("port.unix", "port.files", "*"),
    ("port.cpython", "", "*"),
    ("port.rp2_pio", "", "*"),
    ("port.rp2_uart", "port port.rp2_pio port.uart", "*"),
    ("port.rp2_pulse", "port.rp2_pio", "*"),
    ("port.rp2_receive", "port.rp2_pio", "*"),
    ("port.rp2_coil", "port.rp2_pio", "*"),
    ("port.wiring", "port port.ds3231 port.files port.fram", "*"),
    ("port.chipclock", "", "*"),
    ("port.rp2_chip", "port port.chipclock", "*"),
    (
        "port.rp2",
        "port port.scratch port.rp2_chip port.rp2_uart port.rp2_pio port.rp2_pulse"
        " port.rp2_receive port.rp2_coil port.wiring",
        "*",
    ),
    ("port.esp32_chip", "", "*"),
    ("port.esp32_count", "", "*"),
    (
        "port.esp32",
        "port port.scratch port.chipclock port.esp32_chip port.esp32_count port.uart port.wiring",
        "*",
    ),
    (
        "node.start",
        "mbus.header node node.assembly node.config node.configfile"
        " node.loss node.registers node.reset node.senses node.store node.timekeeper meter meter.calendar",
        "board os",
    ),
    ("node.boot", "node node.app node.start", "asyncio board gc sys"),
    ("main", "node node.boot", "gc sys"),
    # the reader
    ("reader", "", ""),
    (
        "reader.rounds",
        "mbus mbus.decode mbus.header mbus.names mbus.timing mbus.value mbus.vif",
        "json micropython",
    ),
    (
        "reader.keys",
        "mbus.cmac mbus.decode mbus.failures mbus.frame mbus.header mbus.secured mbus.security"
        " node node.store",
        "binascii micropython struct",
    ),
    (
        "reader.boot",
        "mbus.exchange mbus.master mbus.timing node.configfile reader reader.keys reader.rounds",
        "asyncio board gc json micropython",
    ),
    ("read", "reader reader.boot", "gc sys"),
)

# Of masters and tools alone: a module never loads them, not even by way of others.
MASTER_ONLY = frozenset(
    "mbus." + name
    for name in "table names viftables vif fixed decode readout master search exchange".split()
)
# What these files load may be nothing of that.
MODULE = ("mbus.slave", "mbus.link", "main")

# Imported where the set says and nowhere else ("port." stands for every port).
RESERVED = {
    "machine": ("port.",),
    "cryptolib": ("mbus.security",),
    "asyncio": ("node.app", "node.boot", "reader.boot"),
}
# Not in the dialect that the firmware is written in.
UNUSED = frozenset(("typing", "re", "logging", "dataclasses", "enum", "pathlib"))


def markdown() -> str:
    """The table for the README."""
    lines = ["| file | may import | of the runtime |", "| --- | --- | --- |"]
    for name, ours, runtime in LAYERS:
        cells = (ours.replace(" ", ", "), runtime.replace(" ", ", ").replace("*", "anything"))
        lines.append("| `%s` | %s | %s |" % ((name,) + tuple(cell or "–" for cell in cells)))
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown())
