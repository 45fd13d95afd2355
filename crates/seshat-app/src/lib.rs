mod dto;
pub use dto::*;
