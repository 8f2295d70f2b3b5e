//! How a request names a document instead of sending it.

use serde_json::{Map, Value};

use crate::{documents::model::DocumentHash, kernel::error::Failure};

/// The hash in a request's `documentId` (`sha256:…`, by the persisted documents of GraphQL over HTTP), or in
/// `extensions.persistedQuery` (version 1 of Apollo's protocol of automatic persisted queries). None if it has neither.
///
/// # Errors
/// `BAD_USER_INPUT` if a name is not of its form, or if the two differ.
pub fn named(document_id: Option<&str>, extensions: &Map<String, Value>) -> Result<Option<DocumentHash>, Failure> {
    let bad = |problem: &str| Failure::BadUserInput(problem.into());
    let by_id = match document_id.map(|id| id.strip_prefix("sha256:").and_then(|hash| hash.parse().ok())) {
        Some(None) => return Err(bad("`documentId` is `sha256:` and 64 hexadecimal digits")),
        Some(hash) => hash,
        None => None,
    };
    let Some(persisted) = extensions.get("persistedQuery").filter(|value| !value.is_null()) else { return Ok(by_id) };
    if persisted.get("version").and_then(Value::as_u64) != Some(1) {
        return Err(bad("`extensions.persistedQuery` is of version 1"));
    }
    let hash = persisted.get("sha256Hash").and_then(Value::as_str).and_then(|hash| hash.parse().ok());
    let hash = hash.ok_or_else(|| bad("`extensions.persistedQuery.sha256Hash` is 64 hexadecimal digits"))?;
    if by_id.is_some_and(|by_id| by_id != hash) {
        return Err(bad("`documentId` and `extensions.persistedQuery` name different documents"));
    }
    Ok(Some(hash))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(document_id: Option<&str>, persisted: &Value) -> Result<Option<DocumentHash>, String> {
        let Value::Object(extensions) = json!({"persistedQuery": persisted}) else { unreachable!() };
        named(document_id, &extensions).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_document_is_named_in_two_ways() {
        let (hash, other) = (DocumentHash::of("{ a }"), DocumentHash::of("{ b }"));
        let id = format!("sha256:{hash}");
        assert_eq!(named(None, &Map::new()).unwrap(), None);
        assert_eq!(of(Some(&id), &Value::Null), Ok(Some(hash)));
        assert_eq!(of(None, &json!({"version": 1, "sha256Hash": hash.to_string()})), Ok(Some(hash)));
        assert_eq!(of(Some(&id), &json!({"version": 1, "sha256Hash": hash.to_string()})), Ok(Some(hash)));
        assert!(of(Some(&id), &json!({"version": 1, "sha256Hash": other.to_string()})).is_err());
        for broken in ["", "sha256:", &hash.to_string(), "md5:7f56e67dd21ab3f30d1ff8b7bed08893", "GetCart"] {
            assert!(of(Some(broken), &Value::Null).is_err(), "{broken}");
        }
        for broken in [
            json!({"version": 2, "sha256Hash": hash.to_string()}),
            json!({"sha256Hash": hash.to_string()}),
            json!({"version": 1}),
            json!({"version": 1, "sha256Hash": 7}),
            json!({"version": 1, "sha256Hash": "7f56"}),
            json!("7f56"),
        ] {
            assert!(of(None, &broken).is_err(), "{broken}");
        }
    }
}
