//! What Agora says to people in mail and on its own pages. The words stand in `assets/texts`, a file for each language, in
//! the syntax of Fluent, so that a translator can change them without reading Rust.

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};

use crate::kernel::place::Language;

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle("en", include_str!("../../assets/texts/en.ftl")));
static GERMAN: LazyLock<Bundle> = LazyLock::new(|| bundle("de", include_str!("../../assets/texts/de.ftl")));

fn bundle(tag: &str, file: &str) -> Bundle {
    let mut bundle = Bundle::new_concurrent(tag.parse().into_iter().collect());
    // Marks around what is filled in would go along wherever somebody copies a code or a link from.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(readable, _)| readable);
    bundle.add_resource_overriding(resource);
    bundle
}

const fn tag(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::German => "de",
    }
}

fn of(language: Language) -> &'static Bundle {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    }
}

/// Words that stand in a text by their names.
pub type Words<'a> = &'a [(&'a str, &'a str)];

/// A text by its id, or an attribute of one as `id.attribute`. None where the file has none.
pub fn text(language: Language, id: &str, words: Words<'_>) -> Option<String> {
    let bundle = of(language);
    let (id, attribute) = id.split_once('.').map_or((id, None), |(id, attribute)| (id, Some(attribute)));
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        Some(attribute) => message.get_attribute(attribute)?.value(),
        None => message.value()?,
    };
    let words: FluentArgs<'_> = words.iter().copied().collect();
    // What is missing stands there as its name; a test holds every text against the words of its use.
    Some(bundle.format_pattern(pattern, Some(&words), &mut Vec::new()).into_owned())
}

/// The language's tag, as `<html lang>` has it.
pub const fn html_lang(language: Language) -> &'static str {
    tag(language)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use fluent_bundle::{FluentError, resolver::ResolverError, resolver::errors::ReferenceKind};
    use fluent_syntax::{ast::Entry, parser::parse};

    use super::*;

    /// The texts of a file, each with the words that it needs.
    fn needs(bundle: &Bundle, file: &str) -> BTreeMap<String, BTreeSet<String>> {
        let parsed = parse(file).unwrap_or_else(|(_, errors)| panic!("{errors:?}"));
        let mut all = BTreeMap::new();
        for entry in parsed.body {
            let Entry::Message(entry) = entry else { continue };
            let message = bundle.get_message(entry.id.name).unwrap();
            let attributes = message.attributes().map(|attribute| (format!(".{}", attribute.id()), attribute.value()));
            let value = message.value().map(|pattern| (String::new(), pattern));
            for (attribute, pattern) in value.into_iter().chain(attributes) {
                let mut errors = Vec::new();
                bundle.format_pattern(pattern, None, &mut errors);
                let words = errors.into_iter().map(|error| match error {
                    FluentError::ResolverError(ResolverError::Reference(ReferenceKind::Variable { id })) => id,
                    other => panic!("{other:?}"),
                });
                let known = all.insert(format!("{}{attribute}", entry.id.name), words.collect());
                assert_eq!(known, None, "{} is there twice", entry.id.name);
            }
        }
        all
    }

    #[test]
    fn every_language_has_every_text_and_each_needs_the_same_words() {
        let english = needs(&ENGLISH, include_str!("../../assets/texts/en.ftl"));
        let german = needs(&GERMAN, include_str!("../../assets/texts/de.ftl"));
        assert!(english.len() > 20);
        assert_eq!(english, german);
    }

    #[test]
    fn what_is_filled_in_stands_there_as_it_is() {
        let words = [("code", "123456"), ("name", "{ $link } Ada"), ("link", "https://shop.example")];
        let text = |id| text(Language::English, id, &words);
        assert_eq!(text("verification.subject").unwrap(), "123456 is your code");
        assert!(text("verification.text").unwrap().starts_with("Hello,\n\nyour code is\n\n123456\n\n"));
        assert!(text("password-reset.text").unwrap().starts_with("Hello { $link } Ada,\n\n"));
        assert_eq!((text("nothing"), text("verification.nothing"), text("verification")), (None, None, None));
    }
}
