//! How byte strings and ids look in JSON, for descriptions of the API.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    AccountId, Blob, Bytes16, Bytes32, Bytes64, DeviceId, DocumentId, JoinId, NovelId, RecordId,
    Sealed,
};

macro_rules! text {
    ($name:ident, $pattern:literal, $what:literal) => {
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "description": $what })
            }
        }
    };
}

macro_rules! id {
    ($($name:ident),*) => {
        $(text!($name, "^[0-9a-f]{32}$", "16 random bytes as lower-case hexadecimal digits.");)*
    };
}

// Decoding is strict: bits of the last digit that belong to no byte are zero.
text!(
    Sealed,
    "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$",
    "Sealed bytes in base64url."
);
text!(
    Blob,
    "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$",
    "Bytes in base64url."
);
text!(Bytes16, "^[A-Za-z0-9_-]{21}[AQgw]$", "16 bytes in base64url.");
text!(Bytes32, "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$", "32 bytes in base64url.");
text!(Bytes64, "^[A-Za-z0-9_-]{85}[AQgw]$", "64 bytes in base64url.");
id!(AccountId, DeviceId, DocumentId, JoinId, NovelId, RecordId);
