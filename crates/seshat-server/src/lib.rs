//! The self-hosted sync server: accounts, records, vault blobs. Sees ciphertext only.
