//! Documents in the files that clients' tools write.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

use crate::documents::{
    error::DocumentError,
    model::{DocumentHash, Found, Place},
};

/// Apollo's manifest, by `@apollo/generate-persisted-query-manifest`.
#[derive(Deserialize)]
struct ApolloManifest {
    version: u64,
    operations: Vec<ApolloOperation>,
}

#[derive(Deserialize)]
struct ApolloOperation {
    id: String,
    body: String,
}

/// The word in the `format` of Apollo's manifest.
const APOLLO: &str = "apollo-persisted-query-manifest";

/// Reads all documents of these files: a `.graphql` or `.gql` file is one document; a `.json` file is Apollo's manifest, or
/// maps each document's SHA-256 to its text, as graphql-codegen's and Relay's do.
///
/// # Errors
/// The first file that cannot be read, or document whose name is not its hash.
pub fn read(files: &[PathBuf]) -> Result<Vec<Found>, DocumentError> {
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| DocumentError::File { file: file.clone(), error })?;
        match file.extension().and_then(|extension| extension.to_str()) {
            Some("graphql" | "gql") => found.push(Found { place: Place::File(file.clone()), text }),
            Some("json") => found.extend(manifest(file, &text)?),
            _ => return Err(DocumentError::Kind(file.clone())),
        }
    }
    Ok(found)
}

fn manifest(file: &Path, json: &str) -> Result<Vec<Found>, DocumentError> {
    let problem = |line, problem: String| DocumentError::Manifest { file: file.to_owned(), line, problem };
    let invalid = |error: serde_json::Error| problem(error.line().max(1), error.to_string());
    let value: Value = serde_json::from_str(json).map_err(invalid)?;
    let operations: Vec<(String, String)> = if value.get("format").is_some_and(|format| format == APOLLO) {
        let manifest: ApolloManifest = serde_json::from_str(json).map_err(invalid)?;
        if manifest.version != 1 {
            return Err(problem(1, format!("version {} of the manifest is unknown", manifest.version)));
        }
        manifest.operations.into_iter().map(|operation| (operation.id, operation.body)).collect()
    } else {
        serde_json::from_str::<BTreeMap<String, String>>(json).map_err(invalid)?.into_iter().collect()
    };
    let found = operations.into_iter().map(|(name, text)| {
        let (line, hash) = (line_of(json, &name), DocumentHash::of(&text));
        if name.parse() == Ok(hash) {
            Ok(Found { place: Place::Manifest(file.to_owned(), line), text })
        } else {
            Err(DocumentError::Name { file: file.to_owned(), line, name, hash })
        }
    });
    found.collect()
}

/// The line on which a name stands first.
fn line_of(json: &str, name: &str) -> usize {
    json.lines().position(|line| line.contains(name)).map_or(1, |before| before + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "query A { __typename }";

    fn hash() -> DocumentHash {
        DocumentHash::of(TEXT)
    }

    fn read_one(name: &str, text: &str) -> Result<Vec<Found>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        read(&[file]).map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
    }

    fn texts(found: Result<Vec<Found>, String>) -> Vec<String> {
        found.unwrap().into_iter().map(|found| found.text).collect()
    }

    #[test]
    fn three_kinds_of_files_are_read() {
        assert_eq!(texts(read_one("a.graphql", TEXT)), [TEXT]);
        assert_eq!(texts(read_one("a.gql", TEXT)), [TEXT]);
        let map = format!("{{\n  \"{}\": \"{TEXT}\"\n}}", hash());
        assert_eq!(texts(read_one("persisted-documents.json", &map)), [TEXT]);
        let operation = format!(r#"{{"id": "{}", "name": "A", "type": "query", "body": "{TEXT}"}}"#, hash());
        let apollo = format!("{{\"format\": \"{APOLLO}\",\n\"version\": 1, \"operations\": [\n{operation}]}}");
        let found = read_one("manifest.json", &apollo).unwrap();
        assert!(matches!(found[0].place, Place::Manifest(_, 3)), "{found:?}");
        assert_eq!(found[0].text, TEXT);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let relay = format!("{{\n  \"0cc175b9c0f1b6a831c399e269772661\": \"{TEXT}\"\n}}");
        let error = read_one("persisted_queries.json", &relay).unwrap_err();
        assert!(error.contains("persisted_queries.json:2: `0cc175b9c0f1b6a831c399e269772661`"), "{error}");
        assert!(error.contains(&hash().to_string()) && error.contains("SHA-256"), "{error}");
        assert!(read_one("a.json", "{\n\"a\": 7}").unwrap_err().contains("a.json:2:"));
        assert!(read_one("a.json", "[").unwrap_err().contains("a.json:1:"));
        let future = format!(r#"{{"format": "{APOLLO}", "version": 2, "operations": []}}"#);
        assert!(read_one("a.json", &future).unwrap_err().contains("version 2"));
        assert!(read_one("a.txt", TEXT).unwrap_err().contains("a.txt: documents are in .graphql"));
        assert!(read(&["/nowhere/a.graphql".into()]).unwrap_err().to_string().contains("/nowhere/a.graphql: "));
    }
}
