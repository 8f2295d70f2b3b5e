//! Fields that are answered several times under one key, whose answers the library merges.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Pos, Positioned,
    parser::types::{ExecutableDocument, Field, Selection, SelectionSet},
};

/// Selections that are looked at in one document. Fragments multiply; who goes beyond this is answered by the library.
const MOST: usize = 10_000;

/// Where a document names a field with fields of its own again, so that both answers become one object
/// (GraphQL, section 6.4.3). What is written as text cannot be merged.
#[derive(Debug, PartialEq, Eq)]
pub enum Merged {
    /// The fields at these places.
    At(HashSet<Pos>),
    /// Nobody knows which.
    Unknown,
}

impl Merged {
    pub fn of(document: &ExecutableDocument) -> Self {
        let mut walk = Walk { document, merged: HashSet::new(), left: MOST };
        let all = document.operations.iter();
        match all.map(|(_, operation)| walk.sets(&[&operation.node.selection_set.node])).collect() {
            Some(()) => Self::At(walk.merged),
            None => Self::Unknown,
        }
    }

    pub fn holds(&self, field: &Positioned<Field>) -> bool {
        match self {
            Self::At(places) => places.contains(&field.pos),
            Self::Unknown => true,
        }
    }
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    merged: HashSet<Pos>,
    left: usize,
}

impl<'a> Walk<'a> {
    /// Looks at what becomes one object, and at what is inside. None if it is too much.
    fn sets(&mut self, sets: &[&'a SelectionSet]) -> Option<()> {
        let mut by_key: HashMap<&str, Vec<&'a Positioned<Field>>> = HashMap::new();
        for set in sets {
            self.collect(set, &mut by_key)?;
        }
        for fields in by_key.into_values() {
            if fields.len() > 1 {
                self.merged.extend(fields.iter().map(|field| field.pos));
            }
            self.sets(&fields.iter().map(|field| &field.node.selection_set.node).collect::<Vec<_>>())?;
        }
        Some(())
    }

    /// Whatever types the fragments are on: a key that two types have is taken for one.
    fn collect(
        &mut self,
        set: &'a SelectionSet,
        by_key: &mut HashMap<&'a str, Vec<&'a Positioned<Field>>>,
    ) -> Option<()> {
        for selection in &set.items {
            self.left = self.left.checked_sub(1)?;
            match &selection.node {
                Selection::Field(field) if field.node.selection_set.node.items.is_empty() => {}
                Selection::Field(field) => {
                    by_key.entry(field.node.response_key().node.as_str()).or_default().push(field);
                }
                Selection::InlineFragment(fragment) => self.collect(&fragment.node.selection_set.node, by_key)?,
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        self.collect(&fragment.node.selection_set.node, by_key)?;
                    }
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn columns(document: &str) -> Vec<usize> {
        let Merged::At(places) = Merged::of(&parse_query(document).unwrap()) else { return vec![0] };
        let mut columns: Vec<_> = places.into_iter().map(|pos| pos.column).collect();
        columns.sort_unstable();
        columns
    }

    #[test]
    fn objects_under_one_key_are_merged() {
        assert!(columns("{ a { x } b { x } c: a { x } x x }").is_empty());
        assert_eq!(columns("{ a { x } a { y } }"), [3, 11]);
        assert!(columns("{ b: a { x } a: b { y } }").is_empty());
    }

    #[test]
    fn what_is_inside_of_merged_objects_is_one_selection() {
        assert_eq!(columns("{ a { b { x } } a { b { y } c { z } } }"), [3, 7, 17, 21]);
    }

    #[test]
    fn fragments_are_looked_through() {
        assert_eq!(columns("{ a { x } ...F } fragment F on Query { a { y } }"), [3, 40]);
        assert_eq!(columns("{ ... on Query { a { x } } ... { a { y } } }"), [18, 34]);
    }

    #[test]
    fn too_much_is_left_to_the_library() {
        let fragment = |n: usize| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1);
        let bomb: String = (0..30).map(fragment).collect();
        let document = format!("{{ ...F0 }} {bomb} fragment F30 on Query {{ a {{ x }} }}");
        assert_eq!(Merged::of(&parse_query(document).unwrap()), Merged::Unknown);
        let loops = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
        assert_eq!(Merged::of(&parse_query(loops).unwrap()), Merged::Unknown);
    }
}
