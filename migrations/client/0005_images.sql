-- Sealed images, by the SHA-256 of what is here. One that a record names and that is not here comes with a sync; one
-- that no record names was put into a text that was never written.
CREATE TABLE blobs (
    hash   BLOB PRIMARY KEY CHECK (length(hash) = 32),
    sealed BLOB NOT NULL
) STRICT;

-- Which images are named, without walking through bodies.
CREATE INDEX records_that_show ON records (document, arrival, blobs) WHERE length(blobs) > 0;
