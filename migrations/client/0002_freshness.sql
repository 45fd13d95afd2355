-- What tells an honest server from one that hides, repeats or swaps: chains, a digest, alarms.

-- A device's records by their number.
CREATE INDEX records_by_number ON records (device, sequence);

-- Records in quarantine that a listed device signed: they do not open here (yet), but they are of its chain.
CREATE TABLE vouched (
    arrival INTEGER PRIMARY KEY REFERENCES records (arrival)
) STRICT;

-- The numbers of each device below its head that are not here, as ranges.
CREATE TABLE missing (
    device BLOB    NOT NULL CHECK (length(device) = 16),
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (device, first)
) STRICT, WITHOUT ROWID;

-- How many of the records that are held the server should have (all but the outbox), and the XOR of SHA-256 over
-- their ids: kept here so that no round of sync has to walk through all of them.
CREATE TABLE acknowledged (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    count INTEGER NOT NULL,
    xor   BLOB    NOT NULL CHECK (length(xor) = 32)
) STRICT;
INSERT INTO acknowledged (one, count, xor) VALUES (1, 0, zeroblob(32));

-- What the server did that no honest one does, or that the author should know of: one row for a cause and device.
CREATE TABLE alarms (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    cause     INTEGER NOT NULL,
    device    BLOB    NOT NULL CHECK (length(device) IN (0, 16)),  -- empty: of no device
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    at        INTEGER NOT NULL,    -- milliseconds since 1970
    healed    INTEGER,             -- the same; NULL while it lasts
    dismissed INTEGER NOT NULL CHECK (dismissed IN (0, 1)),
    UNIQUE (cause, device)
) STRICT;

-- The highest vault generation that this server gave or took; belongs to its address, not to its epoch.
ALTER TABLE server ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
