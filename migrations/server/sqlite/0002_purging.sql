-- Which ids are named in `replaces`, and by the record of which position: so that a record that comes after the one
-- that names it is marked like one that came before, and to know what may be purged. The id need not be here.
CREATE TABLE named (
    account  INTEGER NOT NULL REFERENCES accounts (number),
    id       BLOB NOT NULL CHECK (length(id) = 16),
    position INTEGER NOT NULL,
    PRIMARY KEY (account, id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX named_by_position ON named (account, position);
CREATE INDEX records_replaced ON records (account, position) WHERE replaced_at IS NOT NULL;
