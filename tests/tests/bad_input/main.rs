//! Everything that can be wrong with what comes from outside: passwords, kits, files, disks, servers, and a second
//! process. Each gets a status that is not 0 and one sentence on one line, and nothing is lost.

mod database;
mod disks;
mod files;
mod processes;
mod secrets;
mod servers;
