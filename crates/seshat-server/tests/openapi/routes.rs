//! The table of routes: what each takes, of whom, and everything that it may answer.

use serde_json::{Value, json};
use seshat_protocol::route;

/// Who may ask; nobody named means anybody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Device,
    Person,
    Joining,
}

/// What a body is.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    /// JSON of a type of the protocol.
    Json(&'static str),
    /// An empty object.
    Nothing,
    /// An object with a word about the server.
    Status,
    /// Text of another kind.
    Text(&'static str),
    /// Bytes of this kind.
    Bytes(&'static str),
    /// JSON of a type of the protocol, or a stream of events with the same.
    Either(&'static str, &'static str),
}

impl Content {
    pub(crate) fn content(self) -> Value {
        let text = json!({ "schema": { "type": "string" } });
        let of = |name| json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } });
        match self {
            Self::Json(name) => json!({ "application/json": of(name) }),
            Self::Nothing => json!({ "application/json": {
                "schema": { "type": "object", "additionalProperties": false },
            } }),
            Self::Status => json!({ "application/json": { "schema": {
                "type": "object", "required": ["status"],
                "properties": { "status": { "type": "string" } },
            } } }),
            Self::Text(kind) => json!({ kind: text }),
            Self::Bytes(kind) => json!({ kind: {} }),
            Self::Either(name, kind) => json!({
                "application/json": of(name),
                kind: { "schema": {
                    "type": "object", "required": ["event", "data"],
                    "properties": {
                        "event": { "const": "head" },
                        "data": {
                            "type": "string", "contentMediaType": "application/json",
                            "contentSchema": of(name)["schema"],
                        },
                    },
                } },
            }),
        }
    }
}

/// One answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) what: &'static str,
    pub(crate) content: Option<Content>,
    pub(crate) headers: &'static [(&'static str, &'static str)],
}

/// One method of one path.
pub(crate) struct Operation {
    pub(crate) path: String,
    pub(crate) method: &'static str,
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) who: &'static [Who],
    pub(crate) parameters: Vec<Value>,
    pub(crate) body: Option<Content>,
    pub(crate) answers: Vec<(u16, Answer)>,
}

const DEVICE: &[Who] = &[Who::Device];
const PERSON: &[Who] = &[Who::Person];
const MEMBER: &[Who] = &[Who::Device, Who::Person];
const JOINING: &[Who] = &[Who::Joining];

const BLOB: &[(&str, &str)] = &[("ETag", "The hash, in quotes."), ("Accept-Ranges", "bytes")];
const PART: &[(&str, &str)] = &[("Content-Range", "Which part."), ("ETag", "The hash, in quotes.")];
const ETAG: &[(&str, &str)] = &[("ETag", "The revision, in quotes.")];

/// What an error of this status means wherever it comes.
fn error(status: u16) -> &'static str {
    match status {
        400 => "Not what this route takes.",
        401 => "No session or signature that does.",
        403 => "Not allowed: the account is locked, or this server takes no account without more.",
        404 => "There is nothing of that name.",
        409 => "Taken, or out of turn.",
        412 => "The vault has another revision.",
        413 => "Larger than the limits say.",
        416 => "No such range.",
        429 => "Too many requests.",
        500 => "The server's own fault.",
        503 => "Not now.",
        507 => "No room is left.",
        _ => panic!("what does {status} mean?"),
    }
}

impl Operation {
    fn new(
        method: &'static str,
        path: impl Into<String>,
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        let (path, who): (_, &[Who]) = (path.into(), &[]);
        let (parameters, body, answers) = (Vec::new(), None, Vec::new());
        Self { path, method, id, summary, who, parameters, body, answers }.errors(&[500, 503])
    }

    fn by(mut self, who: &'static [Who]) -> Self {
        self.who = who;
        let codes: &[u16] = if who == JOINING { &[401] } else { &[401, 403, 413] };
        self.errors(codes)
    }

    fn takes(mut self, body: Content) -> Self {
        self.body = Some(body);
        self.errors(&[400, 413])
    }

    fn gives(self, status: u16, what: &'static str, content: Content) -> Self {
        self.answers_with(status, Answer { what, content: Some(content), headers: &[] })
    }

    fn answers_with(mut self, status: u16, answer: Answer) -> Self {
        self.answers.retain(|(there, _)| *there != status);
        self.answers.push((status, answer));
        self
    }

    fn errors(mut self, codes: &[u16]) -> Self {
        for code in codes {
            let content = Some(Content::Json("ErrorBody"));
            self = self.answers_with(*code, Answer { what: error(*code), content, headers: &[] });
        }
        self
    }

    fn number(mut self, name: &str, what: &str) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "query", "required": false, "description": what,
            "schema": { "type": "integer", "format": "uint64", "minimum": 0 },
        }));
        self.errors(&[400])
    }

    fn header(mut self, name: &str, required: bool, what: &str) -> Self {
        self.parameters.push(json!({
            "name": name, "in": "header", "required": required, "description": what,
            "schema": { "type": "string" },
        }));
        self
    }

    fn blob(mut self) -> Self {
        self.parameters.push(json!({
            "name": "blob", "in": "path", "required": true,
            "description": "SHA-256 of the blob, as lower-case hexadecimal digits.",
            "schema": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
        }));
        self.errors(&[404])
    }

    fn join(mut self) -> Self {
        self.parameters.push(json!({
            "name": "join", "in": "path", "required": true,
            "schema": { "$ref": "#/components/schemas/JoinId" },
        }));
        self.errors(&[404])
    }
}

/// All of them.
pub(crate) fn operations() -> Vec<Operation> {
    let all = [probes(), entry(), account(), records(), blobs(), joining()].into_iter().flatten();
    let limited = |operation: Operation| match operation.path.as_str() {
        route::HEALTH | route::READY | route::METRICS => operation,
        _ => operation.errors(&[429]),
    };
    all.map(limited).collect()
}

fn probes() -> Vec<Operation> {
    vec![
        Operation::new("GET", route::HEALTH, "health", "Whether the process answers.").gives(
            200,
            "It does.",
            Content::Status,
        ),
        Operation::new("GET", route::READY, "ready", "Whether this server can serve.")
            .gives(200, "It can.", Content::Status)
            .errors(&[503]),
        Operation::new(
            "GET",
            route::METRICS,
            "metrics",
            "What is counted, for who runs the server.",
        )
        .gives(200, "Counters in Prometheus' text format.", Content::Text("text/plain"))
        .errors(&[404]),
        Operation::new("GET", route::CAPABILITIES, "capabilities", "Which server this is.").gives(
            200,
            "What it can.",
            Content::Json("Capabilities"),
        ),
    ]
}

fn entry() -> Vec<Operation> {
    vec![
        Operation::new("POST", route::ACCOUNTS, "createAccount", "Begins an account.")
            .takes(Content::Json("CreateAccount"))
            .gives(201, "It exists now.", Content::Json("AccountCreated"))
            .errors(&[403, 409, 507]),
        Operation::new("POST", route::CHALLENGE, "challenge", "Asks for a challenge to sign.")
            .takes(Content::Json("ChallengeRequest"))
            .gives(
                200,
                "A challenge, also where there is no such account.",
                Content::Json("ChallengeReply"),
            ),
        Operation::new("POST", route::SIGN_IN, "signIn", "Opens a session.")
            .takes(Content::Json("SignInRequest"))
            .gives(200, "A session.", Content::Json("SignInReply"))
            .errors(&[401, 403, 507]),
    ]
}

fn account() -> Vec<Operation> {
    let vault =
        Answer { what: "The vault.", content: Some(Content::Json("VaultReply")), headers: ETAG };
    let unchanged =
        Answer { what: "It is the one that the client has.", content: None, headers: ETAG };
    let put =
        Answer { what: "It was put.", content: Some(Content::Json("VaultUpdated")), headers: ETAG };
    vec![
        Operation::new("GET", route::VAULT, "vault", "The vault blob.")
            .by(MEMBER)
            .header("If-None-Match", false, "The revision that the client has.")
            .answers_with(200, vault)
            .answers_with(304, unchanged),
        Operation::new("PUT", route::VAULT, "putVault", "Puts a vault in the place of another.")
            .by(MEMBER)
            .header("If-Match", true, "The revision that it replaces.")
            .takes(Content::Json("VaultUpdate"))
            .answers_with(200, put)
            .errors(&[412, 507]),
        Operation::new("GET", route::DEVICES, "devices", "All devices that the account ever had.")
            .by(DEVICE)
            .gives(200, "The devices.", Content::Json("Devices")),
        Operation::new("GET", route::ACCOUNT, "usage", "How much room the account takes up.")
            .by(MEMBER)
            .gives(200, "The room.", Content::Json("AccountUsage")),
        Operation::new("DELETE", route::ACCOUNT, "deleteAccount", "Deletes the account, for ever.")
            .by(PERSON)
            .gives(200, "It is gone.", Content::Nothing)
            .errors(&[507]),
        Operation::new(
            "GET",
            route::EXPORT,
            "export",
            "Everything that the server has of the account.",
        )
        .by(MEMBER)
        .gives(
            200,
            "A line of JSON, an ExportLine, for each thing. The last one says `end`.",
            Content::Bytes("application/x-ndjson"),
        )
        .errors(&[503]),
    ]
}

fn records() -> Vec<Operation> {
    vec![
        Operation::new("POST", route::RECORDS, "push", "Stores records.")
            .by(DEVICE)
            .takes(Content::Json("PushRequest"))
            .gives(200, "What became of each.", Content::Json("PushResponse"))
            .errors(&[503, 507]),
        Operation::new("GET", route::CHANGES, "changes", "What came after a cursor.")
            .by(DEVICE)
            .number("cursor", "Positions above this one; 0 when left out.")
            .number("limit", "Records at most.")
            .number("max_bytes", "Bytes of header and body at most.")
            .number("live", "1: records that another one replaces are left out, as in a pack.")
            .gives(200, "A page.", Content::Json("Changes"))
            .errors(&[503]),
        Operation::new("GET", route::EVENTS, "events", "Word of a new head.")
            .by(DEVICE)
            .number("wait", "With it the answer is one head, after at most so many seconds.")
            .number("head", "The head that the client knows.")
            .gives(
                200,
                "The head, or a stream of them.",
                Content::Either("Head", "text/event-stream"),
            )
            .errors(&[503]),
    ]
}

fn blobs() -> Vec<Operation> {
    let of = |what: &str| format!("{}{{blob}}{what}", route::BLOB);
    let bytes = Some(Content::Bytes("application/octet-stream"));
    let whole = Answer { what: "The blob.", content: bytes, headers: BLOB };
    let part = Answer { what: "The part of it that was asked for.", content: bytes, headers: PART };
    vec![
        Operation::new("GET", route::PACK, "pack", "Everything behind a cursor that is not replaced.")
            .by(DEVICE)
            .number("cursor", "Positions above this one; 0 when left out.")
            .answers_with(200, Answer {
                what: "Frames: a length (u32, big-endian), then so many bytes of JSON of a PackFrame. The last one says `end`.",
                content: Some(Content::Bytes("application/vnd.seshat.pack")),
                headers: &[("ETag", "Names the pack.")],
            })
            .errors(&[503]),
        Operation::new("GET", of(""), "blob", "A blob that is here whole.")
            .by(DEVICE)
            .blob()
            .header("Range", false, "One range of bytes.")
            .answers_with(200, whole.clone())
            .answers_with(206, part)
            .errors(&[416, 503]),
        Operation::new("HEAD", of(""), "hasBlob", "Whether a blob is here whole.")
            .by(DEVICE)
            .blob()
            .answers_with(200, Answer { content: None, ..whole })
            .errors(&[503]),
        Operation::new("PUT", of(""), "putBlob", "A part of a blob.")
            .by(DEVICE)
            .blob()
            .number("len", "Bytes of the whole blob.")
            .number("part", "Which part, counted from 0.")
            .takes(Content::Bytes("application/octet-stream"))
            .gives(200, "What is missing.", Content::Json("BlobProgress"))
            .errors(&[503, 507]),
        Operation::new("GET", of(route::BLOB_PARTS), "blobProgress", "Which parts of a blob are missing.")
            .by(DEVICE)
            .blob()
            .gives(200, "They.", Content::Json("BlobProgress")),
    ]
}

fn joining() -> Vec<Operation> {
    let of = |step: &str| format!("{}{{join}}{step}", route::JOIN);
    vec![
        Operation::new("POST", route::JOINS, "askToJoin", "A laptop asks to be let in.")
            .takes(Content::Json("AskToJoin"))
            .gives(201, "It asks.", Content::Json("JoinAsked"))
            .errors(&[507]),
        Operation::new("GET", route::JOINS, "joins", "Who asks to be let in.").by(DEVICE).gives(
            200,
            "They.",
            Content::Json("OpenJoins"),
        ),
        Operation::new("GET", of(""), "joinProgress", "How far it has come.")
            .by(JOINING)
            .join()
            .gives(200, "So far.", Content::Json("JoinProgress")),
        Operation::new("DELETE", of(""), "denyJoin", "Somebody is not let in.")
            .by(DEVICE)
            .join()
            .gives(200, "Done.", Content::Nothing)
            .errors(&[409]),
        Operation::new(
            "PUT",
            of(route::JOIN_REVEAL),
            "revealJoin",
            "Who asks reveals what it committed to.",
        )
        .by(JOINING)
        .join()
        .takes(Content::Json("JoinReveal"))
        .gives(200, "Done.", Content::Nothing)
        .errors(&[409, 507]),
        Operation::new("PUT", of(route::JOIN_OFFER), "offerJoin", "A device answers.")
            .by(DEVICE)
            .join()
            .takes(Content::Json("JoinOffer"))
            .gives(200, "Done.", Content::Nothing)
            .errors(&[409, 507]),
        Operation::new("PUT", of(route::JOIN_GRANT), "grantJoin", "A device lets somebody in.")
            .by(DEVICE)
            .join()
            .takes(Content::Json("JoinGrant"))
            .gives(200, "Done.", Content::Nothing)
            .errors(&[409, 507]),
    ]
}
