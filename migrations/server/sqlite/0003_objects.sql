-- Version 3: bodies and blobs outside the database, quotas, locked accounts, invitations.

-- Bytes that count against the quota: header and body of records, and blobs; and how many records there are.
ALTER TABLE accounts ADD COLUMN records INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
-- The account's own, in bytes.
ALTER TABLE accounts ADD COLUMN quota INTEGER;
ALTER TABLE accounts ADD COLUMN locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1));
-- Whether it is being deleted: then it has neither its id nor its address any more.
ALTER TABLE accounts ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1));
UPDATE accounts SET
    records = (SELECT count(*) FROM records WHERE account = number),
    bytes = (SELECT coalesce(sum(size), 0) FROM records WHERE account = number);
CREATE INDEX accounts_leaving ON accounts (number) WHERE leaving = 1;

-- Up to where the device says that it has stored all changes of this history.
ALTER TABLE devices ADD COLUMN cursor INTEGER;

-- Hashes of 32 bytes, one behind the other.
ALTER TABLE records ADD COLUMN blobs BLOB NOT NULL DEFAULT x'';
-- SHA-256 of the body when that is kept outside; its length is what the header leaves of 'size'.
ALTER TABLE records ADD COLUMN object BLOB CHECK (object IS NULL OR length(object) = 32);
CREATE INDEX records_by_object ON records (account, object) WHERE object IS NOT NULL;

CREATE TABLE blobs (
    account  INTEGER NOT NULL REFERENCES accounts (number),
    -- SHA-256 of its sealed bytes.
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    size     INTEGER NOT NULL,
    -- Milliseconds since 1970.
    begun_at INTEGER NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_by_begin ON blobs (begun_at);

-- What has come of blobs that are not complete.
CREATE TABLE blob_parts (
    account INTEGER NOT NULL,
    hash    BLOB NOT NULL,
    part    INTEGER NOT NULL CHECK (part >= 0),
    PRIMARY KEY (account, hash, part),
    FOREIGN KEY (account, hash) REFERENCES blobs (account, hash)
) STRICT, WITHOUT ROWID;

-- Which blobs are named, and by the record of which position.
CREATE TABLE blobs_named (
    account  INTEGER NOT NULL REFERENCES accounts (number),
    hash     BLOB NOT NULL CHECK (length(hash) = 32),
    position INTEGER NOT NULL,
    PRIMARY KEY (account, hash, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_named_by_position ON blobs_named (account, position);

CREATE TABLE invites (
    -- SHA-256 of the code: who reads the database cannot use what is in it.
    code_hash BLOB PRIMARY KEY NOT NULL CHECK (length(code_hash) = 32),
    -- Milliseconds since 1970.
    ends_at   INTEGER NOT NULL,
    -- The id of the account that used it up.
    used_by   BLOB CHECK (used_by IS NULL OR length(used_by) = 16)
) STRICT, WITHOUT ROWID;
