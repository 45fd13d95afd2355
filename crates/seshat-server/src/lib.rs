//! The self-hosted sync server: accounts, vault blobs, records.
//!
//! **Invariant:** this crate links none of ours but `seshat-protocol`, so it has no type that could hold a
//! password, a key that opens anything, or a readable word. It keeps sealed bytes in the order in which they
//! came and hands them back; it deletes a record only long after another one of the account has replaced it.
//!
//! The binary is a thin shell around [`serve`], which tests of other crates may call in their own process.

mod accept;
mod arrival;
mod bodies;
mod challenge;
mod config;
pub mod gc;
mod http;
mod joins;
mod limits;
mod log;
pub mod meta;
mod metrics;
mod notify;
pub mod objects;
pub mod opening;
pub mod postgres;
mod receipt;
mod seen;
mod serve;
mod signature;
pub mod sqlite;
mod steady;
mod sweep;
mod tls;
mod token;

pub use config::{
    Clock, Config, Database, LogSink, Objects, OriginError, Rates, S3, TlsFiles, parse_origin,
};
pub use serve::{ServeError, Server, serve};
pub use sweep::purge;
pub use tls::TlsError;
