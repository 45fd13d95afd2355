//! Whether an answer is one that the description of the API knows.

use std::sync::LazyLock;

use serde_json::Value;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../docs/openapi.json")).expect("JSON")
});

/// Fails a test whose answer has a status that docs/openapi.json does not know for its route.
pub fn check(method: &str, target: &str, status: u16) {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let Some((_, methods)) = paths.iter().find(|(template, _)| fits(template, path)) else {
        assert_eq!(status, 404, "{method} {path} is not described");
        return;
    };
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let Some(operation) = methods.get(&method) else {
        assert_eq!(status, 405, "{method} {path} is not described");
        return;
    };
    let known = operation["responses"].get(status.to_string()).is_some();
    assert!(known, "{method} {path}: {status} is not among the answers in docs/openapi.json");
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, found): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    let fits = |(wanted, found): (&&str, &&str)| wanted.starts_with('{') || wanted == found;
    wanted.len() == found.len() && wanted.iter().zip(&found).all(fits)
}
