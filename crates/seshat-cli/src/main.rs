//! seshat
fn main() {}
