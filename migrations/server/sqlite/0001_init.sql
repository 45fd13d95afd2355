-- The server's database, version 1. It can open nothing of what it holds: no title, no password, no hash of
-- one, no key that opens anything. Email addresses are the one thing a person could read.

-- What the database says of itself: 'epoch' (16 random bytes, names this history), 'secret' (32 random bytes,
-- from which accounts that do not exist get their lasting salts) and 'receipt_key' (the private half of the
-- Ed25519 key that vouches for registered devices; it opens nothing).
CREATE TABLE server (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
    number         INTEGER PRIMARY KEY,
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    -- As compared: trimmed and in lower case.
    email          TEXT NOT NULL UNIQUE,
    identity_key   BLOB NOT NULL CHECK (length(identity_key) = 32),
    kdf_memory_kib INTEGER NOT NULL,
    kdf_passes     INTEGER NOT NULL,
    kdf_lanes      INTEGER NOT NULL,
    kdf_salt       BLOB NOT NULL CHECK (length(kdf_salt) = 16),
    account_code   INTEGER NOT NULL CHECK (account_code IN (0, 1)),
    password_key   BLOB NOT NULL CHECK (length(password_key) = 32),
    recovery_key   BLOB NOT NULL CHECK (length(recovery_key) = 32),
    vault_revision TEXT NOT NULL,
    vault          BLOB NOT NULL,
    -- The newest position given. It moves in the transaction that stores the records, which is why a reader
    -- never sees a position whose predecessor is still on its way.
    head           INTEGER NOT NULL DEFAULT 0,
    -- How many records there are, and XOR of SHA-256 over their ids.
    digest_count   INTEGER NOT NULL DEFAULT 0,
    digest_xor     BLOB NOT NULL CHECK (length(digest_xor) = 32),
    created_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
    account      INTEGER NOT NULL REFERENCES accounts (number),
    id           BLOB NOT NULL CHECK (length(id) = 16),
    signing_key  BLOB NOT NULL CHECK (length(signing_key) = 32),
    exchange_key BLOB NOT NULL CHECK (length(exchange_key) = 32),
    certificate  BLOB NOT NULL CHECK (length(certificate) = 64),
    -- Milliseconds since 1970; part of the device's receipt.
    registered_at INTEGER NOT NULL,
    -- The hour in which it last asked for anything; milliseconds since 1970.
    seen_at       INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- Devices that are let in no more, registered here or not. Nothing is ever removed from it.
CREATE TABLE revoked (
    account    INTEGER NOT NULL REFERENCES accounts (number),
    id         BLOB NOT NULL CHECK (length(id) = 16),
    -- Milliseconds since 1970.
    revoked_at INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;

-- Sign-ins of people, with the password or the recovery phrase. Devices have none: they sign each request.
CREATE TABLE sessions (
    -- SHA-256 of the token: who reads the database cannot use what is in it.
    token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    account    INTEGER NOT NULL REFERENCES accounts (number),
    -- Milliseconds since 1970.
    ends_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_end ON sessions (ends_at);
CREATE INDEX sessions_by_account ON sessions (account);

CREATE TABLE records (
    account     INTEGER NOT NULL REFERENCES accounts (number),
    position    INTEGER NOT NULL CHECK (position > 0),
    id          BLOB NOT NULL CHECK (length(id) = 16),
    device      BLOB NOT NULL CHECK (length(device) = 16),
    sequence    INTEGER NOT NULL CHECK (sequence > 0),
    -- Bytes of header and body, so that a page is measured without reading them.
    size        INTEGER NOT NULL,
    -- When a stored record first named this one in its `replaces`; milliseconds since 1970.
    replaced_at INTEGER,
    previous    BLOB NOT NULL CHECK (length(previous) = 32),
    signature   BLOB NOT NULL CHECK (length(signature) = 64),
    header      BLOB NOT NULL,
    -- Ids of 16 bytes, one behind the other.
    replaces    BLOB NOT NULL,
    body        BLOB NOT NULL,
    UNIQUE (account, position),
    UNIQUE (account, id),
    UNIQUE (account, device, sequence)
) STRICT;
