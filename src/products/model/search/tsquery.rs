//! Searches in Postgres' words.

use super::{Form, Needs, Understood, terms::Term};
use crate::kernel::tsvector::quoted;

/// Where in a product words are looked for: labels of a `tsquery`, none for everywhere.
const EVERYWHERE: &str = "";
const BESIDES_DESCRIPTION: &str = "ABC";

impl Understood {
    /// What finds the products, all of these together: of the type `tsquery`. Postgres skips what one of them does not find, and asks of
    /// the rest alone whether the others do; of one for everything it asks all, wherever one of its words is.
    pub fn tsqueries(&self) -> Vec<String> {
        self.tsqueries_in(EVERYWHERE)
    }

    /// What finds those of them that are found without their description, too.
    pub fn tsquery_besides_description(&self) -> String {
        self.tsqueries_in(BESIDES_DESCRIPTION).join(" & ")
    }

    /// Each in parentheses, unless it is the only one.
    fn tsqueries_in(&self, places: &str) -> Vec<String> {
        let terms: Vec<_> = self.terms.iter().map(|term| term.tsquery_in(places)).collect();
        match self.needs {
            Needs::All => terms,
            Needs::AllButOne => all_but_one(&terms),
            Needs::Any => vec![terms.join(" | ")],
        }
    }
}

/// Queries for all terms of a list but any one; none for a single term, of which nothing is asked then. Neither half of the list lacks more
/// than one, and one of them lacks none: so a term stands in them as often as the list can be halved, and not once for each other one.
fn all_but_one(terms: &[String]) -> Vec<String> {
    let (first, second) = terms.split_at(terms.len() / 2);
    if first.is_empty() {
        return Vec::new();
    }
    let one_is_whole = format!("({} | {})", first.join(" & "), second.join(" & "));
    [all_but_one(first), all_but_one(second), vec![one_is_whole]].concat()
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
