//! What is said of a product by the attributes of its kind.

use std::collections::{HashMap, HashSet};

use super::{ProductChange, check};
use crate::{
    kernel::id::Id,
    platform::db::Tx,
    products::{
        error::ProductError,
        model::{
            Product, ProductStatus,
            attributes::{
                AttributeValue, Choice, DECIMALS, GivenAttribute, KindAttribute, MAXIMUM_ATTRIBUTES, MAXIMUM_NUMBER,
                ProductKind, StoredValue,
            },
        },
        queries::attributes,
    },
};

/// Says of a locked product what a change makes of its kind, its attributes and its status.
pub fn say(tx: &mut Tx<'_>, current: &Product, change: &ProductChange) -> Result<(), ProductError> {
    let Product { card, details } = current;
    let product_kind = change.product_kind.unwrap_or(details.product_kind_id);
    let has_another_kind = product_kind != details.product_kind_id;
    let status = change.status.unwrap_or(card.status);
    let publish_at = change.publish_at.unwrap_or(details.publish_at);
    let is_active = status == ProductStatus::Active;
    let will_be_shown = is_active || publish_at.is_some();
    let becomes_shown =
        (is_active && card.status != ProductStatus::Active) || (publish_at.is_some() && details.publish_at.is_none());
    if !has_another_kind && !becomes_shown && change.attributes.is_none() {
        return Ok(());
    }
    let of_kind = attributes_of(tx, product_kind)?;
    let before = attributes::values(tx.conn(), card.id)?;
    // What is said by attributes that the kind has no longer is kept, in case it has them again; another kind never had them.
    let is_of_kind = |value: &StoredValue| of_kind.iter().any(|known| known.attribute.id == value.attribute_id);
    let (mut said, kept): (Vec<_>, Vec<_>) = before.into_iter().partition(is_of_kind);
    if let Some(given) = &change.attributes {
        said = checked(tx, card.id, &of_kind, given)?;
    }
    if will_be_shown {
        complete(&of_kind, &said)?;
    }
    if has_another_kind || change.attributes.is_some() {
        said.extend(kept.into_iter().filter(|_| !has_another_kind));
        attributes::set_values(tx, card.id, &said)?;
    }
    Ok(())
}

/// The attributes of a product kind, which stays as it is with them until the transaction ends.
///
/// # Errors
/// If there is no such kind.
pub fn attributes_of(tx: &mut Tx<'_>, id: Option<Id<ProductKind>>) -> Result<Vec<KindAttribute>, ProductError> {
    let Some(id) = id else { return Ok(Vec::new()) };
    attributes::hold_kind(tx, id)?.ok_or_else(|| ProductError::not_found("kindId"))?;
    Ok(attributes::held_of_kind(tx, id)?)
}

/// What is given for a product, as it is stored.
///
/// # Errors
/// If the product's kind has no such attribute, one is given twice, or a value is not what its attribute asks for.
pub fn checked(
    tx: &mut Tx<'_>,
    product: Id<Product>,
    of_kind: &[KindAttribute],
    given: &[GivenAttribute],
) -> Result<Vec<StoredValue>, ProductError> {
    if given.len() > MAXIMUM_ATTRIBUTES {
        return Err(ProductError::TooMany { field: "attributes".into() });
    }
    let ids: Vec<_> = given.iter().map(|given| given.attribute).collect();
    let choices = attributes::choices(tx.conn(), &ids)?;
    let choices: HashMap<Id<Choice>, _> = choices.into_iter().map(|choice| (choice.id, choice.attribute_id)).collect();
    let mut seen = HashSet::new();
    let stored = given.iter().enumerate().map(|(place, given)| {
        let at = |rest: &str| format!("attributes.{place}.{rest}");
        let known = of_kind.iter().find(|known| known.attribute.id == given.attribute);
        let known = known.ok_or_else(|| ProductError::NotFound { field: at("attributeId") })?;
        if !seen.insert(given.attribute) {
            return Err(ProductError::OptionTaken { field: at("attributeId") });
        }
        if !given.value.is_of(known.attribute.kind) {
            return Err(ProductError::NotOfKind { field: at("value") });
        }
        let value = match &given.value {
            AttributeValue::Text(text) => AttributeValue::Text(check::line(text, 500, &at("value.text"))?),
            AttributeValue::Number(number) => {
                let limit = MAXIMUM_NUMBER.saturating_mul(10_i64.pow(DECIMALS));
                let is_in_range = number.units(DECIMALS).is_some_and(|units| units.abs() < limit);
                is_in_range
                    .then_some(AttributeValue::Number(*number))
                    .ok_or_else(|| out_of_range(at("value.number")))?
            }
            AttributeValue::Choice(choice) if choices.get(choice) != Some(&given.attribute) => {
                return Err(ProductError::NotFound { field: at("value.choiceId") });
            }
            value => value.clone(),
        };
        StoredValue::of(product, given.attribute, &value).ok_or_else(|| out_of_range(at("value")))
    });
    stored.collect()
}

fn out_of_range(field: String) -> ProductError {
    ProductError::OutOfRange { field }
}

/// Refuses to show a product of which not everything is said that its kind requires.
pub fn complete(of_kind: &[KindAttribute], values: &[StoredValue]) -> Result<(), ProductError> {
    let is_said = |wanted: &&KindAttribute| values.iter().any(|value| value.attribute_id == wanted.attribute.id);
    match of_kind.iter().filter(|wanted| wanted.is_required).find(|wanted| !is_said(wanted)) {
        Some(missing) => Err(ProductError::Missing { field: format!("attributes.{}", missing.attribute.handle) }),
        None => Ok(()),
    }
}
