use serde_json::{Value as Json, json};

use super::*;
use crate::api::gate::{Catalogue, Limits};

fn gate() -> Gate {
    Gate::new(Catalogue::from_sdl("type Query { a: Int }").unwrap(), Limits::default())
}

fn documents(cache_bytes: u64) -> Documents {
    let lookups = metrics::Metrics::new().unwrap().cache("documents");
    Documents::new(&DocumentSettings { cache_bytes, ..DocumentSettings::default() }, lookups)
}

fn read(documents: &Documents, gate: &Gate, text: &str) -> Arc<Document> {
    documents.find(gate, Some(text), None).unwrap()
}

#[test]
fn only_what_is_valid_is_kept() {
    let (documents, gate) = (documents(1 << 20), gate());
    let first = read(&documents, &gate, "{ a }");
    assert!(!Arc::ptr_eq(&first, &read(&documents, &gate, "{ a }")), "kept before it was valid");
    documents.keep(&first, None);
    assert!(Arc::ptr_eq(&first, &read(&documents, &gate, "{ a }")));
    assert!(!Arc::ptr_eq(&first, &read(&documents, &gate, "{a}")), "another text is another document");
    assert!(matches!(documents.find(&gate, Some("{ a"), None), Err(Unreadable::Syntax(_))));
    assert!(matches!(documents.find(&gate, Some(&"#".repeat(65_537)), None), Err(Unreadable::Refused(_))));
    documents.parsed.run_pending_tasks();
    assert_eq!(documents.parsed.entry_count(), 1);
}

#[test]
fn a_hash_finds_what_is_kept() {
    let (documents, gate) = (documents(1 << 20), gate());
    let hash = DocumentHash::of("{ a }");
    let missing = |found: Result<Arc<Document>, Unreadable>| {
        matches!(found, Err(Unreadable::Failed(Failure::PersistedQueryNotFound)))
    };
    assert!(missing(documents.find(&gate, None, Some(hash))));
    let sent = documents.find(&gate, Some("{ a }"), Some(hash)).unwrap();
    assert!(missing(documents.find(&gate, None, Some(hash))), "persisted before it was valid");
    documents.keep(&sent, None);
    assert!(Arc::ptr_eq(&sent, &documents.find(&gate, None, Some(hash)).unwrap()));
    let other = documents.find(&gate, Some("{ a a }"), Some(hash));
    assert!(matches!(other, Err(Unreadable::Failed(Failure::BadUserInput(_)))), "a hash names another text");
    let neither = documents.find(&gate, None, None);
    assert!(matches!(neither, Err(Unreadable::Failed(Failure::BadUserInput(_)))));
}

#[test]
fn documents_made_up_to_fill_it_push_out_nobody() {
    let gate = gate();
    let weight = u64::from(Document::read(&gate, "{ a }", DocumentHash::of("")).unwrap().weight);
    let documents = documents(weight * 30);
    let send = |text: &str| {
        documents.keep(&read(&documents, &gate, text), None);
        documents.parsed.run_pending_tasks();
    };
    let popular: Vec<String> = (0..10).map(|number| format!("{{ a }}#{number}")).collect();
    let is_kept = |text: &String| documents.parsed.contains_key(&DocumentHash::of(text));
    let mut lost = 0;
    // Four of five requests are made up, each another one.
    for round in 0..2_000 {
        for number in 0..4 {
            send(&format!("{{ a }} # made up {round} {number}"));
        }
        let text = &popular[round % popular.len()];
        lost += usize::from(round >= 200 && !is_kept(text));
        send(text);
    }
    assert_eq!((lost, popular.iter().filter(|text| is_kept(text)).count()), (0, popular.len()));
    assert!(documents.parsed.weighted_size() <= weight * 30);
    // One that is as large as many others comes in no more easily.
    let large = format!("{{ {} }}", "a ".repeat(85));
    send(&large);
    assert!(!is_kept(&large) && popular.iter().all(is_kept));
}

#[test]
fn what_was_measured_before_is_what_would_be_measured_now() {
    let sdl = "type Query { a(words: [String], by: By): Int list(first: Int = 10): [Item!]! } \
               input By { id: ID } type Item { a: Int }";
    let gate = Gate::new(Catalogue::from_sdl(sdl).unwrap(), Limits::default());
    let text = "query($id: ID, $words: [String], $by: By, $first: Int = 3) { \
                a(words: $words, by: $by) b: a(by: {id: $id}) list(first: $first) { a } }";
    let document = Document::read(&gate, text, DocumentHash::of(text)).unwrap();
    let (_, operation) = document.parsed.operations.iter().next().unwrap();
    let measure = |variables: Json| {
        let variables = Variables::from_json(variables);
        let given = gate.given(&operation.node, &variables);
        let anew = gate.measure(&document.parsed, None, &variables);
        assert_eq!(document.measure(&gate, None, &variables, given), anew, "{variables:?}");
        anew.map(|measured| (measured.cost, measured.values)).ok()
    };
    let long = "x".repeat(257);
    let sets = [
        json!({}),
        json!({"id": "x"}),
        json!({"id": null}),
        json!({"id": long}),
        json!({"id": 7}),
        json!({"first": null}),
        json!({"first": 50}),
        json!({"first": "50"}),
        json!({"words": "x"}),
        json!({"words": ["x", "y", "z"]}),
        json!({"by": {"id": "x"}}),
        json!({"id": "x", "nobody asked": [[[[]]]]}),
    ];
    let once: Vec<_> = sets.iter().cloned().map(measure).collect();
    let again: Vec<_> = sets.iter().rev().cloned().map(measure).collect();
    assert!(once.iter().eq(again.iter().rev()));
    let different: std::collections::HashSet<_> = once.into_iter().collect();
    assert!(different.len() >= 4, "{different:?}");
    assert!(document.measured.lock().unwrap().len() >= 3);
}
