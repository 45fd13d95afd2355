//! The server against `docs/openapi.json`, by Schemathesis: whatever the description lets a client send, or forbids it to,
//! the answer is a described one and never the server's own fault.

use std::path::{Path, PathBuf};
use std::process::Command;

use seshat_testkit::{Running, seed, variable};

use crate::raw::{server, unharmed};

/// Examples for each operation and phase.
const EXAMPLES: &str = "15";
/// What every answer has to be.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// `$SESHAT_SCHEMATHESIS`, else where `make test` puts it.
fn schemathesis() -> PathBuf {
    if let Some(path) = variable("SESHAT_SCHEMATHESIS") {
        return PathBuf::from(path);
    }
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let path = cache.or_else(home).expect("there is a home").join("seshat/schemathesis/bin/st");
    let how = "scripts/setup-python schemathesis tests/schemathesis/requirements.txt";
    assert!(path.is_file(), "{} is missing: run {how}", path.display());
    path
}

#[test]
fn every_answer_is_one_that_the_description_knows() {
    let room = seshat_tests::room();
    let server = server(room.path(), &[]);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(schemathesis());
    command.arg("run").arg(here.join("../docs/openapi.json")).args(["--url", &server.url()]);
    command.args(["--phases", "examples,coverage,fuzzing", "--checks", CHECKS]);
    command.args(["--max-examples", EXAMPLES, "--seed", &seed().to_string()]);
    command.args(["--generation-database", "none", "--suppress-health-check", "all"]);
    command.args(["--request-timeout", "20", "--warnings", "off", "--no-color"]);
    command.env("SCHEMATHESIS_HOOKS", here.join("schemathesis/hooks.py"));
    command.env("SESHAT_URL", server.url()).env("PYTHONDONTWRITEBYTECODE", "1");
    command.current_dir(room.path());
    let ran = Running::start(&mut command).wait();
    assert!(ran.status.success(), "{}{}", ran.stdout, ran.stderr);
    let log = String::from_utf8_lossy(&server.log()).into_owned();
    let signed = log.lines().filter(|line| line.contains("/v1/changes") && line.contains(":200,"));
    assert!(signed.count() > 0, "no request was rightly signed, so nothing was tried: {log}");
    unharmed(&server, 200);
}
