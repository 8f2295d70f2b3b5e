//! Searches in Postgres' words.

use super::{Form, Needs, Understood, terms::Term};
use crate::kernel::tsvector::quoted;

/// Where in a product words are looked for: labels of a `tsquery`, none for everywhere.
const EVERYWHERE: &str = "";
const BESIDES_DESCRIPTION: &str = "ABC";

impl Understood {
    /// What finds the products: of the type `tsquery`.
    pub fn tsquery(&self) -> String {
        self.tsquery_in(EVERYWHERE)
    }

    /// What finds those of them that are found without their description, too.
    pub fn tsquery_besides_description(&self) -> String {
        self.tsquery_in(BESIDES_DESCRIPTION)
    }

    fn tsquery_in(&self, places: &str) -> String {
        let terms: Vec<_> = self.terms.iter().map(|term| term.tsquery_in(places)).collect();
        match self.needs {
            Needs::All => terms.join(" & "),
            Needs::AllButOne => all_but_one(&terms).unwrap_or_default(),
            Needs::Any => terms.join(" | "),
        }
    }
}

/// A query for all terms of a list but any one; none for a single term, of which nothing is asked then. The halves of the list
/// are asked for in turn, so that a term stands in it as often as the list can be halved, and not once for each other one.
fn all_but_one(terms: &[String]) -> Option<String> {
    let (first, second) = terms.split_at(terms.len() / 2);
    if first.is_empty() {
        return None;
    }
    let both = |but_one: Option<String>, all: &[String]| {
        let parts: Vec<_> = but_one.into_iter().chain([all.join(" & ")]).collect();
        parts.join(" & ")
    };
    Some(format!("(({}) | ({}))", both(all_but_one(first), second), both(all_but_one(second), first)))
}

impl Term {
    fn tsquery_in(&self, places: &str) -> String {
        let word = |word: &str| match places {
            EVERYWHERE => quoted(word),
            places => format!("{}:{places}", quoted(word)),
        };
        let beginning = |word: &str| format!("{}:*{places}", quoted(word));
        let form = |form: &Form| match form {
            Form::Word(it) | Form::Stem(it) | Form::Spelled(it) | Form::Ending(it) | Form::Near(it, _) => word(it),
            Form::Beginning(it) | Form::Joined(it) => beginning(it),
            Form::Split(first, seconds) => {
                let seconds: Vec<_> = seconds.iter().map(|second| beginning(second)).collect();
                format!("({} <-> ({}))", word(first), seconds.join(" | "))
            }
        };
        format!("({})", self.forms.iter().map(form).collect::<Vec<_>>().join(" | "))
    }
}
