//! Answers that are written once: as JSON, while they are read from the objects.
//!
//! The library builds a tree of maps for an answer, which is then written and thrown away. What is at hand as a whole is
//! written at once instead, and stands in the library's tree as one [`Value::Binary`], which nothing else here makes.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::{self, Display, Write},
    ptr,
    rc::Rc,
};

use async_graphql::{
    Name, Positioned, Value,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
};

use super::{AtHand, Plain};

/// Why an object cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Something of it has to be awaited.
    Awaited,
    /// The selection has something that only the library understands.
    Unusual,
}

pub(super) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The length of the count of objects before the text.
const COUNT: usize = size_of::<u32>();

/// An answer that is being written.
pub(super) struct Writer<'a> {
    fragments: &'a Fragments,
    objects: u32,
    out: Vec<u8>,
    /// What selections come to, so that it is worked out once for all rows of a list.
    collected: Vec<Collected<'a>>,
}

/// What a selection comes to for objects of one type.
struct Collected<'a> {
    set: &'a SelectionSet,
    on: Cow<'static, str>,
    fields: Rc<[&'a Positioned<Field>]>,
}

/// What is selected of an object, as text.
pub(super) fn object<'a>(fragments: &'a Fragments, object: &dyn Plain, set: &'a SelectionSet) -> Result<Value, Stop> {
    Writer::run(fragments, |writer| writer.object(object, set))
}

/// What is at hand of a field, as text.
pub(super) fn field<'a>(fragments: &'a Fragments, at_hand: AtHand<'_>, set: &'a SelectionSet) -> Result<Value, Stop> {
    Writer::run(fragments, |writer| writer.value(at_hand, set))
}

/// The fields that are selected of an object (GraphQL, section 6.3.2), each key once.
pub(super) fn collect<'a>(
    fragments: &'a Fragments,
    object: &dyn Plain,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Positioned<Field>>,
) -> Result<(), Stop> {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if field.node.directives.is_empty() => {
                let key = &field.node.response_key().node;
                if !fields.iter().any(|known| known.node.response_key().node == *key) {
                    fields.push(field);
                } else if !field.node.selection_set.node.items.is_empty() {
                    // The same leaf again is the same; an object would have to be merged.
                    return Err(Stop::Unusual);
                }
            }
            Selection::FragmentSpread(spread) if spread.node.directives.is_empty() => {
                let fragment = fragments.get(&spread.node.fragment_name.node).ok_or(Stop::Unusual)?;
                if object.is(&fragment.node.type_condition.node.on.node).ok_or(Stop::Unusual)? {
                    collect(fragments, object, &fragment.node.selection_set.node, fields)?;
                }
            }
            Selection::InlineFragment(fragment) if fragment.node.directives.is_empty() => {
                let condition = fragment.node.type_condition.as_ref();
                if condition.map_or(Some(true), |on| object.is(&on.node.on.node)).ok_or(Stop::Unusual)? {
                    collect(fragments, object, &fragment.node.selection_set.node, fields)?;
                }
            }
            _ => return Err(Stop::Unusual),
        }
    }
    Ok(())
}

impl<'a> Writer<'a> {
    fn run(fragments: &'a Fragments, write: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<Value, Stop> {
        let mut writer = Self { fragments, objects: 0, out: Vec::with_capacity(256), collected: Vec::new() };
        writer.out.extend([0; COUNT]);
        write(&mut writer)?;
        let Self { mut out, objects, .. } = writer;
        if let Some(count) = out.first_chunk_mut() {
            *count = objects.to_le_bytes();
        }
        Ok(Value::Binary(out.into()))
    }

    fn collected(&mut self, object: &dyn Plain, set: &'a SelectionSet) -> Result<Rc<[&'a Positioned<Field>]>, Stop> {
        let on = object.concrete_type();
        if let Some(known) = self.collected.iter().find(|known| ptr::eq(known.set, set) && known.on == on) {
            return Ok(Rc::clone(&known.fields));
        }
        let mut fields = Vec::with_capacity(set.items.len());
        collect(self.fragments, object, set, &mut fields)?;
        let fields: Rc<[_]> = fields.into();
        self.collected.push(Collected { set, on, fields: Rc::clone(&fields) });
        Ok(fields)
    }

    fn object(&mut self, object: &dyn Plain, set: &'a SelectionSet) -> Result<(), Stop> {
        self.objects = self.objects.saturating_add(1);
        self.out.push(b'{');
        for (index, Positioned { node: field, .. }) in self.collected(object, set)?.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.push(b'"');
            self.out.extend(field.response_key().node.as_bytes());
            self.out.extend(b"\":");
            match field.name.node.as_str() {
                "__typename" => self.word(&object.concrete_type()),
                name => self.value(object.field(name), &field.selection_set.node)?,
            }
        }
        self.out.push(b'}');
        Ok(())
    }

    fn value(&mut self, at_hand: AtHand<'_>, set: &'a SelectionSet) -> Result<(), Stop> {
        match at_hand {
            AtHand::Value(value) => write_value(&value, &mut self.out),
            AtHand::Text(text) => write_json(text, &mut self.out),
            AtHand::Word(word) => self.word(word),
            AtHand::Object(inner) => self.object(inner, set)?,
            AtHand::Made(inner) => self.object(&*inner, set)?,
            AtHand::Objects(mut objects) => {
                self.out.push(b'[');
                if let Some(first) = objects.next() {
                    let begun = self.out.len();
                    self.object(first, set)?;
                    // The others will be about as long.
                    let length = self.out.len().saturating_sub(begun);
                    self.out.reserve(length.saturating_mul(objects.size_hint().0));
                }
                for inner in objects {
                    self.out.push(b',');
                    self.object(inner, set)?;
                }
                self.out.push(b']');
            }
            AtHand::NotYet => return Err(Stop::Awaited),
        }
        Ok(())
    }

    fn word(&mut self, word: &dyn Display) {
        self.out.push(b'"');
        // Writing to memory does not fail.
        let _ = write!(Plainly(&mut self.out), "{word}");
        self.out.push(b'"');
    }
}

/// Takes text as it comes. A `Vec` is a `Write` only for bytes, by a detour that each id and each price would take.
struct Plainly<'a>(&'a mut Vec<u8>);

impl fmt::Write for Plainly<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// The text of what was written, and how many objects it holds.
fn read(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (count, text) = bytes.split_first_chunk::<COUNT>()?;
    Some((u32::from_le_bytes(*count), text))
}

/// Writes an answer's data as JSON.
pub fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Binary(bytes) => out.extend(read(bytes).map_or(b"null".as_slice(), |(_, text)| text)),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(item, out);
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            out.push(b'{');
            for (index, (key, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_json(key.as_str(), out);
                out.push(b':');
                write_value(field, out);
            }
            out.push(b'}');
        }
        leaf => write_json(leaf, out),
    }
}

fn write_json<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Text, numbers and words cannot fail to be written to memory.
    let _ = serde_json::to_writer(out, value);
}

/// How many objects an answer's data hold.
pub fn count_objects(value: &Value) -> u64 {
    match value {
        Value::Binary(bytes) => read(bytes).map_or(0, |(objects, _)| objects.into()),
        Value::Object(fields) => fields.values().map(count_objects).fold(1, u64::saturating_add),
        Value::List(items) => items.iter().map(count_objects).fold(0, u64::saturating_add),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    struct Lamp {
        name: &'static str,
        shade: Option<Box<Lamp>>,
    }

    impl Plain for Lamp {
        fn concrete_type(&self) -> std::borrow::Cow<'static, str> {
            "Lamp".into()
        }

        fn field(&self, name: &str) -> AtHand<'_> {
            match name {
                "name" => AtHand::Text(self.name),
                "watts" => AtHand::value(&60),
                "shade" => AtHand::object(self.shade.as_deref()),
                "shades" => AtHand::Objects(Box::new(self.shade.iter().map(|shade| &**shade as &dyn Plain))),
                _ => AtHand::NotYet,
            }
        }
    }

    fn written(document: &str) -> Result<(String, u64), Stop> {
        let lamp = Lamp { name: "a \"b\"\n\u{e9}", shade: Some(Box::new(Lamp { name: "s", shade: None })) };
        let document = parse_query(document).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let value = object(&document.fragments, &lamp, &operation.node.selection_set.node)?;
        let objects = count_objects(&value);
        let mut out = Vec::new();
        write_value(&value!({ "lamps": [value, 1, null] }), &mut out);
        Ok((String::from_utf8(out).unwrap(), objects))
    }

    #[test]
    fn what_is_at_hand_is_written() {
        let (json, objects) = written(
            "{ name n: name watts __typename ...S shades { ... on Lamp { name } shade { name } } } \
             fragment S on Lamp { name shade { shade { name } shades { name } } }",
        )
        .unwrap();
        let lamp = "{\"name\":\"a \\\"b\\\"\\n\u{e9}\",\"n\":\"a \\\"b\\\"\\n\u{e9}\",\"watts\":60,\"__typename\":\"Lamp\",\
                    \"shade\":{\"shade\":null,\"shades\":[]},\"shades\":[{\"name\":\"s\",\"shade\":null}]}";
        assert_eq!((json, objects), (format!("{{\"lamps\":[{lamp},1,null]}}"), 3));
    }

    #[test]
    fn what_is_not_at_hand_or_merged_is_not_written() {
        assert_eq!(written("{ name friend }"), Err(Stop::Awaited));
        assert_eq!(written("{ shade { friend } }"), Err(Stop::Awaited));
        assert_eq!(written("{ name @skip(if: false) }"), Err(Stop::Unusual));
        assert_eq!(written("{ shade { name } shade { watts } }"), Err(Stop::Unusual));
        assert_eq!(written("{ ... on Other { name } }"), Err(Stop::Unusual));
    }
}
