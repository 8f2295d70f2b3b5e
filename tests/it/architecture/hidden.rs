//! What is secret is of a type that cannot be written to a log.

use std::{fs, path::Path};

use syn::{Meta, visit::Visit};

/// Words in the names of fields that hold secrets.
const WORDS: [&str; 7] = ["password", "token", "secret", "binding", "master_key", "verifier", "recoverycode"];
/// Fields that are called so and hold none: names of things, and addresses.
const NAMES: [&str; 2] = ["token_endpoint", "client_secret_variable"];

/// Plain texts of secrets in types that can be shown.
#[derive(Default)]
struct Shown(Vec<String>);

impl Visit<'_> for Shown {
    fn visit_item_struct(&mut self, item: &syn::ItemStruct) {
        let derived = item.attrs.iter().filter_map(|attribute| match &attribute.meta {
            Meta::List(list) if list.path.is_ident("derive") => Some(list.tokens.to_string()),
            _ => None,
        });
        let derived: String = derived.collect();
        if !["Debug", "Display", "Serialize"].iter().any(|shown| derived.contains(shown)) {
            return;
        }
        for field in &item.fields {
            // What has no name of its own is what the whole is called.
            let whole = || item.ident.to_string().to_lowercase();
            let name = field.ident.as_ref().map_or_else(whole, ToString::to_string);
            let is_secret = WORDS.iter().any(|word| name.contains(word)) && !NAMES.contains(&name.as_str());
            let mut of = Names::default();
            of.visit_type(&field.ty);
            if is_secret && of.0.iter().any(|of| of == "String" || of == "str") {
                self.0.push(format!("{}.{name}", item.ident));
            }
        }
    }
}

/// The names in a type.
#[derive(Default)]
struct Names(Vec<String>);

impl Visit<'_> for Names {
    fn visit_ident(&mut self, name: &syn::Ident) {
        self.0.push(name.to_string());
    }
}

fn shown(source: &str) -> Vec<String> {
    let mut shown = Shown::default();
    shown.visit_file(&syn::parse_file(source).unwrap());
    shown.0
}

#[test]
fn types_that_hold_secrets_cannot_be_shown() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = super::sources(&source);
    let found: Vec<_> = files.iter().flat_map(|file| shown(&fs::read_to_string(file).unwrap())).collect();
    assert!(
        found.is_empty(),
        "{found:?}\n  rule:   a type with a secret in it derives neither Debug, Display nor Serialize, or the secret is a \
         SecretString\n  reason: what can be shown ends up in a log"
    );
}

#[test]
fn a_secret_that_can_be_shown_is_found() {
    assert_eq!(shown("#[derive(Clone, Debug)] struct A { access_token: Option<String> }"), ["A.access_token"]);
    assert_eq!(shown("#[derive(Debug)] struct A<'a> { password_hash: &'a str }"), ["A.password_hash"]);
    assert_eq!(shown("#[derive(Debug)] struct RecoveryCode(String);"), ["RecoveryCode.recoverycode"]);
    assert!(shown("#[derive(Clone)] struct A { password: String }").is_empty());
    assert!(shown("#[derive(Debug)] struct A { password: SecretString, token_at: Time }").is_empty());
}
