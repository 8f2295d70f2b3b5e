//! Product kinds and attributes by what texts call them.

use std::collections::{HashMap, HashSet};

use super::{check, values};
use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Tx,
    products::{
        error::ProductError,
        model::attributes::{
            AttributeKind, AttributeValue, Choice, DECIMALS, GivenAttribute, KindAttribute, MAXIMUM_ATTRIBUTES,
            MAXIMUM_NUMBER, ProductKind, ProductKindBy, Said,
        },
        queries::attributes,
    },
};

/// The product kinds that a transaction has met, each looked up once and then held as it is.
#[derive(Default)]
pub struct Vocabulary(HashMap<String, Option<KnownKind>>);

/// A product kind with what can be said by it.
pub struct KnownKind {
    pub id: Id<ProductKind>,
    pub(super) of_kind: Vec<KindAttribute>,
    choices: Vec<Choice>,
}

impl Vocabulary {
    /// The kind of a handle, if there is one.
    ///
    /// # Errors
    /// If the database fails.
    pub fn kind(&mut self, tx: &mut Tx<'_>, handle: &str) -> Result<Option<&KnownKind>, Failure> {
        if !self.0.contains_key(handle) {
            let found = attributes::kinds_by_names(tx.conn(), &[ProductKindBy::Handle(handle.to_owned())])?.pop();
            let known = found.map(|kind| KnownKind::hold(tx, kind.id)).transpose()?.flatten();
            self.0.insert(handle.to_owned(), known);
        }
        Ok(self.0.get(handle).and_then(Option::as_ref))
    }
}

impl KnownKind {
    /// None if it has gone meanwhile.
    fn hold(tx: &mut Tx<'_>, id: Id<ProductKind>) -> Result<Option<Self>, Failure> {
        let of_kind = match values::attributes_of(tx, Some(id)) {
            Ok(of_kind) => of_kind,
            Err(ProductError::Failed(failure)) => return Err(failure),
            Err(_) => return Ok(None),
        };
        let ids: Vec<_> = of_kind.iter().map(|known| known.attribute.id).collect();
        let choices = attributes::choices(tx.conn(), &ids)?;
        Ok(Some(Self { id, of_kind, choices }))
    }

    /// Handles of attributes with texts, as what is said of a product.
    ///
    /// # Errors
    /// If the kind has no such attribute, one is named twice, or a text is not what its attribute asks for.
    pub fn given(&self, said: &[(String, String)]) -> Result<Vec<GivenAttribute>, ProductError> {
        if said.len() > MAXIMUM_ATTRIBUTES {
            return Err(ProductError::TooMany { field: "attributes".into() });
        }
        let mut seen = HashSet::new();
        let given = said.iter().map(|(handle, text)| {
            let known = self.of_kind.iter().find(|known| known.attribute.handle == *handle);
            let attribute = &known.ok_or_else(|| ProductError::not_found("attributes"))?.attribute;
            if !seen.insert(attribute.id) {
                return Err(ProductError::OptionTaken { field: "attributes".into() });
            }
            let value = match attribute.kind {
                AttributeKind::Text => Some(AttributeValue::Text(check::line(text, 500, "attributes")?)),
                AttributeKind::Number => text.parse().ok().and_then(number),
                AttributeKind::Choice => {
                    let is_it = |choice: &&Choice| choice.attribute_id == attribute.id && choice.name == *text;
                    self.choices.iter().find(is_it).map(|choice| AttributeValue::Choice(choice.id))
                }
                AttributeKind::Boolean => text.parse().ok().map(AttributeValue::Boolean),
                AttributeKind::Date => text.parse().ok().map(AttributeValue::Date),
            };
            let value = value.ok_or_else(|| ProductError::NotOfKind { field: "attributes".into() })?;
            Ok(GivenAttribute { attribute: attribute.id, value })
        });
        given.collect()
    }

    /// Whether everything is said that a product for sale says.
    pub fn is_complete(&self, given: &[GivenAttribute]) -> bool {
        let is_said = |wanted: &KindAttribute| given.iter().any(|given| given.attribute == wanted.attribute.id);
        self.of_kind.iter().filter(|wanted| wanted.is_required).all(is_said)
    }
}

fn number(number: crate::kernel::money::Decimal) -> Option<AttributeValue> {
    let limit = MAXIMUM_NUMBER.saturating_mul(10_i64.pow(DECIMALS));
    let is_in_range = number.units(DECIMALS).is_some_and(|units| units.abs() < limit);
    is_in_range.then_some(AttributeValue::Number(number))
}

/// What is said of a product, as [`KnownKind::given`] reads it.
pub fn as_text(said: &Said) -> (String, String) {
    let value = match (&said.value, &said.choice) {
        (AttributeValue::Text(text), _) => text.clone(),
        (AttributeValue::Number(number), _) => number.to_string(),
        (AttributeValue::Choice(_), choice) => choice.as_ref().map(|choice| choice.name.clone()).unwrap_or_default(),
        (AttributeValue::Boolean(is_true), _) => is_true.to_string(),
        (AttributeValue::Date(date), _) => date.to_string(),
    };
    (said.attribute.handle.clone(), value)
}
