//! What tests over the real programs are made of: laptops, servers, databases, load balancers, bad networks, small disks,
//! small novels.
//!
//! **Invariants:** everything runs on loopback and in temporary folders; every process and every mount that is
//! started here ends with the value that stands for it; the same seed gives the same test. No crate that ships
//! depends on this one.

mod canary;
mod clock;
mod corpus;
mod device;
mod disk;
mod evil;
mod files;
mod haproxy;
mod laptop;
mod loopback;
mod novel;
mod postgres;
mod process;
mod programs;
mod proxy;
mod random;
mod s3;
mod server;
mod users;

pub use canary::{Canary, Find};
pub use clock::days_off;
pub use corpus::{corpus, novels};
pub use device::{Device, plain};
pub use disk::SmallDisk;
pub use evil::{Answered, Asked, Evil, Forward, decoded, encoded};
pub use files::{copy_folder, files_below, same_files, words_of};
pub use haproxy::Haproxy;
pub use laptop::{Laptop, PASSWORD, assert_failed, assert_sentence};
pub use novel::{SmallNovel, small_novel};
pub use postgres::{PASSWORD as POSTGRES_PASSWORD, Postgres};
pub use process::{Ran, Running, kill, peak_kib};
pub use programs::{program, shelf, variable};
pub use proxy::{Fault, Proxy, Trouble, Wire};
pub use random::{Random, seed};
pub use s3::S3;
pub use server::{Server, Setup};
