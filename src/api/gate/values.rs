use async_graphql_value::ConstValue;

use super::count;

/// Values in a value, itself included.
pub(super) fn size_of_constant(value: &ConstValue) -> u64 {
    match value {
        ConstValue::List(items) => total(items.iter().map(size_of_constant)),
        ConstValue::Object(fields) => total(fields.values().map(size_of_constant)),
        ConstValue::String(text) => size_of_bytes(text.len()),
        ConstValue::Binary(bytes) => size_of_bytes(bytes.len()),
        _ => 1,
    }
}

/// A string is as many values as it has 256 bytes, begun ones included.
pub(super) fn size_of_bytes(bytes: usize) -> u64 {
    count(bytes.div_ceil(256)).max(1)
}

/// Whether it is one value and no number.
pub(super) fn is_slight(value: &ConstValue) -> bool {
    match value {
        ConstValue::String(text) => size_of_bytes(text.len()) == 1,
        ConstValue::Null | ConstValue::Boolean(_) | ConstValue::Enum(_) => true,
        _ => false,
    }
}

/// A list or an object, of these parts.
pub(super) fn total(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(1, u64::saturating_add)
}

/// How deep lists and objects are within each other.
pub(super) fn nesting(value: &ConstValue) -> u64 {
    let deepest = match value {
        ConstValue::List(items) => items.iter().map(nesting).max(),
        ConstValue::Object(fields) => fields.values().map(nesting).max(),
        _ => return 0,
    };
    deepest.unwrap_or(0).saturating_add(1)
}
