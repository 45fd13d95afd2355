-- What a laptop keeps: sealed records, what waits for the server, the vault blob. No column holds a readable
-- word of a novel. Ids are 16 random bytes; numbers above 2^63 are stored as the same 64 bits.

PRAGMA application_id = 1397966932;  -- 'SSHT'

-- The vault blob: one row once the vault has been made or joined.
CREATE TABLE vault (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    account  BLOB    NOT NULL CHECK (length(account) = 16),
    blob     BLOB    NOT NULL,
    revision TEXT,                 -- the server's name for the blob it has, as far as this laptop knows
    waiting  INTEGER NOT NULL CHECK (waiting IN (0, 1))  -- 1: this blob has not been put yet
) STRICT;

CREATE TABLE settings (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Every record, in the order of arrival, those of this laptop and those of others alike. A record is never
-- changed; only where it was found to belong (kind, novel, document) is filled in later. The two long columns
-- stand last, so that reading the others never walks through them.
CREATE TABLE records (
    arrival   INTEGER PRIMARY KEY,
    id        BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    kind      INTEGER,             -- these three are NULL together: a record in quarantine
    novel     BLOB    CHECK (length(novel) = 16),
    document  BLOB    CHECK (length(document) = 16),
    device    BLOB    NOT NULL CHECK (length(device) = 16),
    sequence  INTEGER NOT NULL,
    previous  BLOB    NOT NULL CHECK (length(previous) = 32),
    signature BLOB    NOT NULL CHECK (length(signature) = 64),
    checksum  BLOB    NOT NULL CHECK (length(checksum) = 32),  -- over all the others but arrival
    replaces  BLOB    NOT NULL CHECK (length(replaces) % 16 = 0),  -- ids, one behind the other
    header    BLOB    NOT NULL,
    body      BLOB    NOT NULL,
    CHECK ((kind IS NULL) = (novel IS NULL) AND (kind IS NULL) = (document IS NULL))
) STRICT;
CREATE INDEX records_by_document ON records (document, arrival) WHERE document IS NOT NULL;
CREATE INDEX records_by_novel ON records (novel, document, arrival, kind) WHERE novel IS NOT NULL;
CREATE INDEX records_in_quarantine ON records (arrival) WHERE kind IS NULL;

-- What the server has not acknowledged. A rejected record stays, with the reason, and is not offered again.
CREATE TABLE outbox (
    arrival  INTEGER PRIMARY KEY REFERENCES records (arrival),
    rejected TEXT
) STRICT;
CREATE INDEX outbox_rejected ON outbox (arrival) WHERE rejected IS NOT NULL;

-- The highest record seen of every device, our own among them.
CREATE TABLE heads (
    device   BLOB    PRIMARY KEY CHECK (length(device) = 16),
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT, WITHOUT ROWID;

-- Sealed copies of what can be worked out again: titles, counts.
CREATE TABLE summaries (
    document BLOB PRIMARY KEY CHECK (length(document) = 16),
    sealed   BLOB NOT NULL
) STRICT;

-- The server that this laptop syncs with, if any.
CREATE TABLE server (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    url    TEXT    NOT NULL,
    email  TEXT    NOT NULL,
    epoch  TEXT,                   -- NULL until the first page is stored
    cursor INTEGER NOT NULL        -- the last position stored; belongs to epoch
) STRICT;
