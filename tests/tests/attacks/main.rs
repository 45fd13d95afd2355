//! The attack table of docs/threat-model.md: one test a row, `attack_NN_what_it_is`. What can be tried from outside is
//! tried against the real programs, with an evil server in front of the real one; what only a key holder could try is
//! tried on the vault itself.

mod at_rest;
mod history;
mod kdf;
mod memory;
mod requests;
mod second_reader;
mod stage;
mod vaults;
