//! A merged object silently shadows a field that two of its parts have. So the parts are read from the sources.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use syn::visit::{self, Visit};

use crate::architecture::sources;

/// The parts of merged objects and the fields of all other ones, by the names of their Rust types.
#[derive(Default)]
struct Objects {
    parts: BTreeMap<String, Vec<String>>,
    fields: HashMap<String, Vec<Vec<String>>>,
}

impl Objects {
    fn read(sources: &[String]) -> Self {
        let mut objects = Self::default();
        for source in sources {
            objects.visit_file(&syn::parse_file(source).unwrap());
        }
        objects
    }

    fn fields_of(&self, object: &str) -> Vec<String> {
        if let Some(parts) = self.parts.get(object) {
            return parts.iter().flat_map(|part| self.fields_of(part)).collect();
        }
        match self.fields.get(object).map(Vec::as_slice) {
            Some([fields]) => fields.clone(),
            Some(_) => {
                panic!("several objects are {object} in Rust; give the part of a merged object a name of its own")
            }
            None => panic!("the fields of {object} are neither in an #[Object] nor in a SimpleObject"),
        }
    }

    /// Fields that more than one part of a merged object has.
    fn shadowed(&self) -> Vec<String> {
        let mut found = Vec::new();
        for object in self.parts.keys() {
            let mut fields = self.fields_of(object);
            fields.sort();
            found.extend(
                fields.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| format!("{object}.{}", pair[0])),
            );
        }
        found
    }

    fn add(&mut self, object: String, fields: Vec<String>) {
        self.fields.entry(object).or_default().push(fields);
    }
}

fn derives(attributes: &[syn::Attribute], name: &str) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).any(|attribute| {
        let mut found = false;
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.segments.last().is_some_and(|segment| segment.ident == name);
            Ok(())
        });
        found
    })
}

fn is(attribute: &syn::Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

fn type_name(ty: &syn::Type) -> Option<String> {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        _ => None,
    }
}

/// The field's name on the wire; none if it is not there.
fn wire_name(ident: &syn::Ident, attributes: &[syn::Attribute]) -> Option<String> {
    let mut given = None;
    let mut is_skipped = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("graphql")) {
        let _ = attribute.parse_nested_meta(|meta| {
            is_skipped |= meta.path.is_ident("skip");
            if meta.path.is_ident("name") {
                given = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            } else if meta.input.peek(syn::Token![=]) {
                let _: syn::Expr = meta.value()?.parse()?;
            } else if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                let _: proc_macro2::TokenStream = content.parse()?;
            }
            Ok(())
        });
    }
    let mut camel = String::new();
    for word in ident.to_string().trim_start_matches("r#").split('_').filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        camel += &if camel.is_empty() { first.to_owned() } else { first.to_uppercase() };
        camel += rest;
    }
    (!is_skipped).then(|| given.unwrap_or(camel))
}

impl Visit<'_> for Objects {
    fn visit_item_struct(&mut self, item: &syn::ItemStruct) {
        let name = item.ident.to_string();
        if derives(&item.attrs, "MergedObject") {
            self.parts.insert(name, item.fields.iter().filter_map(|field| type_name(&field.ty)).collect());
        } else if derives(&item.attrs, "SimpleObject") {
            let fields =
                item.fields.iter().filter_map(|field| wire_name(field.ident.as_ref()?, &field.attrs)).collect();
            self.add(name, fields);
        }
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        if !item.attrs.iter().any(|attribute| is(attribute, "cfg")) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &syn::ItemImpl) {
        if item.attrs.iter().any(|attribute| is(attribute, "Object"))
            && let Some(name) = type_name(&item.self_ty)
        {
            let methods = item.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(method) => wire_name(&method.sig.ident, &method.attrs),
                _ => None,
            });
            self.add(name, methods.collect());
        }
    }
}

#[test]
fn parts_of_merged_objects_share_no_field() {
    let sources: Vec<String> = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .iter()
        .filter(|file| !file.iter().any(|part| part == "tests" || part == "tests.rs"))
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let objects = Objects::read(&sources);
    assert_eq!(objects.shadowed(), Vec::<String>::new(), "one of the two is not in the schema");

    // The same fields as the program prints, so nothing was overlooked.
    let sdl = agora::api::sdl();
    for root in ["Query", "Mutation", "Viewer"] {
        let body = sdl.split(&format!("\ntype {root} ")).nth(1).unwrap().split("\n}").next().unwrap();
        for field in objects.fields_of(root) {
            assert!(body.contains(&format!("\n\t{field}")), "{root}.{field} is in the sources, not in the schema");
        }
    }
}

#[test]
fn a_shadowed_field_is_found() {
    let source = "
        #[derive(MergedObject, Default)] struct Query(a::First, Inner);
        #[derive(async_graphql::MergedObject)] struct Inner(Second, Third);
        #[Object] impl First { async fn same_name(&self) -> i32 { 1 } async fn one(&self) -> i32 { 1 } }
        #[async_graphql::Object] impl Second { #[graphql(guard = \"G\", name = \"sameName\")] async fn two(&self) -> i32 { 1 } }
        #[derive(SimpleObject)] struct Third { three: i32, #[graphql(skip)] one: i32 }
    ";
    assert_eq!(Objects::read(&[source.to_owned()]).shadowed(), ["Query.sameName"]);
}
