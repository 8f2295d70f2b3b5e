use async_graphql::parser::{
    parse_query,
    types::{ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::Value;
use proptest::prelude::*;

use super::*;

fn tokens_and_nesting(query: &str) -> (u64, u64) {
    let Scanned { tokens, nesting } = scan(query);
    (tokens, nesting)
}

#[test]
fn tokens_are_those_of_the_specification() {
    assert_eq!(tokens_and_nesting(""), (0, 0));
    assert_eq!(tokens_and_nesting("\u{feff} , \t\r\n# {[(\n"), (0, 0));
    assert_eq!(tokens_and_nesting("query A($b: [Int!] = [1]) { c }"), (18, 2));
    assert_eq!(tokens_and_nesting("{...A ...on B{c}}"), (10, 2));
    assert_eq!(tokens_and_nesting("-1.5e+3 0 1...a"), (5, 0));
    assert_eq!(tokens_and_nesting("a@b|c&d"), (7, 0));
}

#[test]
fn brackets_of_all_kinds_nest_together() {
    assert_eq!(scan("{a(b:[{c:[1]}])}").nesting, 5);
    assert_eq!(scan("{a}{b}{c}").nesting, 1);
    assert_eq!(scan("}}}{").nesting, 1);
}

#[test]
fn strings_and_comments_hide_brackets() {
    assert_eq!(tokens_and_nesting(r#""[[[""#), (1, 0));
    assert_eq!(tokens_and_nesting(r#""\"[[""#), (1, 0));
    assert_eq!(tokens_and_nesting(r#""\\"["#), (2, 1));
    assert_eq!(tokens_and_nesting("\"\"\"[\"\n\\\"\"\"[[\"\"\"["), (2, 1));
    assert_eq!(tokens_and_nesting("\"\"["), (2, 1));
    assert_eq!(tokens_and_nesting("\"# [\"[#["), (2, 1));
    assert_eq!(tokens_and_nesting("\"[\n["), (2, 1), "a string ends with its line");
}

/// To the parser an unclosed block string is an empty string and the start of another, so what
/// looks like its content is read, and may be nested.
#[test]
fn an_unclosed_block_string_hides_nothing() {
    let query = r#"{a(b:["""x" [[[1]]]])}"#;
    assert!(parse_query(query).is_ok());
    assert_eq!(scan(query).nesting, 6);
}

#[test]
fn many_unclosed_block_strings_are_read_once() {
    let mut strings = Strings { block_may_close: true };
    let text = r#"\"""x"#.repeat(3);
    let text = text.as_bytes();
    strings.skip(&text[1..], &text[2..]);
    assert!(!strings.block_may_close);
}

fn nesting_of_value(value: &Value) -> u64 {
    match value {
        Value::List(items) => 1 + items.iter().map(nesting_of_value).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(nesting_of_value).max().unwrap_or(0),
        _ => 0,
    }
}

fn nesting_of_set(set: &SelectionSet) -> u64 {
    let inner = set.items.iter().map(|item| match &item.node {
        Selection::Field(field) => {
            let arguments = field.node.arguments.iter();
            let arguments = arguments.map(|(_, value)| 1 + nesting_of_value(&value.node));
            let set = &field.node.selection_set.node;
            let set = if set.items.is_empty() { 0 } else { nesting_of_set(set) };
            arguments.max().unwrap_or(0).max(set)
        }
        Selection::InlineFragment(fragment) => nesting_of_set(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => 0,
    });
    1 + inner.max().unwrap_or(0)
}

fn nesting_of_document(document: &ExecutableDocument) -> u64 {
    let operations = document.operations.iter().map(|(_, it)| &it.node.selection_set.node);
    let fragments = document.fragments.values().map(|it| &it.node.selection_set.node);
    operations.chain(fragments).map(nesting_of_set).max().unwrap_or(0)
}

/// Pieces that, put together at random, confuse lexers.
fn soup(pieces: usize) -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{", "}", "[", "]", "(", ")", "\"", "\"\"", "\"\"\"", "\\", "\\\"", "\\\"\"\"", "#", "\n", "\r", " ", ",", "a",
        "b:", "...", "on T", "$v", "@d", "1", "-2.5e3", "é", "\u{feff}",
    ]);
    prop::collection::vec(piece, 0..pieces).prop_map(|pieces| pieces.concat())
}

/// A value that the parser accepts, with strings full of what looks like structure.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1".to_owned()),
        Just("$v".to_owned()),
        Just("A".to_owned()),
        "[\\[\\]{}()#a ]{0,6}".prop_map(|text| format!("\"{text}\"")),
        "[\\[\\]{}()#a\n ]{0,6}".prop_map(|text| format!("\"\"\"{text}\"\"\"")),
        "[\\[{#a]{0,4}".prop_map(|text| format!("\"\"\"\\\"\"\"{text}\"\"\"")),
        "[\\[{#a]{0,4}".prop_map(|text| format!("\"\\\"{text}\\\\\"")),
        "[\\[{a]{0,4}".prop_map(|text| format!("1 #{text}\n")),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|it| format!("[{}]", it.join(" "))),
            prop::collection::vec(inner, 0..4).prop_map(|it| {
                let fields = it.iter().enumerate().map(|(i, value)| format!("f{i}:{value}"));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in any::<String>()) {
        let scanned = scan(&text);
        let bytes = u64::try_from(text.len()).unwrap();
        prop_assert!(scanned.nesting <= scanned.tokens && scanned.tokens <= bytes);
    }

    #[test]
    fn what_the_parser_reads_of_a_soup_is_counted(text in soup(12)) {
        for query in [text.clone(), format!("{{a(b:[{text}])}}"), format!("{{a{{{text}}}}}")] {
            if let Ok(document) = parse_query(&query) {
                prop_assert!(nesting_of_document(&document) <= scan(&query).nesting, "{query}");
            }
        }
    }

    #[test]
    fn what_the_parser_reads_of_a_value_is_counted_exactly(value in value()) {
        let query = format!("{{a(b:{value})}}");
        let document = parse_query(&query).unwrap();
        prop_assert_eq!(nesting_of_document(&document), scan(&query).nesting, "{}", query);
    }
}
