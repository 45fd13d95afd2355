//! What crosses to the window of pictures.

use serde::Serialize;
use ts_rs::TS;

/// A picture that was put into a novel and that no text shows yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, TS)]
#[ts(export)]
pub struct PlacedImage {
    /// What the text says to show it: 64 hexadecimal digits.
    pub image: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}
