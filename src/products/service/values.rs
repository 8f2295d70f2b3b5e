//! What is said of a product by the attributes of its type.

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
                AttributeValue, Choice, DECIMALS, GivenAttribute, MAXIMUM_NUMBER, ProductType, StoredValue,
                TypeAttribute,
            },
        },
        queries::attributes,
    },
};

/// Says of a locked product what a change makes of its type, its attributes and its status.
pub fn say(tx: &mut Tx<'_>, current: &Product, change: &ProductChange) -> Result<(), ProductError> {
    let will_be_shown = change.publish_at.unwrap_or(current.details.publish_at).is_some();
    let is_touched = change.product_type.is_some()
        || change.attributes.is_some()
        || change.status.is_some()
        || change.publish_at.is_some();
    if !is_touched {
        return Ok(());
    }
    let of_type = attributes_of(tx, change.product_type.unwrap_or(current.details.product_type_id))?;
    let mut said = attributes::values(tx.conn(), current.card.id)?;
    let before = said.len();
    said.retain(|value| of_type.iter().any(|known| known.attribute.id == value.attribute_id));
    let is_changed = said.len() != before || change.attributes.is_some();
    if let Some(given) = &change.attributes {
        said = checked(tx, current.card.id, &of_type, given)?;
    }
    let status = change.status.unwrap_or(current.card.status);
    complete(if will_be_shown { ProductStatus::Active } else { status }, &of_type, &said)?;
    if is_changed {
        attributes::set_values(tx, current.card.id, &said)?;
    }
    Ok(())
}

/// The attributes of a product type, which stays as it is until the transaction ends.
///
/// # Errors
/// If there is no such type.
pub fn attributes_of(tx: &mut Tx<'_>, id: Option<Id<ProductType>>) -> Result<Vec<TypeAttribute>, ProductError> {
    let Some(id) = id else { return Ok(Vec::new()) };
    attributes::hold_type(tx, id)?.ok_or_else(|| ProductError::not_found("productTypeId"))?;
    Ok(attributes::of_types(tx.conn(), &[id])?.into_iter().map(|(_, attribute)| attribute).collect())
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
pub fn complete(status: ProductStatus, of_type: &[TypeAttribute], values: &[StoredValue]) -> Result<(), ProductError> {
    if status != ProductStatus::Active {
        return Ok(());
    }
    let is_said = |wanted: &&TypeAttribute| values.iter().any(|value| value.attribute_id == wanted.attribute.id);
    match of_type.iter().filter(|wanted| wanted.is_required).find(|wanted| !is_said(wanted)) {
        Some(missing) => Err(ProductError::Missing { field: format!("attributes.{}", missing.attribute.handle) }),
        None => Ok(()),
    }
}
