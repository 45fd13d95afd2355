-- SHA-256 of each sealed blob that a record shows, 32 bytes each, one behind the other. They are part of what is
-- signed, so a laptop that does not know blobs yet must give them back as they came.
ALTER TABLE records ADD COLUMN blobs BLOB NOT NULL DEFAULT x'' CHECK (length(blobs) % 32 = 0);
