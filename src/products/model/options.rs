//! Options of a product, such as size and colour, and the values that its variants have for them.

use std::collections::HashSet;

use serde::Serialize;

use crate::kernel::text::fold;

/// Options of a product at the most.
pub const MAXIMUM_OPTIONS: usize = 3;

/// The value of a variant for one of its product's options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SelectedOption {
    pub name: String,
    pub value: String,
}

/// A product's option as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptionChange {
    pub name: String,
    /// What it was called, if it gets another name.
    pub previous_name: Option<String>,
    /// What all variants have for an option that is new; their titles if absent.
    pub value: Option<String>,
    /// Values that get another name.
    pub renamed: Vec<RenamedValue>,
}

/// A value of an option that gets another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RenamedValue {
    pub from: String,
    pub to: String,
}

/// Why options do not fit a product or its variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// There is no option, or value, of the name that stands at this place of the input.
    Unknown(String),
    /// The variant has no value for an option.
    Missing,
    /// An option is named twice: this is the place of the second.
    Twice(String),
}

/// The values of a variant in the order of its product's options.
///
/// # Errors
/// If an option is not the product's, is named twice or is left out.
pub fn values(names: &[String], given: &[SelectedOption]) -> Result<Vec<String>, Misfit> {
    let mut values = vec![None; names.len()];
    for (place, option) in given.iter().enumerate() {
        let at = || format!("{place}.name");
        let is_named = |name: &String| fold(name) == fold(&option.name);
        let position = names.iter().position(is_named).ok_or_else(|| Misfit::Unknown(at()))?;
        let value = values.get_mut(position).ok_or_else(|| Misfit::Unknown(at()))?;
        if value.replace(option.value.clone()).is_some() {
            return Err(Misfit::Twice(at()));
        }
    }
    values.into_iter().collect::<Option<Vec<_>>>().ok_or(Misfit::Missing)
}

/// Spells values as others do that are the same but for case and accents.
pub fn spell_alike<'a>(values: &mut [String], others: impl IntoIterator<Item = &'a [String], IntoIter: Clone>) {
    let others = others.into_iter();
    for (place, value) in values.iter_mut().enumerate() {
        let folded = fold(value);
        let mut known = others.clone().filter_map(|values| values.get(place));
        if let Some(known) = known.find(|known| fold(known) == folded) {
            value.clone_from(known);
        }
    }
}

/// Where the first text stands that an earlier one is equal to, but for case and accents.
pub fn repeated<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<usize> {
    let mut seen = HashSet::new();
    texts.into_iter().position(|text| !seen.insert(fold(text)))
}

/// The values that a variant has after its product's options have changed.
///
/// # Errors
/// If a change names an option or a value that nothing has, or a new option has no value for the variant.
pub fn changed(
    names: &[String],
    variants: &[(&[String], &str)],
    changes: &[OptionChange],
) -> Result<Vec<Vec<String>>, Misfit> {
    let mut places = Vec::with_capacity(changes.len());
    for (place, change) in changes.iter().enumerate() {
        let called = change.previous_name.as_ref().unwrap_or(&change.name);
        let position = names.iter().position(|name| fold(name) == fold(called));
        if position.is_none() && change.previous_name.is_some() {
            return Err(Misfit::Unknown(format!("{place}.previousName")));
        }
        if position.is_some() && places.contains(&position) {
            return Err(Misfit::Twice(format!("{place}.previousName")));
        }
        for (index, RenamedValue { from, .. }) in change.renamed.iter().enumerate() {
            let value =
                |values: &'_ [String]| position.and_then(|position| values.get(position)).map(|value| fold(value));
            let has = |values: &[String]| value(values) == Some(fold(from));
            if !variants.iter().any(|(values, _)| has(values)) {
                return Err(Misfit::Unknown(format!("{place}.renamedValues.{index}.from")));
            }
        }
        places.push(position);
    }
    let value = |(values, title): (&[String], &str), position: Option<usize>, change: &OptionChange| {
        let Some(position) = position else {
            let own = change.value.as_deref().unwrap_or(title);
            return (!own.is_empty()).then(|| own.to_owned());
        };
        let value = values.get(position)?;
        let renamed = change.renamed.iter().find(|renamed| fold(&renamed.from) == fold(value));
        Some(renamed.map_or(value, |renamed| &renamed.to).clone())
    };
    variants
        .iter()
        .map(|variant| {
            let values = places.iter().zip(changes).map(|(position, change)| value(*variant, *position, change));
            values.collect::<Option<Vec<_>>>().ok_or(Misfit::Missing)
        })
        .collect()
}

/// What a variant with options is called.
pub fn title(values: &[String]) -> String {
    values.join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<const N: usize>(texts: [&str; N]) -> Vec<String> {
        texts.map(Into::into).to_vec()
    }

    fn selected(name: &str, value: &str) -> SelectedOption {
        SelectedOption { name: name.into(), value: value.into() }
    }

    fn keeps(name: &str) -> OptionChange {
        OptionChange { name: name.into(), previous_name: None, value: None, renamed: Vec::new() }
    }

    #[test]
    fn a_variant_has_one_value_for_each_option_in_their_order() {
        let names = texts(["Size", "Colour"]);
        let (size, colour) = (selected("Size", "M"), selected("Colour", "Blue"));
        assert_eq!(values(&names, &[colour.clone(), size.clone()]), Ok(texts(["M", "Blue"])));
        assert_eq!(values(&names, std::slice::from_ref(&size)), Err(Misfit::Missing));
        assert_eq!(values(&names, &[size.clone(), colour, size]), Err(Misfit::Twice("2.name".into())));
        assert_eq!(values(&names, &[selected("Cut", "M")]), Err(Misfit::Unknown("0.name".into())));
        assert_eq!(values(&[], &[]), Ok(Vec::new()));
    }

    #[test]
    fn a_value_is_spelled_in_one_way() {
        let (blue, red) = (texts(["M", "Blue"]), texts(["S", "Réd"]));
        let mut values = texts(["s", "RED"]);
        spell_alike(&mut values, [blue.as_slice(), red.as_slice()]);
        assert_eq!(values, red);
    }

    #[test]
    fn names_are_compared_without_case() {
        assert_eq!(values(&texts(["Größe"]), &[selected("GRÖSSE", "M")]), Ok(texts(["M"])));
        assert_eq!(repeated(["Größe", "Colour", "GRÖSSE"]), Some(2));
        assert_eq!(repeated(["Size", "Sizes"]), None);
    }

    #[test]
    fn options_move_get_other_names_and_go() {
        let names = texts(["Size", "Colour"]);
        let (small, large) = (texts(["S", "Blue"]), texts(["L", "Red"]));
        let variants = [(small.as_slice(), "S / Blue"), (large.as_slice(), "L / Red")];
        let colour = OptionChange { previous_name: Some("Colour".into()), ..keeps("Color") };
        assert_eq!(
            changed(&names, &variants, &[colour.clone(), keeps("Size")]),
            Ok(vec![texts(["Blue", "S"]), texts(["Red", "L"])])
        );
        let swapped =
            vec![RenamedValue { from: "S".into(), to: "L".into() }, RenamedValue { from: "L".into(), to: "S".into() }];
        let size = OptionChange { renamed: swapped, ..keeps("Size") };
        assert_eq!(changed(&names, &variants, &[size]), Ok(vec![texts(["L"]), texts(["S"])]));
        assert_eq!(changed(&names, &variants, &[]), Ok(vec![texts([]), texts([])]));
        assert_eq!(changed(&names, &variants, &[colour.clone(), colour]), Err(Misfit::Twice("1.previousName".into())));
    }

    #[test]
    fn a_new_option_has_one_value_for_all_or_their_titles() {
        let variants = [(&[][..], "Red"), (&[][..], "Blue")];
        assert_eq!(changed(&[], &variants, &[keeps("Colour")]), Ok(vec![texts(["Red"]), texts(["Blue"])]));
        let linen = OptionChange { value: Some("Linen".into()), ..keeps("Cloth") };
        let both = changed(&[], &variants, &[keeps("Colour"), linen]);
        assert_eq!(both, Ok(vec![texts(["Red", "Linen"]), texts(["Blue", "Linen"])]));
        assert_eq!(changed(&[], &[(&[], "")], &[keeps("Colour")]), Err(Misfit::Missing));
    }

    #[test]
    fn what_is_not_there_cannot_get_another_name() {
        let blue = texts(["Blue"]);
        let variants = [(blue.as_slice(), "Blue")];
        let names = texts(["Colour"]);
        let size = OptionChange { previous_name: Some("Size".into()), ..keeps("Sizes") };
        assert_eq!(changed(&names, &variants, &[size]), Err(Misfit::Unknown("0.previousName".into())));
        let renamed = vec![RenamedValue { from: "Red".into(), to: "Rose".into() }];
        let colour = OptionChange { renamed, ..keeps("Colour") };
        assert_eq!(changed(&names, &variants, &[colour]), Err(Misfit::Unknown("0.renamedValues.0.from".into())));
    }
}
