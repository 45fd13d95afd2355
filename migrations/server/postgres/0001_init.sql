-- The server's database on PostgreSQL, version 1. It can open nothing of what it holds: no title, no password, no hash
-- of one, no key that opens anything. Email addresses are the one thing a person could read.
--
-- BYTEA, BIGINT and TEXT alone, no sequences, no triggers: what speaks PostgreSQL's language should take it.

-- What the database says of itself: 'epoch' (16 random bytes, names this history), 'secret' (32 random bytes, from which
-- accounts that do not exist get their lasting salts) and 'receipt_key' (the private half of the Ed25519 key that
-- vouches for registered devices; it opens nothing).
CREATE TABLE server (
    name  TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE accounts (
    -- Milliseconds since 1970 and 20 random bits: in the order in which they began, and nobody waits for a counter.
    number         BIGINT PRIMARY KEY,
    id             BYTEA NOT NULL UNIQUE CHECK (octet_length(id) = 16),
    -- As compared: trimmed and in lower case.
    email          TEXT NOT NULL UNIQUE,
    identity_key   BYTEA NOT NULL CHECK (octet_length(identity_key) = 32),
    kdf_memory_kib BIGINT NOT NULL,
    kdf_passes     BIGINT NOT NULL,
    kdf_lanes      BIGINT NOT NULL,
    kdf_salt       BYTEA NOT NULL CHECK (octet_length(kdf_salt) = 16),
    account_code   BIGINT NOT NULL CHECK (account_code IN (0, 1)),
    password_key   BYTEA NOT NULL CHECK (octet_length(password_key) = 32),
    recovery_key   BYTEA NOT NULL CHECK (octet_length(recovery_key) = 32),
    vault_revision TEXT NOT NULL,
    vault          BYTEA NOT NULL,
    -- The newest position given. It moves under this row's lock, in the transaction that stores the records, which is
    -- why a reader never sees a position whose predecessor is still on its way.
    head           BIGINT NOT NULL DEFAULT 0,
    -- How many records there are that none replaces, and XOR of SHA-256 over their ids.
    digest_count   BIGINT NOT NULL DEFAULT 0,
    digest_xor     BYTEA NOT NULL CHECK (octet_length(digest_xor) = 32),
    -- How many records there are in all, and bytes that count against the quota: header and body of records, and blobs.
    records        BIGINT NOT NULL DEFAULT 0,
    bytes          BIGINT NOT NULL DEFAULT 0,
    -- The account's own, in bytes.
    quota          BIGINT,
    locked         BIGINT NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    -- Whether it is being deleted: then it has neither its id nor its address any more.
    leaving        BIGINT NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1)),
    created_at     BIGINT NOT NULL
);
CREATE INDEX accounts_leaving ON accounts (number) WHERE leaving = 1;

CREATE TABLE devices (
    account       BIGINT NOT NULL REFERENCES accounts (number),
    id            BYTEA NOT NULL CHECK (octet_length(id) = 16),
    signing_key   BYTEA NOT NULL CHECK (octet_length(signing_key) = 32),
    exchange_key  BYTEA NOT NULL CHECK (octet_length(exchange_key) = 32),
    certificate   BYTEA NOT NULL CHECK (octet_length(certificate) = 64),
    -- Milliseconds since 1970; part of the device's receipt.
    registered_at BIGINT NOT NULL,
    -- The hour in which it last asked for anything; milliseconds since 1970.
    seen_at       BIGINT,
    -- Up to where it says that it has stored all changes of this history.
    cursor        BIGINT,
    PRIMARY KEY (account, id)
);

-- Devices that are let in no more, registered here or not.
CREATE TABLE revoked (
    account    BIGINT NOT NULL REFERENCES accounts (number),
    id         BYTEA NOT NULL CHECK (octet_length(id) = 16),
    -- Milliseconds since 1970.
    revoked_at BIGINT NOT NULL,
    PRIMARY KEY (account, id)
);

-- Sign-ins of people, with the password or the recovery phrase. Devices have none: they sign each request.
CREATE TABLE sessions (
    -- SHA-256 of the token: who reads the database cannot use what is in it.
    token_hash BYTEA PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    account    BIGINT NOT NULL REFERENCES accounts (number),
    -- Milliseconds since 1970.
    ends_at    BIGINT NOT NULL
);
CREATE INDEX sessions_by_end ON sessions (ends_at);
CREATE INDEX sessions_by_account ON sessions (account);

-- Good for one account each.
CREATE TABLE invites (
    -- SHA-256 of the code: who reads the database cannot use what is in it.
    code_hash BYTEA PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    -- Milliseconds since 1970.
    ends_at   BIGINT NOT NULL,
    -- The id of the account that used it up.
    used_by   BYTEA CHECK (used_by IS NULL OR octet_length(used_by) = 16)
);

-- This table and those below do not refer to accounts by a constraint: whoever writes here has locked the account's row.
CREATE TABLE records (
    account     BIGINT NOT NULL,
    position    BIGINT NOT NULL CHECK (position > 0),
    id          BYTEA NOT NULL CHECK (octet_length(id) = 16),
    device      BYTEA NOT NULL CHECK (octet_length(device) = 16),
    sequence    BIGINT NOT NULL CHECK (sequence > 0),
    -- Bytes of header and body, so that a page is measured without reading them.
    size        BIGINT NOT NULL,
    -- When a stored record first named this one in its `replaces`; milliseconds since 1970.
    replaced_at BIGINT,
    previous    BYTEA NOT NULL CHECK (octet_length(previous) = 32),
    signature   BYTEA NOT NULL CHECK (octet_length(signature) = 64),
    header      BYTEA NOT NULL,
    -- Ids of 16 bytes, one behind the other.
    replaces    BYTEA NOT NULL,
    -- Hashes of 32 bytes, one behind the other.
    blobs       BYTEA NOT NULL,
    -- Empty when it is kept outside. Then this is its SHA-256, and its length is what the header leaves of 'size'.
    body        BYTEA NOT NULL,
    object      BYTEA CHECK (object IS NULL OR octet_length(object) = 32),
    PRIMARY KEY (account, position),
    UNIQUE (account, id),
    UNIQUE (account, device, sequence)
);
CREATE INDEX records_replaced ON records (account, position) WHERE replaced_at IS NOT NULL;
CREATE INDEX records_by_object ON records (account, object) WHERE object IS NOT NULL;

-- Which ids are named in `replaces`, and by the record of which position: so that a record that comes after the one
-- that names it is marked like one that came before, and to know what may be purged. The id need not be here.
CREATE TABLE named (
    account  BIGINT NOT NULL,
    id       BYTEA NOT NULL CHECK (octet_length(id) = 16),
    position BIGINT NOT NULL,
    PRIMARY KEY (account, id, position)
);
CREATE INDEX named_by_position ON named (account, position);

CREATE TABLE blobs (
    account  BIGINT NOT NULL,
    -- SHA-256 of its sealed bytes.
    hash     BYTEA NOT NULL CHECK (octet_length(hash) = 32),
    size     BIGINT NOT NULL,
    -- Milliseconds since 1970.
    begun_at BIGINT NOT NULL,
    complete BIGINT NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),
    PRIMARY KEY (account, hash)
);
CREATE INDEX blobs_by_begin ON blobs (begun_at);

-- What has come of blobs that are not complete.
CREATE TABLE blob_parts (
    account BIGINT NOT NULL,
    hash    BYTEA NOT NULL,
    part    BIGINT NOT NULL CHECK (part >= 0),
    PRIMARY KEY (account, hash, part)
);

-- Which blobs are named, and by the record of which position.
CREATE TABLE blobs_named (
    account  BIGINT NOT NULL,
    hash     BYTEA NOT NULL CHECK (octet_length(hash) = 32),
    position BIGINT NOT NULL,
    PRIMARY KEY (account, hash, position)
);
CREATE INDEX blobs_named_by_position ON blobs_named (account, position);

-- What is good once: nonces of signed requests, challenges that were answered. It may be lost in a crash, which costs less
-- than a disk's time for each request: the row of 32 zeros is lost with it, and says since when this is remembered.
CREATE UNLOGGED TABLE spent (
    fingerprint BYTEA PRIMARY KEY CHECK (octet_length(fingerprint) = 32),
    -- Milliseconds since 1970.
    ends_at     BIGINT NOT NULL
);

-- Laptops that ask to join an account, for ten minutes. Lost in a crash, they ask again.
CREATE UNLOGGED TABLE joins (
    id         BYTEA PRIMARY KEY CHECK (octet_length(id) = 16),
    -- The id of an account, which need not be one.
    account    BYTEA NOT NULL CHECK (octet_length(account) = 16),
    -- SHA-256 of the token.
    token_hash BYTEA NOT NULL CHECK (octet_length(token_hash) = 32),
    commitment BYTEA NOT NULL CHECK (octet_length(commitment) = 32),
    -- Milliseconds since 1970.
    asked_at   BIGINT NOT NULL,
    offer      BYTEA,
    reveal     BYTEA,
    consent    BYTEA,
    denied     BIGINT NOT NULL DEFAULT 0 CHECK (denied IN (0, 1))
);
CREATE INDEX joins_by_account ON joins (account);
