//! What is said of a product by the attributes of its type.

use std::collections::{HashMap, HashSet};

use super::{ProductChange, check};
use crate::{
    kernel::id::Id,
    platform::{clock::Time, db::Tx},
    products::{
        error::ProductError,
        model::{
            Product, ProductStatus,
            attributes::{
                AttributeValue, Choice, DECIMALS, GivenAttribute, MAXIMUM_NUMBER, ProductType, StoredValue,
                TypeAttribute,
            },
        },
        queries::attributes,
    },
};

/// Says of a locked product what a change makes of its type, its attributes and its status.
pub fn say(tx: &mut Tx<'_>, current: &Product, change: &ProductChange) -> Result<(), ProductError> {
    let Product { card, details } = current;
    let product_type = change.product_type.unwrap_or(details.product_type_id);
    let has_another_type = product_type != details.product_type_id;
    let (status, publish_at) = (change.status.unwrap_or(card.status), change.publish_at.unwrap_or(details.publish_at));
    let shows = |status, publish_at: Option<Time>| status == ProductStatus::Active || publish_at.is_some();
    let will_be_shown = shows(status, publish_at);
    let becomes_shown = will_be_shown && !shows(card.status, details.publish_at);
    if !has_another_type && !becomes_shown && change.attributes.is_none() {
        return Ok(());
    }
    let of_type = attributes_of(tx, product_type)?;
    let before = attributes::values(tx.conn(), card.id)?;
    // What is said by attributes that the type has no longer is kept, in case it has them again; another type never had them.
    let is_of_type = |value: &StoredValue| of_type.iter().any(|known| known.attribute.id == value.attribute_id);
    let (mut said, kept): (Vec<_>, Vec<_>) = before.into_iter().partition(is_of_type);
    if let Some(given) = &change.attributes {
        said = checked(tx, card.id, &of_type, given)?;
    }
    if will_be_shown {
        complete(&of_type, &said)?;
    }
    if has_another_type || change.attributes.is_some() {
        said.extend(kept.into_iter().filter(|_| !has_another_type));
        attributes::set_values(tx, card.id, &said)?;
    }
    Ok(())
}

/// The attributes of a product type, which stays as it is with them until the transaction ends.
///
/// # Errors
/// If there is no such type.
pub fn attributes_of(tx: &mut Tx<'_>, id: Option<Id<ProductType>>) -> Result<Vec<TypeAttribute>, ProductError> {
    let Some(id) = id else { return Ok(Vec::new()) };
    attributes::hold_type(tx, id)?.ok_or_else(|| ProductError::not_found("productTypeId"))?;
    Ok(attributes::held_of_type(tx, id)?)
}

/// What is given for a product, as it is stored.
///
/// # Errors
/// If the product's type has no such attribute, one is given twice, or a value is not what its attribute asks for.
pub fn checked(
    tx: &mut Tx<'_>,
    product: Id<Product>,
    of_type: &[TypeAttribute],
    given: &[GivenAttribute],
) -> Result<Vec<StoredValue>, ProductError> {
    let ids: Vec<_> = given.iter().map(|given| given.attribute).collect();
    let choices = attributes::choices(tx.conn(), &ids)?;
    let choices: HashMap<Id<Choice>, _> = choices.into_iter().map(|choice| (choice.id, choice.attribute_id)).collect();
    let mut seen = HashSet::new();
    let stored = given.iter().enumerate().map(|(place, given)| {
        let at = |rest: &str| format!("attributes.{place}.{rest}");
        let known = of_type.iter().find(|known| known.attribute.id == given.attribute);
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

/// Refuses to show a product of which not everything is said that its type requires.
pub fn complete(of_type: &[TypeAttribute], values: &[StoredValue]) -> Result<(), ProductError> {
    let is_said = |wanted: &&TypeAttribute| values.iter().any(|value| value.attribute_id == wanted.attribute.id);
    match of_type.iter().filter(|wanted| wanted.is_required).find(|wanted| !is_said(wanted)) {
        Some(missing) => Err(ProductError::Missing { field: format!("attributes.{}", missing.attribute.handle) }),
        None => Ok(()),
    }
}
