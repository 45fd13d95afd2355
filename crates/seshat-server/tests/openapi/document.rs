//! The document, put together from the types of the protocol and the table of routes.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use seshat_protocol::{
    AccountCreated, AccountUsage, AskToJoin, BlobProgress, Capabilities, ChallengeReply,
    ChallengeRequest, Changes, CreateAccount, Devices, ErrorBody, ExportLine, Head, JoinAsked,
    JoinGrant, JoinOffer, JoinProgress, JoinReveal, OpenJoins, PackFrame, PushRequest,
    PushResponse, SignInReply, SignInRequest, VaultReply, VaultUpdate, VaultUpdated,
};

use super::routes::{Answer, Operation, Who, operations};

/// The whole of it.
pub(crate) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut schemas = settings.into_generator();
    register(&mut schemas);
    let mut paths = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        path[operation.method.to_lowercase()] = described(&operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Seshat sync server",
            "version": seshat_protocol::PROTOCOL_VERSION.to_string(),
            "description": "Carries sealed records between the laptops of an author. What it stores it cannot open.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "securitySchemes": {
                "device": {
                    "type": "apiKey", "in": "header", "name": "Signature",
                    "description": "A signature by a registered device (RFC 9421), with Signature-Input, Content-Digest and Seshat-Origin; see docs/format.md.",
                },
                "person": {
                    "type": "http", "scheme": "bearer",
                    "description": "The token of a sign-in, for a quarter of an hour.",
                },
                "joining": {
                    "type": "http", "scheme": "bearer",
                    "description": "The token that a laptop got when it asked to join.",
                },
            },
        },
    })
}

/// Makes all types known under their own names.
fn register(schemas: &mut SchemaGenerator) {
    fn one<T: JsonSchema>(schemas: &mut SchemaGenerator) {
        drop(schemas.subschema_for::<T>());
    }
    for register in [
        one::<AccountCreated>,
        one::<AccountUsage>,
        one::<AskToJoin>,
        one::<BlobProgress>,
        one::<Capabilities>,
        one::<ChallengeReply>,
        one::<ChallengeRequest>,
        one::<Changes>,
        one::<CreateAccount>,
        one::<Devices>,
        one::<ErrorBody>,
        one::<ExportLine>,
        one::<Head>,
        one::<JoinAsked>,
        one::<JoinGrant>,
        one::<JoinOffer>,
        one::<JoinProgress>,
        one::<JoinReveal>,
        one::<OpenJoins>,
        one::<PackFrame>,
        one::<PushRequest>,
        one::<PushResponse>,
        one::<SignInReply>,
        one::<SignInRequest>,
        one::<VaultReply>,
        one::<VaultUpdate>,
        one::<VaultUpdated>,
    ] {
        register(schemas);
    }
}

fn described(operation: &Operation) -> Value {
    let mut answers = Map::new();
    for (status, answer) in &operation.answers {
        answers.insert(status.to_string(), answered(*status, answer, operation.method == "HEAD"));
    }
    let mut description = json!({
        "summary": operation.summary,
        "operationId": operation.id,
        "responses": answers,
        "security": security(operation.who),
    });
    if !operation.parameters.is_empty() {
        description["parameters"] = operation.parameters.clone().into();
    }
    if let Some(body) = operation.body {
        description["requestBody"] = json!({ "required": true, "content": body.content() });
    }
    description
}

fn security(who: &[Who]) -> Value {
    let names = who.iter().map(|who| match who {
        Who::Device => json!({ "device": [] }),
        Who::Person => json!({ "person": [] }),
        Who::Joining => json!({ "joining": [] }),
    });
    names.collect()
}

fn answered(status: u16, answer: &Answer, bodiless: bool) -> Value {
    let mut described = json!({ "description": answer.what });
    if let Some(content) = answer.content.filter(|_| !bodiless) {
        described["content"] = content.content();
    }
    let mut headers: Vec<_> = answer.headers.to_vec();
    if status == 429 || status == 503 {
        headers.push(("Retry-After", "Seconds to wait."));
    }
    if status == 401 {
        headers.push(("WWW-Authenticate", "Bearer"));
    }
    if !headers.is_empty() {
        let of = |(name, what): &(&str, &str)| {
            ((*name).to_owned(), json!({ "description": what, "schema": { "type": "string" } }))
        };
        described["headers"] = headers.iter().map(of).collect::<Map<_, _>>().into();
    }
    described
}
