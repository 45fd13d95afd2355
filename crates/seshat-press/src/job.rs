//! What is to be set: JSON that the templates read, and pictures.
//!
//! On the wire a job is one line of JSON, `\n`, and the bytes of its pictures one after another. The JSON's
//! `pictures` says `name` and `bytes` (how many) of each, `wire` is [`WIRE`], and `render` asks for pages as pictures.

use serde::Deserialize;
use serde_json::Value;

use crate::PressError;
use crate::draw::Render;
use crate::heads::Plan;

/// A novel to be set. Its fields are those that `template/main.typ` names.
pub struct Job {
    /// The JSON as it came.
    pub(crate) json: Vec<u8>,
    /// The JSON as it was read.
    pub(crate) value: Value,
    /// Which heads its pages have.
    pub(crate) plan: Plan,
    /// Which pages are wanted as pictures; none of them where a PDF is.
    pub(crate) render: Option<Render>,
    /// Pictures that the JSON names.
    pub(crate) pictures: Vec<Picture>,
}

/// A picture of a novel.
pub struct Picture {
    /// The name that the text has for it.
    pub name: String,
    /// A JPEG, PNG, GIF, WebP or SVG file.
    pub bytes: Vec<u8>,
}

/// What a job and its answer look like. Another number on the other side is another version of Seshat.
pub const WIRE: u32 = 1;

#[derive(Deserialize)]
struct Announced {
    name: String,
    bytes: usize,
}

impl Job {
    /// Reads a job off the wire.
    ///
    /// # Errors
    /// [`PressError::NoJob`] when it is none.
    pub fn read(wire: &[u8]) -> Result<Self, PressError> {
        let end = wire.iter().position(|byte| *byte == b'\n').unwrap_or(wire.len());
        let (json, rest) = wire.split_at(end);
        let value: Value = serde_json::from_slice(json).map_err(|_| PressError::NoJob)?;
        if value.get("wire").and_then(Value::as_u64) != Some(u64::from(WIRE)) {
            return Err(PressError::NoJob);
        }
        let plan = Plan::deserialize(&value).map_err(|_| PressError::NoJob)?;
        let render = match value.get("render") {
            Some(render) => Some(Render::deserialize(render).map_err(|_| PressError::NoJob)?),
            None => None,
        };
        let announced = match value.get("pictures") {
            Some(list) => Vec::<Announced>::deserialize(list).map_err(|_| PressError::NoJob)?,
            None => Vec::new(),
        };
        let mut rest = rest.get(1..).unwrap_or_default();
        let mut pictures = Vec::new();
        for Announced { name, bytes } in announced {
            let (picture, after) = rest.split_at_checked(bytes).ok_or(PressError::NoJob)?;
            pictures.push(Picture { name, bytes: picture.to_vec() });
            rest = after;
        }
        if rest.is_empty() {
            Ok(Self { json: json.to_vec(), value, plan, render, pictures })
        } else {
            Err(PressError::NoJob)
        }
    }

    /// Calls `each` with every string in the JSON.
    pub(crate) fn strings(&self, each: &mut dyn FnMut(&str)) {
        strings(&self.value, each);
    }
}

fn strings(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(list) => list.iter().for_each(|value| strings(value, each)),
        Value::Object(map) => map.values().for_each(|value| strings(value, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
