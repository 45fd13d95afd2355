//! SQLite at rest: holds sealed bytes and cannot open them.
