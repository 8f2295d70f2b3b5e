//! Whether a document may be trusted: held against the schema and the limits, without being run.

use std::{collections::BTreeSet, sync::Arc};

use async_graphql::{
    Request, Response, ServerError, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextExecute},
};

use super::{Document, Unreadable};
use crate::{
    api::{
        AgoraSchema, builder,
        gate::{Catalogue, Gate, Limits},
        print,
    },
    documents::model::{DocumentHash, Found, NewDocument, Place},
    kernel::error::Failure,
};

/// The schema and the limits as they are in production.
pub struct Checker {
    schema: AgoraSchema,
    gate: Gate,
}

impl Checker {
    /// # Errors
    /// If the schema cannot be printed and read back, which a test excludes.
    pub fn new() -> Result<Self, Failure> {
        let schema = builder().extension(Unexecuted).finish();
        let catalogue = Catalogue::from_sdl(&print(&schema)).map_err(|error| Failure::internal(error.to_string()))?;
        Ok(Self { schema, gate: Gate::new(catalogue, Limits::default()) })
    }

    /// Holds a document against the schema and the limits, with no variables given.
    ///
    /// # Errors
    /// Each problem, with its file and line.
    pub async fn check(&self, found: Found) -> Result<NewDocument, Vec<String>> {
        let hash = DocumentHash::of(&found.text);
        let document = Document::read(&self.gate, &found.text, hash).map_err(|error| {
            vec![match error {
                Unreadable::Syntax(error) => place(&found.place, &error),
                other => format!("{}: {other}", start(&found.place)),
            }]
        })?;
        let mut problems = BTreeSet::new();
        for (name, _) in document.parsed.operations.iter() {
            let name = name.map(ToString::to_string);
            if let Err(refused) = self.gate.measure(&document.parsed, name.as_deref(), &Variables::default()) {
                problems.insert(format!("{}: {refused}", start(&found.place)));
                break;
            }
            let mut request = Request::new("");
            request.set_parsed_query(document.parsed.clone());
            request.operation_name = name;
            let errors = self.schema.execute(request).await.errors;
            problems.extend(errors.iter().map(|error| place(&found.place, error)));
        }
        if problems.is_empty() {
            Ok(NewDocument { hash, operations: document.operations(), text: found.text })
        } else {
            Err(problems.into_iter().collect())
        }
    }
}

fn start(place: &Place) -> String {
    match place {
        Place::File(file) => file.display().to_string(),
        Place::Manifest(file, line) => format!("{}:{line}", file.display()),
    }
}

fn place(place: &Place, error: &ServerError) -> String {
    let (start, message) = (start(place), &error.message);
    match (place, error.locations.first()) {
        (_, None) => format!("{start}: {message}"),
        (Place::File(_), Some(at)) => format!("{start}:{}:{}: {message}", at.line, at.column),
        (Place::Manifest(..), Some(at)) => format!("{start}: line {}, column {}: {message}", at.line, at.column),
    }
}

/// Lets validation have its say, and nothing run.
struct Unexecuted;

impl ExtensionFactory for Unexecuted {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Unexecuted {
    async fn execute(&self, _: &ExtensionContext<'_>, _: Option<&str>, _: NextExecute<'_>) -> Response {
        Response::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(text: &str) -> Result<NewDocument, Vec<String>> {
        let found = Found { place: Place::File("app.graphql".into()), text: text.into() };
        Checker::new().unwrap().check(found).await
    }

    #[tokio::test]
    async fn a_document_that_fits_is_named() {
        let text = "query B($n: Int!) { products(first: $n) { nodes { id } } } query A { __typename }";
        let document = check(text).await.unwrap();
        assert_eq!((document.hash, document.operations), (DocumentHash::of(text), vec!["A".to_owned(), "B".into()]));
        assert_eq!(check("{ __typename }").await.unwrap().operations, Vec::<String>::new());
        assert!(check("subscription S { events { __typename } }").await.is_ok());
        assert!(check("mutation M { signOut { userErrors { code } } }").await.is_ok());
    }

    #[tokio::test]
    async fn problems_are_told_with_their_line() {
        for (text, wanted) in [
            ("query A {\n  nonsense\n}", "app.graphql:2:3: Unknown field \"nonsense\""),
            ("query A {\n  __typename\n", "app.graphql:3:1: "),
            ("query A { __typename }\nquery B {\n  products(first: \"x\") { nodes { id } }\n}", "app.graphql:3:"),
            ("fragment F on Query { __typename }", "app.graphql: document does not contain an operation"),
        ] {
            let problems = check(text).await.unwrap_err();
            assert!(problems.iter().any(|problem| problem.starts_with(wanted)), "{wanted}: {problems:?}");
        }
        let deep = format!("query A {}id{}", "{ node(id: \"x\") ".repeat(16), "}".repeat(16));
        assert!(check(&deep).await.unwrap_err()[0].starts_with("app.graphql: Too complex: "));
        let found = Found { place: Place::Manifest("m.json".into(), 7), text: "query A { nonsense }".into() };
        let problems = Checker::new().unwrap().check(found).await.unwrap_err();
        assert!(problems[0].starts_with("m.json:7: line 1, column 11: "), "{problems:?}");
    }
}
