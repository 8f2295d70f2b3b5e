//! The codes that the schema says a mutation can refuse with.

use std::{collections::BTreeMap, sync::LazyLock};

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};

/// The descriptions of all mutations.
static DESCRIPTIONS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let document = parse_schema(agora::api::sdl()).unwrap();
    let mutations = document.definitions.into_iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) if ty.node.name.node == "Mutation" => Some(ty.node.kind),
        _ => None,
    });
    let Some(TypeKind::Object(mutations)) = mutations else { panic!("there is no type Mutation") };
    let fields = mutations.fields.into_iter();
    fields.map(|field| (field.node.name.node.to_string(), field.node.description.unwrap().node)).collect()
});

/// The mutations whose description says this, wherever its lines break.
pub fn mutations_that_say(words: &str) -> Vec<&'static str> {
    let says = |description: &String| description.split_whitespace().collect::<Vec<_>>().join(" ").contains(words);
    DESCRIPTIONS.iter().filter(|(_, description)| says(description)).map(|(name, _)| name.as_str()).collect()
}

/// That a mutation may refuse with this code. Held against whatever any test provokes.
#[track_caller]
pub fn assert_stated(mutation: &str, code: &str) {
    let description = DESCRIPTIONS.get(mutation).unwrap_or_else(|| panic!("there is no mutation {mutation}"));
    let stated = stated_codes(description).unwrap_or_default();
    assert!(stated.contains(&code), "{mutation} refused with {code}, and its description says {stated:?}");
}

/// The codes that a mutation's description ends in.
pub fn stated_codes(description: &str) -> Option<Vec<&str>> {
    let list = description.split("Codes: ").nth(1)?.trim().strip_suffix('.')?;
    if list == "none" {
        return Some(Vec::new());
    }
    list.split(',').map(|code| code.trim().strip_prefix('`')?.strip_suffix('`')).collect()
}
