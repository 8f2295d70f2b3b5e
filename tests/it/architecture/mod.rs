//! Holds the sources to the map: who may name whom, and how long a file may be.

mod hidden;
mod names;
mod rules;

use std::{
    fs,
    path::{Path, PathBuf},
};

use self::{
    names::{Mention, mentions},
    rules::judge,
};

/// More lines than this are more than one thing.
const MAXIMUM_LINES: usize = 400;

/// All Rust sources under a folder, sorted.
pub fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The module that a file of `src` is: `["crate", "users", "model"]`.
fn module_of(file: &Path) -> Vec<String> {
    let stem = file.with_extension("");
    let segments = stem.iter().map(|segment| segment.to_string_lossy().into_owned());
    let segments = segments.filter(|segment| !["mod", "lib", "main"].contains(&segment.as_str()));
    std::iter::once("crate".to_owned()).chain(segments).collect()
}

/// What is wrong with one file, a paragraph each.
fn violations(file: &Path, source: &str) -> Vec<String> {
    let module = module_of(file);
    let mut found = Vec::new();
    let lines = source.lines().count();
    // The tables are printed from the database, and as many as there are.
    if lines > MAXIMUM_LINES && module != ["crate", "schema"] {
        found.push(format!(
            "src/{}: {lines} lines\n  rule:   a file has at most {MAXIMUM_LINES} lines\n  reason: what is longer is \
             more than one thing; make it a folder of the same name, split by use case",
            file.display()
        ));
    }
    let mut mentions = mentions(source, &module).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    mentions.sort_by_key(|mention| mention.line);
    mentions.dedup();
    for Mention { path, line } in mentions {
        if let Some(broken) = judge(&module, &path) {
            found.push(format!(
                "src/{}:{line}: `{}`\n  rule:   {}\n  reason: {}",
                file.display(),
                path.join("::"),
                broken.rule,
                broken.reason
            ));
            if broken.is_about_the_file() {
                break;
            }
        }
    }
    found
}

#[test]
fn sources_keep_to_the_map() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&root);
    assert!(files.len() > 50, "found only {} files", files.len());
    let found: Vec<String> = files
        .iter()
        .flat_map(|file| violations(file.strip_prefix(&root).unwrap(), &fs::read_to_string(file).unwrap()))
        .collect();
    assert!(found.is_empty(), "\n\n{}\n\n{} violations", found.join("\n\n"), found.len());
}

/// Whether a file with this text breaks a rule, by the name that does it and its line.
fn broken(file: &str, source: &str) -> Vec<(String, usize)> {
    let module = module_of(Path::new(file));
    let mentions = mentions(source, &module).unwrap();
    let bad = mentions.into_iter().filter(|mention| judge(&module, &mention.path).is_some());
    bad.map(|mention| (mention.path.join("::"), mention.line)).collect()
}

fn is_fine(file: &str, source: &str) {
    assert_eq!(broken(file, source), [], "{file}: {source}");
}

fn is_broken(file: &str, source: &str, name: &str) {
    let found = broken(file, source);
    assert!(found.iter().any(|(bad, _)| bad == name), "{file}: {source}: {found:?}");
}

#[test]
fn left_may_name_right_never_back() {
    is_fine("api/mod.rs", "use crate::users::service;");
    is_fine("server/mod.rs", "use crate::{api::Api, platform::app::App};");
    is_broken("kernel/id.rs", "use crate::platform::db::Db;", "crate::platform::db::Db");
    is_broken("platform/db.rs", "use crate::users::model::User;", "crate::users::model::User");
    is_broken("users/service.rs", "fn f() { crate::api::sdl(); }", "crate::api::sdl");
    is_broken("api/mod.rs", "type S = crate::server::State;", "crate::server::State");
    is_broken("stuff/mod.rs", "use std::fmt;", "std::fmt");
}

#[test]
fn files_of_a_domain_keep_their_order() {
    is_fine("users/graphql.rs", "use super::service::{self, sign_up};");
    is_fine("users/graphql/session.rs", "use crate::users::service; use super::User;");
    is_broken("users/graphql.rs", "use super::queries;", "crate::users::queries");
    is_broken("users/graphql/session.rs", "use super::super::queries::by_id;", "crate::users::queries::by_id");
    is_broken("users/service.rs", "use super::{graphql::User, queries};", "crate::users::graphql::User");
    is_broken("users/model.rs", "use self::super::error::AccountError;", "crate::users::error::AccountError");
    is_broken("users/helpers.rs", "use std::fmt;", "std::fmt");
}

#[test]
fn domains_keep_their_order() {
    is_fine("shops/service.rs", "use crate::users; fn f() { users::service::name(); }");
    is_fine("users/graphql.rs", "use crate::{orders::graphql::Order, user_errors::answer};");
    is_broken("shops/service.rs", "use crate::orders::service;", "crate::orders::service");
    is_broken("shops/policy.rs", "use crate::users::service::name;", "crate::users::service::name");
    is_broken(
        "shops/graphql.rs",
        "use crate::users; fn f() { users::service::name(); }",
        "crate::users::service::name",
    );
    is_broken("shops/service.rs", "use crate::user_errors::answer;", "crate::user_errors::answer");
    is_broken("shops/service.rs", "use crate::users::reexported;", "crate::users::reexported");
    is_broken(
        "api/viewer.rs",
        "use crate::users::{self as people}; type T = people::queries::Row;",
        "crate::users::queries::Row",
    );
}

#[test]
fn crates_stay_where_they_belong() {
    is_fine("users/queries.rs", "use diesel::prelude::*; use crate::schema::users;");
    is_fine("users/model.rs", "text_enum! { #[derive(async_graphql::Enum)] pub enum Role { A = \"A\" } }");
    is_fine("platform/gql.rs", "use async_graphql::Context;");
    is_fine("platform/crypto/token.rs", "use jsonwebtoken::decode;");
    is_fine("platform/http.rs", "use reqwest::Client;");
    is_fine("server/mod.rs", "use actix_web::App;");
    is_broken("users/service.rs", "use diesel::prelude::*;", "diesel::prelude");
    is_broken("users/service.rs", "use crate::schema::users;", "crate::schema::users");
    is_broken("users/service.rs", "fn f() { x!(1, diesel::select(y)) }", "diesel::select");
    is_broken("users/model.rs", "#[derive(async_graphql::SimpleObject)] struct User;", "async_graphql::SimpleObject");
    is_broken("platform/db.rs", "use async_graphql::Context;", "async_graphql::Context");
    is_broken("api/mod.rs", "use actix_web as web; fn f(_: web::App) {}", "actix_web::App");
    is_broken("platform/app.rs", "use jsonwebtoken::decode;", "jsonwebtoken::decode");
    is_broken("users/service.rs", "fn f() { reqwest::get(); }", "reqwest::get");
    is_broken("users/graphql.rs", "fn f() -> async_graphql::Result<u8> { g() }", "async_graphql::Result");
    is_broken("users/graphql.rs", "use async_graphql::{Context, Error};", "async_graphql::Error");
}

#[test]
fn names_are_found_where_they_stand() {
    let source = "mod inner {\n    use super::super::queries;\n    fn f() { queries::all() }\n}\n";
    let found = broken("users/graphql.rs", source);
    assert_eq!(found, [("crate::users::queries".to_owned(), 2), ("crate::users::queries::all".to_owned(), 3)]);
    let long = "\n".repeat(MAXIMUM_LINES + 1);
    assert_eq!(violations(Path::new("users/model.rs"), &long).len(), 1);
    assert_eq!(violations(Path::new("schema.rs"), &long), Vec::<String>::new());
}
