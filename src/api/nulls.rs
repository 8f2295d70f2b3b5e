//! The nulls of failed fields (GraphQL, section 6.4.4). The library leaves a failed field out of its object, makes null of an
//! object without any field left, and hands nothing up to what is around a field that must not be null.

use std::collections::HashMap;

use async_graphql::{Name, PathSegment, Response, Value, indexmap::IndexMap};

/// Makes null what each error with a path says is null. `null_at` tells how many steps of a path lead there, and is asked
/// once for paths that differ in indexes only. The errors stay, also those of what is null as a whole by now.
pub fn put_nulls(response: &mut Response, null_at: impl Fn(&[PathSegment]) -> usize) {
    // All of them first, or an object that has become null for good would be taken for one without a field left.
    for error in &response.errors {
        restore(&mut response.data, &error.path);
    }
    let mut known: HashMap<Vec<Option<&str>>, usize> = HashMap::new();
    for error in response.errors.iter().filter(|error| !error.path.is_empty()) {
        let fields = error.path.iter().map(|segment| match segment {
            PathSegment::Field(key) => Some(key.as_str()),
            PathSegment::Index(_) => None,
        });
        let length = *known.entry(fields.collect()).or_insert_with(|| null_at(&error.path));
        put_null(&mut response.data, error.path.get(..length).unwrap_or_default());
    }
}

/// Gives an object on the path its fields back, none of which it has.
fn restore(value: &mut Value, path: &[PathSegment]) {
    let [next, rest @ ..] = path else { return };
    if let (Value::Null, PathSegment::Field(_)) = (&value, next) {
        *value = Value::Object(IndexMap::new());
    }
    if let Some(inner) = step(value, next) {
        restore(inner, rest);
    }
}

fn put_null(value: &mut Value, path: &[PathSegment]) {
    match (value, path) {
        (value, []) => *value = Value::Null,
        (Value::Object(fields), [PathSegment::Field(last)]) => {
            fields.insert(Name::new(last), Value::Null);
        }
        (value, [next, rest @ ..]) => {
            if let Some(inner) = step(value, next) {
                put_null(inner, rest);
            }
        }
    }
}

fn step<'a>(value: &'a mut Value, segment: &PathSegment) -> Option<&'a mut Value> {
    match (value, segment) {
        (Value::Object(fields), PathSegment::Field(key)) => fields.get_mut(key.as_str()),
        (Value::List(items), PathSegment::Index(index)) => items.get_mut(*index),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, value};

    use super::*;

    fn path(text: &str) -> Vec<PathSegment> {
        let segment =
            |step: &str| step.parse().map_or_else(|_| PathSegment::Field(step.to_owned()), PathSegment::Index);
        text.split('.').map(segment).collect()
    }

    /// What becomes of data with errors at these paths, each with the steps that lead to its null.
    fn nulled(data: Value, errors: &[(&str, usize)]) -> Value {
        let error = |(at, _): &(&str, usize)| ServerError { path: path(at), ..ServerError::new("", None) };
        let mut response = Response::new(data);
        response.errors = errors.iter().map(error).collect();
        put_nulls(&mut response, |of| errors.iter().find(|(at, _)| path(at) == of).unwrap().1);
        assert_eq!(response.errors.len(), errors.len());
        response.data
    }

    #[test]
    fn a_failed_field_is_null_and_so_is_what_cannot_do_without_it() {
        let data = || value!({"a": {"b": {"x": 1}, "y": 2}, "z": 3});
        assert_eq!(nulled(data(), &[("a.b.c", 3)]), value!({"a": {"b": {"x": 1, "c": null}, "y": 2}, "z": 3}));
        assert_eq!(nulled(data(), &[("a.b.c", 2)]), value!({"a": {"b": null, "y": 2}, "z": 3}));
        assert_eq!(nulled(data(), &[("a.b.c", 1)]), value!({"a": null, "z": 3}));
        assert_eq!(nulled(data(), &[("a.b.c", 0)]), value!(null));
        assert_eq!(nulled(data(), &[("a.c", 2), ("a.d", 1)]), value!({"a": null, "z": 3}));
        assert_eq!(nulled(data(), &[("a.d", 1), ("a.c", 2)]), value!({"a": null, "z": 3}));
    }

    #[test]
    fn an_object_of_which_all_fields_failed_is_none_that_is_absent() {
        assert_eq!(nulled(value!(null), &[("a", 1), ("b", 1)]), value!({"a": null, "b": null}));
        assert_eq!(nulled(value!({"a": null}), &[("a.b", 2)]), value!({"a": {"b": null}}));
        assert_eq!(nulled(value!({"a": [null, {"b": 1}]}), &[("a.0.b", 3)]), value!({"a": [{"b": null}, {"b": 1}]}));
        // Null for good, whichever error comes first.
        assert_eq!(nulled(value!({"a": null}), &[("a.b", 1), ("a.c", 2)]), value!({"a": null}));
        assert_eq!(nulled(value!({"a": null}), &[("a.c", 2), ("a.b", 1)]), value!({"a": null}));
    }

    #[test]
    fn items_and_lists_are_null_as_their_types_allow() {
        let data = || value!({"a": [{"x": 1}, {"x": 2}]});
        assert_eq!(nulled(data(), &[("a.1.b", 2)]), value!({"a": [{"x": 1}, null]}));
        assert_eq!(nulled(data(), &[("a.1.b", 1)]), value!({"a": null}));
        // A list of scalars that the library has left out altogether.
        assert_eq!(nulled(value!({"x": 1}), &[("a.1", 1)]), value!({"x": 1, "a": null}));
    }

    #[test]
    fn rows_of_one_field_are_asked_about_once() {
        let mut response = Response::new(value!({"a": [{}, {}, {}]}));
        response.errors =
            (0..3).map(|row| ServerError { path: path(&format!("a.{row}.b")), ..ServerError::new("", None) }).collect();
        let asked = std::cell::Cell::new(0);
        put_nulls(&mut response, |_| {
            asked.set(asked.get() + 1);
            2
        });
        assert_eq!((asked.get(), response.data), (1, value!({"a": [null, null, null]})));
    }
}
