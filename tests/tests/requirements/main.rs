//! The requirements of sync: `req_NN_what_it_is`, each with the real programs, a network that can be bad, and power that
//! can fail. That none of them is forgotten is looked at in `requirement_names.rs`.

mod client;
mod network;
mod server;
mod soak;
mod weight;
