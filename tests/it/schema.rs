//! The GraphQL schema: committed as it is printed, described in full, named by the rules of the API's guide.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::{
    Value,
    parser::{
        parse_schema,
        types::{
            BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind,
            TypeSystemDefinition,
        },
    },
};

use crate::{harness::codes::stated_codes, snapshot};

/// Lists that may hold or be null, and why.
const NULLABLE_LISTS: &[(&str, &str)] = &[
    ("OrderPart.explanation", "null: the caller does not see the shop's money"),
    ("OrderPart.notes", "null: the caller is not of the shop"),
    ("Payment.disputes", "null: the caller is not of the market's staff"),
    ("Query.nodes", "null keeps the place of what is absent"),
    ("ShopDesk.balances", "null: the role does not see money"),
    ("*.field", "null: about the input as a whole"),
];

/// Names that clients' languages trip over.
const BAD_TYPE_NAMES: &[&str] = &["Type", "Error", "Schema", "Selection"];

#[test]
fn schema_graphql_is_what_the_program_prints() {
    snapshot("schema.graphql", &agora::api::sdl());
}

#[test]
fn the_schema_keeps_the_rules() {
    let found = problems(&agora::api::sdl());
    assert!(found.is_empty(), "\n{}\n{} problems", found.join("\n"), found.len());
}

/// What is wrong with a schema, a line each.
fn problems(sdl: &str) -> Vec<String> {
    let document = parse_schema(sdl).unwrap();
    let types = types(&document);
    let codes: BTreeSet<String> = match types.get("UserErrorCode").map(|ty| &ty.kind) {
        Some(TypeKind::Enum(codes)) => codes.values.iter().map(|code| code.node.value.to_string()).collect(),
        _ => BTreeSet::new(),
    };
    let mut found = Vec::new();
    for (name, ty) in &types {
        let mut say = |is_fine: bool, problem: String| {
            if !is_fine {
                found.push(problem);
            }
        };
        let is_described = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        // The library writes connections, and gives them none.
        let is_written_for_us = name.ends_with("Connection");
        let text = ty.description.as_ref().map(|text| &*text.node);
        say(is_written_for_us || is_described(text), format!("{name} has no description"));
        say(!BAD_TYPE_NAMES.contains(name), format!("{name}: clients trip over a type of this name"));
        match &ty.kind {
            TypeKind::Scalar => {
                let is_specified = ty.directives.iter().any(|directive| directive.node.name.node == "specifiedBy");
                say(is_specified, format!("scalar {name} has no @specifiedBy"));
            }
            TypeKind::Enum(values) => {
                for value in &values.values {
                    let word = &value.node.value.node;
                    let place = format!("{name}.{word}");
                    let text = value.node.description.as_ref().map(|text| &*text.node);
                    say(is_described(text), format!("{place} has no description"));
                    say(is_screaming(word), format!("{place} is not SCREAMING_SNAKE"));
                    say(word != "NONE", format!("{place}: clients trip over a value called NONE"));
                }
            }
            TypeKind::InputObject(input) => {
                say(
                    name.ends_with("Input") || name.ends_with("Filter") || name.ends_with("By"),
                    format!("input {name} ends neither in Input nor in Filter nor in By"),
                );
                for field in &input.fields {
                    let place = format!("{name}.{}", field.node.name.node);
                    let text = field.node.description.as_ref().map(|text| &*text.node);
                    say(is_described(text), format!("{place} has no description"));
                    say(is_camel(&field.node.name.node), format!("{place} is not camelCase"));
                }
            }
            TypeKind::Object(_) | TypeKind::Interface(_) => {
                for field in fields(ty) {
                    found.extend(field_problems(name, field));
                    if *name == "Mutation" {
                        found.extend(mutation_problems(field, &types, &codes));
                    }
                }
            }
            TypeKind::Union(_) => {}
        }
    }
    found
}

fn types(document: &ServiceDocument) -> BTreeMap<&str, &TypeDefinition> {
    let types = document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.as_str(), &ty.node)),
        _ => None,
    });
    types.collect()
}

fn fields(ty: &TypeDefinition) -> Vec<&FieldDefinition> {
    let fields = match &ty.kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        _ => return Vec::new(),
    };
    fields.iter().map(|field| &field.node).collect()
}

fn field_problems(parent: &str, field: &FieldDefinition) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |is_fine: bool, problem: String| {
        if !is_fine {
            found.push(problem);
        }
    };
    let name = field.name.node.as_str();
    let place = format!("{parent}.{name}");
    let ty = &field.ty.node;
    say(field.description.as_ref().is_some_and(|text| !text.node.is_empty()), format!("{place} has no description"));
    say(is_camel(name), format!("{place} is not camelCase"));
    if named(ty) == "Boolean" {
        let is_question = ["is", "has", "can"].iter().any(|verb| {
            name.strip_prefix(verb).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_uppercase()))
        });
        say(is_question, format!("{place} is a Boolean and reads neither isX nor hasX nor canX"));
    }
    if let BaseType::List(item) = &ty.base {
        let is_excused = NULLABLE_LISTS.iter().any(|(list, _)| *list == place || *list == format!("*.{name}"));
        say(is_excused || (!ty.nullable && !item.nullable), format!("{place} is {ty}; lists are [T!]!"));
    }
    for InputValueDefinition { name: argument, description, .. } in field.arguments.iter().map(|it| &it.node) {
        let argument = format!("{place}({}:)", argument.node);
        say(description.as_ref().is_some_and(|text| !text.node.is_empty()), format!("{argument} has no description"));
    }
    if named(ty).ends_with("Connection") {
        let first = field.arguments.iter().find(|argument| argument.node.name.node == "first");
        let default = first.and_then(|first| first.node.default_value.as_ref()).map(|value| value.node.clone());
        say(default == Some(Value::from(20)), format!("{place} has no argument `first` that defaults to 20"));
    }
    found
}

fn mutation_problems(
    field: &FieldDefinition,
    types: &BTreeMap<&str, &TypeDefinition>,
    codes: &BTreeSet<String>,
) -> Vec<String> {
    let mut found = Vec::new();
    let name = field.name.node.as_str();
    let pascal = name[..1].to_uppercase() + &name[1..];
    let arguments: Vec<String> = field
        .arguments
        .iter()
        .map(|argument| format!("{}: {}", argument.node.name.node, argument.node.ty.node))
        .collect();
    // A mutation without anything to say takes no argument.
    if !arguments.is_empty() && arguments != [format!("input: {pascal}Input!")] {
        found.push(format!("Mutation.{name} takes ({}), not (input: {pascal}Input!)", arguments.join(", ")));
    }
    let payload = format!("{pascal}Payload");
    if field.ty.node.to_string() != format!("{payload}!") {
        found.push(format!("Mutation.{name} returns {}, not {payload}!", field.ty.node));
    }
    let payload_fields = types.get(payload.as_str()).map(|ty| fields(ty)).unwrap_or_default();
    let has_errors = |it: &&FieldDefinition| it.name.node == "userErrors" && it.ty.node.to_string() == "[UserError!]!";
    if !payload_fields.iter().any(has_errors) {
        found.push(format!("{payload} has no userErrors: [UserError!]!"));
    }
    let text = field.description.as_ref().map(|text| text.node.as_str()).unwrap_or_default();
    match stated_codes(text) {
        None => found.push(format!("Mutation.{name} does not end in \"Codes: `A`, `B`.\" or \"Codes: none.\"")),
        Some(stated) => {
            let unknown = stated.iter().filter(|code| !codes.contains(**code));
            found.extend(unknown.map(|code| format!("Mutation.{name} names the code {code}, which does not exist")));
        }
    }
    found
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) && !name.contains('_')
}

fn is_screaming(word: &str) -> bool {
    word.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

#[test]
fn the_rules_can_be_broken() {
    let sdl = r#"
        "d" enum UserErrorCode { "d" BLANK }
        "d" interface UserError { "d" code: UserErrorCode! }
        "d" type Good { "d" isFine: Boolean! "d" things("d" first: Int! = 20): ThingConnection! }
        "d" type GoodPayload { "d" userErrors: [UserError!]! }
        "d" input GoodInput { "d" name: String! }
        "d" type Mutation {
            "Fine. Codes: `BLANK`." good("d" input: GoodInput!): GoodPayload!
            "Bad. Codes: `GONE`." bad("d" input: GoodInput!): Good!
            "Bad." worse("d" input: WorseInput!): GoodPayload!
        }
        type Error { sold: Boolean! "d" all: [Int!] "d" snake_case: Int "d" list(first: Int): GoodConnection! }
        "d" scalar Date
        "d" enum Bad { "d" NONE lower }
        "d" input Stuff { bare: Int }
    "#;
    let expected = [
        "Bad.NONE: clients trip over a value called NONE",
        "Bad.lower has no description",
        "Bad.lower is not SCREAMING_SNAKE",
        "scalar Date has no @specifiedBy",
        "Error has no description",
        "Error: clients trip over a type of this name",
        "Error.sold has no description",
        "Error.sold is a Boolean and reads neither isX nor hasX nor canX",
        "Error.all is [Int!]; lists are [T!]!",
        "Error.snake_case is not camelCase",
        "Error.list(first:) has no description",
        "Error.list has no argument `first` that defaults to 20",
        "Mutation.bad takes (input: GoodInput!), not (input: BadInput!)",
        "Mutation.bad returns Good!, not BadPayload!",
        "BadPayload has no userErrors: [UserError!]!",
        "Mutation.bad names the code GONE, which does not exist",
        "Mutation.worse returns GoodPayload!, not WorsePayload!",
        "WorsePayload has no userErrors: [UserError!]!",
        "Mutation.worse does not end in \"Codes: `A`, `B`.\" or \"Codes: none.\"",
        "input Stuff ends neither in Input nor in Filter nor in By",
        "Stuff.bare has no description",
    ];
    assert_eq!(problems(sdl), expected);
}
