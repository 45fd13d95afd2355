//! The sync engine, a pure state machine, and its HTTP transport.
