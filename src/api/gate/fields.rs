use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use async_graphql::{
    Name,
    parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

use super::catalogue::{Catalogue, Type};

/// The fields that an operation selects, as `Type.field`, each by the type that it is selected on: an interface's own where
/// the document names the interface. Introspection has none. Takes as long as the document is.
pub(super) fn fields(
    catalogue: &Catalogue,
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> BTreeSet<Arc<str>> {
    let mut walk = Walk { catalogue, document, reached: HashSet::new(), found: BTreeSet::new() };
    walk.selections(&operation.selection_set.node, catalogue.root(operation.ty));
    walk.found
}

struct Walk<'a> {
    catalogue: &'a Catalogue,
    document: &'a ExecutableDocument,
    reached: HashSet<&'a Name>,
    found: BTreeSet<Arc<str>>,
}

impl<'a> Walk<'a> {
    fn selections(&mut self, set: &'a SelectionSet, parent: Option<&'a Type>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let Some(known) = parent.and_then(|parent| parent.field(&field.node.name.node)) else { continue };
                    if !field.node.name.node.starts_with("__") {
                        self.found.insert(Arc::clone(&known.coordinate));
                        self.selections(&field.node.selection_set.node, self.catalogue.get(&known.of));
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let parent = match &fragment.node.type_condition {
                        Some(condition) => self.catalogue.get(&condition.node.on.node),
                        None => parent,
                    };
                    self.selections(&fragment.node.selection_set.node, parent);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && self.reached.insert(name)
                    {
                        let parent = self.catalogue.get(&fragment.node.type_condition.node.on.node);
                        self.selections(&fragment.node.selection_set.node, parent);
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
        interface Node { id: ID! }
        type Query { node: Node shop: Shop }
        type Mutation { open: Shop }
        type Shop implements Node { id: ID! name: String! owner: User }
        type User { name: String! }
        union Thing = Shop | User";

    fn found(text: &str, operation: Option<&str>) -> Vec<String> {
        let catalogue = Catalogue::from_sdl(SDL).unwrap();
        let document = parse_query(text).unwrap();
        let mut operations = document.operations.iter();
        let (_, chosen) = operations.find(|(name, _)| name.map(Name::as_str) == operation).unwrap();
        fields(&catalogue, &document, &chosen.node).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fields_are_named_by_the_type_that_they_are_selected_on() {
        let text = "query A { again: shop { ...S ...S } node { id ... on Shop { name } } __typename __schema { types { name } } }
                    fragment S on Shop { owner { name __typename } ... @include(if: false) { id } }
                    mutation B { open { id } }";
        let wanted = ["Node.id", "Query.node", "Query.shop", "Shop.id", "Shop.name", "Shop.owner", "User.name"];
        assert_eq!(found(text, Some("A")), wanted);
        assert_eq!(found(text, Some("B")), ["Mutation.open", "Shop.id"]);
        assert_eq!(found("{ nonsense { id } }", None), Vec::<String>::new());
    }
}
