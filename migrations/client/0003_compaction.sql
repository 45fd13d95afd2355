-- What compaction needs: which records stand for themselves, which numbers are inside snapshots, and caches.

-- The last readable text of a scene, sealed: for searching, and for the day on which a record does not open.
CREATE TABLE texts (
    document BLOB PRIMARY KEY CHECK (length(document) = 16),
    sealed   BLOB NOT NULL
) STRICT;

-- What merges brought, sealed. They are of this laptop alone and never sent.
CREATE TABLE reports (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    novel  BLOB    NOT NULL CHECK (length(novel) = 16),
    at     INTEGER NOT NULL,       -- milliseconds since 1970
    sealed BLOB    NOT NULL
) STRICT;
CREATE INDEX reports_by_novel ON reports (novel, id);

-- How many records that are held and not in the outbox name this id in their `replaces`, whether a record of this
-- id is here or not. What is named does not count in the digest.
CREATE TABLE named (
    id    BLOB    PRIMARY KEY CHECK (length(id) = 16),
    times INTEGER NOT NULL CHECK (times > 0)
) STRICT, WITHOUT ROWID;

-- Numbers of each device whose content is in snapshots, as ranges that do not touch.
CREATE TABLE covered (
    device BLOB    NOT NULL CHECK (length(device) = 16),
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (device, first)
) STRICT, WITHOUT ROWID;

-- Records of chains that replace others and of which it is not known yet which numbers they cover.
CREATE TABLE unread (
    arrival INTEGER PRIMARY KEY REFERENCES records (arrival)
) STRICT;

CREATE INDEX records_that_replace ON records (document, arrival) WHERE length(replaces) > 0;

-- The highest arrival of any record that was removed: none is ever given twice, not even the last one.
CREATE TABLE spent (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    arrival INTEGER NOT NULL
) STRICT;
INSERT INTO spent (one, arrival) VALUES (1, 0);
