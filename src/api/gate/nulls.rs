use async_graphql::{
    Name, PathSegment,
    parser::types::{ExecutableDocument, Field as SelectedField, OperationDefinition, Selection, SelectionSet},
};

use super::catalogue::{Catalogue, Type};

/// How many steps of an error's path lead to what is null because of it (GraphQL, section 6.4.4): to the failed field itself
/// if it may be null, else to the nearest around it that may. None of them: all of the data is null.
///
/// Validation does not look at the types of what is merged. Where they differ, null is only what every one of them allows.
pub(super) fn null_at(
    catalogue: &Catalogue,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    path: &[PathSegment],
) -> usize {
    let mut found = 0;
    let mut places = vec![Place { set: &operation.selection_set.node, parent: catalogue.root(operation.ty) }];
    // Of the fields that the path is at: may they be null, and their items, and theirs.
    let mut nullable: Vec<&[bool]> = Vec::new();
    let mut lists = 0;
    for (step, segment) in path.iter().enumerate() {
        match segment {
            PathSegment::Index(_) => lists += 1,
            PathSegment::Field(key) => {
                let mut search = Search { catalogue, document, key, reached: Vec::new(), fields: Vec::new() };
                for place in &places {
                    search.look_through(*place);
                }
                (lists, nullable, places) = (0, Vec::new(), Vec::new());
                for (field, parent) in search.fields {
                    let Some(known) = parent.and_then(|parent| parent.field(&field.name.node)) else { continue };
                    nullable.push(&known.nullable);
                    places.push(Place { set: &field.selection_set.node, parent: catalogue.get(&known.of) });
                }
            }
        }
        if nullable.iter().all(|levels| levels.get(lists).copied().unwrap_or(true)) {
            found = step + 1;
        }
    }
    found
}

/// A selection set, and the type that it is of.
#[derive(Clone, Copy)]
struct Place<'a> {
    set: &'a SelectionSet,
    parent: Option<&'a Type>,
}

/// Looks for all fields with one response key, fragments in place. Each fragment is looked through once.
struct Search<'a, 'k> {
    catalogue: &'a Catalogue,
    document: &'a ExecutableDocument,
    key: &'k str,
    reached: Vec<&'a Name>,
    fields: Vec<(&'a SelectedField, Option<&'a Type>)>,
}

impl<'a> Search<'a, '_> {
    fn look_through(&mut self, Place { set, parent }: Place<'a>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    if field.node.response_key().node == self.key {
                        self.fields.push((&field.node, parent));
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let parent = match &fragment.node.type_condition {
                        Some(condition) => self.catalogue.get(&condition.node.on.node),
                        None => parent,
                    };
                    self.look_through(Place { set: &fragment.node.selection_set.node, parent });
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && !self.reached.contains(&name)
                    {
                        self.reached.push(name);
                        let parent = self.catalogue.get(&fragment.node.type_condition.node.on.node);
                        self.look_through(Place { set: &fragment.node.selection_set.node, parent });
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    const SDL: &str = "
        type Query { shop: Shop sure: Shop! shops: [Shop!]! gaps: [Shop]! perhaps: [[Shop!]]! thing: Thing! }
        type Mutation { open: Shop! }
        interface Named { name: String owner: User! }
        type Shop implements Named { id: ID! name: String owner: User! tags: [String!]! notes: [String] }
        type User { id: ID! name: String! shop: Shop! }
        union Thing = Shop | User";

    /// The path to what is null, for an error at this path in dots.
    fn null_of(text: &str, path: &str) -> String {
        let catalogue = Catalogue::from_sdl(SDL).unwrap();
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let steps: Vec<&str> = path.split('.').collect();
        let segments: Vec<_> = steps
            .iter()
            .map(|step| step.parse().map_or_else(|_| PathSegment::Field((*step).to_owned()), PathSegment::Index))
            .collect();
        steps[..null_at(&catalogue, &document, &operation.node, &segments)].join(".")
    }

    #[test]
    fn null_is_the_nearest_that_may_be() {
        for (text, path, null) in [
            ("{ shop { name } }", "shop", "shop"),
            ("{ shop { name } }", "shop.name", "shop.name"),
            ("{ shop { id } }", "shop.id", "shop"),
            ("{ shop { owner { shop { id } } } }", "shop.owner.shop.id", "shop"),
            ("{ sure { id } }", "sure", ""),
            ("{ sure { id } }", "sure.id", ""),
            ("{ sure { name } }", "sure.name", "sure.name"),
            ("{ sure { owner { shop { name } } } }", "sure.owner.shop.name", "sure.owner.shop.name"),
            ("mutation { open { id } }", "open.id", ""),
        ] {
            assert_eq!(null_of(text, path), null, "{path} in {text}");
        }
    }

    #[test]
    fn an_item_is_null_where_items_may_be() {
        for (text, path, null) in [
            ("{ shops { id } }", "shops.3.id", ""),
            ("{ shops { name } }", "shops.3.name", "shops.3.name"),
            ("{ gaps { id } }", "gaps.3.id", "gaps.3"),
            ("{ gaps { id } }", "gaps", ""),
            ("{ perhaps { id } }", "perhaps.3.1.id", "perhaps.3"),
            ("{ shop { tags } }", "shop.tags.2", "shop"),
            ("{ shop { notes } }", "shop.notes.2", "shop.notes.2"),
            ("{ shop { notes } }", "shop.notes", "shop.notes"),
        ] {
            assert_eq!(null_of(text, path), null, "{path} in {text}");
        }
    }

    #[test]
    fn fields_are_found_by_their_keys_in_fragments_of_any_type() {
        for (text, path, null) in [
            ("{ id: shop { name: id } }", "id.name", "id"),
            (
                "{ shop { ...S } } fragment S on Shop { ... { ... on Named { key: owner { id } } } }",
                "shop.key.id",
                "shop",
            ),
            (
                "{ thing { ... on Shop { name } ... on User { id shop { name } } } }",
                "thing.shop.name",
                "thing.shop.name",
            ),
            ("{ thing { ... on User { id } } }", "thing.id", ""),
            // Merged from two selections.
            ("{ shop { name } shop { owner { name } } }", "shop.owner.name", "shop"),
            // One type allows what the other does not.
            ("{ thing { ... on Shop { name } ... on User { name } } }", "thing.name", ""),
            // Spread twice, and once within itself: it ends.
            ("{ shop { ...A ...A } } fragment A on Shop { ...A owner { id } }", "shop.owner.id", "shop"),
            // What nothing is known of stays where it is.
            ("{ shop { nonsense { deeper } } }", "shop.nonsense.deeper", "shop.nonsense.deeper"),
        ] {
            assert_eq!(null_of(text, path), null, "{path} in {text}");
        }
    }
}
