//! The order of an answer is that of its selection (GraphQL, sections 6.3.2 and 7.2.2). The library puts fields in as they
//! become ready, so that the same request is answered in one order now and in another then.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    indexmap::IndexMap,
    parser::types::{FragmentDefinition, Selection, SelectionSet},
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// What is selected by each key of an object, in order: a key that comes twice is merged.
type Selected<'a> = IndexMap<&'a Name, Vec<&'a SelectionSet>>;

/// Puts the answer to a selection in its order. What was written as text is in order already.
pub fn put_in_order(fragments: &Fragments, set: &SelectionSet, value: &mut Value) {
    order(fragments, &[set], value);
}

fn order(fragments: &Fragments, sets: &[&SelectionSet], value: &mut Value) {
    if !has_order(value) {
        return;
    }
    let mut selected = Selected::new();
    for set in sets {
        collect(fragments, set, &mut selected);
    }
    order_by(fragments, &selected, value);
}

/// Whether there are keys of which one comes before another. An answer that is one text has none.
fn has_order(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(has_order),
        Value::Object(fields) => fields.len() > 1 || fields.values().any(has_order),
        _ => false,
    }
}

fn order_by(fragments: &Fragments, selected: &Selected<'_>, value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| order_by(fragments, selected, item)),
        Value::Object(fields) => {
            if !fields.keys().map(|key| selected.get_index_of(key)).is_sorted() {
                fields.sort_by_cached_key(|key, _| selected.get_index_of(key));
            }
            for (key, field) in fields {
                if let Some(sets) = selected.get(key) {
                    order(fragments, sets, field);
                }
            }
        }
        _ => {}
    }
}

/// Fragments count whatever they are on: those that do not apply bring no key into the answer, and change no order.
fn collect<'a>(fragments: &'a Fragments, set: &'a SelectionSet, selected: &mut Selected<'a>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let sets = selected.entry(&field.node.response_key().node).or_default();
                if !field.node.selection_set.node.items.is_empty() {
                    sets.push(&field.node.selection_set.node);
                }
            }
            Selection::InlineFragment(fragment) => collect(fragments, &fragment.node.selection_set.node, selected),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    collect(fragments, &fragment.node.selection_set.node, selected);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    fn ordered(document: &str, mut value: Value) -> String {
        let document = parse_query(document).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        put_in_order(&document.fragments, &operation.node.selection_set.node, &mut value);
        serde_json::to_string(&value).unwrap()
    }

    #[test]
    fn keys_come_as_they_are_selected() {
        let document = "{ b a: c { y x } ...F l { n m } } fragment F on Query { d ... on Query { e } }";
        let value =
            value!({"e": 1, "l": [{"m": 1, "n": 2}, null, {"n": 3, "m": 4}], "a": {"x": 1, "y": 2}, "d": 3, "b": 4});
        let wanted = r#"{"b":4,"a":{"y":2,"x":1},"d":3,"e":1,"l":[{"n":2,"m":1},null,{"n":3,"m":4}]}"#;
        assert_eq!(ordered(document, value), wanted);
    }

    #[test]
    fn a_key_that_comes_twice_stands_where_it_came_first() {
        let document = "{ a { x } b a { y x } ... on Other { z } }";
        let value = value!({"b": 1, "a": {"y": 1, "x": 2}});
        assert_eq!(ordered(document, value), r#"{"a":{"x":2,"y":1},"b":1}"#);
    }
}
