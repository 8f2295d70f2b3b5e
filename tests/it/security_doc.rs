//! Holds docs/security.md to the sources: what it says is proven has a test of that name.

use std::{collections::BTreeSet, fs, path::PathBuf};

use syn::visit::Visit;

use crate::architecture::sources;

fn root() -> PathBuf {
    env!("CARGO_MANIFEST_DIR").into()
}

/// The tests of a file, by the names that `cargo test` has for them.
struct Tests {
    module: Vec<String>,
    names: BTreeSet<String>,
}

impl Visit<'_> for Tests {
    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.module.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_fn(&mut self, item: &syn::ItemFn) {
        let is_test = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "test");
        if item.attrs.iter().any(|attribute| is_test(attribute.path())) {
            self.names.insert([&self.module[..], &[item.sig.ident.to_string()]].concat().join("::"));
        }
    }
}

/// The tests of a folder, whose files are modules below it.
fn tests_in(folder: &str, root_module: &[&str]) -> BTreeSet<String> {
    let folder = root().join(folder);
    let mut names = BTreeSet::new();
    for file in sources(&folder) {
        let path = file.strip_prefix(&folder).unwrap().with_extension("");
        let segments = path.iter().map(|segment| segment.to_str().unwrap().to_owned());
        let below = segments.filter(|segment| !["mod", "lib", "main"].contains(&segment.as_str()));
        let module = root_module.iter().map(ToString::to_string).chain(below).collect();
        let mut tests = Tests { module, names: BTreeSet::new() };
        tests.visit_file(&syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap());
        names.append(&mut tests.names);
    }
    names
}

/// What stands between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// What is wrong with the last cells of the tables' rows, which say by what each is proven.
fn unproven(document: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_about_proofs = false;
    for line in document.lines() {
        let Some(row) = line.strip_prefix("| ").and_then(|line| line.strip_suffix(" |")) else {
            is_about_proofs &= line.starts_with('|');
            continue;
        };
        let proof = row.rsplit(" | ").next().unwrap();
        if proof == "Proof" || !is_about_proofs {
            is_about_proofs = proof == "Proof";
            continue;
        }
        let is_said = ["Not met: ", "The operator's: "].iter().any(|word| proof.contains(word));
        let mut is_proven = is_said;
        for name in quoted(proof) {
            is_proven = true;
            let is_known = if name.contains("::") { tests.contains(name) } else { root().join(name).exists() };
            if !is_known {
                found.push(format!("neither a test nor a file: {name}"));
            }
        }
        if !is_proven {
            found.push(format!("neither proven nor \"Not met: \" nor \"The operator's: \": {line}"));
        }
    }
    found
}

#[test]
fn what_is_said_to_be_proven_has_a_test() {
    let document = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let mut tests = tests_in("src", &[]);
    tests.append(&mut tests_in("tests/it", &[]));
    tests.append(&mut tests_in("tests/harness", &["harness"]));
    assert!(tests.len() > 300 && document.matches("::").count() > 50);
    let found = unproven(&document, &tests);
    assert!(found.is_empty(), "docs/security.md\n{}", found.join("\n"));
}

#[test]
fn what_is_not_proven_is_found() {
    let tests = BTreeSet::from(["users::tests::a_test".to_owned()]);
    let table = "| What | Proof |\n|---|---|\n";
    let of = |row: &str| unproven(&format!("{table}{row}"), &tests).len();
    assert_eq!(of("| a | `users::tests::a_test`, `deny.toml` |"), 0);
    assert_eq!(of("| a | Not met: it is not there. |"), 0);
    assert_eq!(of("| a | `users::tests::another`, `nothing.toml` |"), 2);
    assert_eq!(of("| a | believe us |"), 1);
    assert_eq!(of("\n| Other | Table |\n|---|---|\n| a | b |"), 0);
}
