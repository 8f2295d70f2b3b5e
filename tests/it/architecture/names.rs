//! Which names a source file uses, resolved to where they come from.

use std::collections::HashMap;

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// A name as a file uses it: `["crate", "users", "model"]`, or `["diesel", …]` for what comes from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    pub path: Vec<String>,
    pub line: usize,
}

/// All names in a file that stands at `module`, such as `["crate", "users", "graphql"]`. Names of one segment are left
/// out: what they stand for was named where it was imported.
pub fn mentions(source: &str, module: &[String]) -> syn::Result<Vec<Mention>> {
    let file = syn::parse_file(source)?;
    let mut aliases = Aliases { module: module.to_vec(), by_module: HashMap::new() };
    aliases.visit_file(&file);
    let mut names = Names { module: module.to_vec(), aliases: aliases.by_module, mentions: Vec::new() };
    names.visit_file(&file);
    Ok(names.mentions)
}

type ByModule = HashMap<Vec<String>, HashMap<String, Vec<String>>>;

/// What short names stand for, in each module of a file.
struct Aliases {
    module: Vec<String>,
    by_module: ByModule,
}

impl Aliases {
    fn add(&mut self, name: String, path: Vec<String>) {
        self.by_module.entry(self.module.clone()).or_default().insert(name, path);
    }
}

impl Visit<'_> for Aliases {
    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        let path = [&self.module[..], &[item.ident.to_string()]].concat();
        self.add(item.ident.to_string(), path.clone());
        let outer = std::mem::replace(&mut self.module, path);
        visit::visit_item_mod(self, item);
        self.module = outer;
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        for Leaf { path, name, .. } in leaves(&item.tree) {
            if let Some(name) = name.filter(|name| path.first() != Some(name) || path.len() > 1) {
                self.add(name, path);
            }
        }
    }
}

struct Leaf {
    path: Vec<String>,
    /// None for a glob.
    name: Option<String>,
    span: Span,
}

fn leaves(tree: &syn::UseTree) -> Vec<Leaf> {
    fn walk(tree: &syn::UseTree, prefix: &[String], found: &mut Vec<Leaf>) {
        let join = |ident: &syn::Ident| [prefix, &[ident.to_string()]].concat();
        let own =
            |ident: &syn::Ident| if ident == "self" && !prefix.is_empty() { prefix.to_vec() } else { join(ident) };
        match tree {
            syn::UseTree::Path(path) => walk(&path.tree, &join(&path.ident), found),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| walk(tree, prefix, found)),
            syn::UseTree::Name(name) => {
                let path = own(&name.ident);
                found.push(Leaf { name: path.last().cloned(), path, span: name.ident.span() });
            }
            syn::UseTree::Rename(rename) => {
                let path = own(&rename.ident);
                found.push(Leaf { path, name: Some(rename.rename.to_string()), span: rename.ident.span() });
            }
            syn::UseTree::Glob(glob) => {
                found.push(Leaf { path: prefix.to_vec(), name: None, span: glob.star_token.spans[0] });
            }
        }
    }
    let mut found = Vec::new();
    walk(tree, &[], &mut found);
    found
}

struct Names {
    module: Vec<String>,
    aliases: ByModule,
    mentions: Vec<Mention>,
}

impl Names {
    fn mention(&mut self, path: Vec<String>, span: Span) {
        // An alias may stand for another one, but not for ever.
        let path = (0..8).fold(path, |path, _| self.resolve(path));
        self.mentions.push(Mention { path, line: span.start().line });
    }

    fn resolve(&self, path: Vec<String>) -> Vec<String> {
        match path[0].as_str() {
            "self" | "super" => {
                let mut found = self.module.clone();
                for segment in path {
                    match segment.as_str() {
                        "self" => {}
                        "super" => drop(found.pop()),
                        _ => found.push(segment),
                    }
                }
                found
            }
            first => match self.aliases.get(&self.module).and_then(|aliases| aliases.get(first)) {
                Some(target) if *target != path => [&target[..], &path[1..]].concat(),
                _ => path,
            },
        }
    }

    /// Macros and attributes are not parsed: every `a::b` in them is a name.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<(String, Span)> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.flush(&mut path);
                    }
                    path.push((ident.to_string(), ident.span()));
                    colons = 0;
                }
                other => {
                    self.flush(&mut path);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.scan(group.stream());
                    }
                }
            }
        }
        self.flush(&mut path);
    }

    fn flush(&mut self, path: &mut Vec<(String, Span)>) {
        if path.len() > 1 {
            let span = path[0].1;
            self.mention(path.iter().map(|(segment, _)| segment.clone()).collect(), span);
        }
        path.clear();
    }
}

impl Visit<'_> for Names {
    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        for leaf in leaves(&item.tree) {
            self.mention(leaf.path, leaf.span);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        if path.segments.len() > 1 {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.mention(segments, path.segments[0].ident.span());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &syn::Macro) {
        visit::visit_macro(self, item);
        self.scan(item.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &syn::MetaList) {
        visit::visit_meta_list(self, list);
        self.scan(list.tokens.clone());
    }
}
