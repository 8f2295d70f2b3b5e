//! The codes that the schema says a mutation can refuse with.

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};

static STATED: LazyLock<HashMap<String, Vec<String>>> = LazyLock::new(|| {
    let document = parse_schema(agora::api::sdl()).unwrap();
    let mutations = document.definitions.into_iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) if ty.node.name.node == "Mutation" => Some(ty.node.kind),
        _ => None,
    });
    let Some(TypeKind::Object(mutations)) = mutations else { panic!("there is no type Mutation") };
    let fields = mutations.fields.into_iter().map(|field| {
        let description = field.node.description.unwrap().node;
        let codes = stated_codes(&description).unwrap_or_default().into_iter().map(ToOwned::to_owned).collect();
        (field.node.name.node.to_string(), codes)
    });
    fields.collect()
});

/// That a mutation may refuse with this code. Held against whatever any test provokes.
#[track_caller]
pub fn assert_stated(mutation: &str, code: &str) {
    let stated = STATED.get(mutation).unwrap_or_else(|| panic!("there is no mutation {mutation}"));
    assert!(
        stated.iter().any(|known| known == code),
        "{mutation} refused with {code}, and its description says {stated:?}"
    );
}

/// The codes that a mutation's description ends in.
pub fn stated_codes(description: &str) -> Option<Vec<&str>> {
    let list = description.split("Codes: ").nth(1)?.trim().strip_suffix('.')?;
    if list == "none" {
        return Some(Vec::new());
    }
    list.split(',').map(|code| code.trim().strip_prefix('`')?.strip_suffix('`')).collect()
}
