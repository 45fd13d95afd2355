//! A place in a novel's text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where the author was.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct TextPlace {
    /// The scene's id.
    pub scene: String,
    /// UTF-16 units of its flat text before the place; more than there are when the scene became shorter meanwhile.
    pub at: u32,
}
