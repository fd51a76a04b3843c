# SPDX-License-Identifier: MIT
"""The VIF and VIFE tables of EN 13757-3, as data: read by vif.py alone.

PRIMARY is table 10, FB and FD are the extensions behind those octets (tables 14 and 12), the
others serve the combinable VIFE (table 15) and their extension behind FC (table 16).
"""

# One row serves the codes from its own to the next row's: code, kind, unit, exponent of the
# first code, quantity.  Kinds are those of value.py, and besides
#   n  the exponent rises by one from code to code       =  it does not
#   t  a duration; in place of an exponent stands the index of the first code in DURATIONS
#   -  reserved
DURATIONS = (("s", 1), ("s", 60), ("s", 3600), ("s", 86400), ("month", 1), ("year", 1))

# fmt: off
PRIMARY = (
    (0x00, "n", "Wh", -3, "energy"),
    (0x08, "n", "J", 0, "energy"),
    (0x10, "n", "m³", -6, "volume"),
    (0x18, "n", "kg", -3, "mass"),
    (0x20, "t", "", 0, "on time"),
    (0x24, "t", "", 0, "operating time"),
    (0x28, "n", "W", -3, "power"),
    (0x30, "n", "J/h", 0, "power"),
    (0x38, "n", "m³/h", -6, "volume flow"),
    (0x40, "n", "m³/min", -7, "volume flow"),
    (0x48, "n", "m³/s", -9, "volume flow"),
    (0x50, "n", "kg/h", -3, "mass flow"),
    (0x58, "n", "°C", -3, "flow temperature"),
    (0x5C, "n", "°C", -3, "return temperature"),
    (0x60, "n", "K", -3, "temperature difference"),
    (0x64, "n", "°C", -3, "external temperature"),
    (0x68, "n", "bar", -3, "pressure"),
    (0x6C, "d", "", 0, "date"),
    (0x6D, "d", "", 0, "date and time"),
    (0x6E, "=", "HCA units", 0, "heat cost allocation"),
    (0x6F, "-", "", 0, "reserved"),
    (0x70, "t", "", 0, "averaging duration"),
    (0x74, "t", "", 0, "actuality duration"),
    (0x78, "u", "", 0, "fabrication number"),
    (0x79, "a", "", 0, "identification"),
    (0x7A, "u", "", 0, "bus address"),
    (0x7B, "-", "", 0, "reserved"),
    (0x7C, "=", "", 0, "plain text"),
    (0x7D, "-", "", 0, "reserved"),
    (0x7E, "=", "", 0, "any VIF"),
    (0x7F, "=", "", 0, "manufacturer specific"),
)

FB = (
    (0x00, "n", "Wh", 5, "energy"),
    (0x02, "n", "varh", 3, "reactive energy"),
    (0x04, "n", "VAh", 3, "apparent energy"),
    (0x06, "-", "", 0, "reserved"),
    (0x08, "n", "J", 8, "energy"),
    (0x0A, "-", "", 0, "reserved"),
    (0x0C, "n", "cal", 5, "energy"),
    (0x10, "n", "m³", 2, "volume"),
    (0x12, "-", "", 0, "reserved"),
    (0x14, "n", "var", 0, "reactive power"),
    (0x18, "n", "kg", 5, "mass"),
    (0x1A, "n", "%", -1, "relative humidity"),
    (0x1C, "-", "", 0, "reserved"),
    (0x20, "=", "ft³", 0, "volume"),
    (0x21, "=", "ft³", -1, "volume"),
    (0x22, "n", "US gal", -1, "volume"),
    (0x24, "=", "US gal/min", -3, "volume flow"),
    (0x25, "=", "US gal/min", 0, "volume flow"),
    (0x26, "=", "US gal/h", 0, "volume flow"),
    (0x27, "-", "", 0, "reserved"),
    (0x28, "n", "W", 5, "power"),
    (0x2A, "=", "°", -1, "phase angle voltage to voltage"),
    (0x2B, "=", "°", -1, "phase angle voltage to current"),
    (0x2C, "n", "Hz", -3, "frequency"),
    (0x30, "n", "J/h", 8, "power"),
    (0x32, "-", "", 0, "reserved"),
    (0x34, "n", "VA", 0, "apparent power"),
    (0x38, "-", "", 0, "reserved"),
    (0x58, "n", "°F", -3, "flow temperature"),
    (0x5C, "n", "°F", -3, "return temperature"),
    (0x60, "n", "°F", -3, "temperature difference"),
    (0x64, "n", "°F", -3, "external temperature"),
    (0x68, "=", "", 0, "HCA rating factor"),
    (0x6F, "-", "", 0, "reserved"),
    (0x70, "n", "°F", -3, "cold/warm temperature limit"),
    (0x74, "n", "°C", -3, "cold/warm temperature limit"),
    (0x78, "n", "W", -3, "cumulative maximum power"),
)

FD = (
    (0x00, "n", "currency", -3, "credit"),
    (0x04, "n", "currency", -3, "debit"),
    (0x08, "u", "", 0, "unique message identification"),
    (0x09, "u", "", 0, "device type"),
    (0x0A, "l", "", 0, "manufacturer"),
    (0x0B, "u", "", 0, "parameter set identification"),
    (0x0C, "u", "", 0, "model/version"),
    (0x0D, "u", "", 0, "hardware version"),
    (0x0E, "u", "", 0, "metrology firmware version"),
    (0x0F, "u", "", 0, "software version"),
    (0x10, "u", "", 0, "customer location"),
    (0x11, "u", "", 0, "customer"),
    (0x12, "u", "", 0, "access code user"),
    (0x13, "u", "", 0, "access code operator"),
    (0x14, "u", "", 0, "access code system operator"),
    (0x15, "u", "", 0, "access code developer"),
    (0x16, "u", "", 0, "password"),
    (0x17, "u", "", 0, "error flags"),
    (0x18, "u", "", 0, "error mask"),
    (0x19, "x", "", 0, "security key"),
    (0x1A, "u", "", 0, "digital output"),
    (0x1B, "u", "", 0, "digital input"),
    (0x1C, "u", "Bd", 0, "baud rate"),
    (0x1D, "u", "bit times", 0, "response delay time"),
    (0x1E, "u", "", 0, "retry"),
    (0x1F, "u", "", 0, "remote control"),
    (0x20, "u", "", 0, "first storage number"),
    (0x21, "u", "", 0, "last storage number"),
    (0x22, "u", "", 0, "size of storage block"),
    (0x23, "u", "", 0, "descriptor for tariff and subunit"),
    (0x24, "t", "", 0, "storage interval"),
    (0x28, "t", "", 4, "storage interval"),
    (0x2A, "u", "", 0, "operator specific data"),
    (0x2B, "u", "s", 0, "time point second"),
    (0x2C, "t", "", 0, "duration since last readout"),
    (0x30, "d", "", 0, "start of tariff"),
    (0x31, "t", "", 1, "duration of tariff"),
    (0x34, "t", "", 0, "period of tariff"),
    (0x38, "t", "", 4, "period of tariff"),
    (0x3A, "=", "", 0, "dimensionless"),
    (0x3B, "x", "", 0, "wireless M-Bus data container"),
    (0x3C, "t", "", 0, "period of nominal data transmissions"),
    (0x40, "n", "V", -9, "voltage"),
    (0x50, "n", "A", -12, "current"),
    (0x60, "u", "", 0, "reset counter"),
    (0x61, "u", "", 0, "cumulation counter"),
    (0x62, "u", "", 0, "control signal"),
    (0x63, "u", "", 0, "day of week"),
    (0x64, "u", "", 0, "week number"),
    (0x65, "u", "", 0, "time point of day change"),
    (0x66, "u", "", 0, "state of parameter activation"),
    (0x67, "u", "", 0, "special supplier information"),
    (0x68, "t", "", 2, "duration since last cumulation"),
    (0x6C, "t", "", 2, "battery operating time"),
    (0x70, "d", "", 0, "battery change"),
    (0x71, "=", "dBm", 0, "RF level"),
    (0x72, "x", "", 0, "daylight saving"),
    (0x73, "x", "", 0, "listening window"),
    (0x74, "t", "", 3, "remaining battery life"),
    (0x75, "u", "", 0, "number of times the meter was stopped"),
    (0x76, "x", "", 0, "manufacturer protocol data container"),
    (0x77, "-", "", 0, "reserved"),
)

# Behind FD FD.
FD_FD = (
    (0x00, "u", "", 0, "currently selected application"),
    (0x01, "-", "", 0, "reserved"),
    (0x02, "t", "", 4, "remaining battery life"),
    (0x04, "-", "", 0, "reserved"),
)

# Object actions, master to slave; the same codes are record errors, slave to master.
ACTIONS = (
    "write", "add value", "subtract value", "set bits", "AND", "toggle bits", "clear bits",
    "clear", "add entry", "delete entry", "delayed action", "freeze", "add to readout list",
    "delete from readout list", "reserved action", "reserved action",
)

RECORD_ERRORS = {
    0x01: "too many DIFE", 0x02: "storage number not implemented",
    0x03: "subunit not implemented", 0x04: "tariff not implemented",
    0x05: "function not implemented", 0x06: "data class not implemented",
    0x07: "data size not implemented", 0x0B: "too many VIFE", 0x0C: "illegal VIF group",
    0x0D: "illegal VIF exponent", 0x0E: "VIF and DIF do not match",
    0x0F: "action not implemented", 0x15: "no data available", 0x16: "data overflow",
    0x17: "data underflow", 0x18: "data error", 0x1C: "premature end of record",
}

# VIFE that change nothing but the name of the quantity.
QUALIFIERS = {
    0x12: "average", 0x14: "relative deviation", 0x1D: "standard conform data",
    0x3A: "uncorrected", 0x3B: "positive contributions only",
    0x3C: "negative contributions only", 0x3D: "non-metric", 0x3E: "at base conditions",
    0x3F: "OBIS declaration", 0x40: "lower limit", 0x48: "upper limit",
    0x68: "during lower limit exceed", 0x69: "leakage", 0x6C: "during upper limit exceed",
    0x6D: "overflow", 0x7E: "future value",
}

# VIFE 20h..38h: what the unit is divided or multiplied by.
PER = (
    "/s", "/min", "/h", "/d", "/week", "/month", "/year", "/revolution",
    "/input pulse 0", "/input pulse 1", "/output pulse 0", "/output pulse 1",
    "/l", "/m³", "/kg", "/K", "/kWh", "/GJ", "/kW", "/(K·l)", "/V", "/A", "·s", "·s/V", "·s/A",
)

COMPACT = {0x13: "inverse compact profile", 0x1E: "compact profile with registers",
            0x1F: "compact profile"}

# Behind VIFE FC.
QUALIFIERS_FC = {
    0x01: "L1", 0x02: "L2", 0x03: "L3", 0x04: "neutral", 0x05: "L1-L2", 0x06: "L2-L3",
    0x07: "L3-L1", 0x08: "quadrant 1", 0x09: "quadrant 2", 0x0A: "quadrant 3",
    0x0B: "quadrant 4", 0x0C: "import minus export", 0x0D: "alternative non-metric units",
    0x0E: "secondary sensor", 0x0F: "higher resolution",
    0x10: "absolute value of both directions", 0x11: "as type C", 0x12: "as type D",
    0x13: "end date of", 0x14: "partner to meter", 0x15: "meter to partner",
}
# fmt: on
