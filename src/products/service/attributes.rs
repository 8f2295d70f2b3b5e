//! Attributes and product kinds: what the market's administrators let shops say of products.

use std::collections::HashSet;

use serde::Serialize;

use super::{check, names};
use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
        text,
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        idempotency::{Key, Retention},
    },
    products::{
        error::ProductError,
        model::{
            attributes::{
                Attribute, AttributeBy, AttributeKind, Choice, MAXIMUM_ATTRIBUTES, MAXIMUM_CHOICES, ProductKind,
                SettleProducts,
            },
            options,
        },
        queries::attributes::{
            self, AttributeColumns, ChoiceRow, KindAttributeRow, NameKey, NewAttribute, NewProductKind,
        },
    },
    users::model::signed_in,
};

/// What an attribute is made of.
#[derive(Debug, Serialize)]
pub struct CreateAttribute {
    pub name: String,
    /// Made from the name if absent.
    pub handle: Option<String>,
    pub kind: AttributeKind,
    pub unit: Option<String>,
    pub is_filterable: bool,
    /// The names of its choices in their order.
    pub choices: Vec<String>,
}

/// Makes an attribute. The face lets staff in alone.
pub async fn create_attribute(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    mut input: CreateAttribute,
) -> Result<Id<Attribute>, ProductError> {
    let user = signed_in(caller)?;
    let key = idempotency_key.map(|key| Key::new(&user, "createAttribute", key, &input, Retention::Day)).transpose()?;
    input.name = check::line(&input.name, 80, "name")?;
    input.unit = input.unit.as_deref().map(|unit| check::line(unit, 20, "unit")).transpose()?;
    let choices = input.choices.into_iter().map(|name| ((), name)).collect();
    let choices = checked_choices(choices, |place| format!("choices.{place}"))?;
    input.choices = choices.into_iter().map(|((), name)| name).collect();
    fits(input.kind, input.unit.is_some(), input.is_filterable)?;
    has_choices(input.kind, input.choices.len())?;
    check_handle(input.handle.as_deref())?;
    app.once(caller, key, move |tx| Ok(add_attribute(tx, &input)?.id)).await
}

/// A step: an attribute.
pub fn add_attribute(tx: &mut Tx<'_>, input: &CreateAttribute) -> Result<Attribute, ProductError> {
    let (id, created_at) = (tx.new_id(), tx.now());
    let choices: Vec<_> = input.choices.iter().map(|name| (None, name.clone())).collect();
    let candidates = names::candidates(tx, input.handle.as_deref(), &input.name);
    let (name, unit, kind, is_filterable) =
        (input.name.as_str(), input.unit.as_deref(), input.kind, input.is_filterable);
    let inserted = names::under_first(&candidates, |handle| {
        attributes::insert(tx, &NewAttribute { id, handle, name, kind, unit, is_filterable, created_at })
    });
    let attribute = inserted?.ok_or(ProductError::HandleTaken)?;
    set_choices(tx, id, &choices)?;
    Ok(attribute)
}

/// A change of an attribute; what is absent stays. The inner `None` of the unit clears it.
#[allow(clippy::option_option, reason = "absent stays, an explicit null clears")]
pub struct AttributeChange {
    pub name: Option<String>,
    pub unit: Option<Option<String>>,
    pub is_filterable: Option<bool>,
    /// All of them in their order, by their names; those with an id are there already.
    pub choices: Option<Vec<(Option<Id<Choice>>, String)>>,
}

/// Changes an attribute that nobody else has changed since `expected_version`. The face lets staff in alone.
pub async fn update_attribute(
    app: &App,
    caller: &Caller,
    id: Id<Attribute>,
    expected_version: i32,
    change: AttributeChange,
) -> Result<Attribute, ProductError> {
    let name = change.name.as_deref().map(|name| check::line(name, 80, "name")).transpose()?;
    let unit = |unit: Option<String>| unit.map(|unit| check::line(&unit, 20, "unit")).transpose();
    let unit = change.unit.map(unit).transpose()?;
    let choices = change.choices.map(|choices| checked_choices(choices, |place| format!("choices.{place}.name")));
    let choices = choices.transpose()?;
    app.db
        .write(caller, move |tx| {
            let current = attributes::lock(tx, id)?.ok_or_else(|| ProductError::not_found("attributeId"))?;
            if current.version != expected_version {
                return Err(ProductError::StaleVersion { current: current.version });
            }
            let has_unit = unit.as_ref().map_or(current.unit.is_some(), Option::is_some);
            fits(current.kind, has_unit, change.is_filterable.unwrap_or(current.is_filterable))?;
            if let Some(choices) = &choices {
                has_choices(current.kind, choices.len())?;
                let known = attributes::choices(tx.conn(), &[id])?;
                let mut seen = HashSet::new();
                let is_repeated = |id: &Option<Id<Choice>>| id.is_some_and(|id| !seen.insert(id));
                if let Some(place) = choices.iter().map(|(id, _)| id).position(is_repeated) {
                    return Err(ProductError::OptionTaken { field: format!("choices.{place}.choiceId") });
                }
                let is_unknown = |id: &Option<Id<Choice>>| id.is_some_and(|id| known.iter().all(|one| one.id != id));
                if let Some(place) = choices.iter().position(|(id, _)| is_unknown(id)) {
                    return Err(ProductError::NotFound { field: format!("choices.{place}.choiceId") });
                }
                set_choices(tx, id, choices)?;
            }
            let (unit, is_filterable) = (unit.clone(), change.is_filterable);
            let columns = AttributeColumns { name: name.as_deref(), unit, is_filterable };
            let attribute = attributes::set(tx, id, &columns)?;
            let is_said_otherwise = attribute.name != current.name || attribute.unit != current.unit;
            if is_said_otherwise || choices.is_some() {
                tx.enqueue(&SettleProducts::with_attribute(id))?;
            }
            Ok(attribute)
        })
        .await
}

/// An attribute that a product kind shall have.
#[derive(Debug, Serialize)]
pub struct WantedAttribute {
    pub attribute: Id<Attribute>,
    pub is_required: bool,
}

/// What a product kind is made of.
#[derive(Debug, Serialize)]
pub struct CreateProductKind {
    pub name: String,
    /// Made from the name if absent.
    pub handle: Option<String>,
    pub wanted: Vec<WantedAttribute>,
}

/// Makes a product kind. The face lets staff in alone.
pub async fn create_product_kind(
    app: &App,
    caller: &Caller,
    idempotency_key: Option<&str>,
    input: CreateProductKind,
) -> Result<Id<ProductKind>, ProductError> {
    let user = signed_in(caller)?;
    let key =
        idempotency_key.map(|key| Key::new(&user, "createProductKind", key, &input, Retention::Day)).transpose()?;
    let name = check::line(&input.name, 80, "name")?;
    check_handle(input.handle.as_deref())?;
    check_wanted(&input.wanted)?;
    app.once(caller, key, move |tx| Ok(add_product_kind(tx, &name, input.handle.as_deref(), &input.wanted)?.id)).await
}

/// A step: a product kind.
pub fn add_product_kind(
    tx: &mut Tx<'_>,
    name: &str,
    given_handle: Option<&str>,
    wanted: &[WantedAttribute],
) -> Result<ProductKind, ProductError> {
    let (id, created_at) = (tx.new_id(), tx.now());
    let candidates = names::candidates(tx, given_handle, name);
    let inserted = names::under_first(&candidates, |handle| {
        attributes::insert_kind(tx, &NewProductKind { id, handle, name, created_at })
    });
    let product_kind = inserted?.ok_or(ProductError::HandleTaken)?;
    set_wanted(tx, id, wanted)?;
    Ok(product_kind)
}

/// A step: the choices of an attribute in its order.
pub fn choices_of(conn: &mut Conn, id: Id<Attribute>) -> Result<Vec<Choice>, Failure> {
    attributes::choices(conn, &[id])
}

/// Changes a product kind that nobody else has changed since `expected_version`; what is absent stays. The face lets staff in
/// alone. Products that lack what is required from now on stay as they are until they are changed.
pub async fn update_product_kind(
    app: &App,
    caller: &Caller,
    id: Id<ProductKind>,
    expected_version: i32,
    name: Option<String>,
    wanted: Option<Vec<WantedAttribute>>,
) -> Result<ProductKind, ProductError> {
    let name = name.as_deref().map(|name| check::line(name, 80, "name")).transpose()?;
    wanted.as_deref().map(check_wanted).transpose()?;
    app.db
        .write(caller, move |tx| {
            let current = attributes::lock_kind(tx, id)?.ok_or_else(|| ProductError::not_found("productKindId"))?;
            if current.version != expected_version {
                return Err(ProductError::StaleVersion { current: current.version });
            }
            if let Some(wanted) = &wanted {
                set_wanted(tx, id, wanted)?;
                tx.enqueue(&SettleProducts::of_kind(id))?;
            }
            Ok(attributes::set_kind(tx, id, name.as_deref())?)
        })
        .await
}

fn check_handle(handle: Option<&str>) -> Result<(), ProductError> {
    if handle.is_some_and(|handle| !text::is_slug(handle)) { Err(ProductError::InvalidHandle) } else { Ok(()) }
}

fn fits(kind: AttributeKind, has_unit: bool, is_filterable: bool) -> Result<(), ProductError> {
    if has_unit && kind != AttributeKind::Number {
        return Err(ProductError::NotOfKind { field: "unit".into() });
    }
    if is_filterable && kind == AttributeKind::Text {
        return Err(ProductError::NotOfKind { field: "isFilterable".into() });
    }
    Ok(())
}

fn has_choices(kind: AttributeKind, count: usize) -> Result<(), ProductError> {
    let field = || "choices".to_owned();
    match (kind, count) {
        (AttributeKind::Choice, 0) => Err(ProductError::Missing { field: field() }),
        (AttributeKind::Choice, 1..=MAXIMUM_CHOICES) | (_, 0) => Ok(()),
        (AttributeKind::Choice, _) => Err(ProductError::TooMany { field: field() }),
        _ => Err(ProductError::NotOfKind { field: field() }),
    }
}

/// `at` is where the name of a choice stands in the input.
pub(super) fn checked_choices<T>(
    choices: Vec<(T, String)>,
    at: impl Fn(usize) -> String,
) -> Result<Vec<(T, String)>, ProductError> {
    let checked =
        choices.into_iter().enumerate().map(|(place, (id, name))| Ok((id, check::line(&name, 80, &at(place))?)));
    let checked = checked.collect::<Result<Vec<_>, ProductError>>()?;
    match options::repeated(checked.iter().map(|(_, name)| name.as_str())) {
        Some(place) => Err(ProductError::OptionTaken { field: at(place) }),
        None => Ok(checked),
    }
}

fn set_choices(
    tx: &mut Tx<'_>,
    id: Id<Attribute>,
    choices: &[(Option<Id<Choice>>, String)],
) -> Result<(), ProductError> {
    let rows = (0..).zip(choices).map(|(ordinal, (choice, name))| {
        let choice = choice.unwrap_or_else(|| tx.new_id());
        ChoiceRow { id: choice, attribute_id: id, ordinal, name }
    });
    let rows: Vec<ChoiceRow<'_>> = rows.collect();
    attributes::set_choices(tx, id, &rows).map_err(|failure| {
        let is_in_use = failure.violates("product_attributes_choice_id_attribute_id_fkey");
        if is_in_use { ProductError::InUse { field: "choices".into() } } else { failure.into() }
    })
}

fn check_wanted(wanted: &[WantedAttribute]) -> Result<(), ProductError> {
    if wanted.len() > MAXIMUM_ATTRIBUTES {
        return Err(ProductError::TooMany { field: "attributes".into() });
    }
    let mut seen = HashSet::new();
    match wanted.iter().position(|wanted| !seen.insert(wanted.attribute)) {
        Some(place) => Err(ProductError::OptionTaken { field: format!("attributes.{place}.attributeId") }),
        None => Ok(()),
    }
}

fn set_wanted(tx: &mut Tx<'_>, id: Id<ProductKind>, wanted: &[WantedAttribute]) -> Result<(), ProductError> {
    let names: Vec<_> = wanted.iter().map(|wanted| AttributeBy::Id(wanted.attribute)).collect();
    let known = attributes::by_names(tx.conn(), &names)?;
    if let Some(place) = wanted.iter().position(|wanted| known.iter().all(|known| known.id != wanted.attribute)) {
        return Err(ProductError::NotFound { field: format!("attributes.{place}.attributeId") });
    }
    let rows = (0..).zip(wanted).map(|(ordinal, wanted)| KindAttributeRow {
        product_kind_id: id,
        attribute_id: wanted.attribute,
        ordinal,
        is_required: wanted.is_required,
    });
    Ok(attributes::set_kind_attributes(tx, id, &rows.collect::<Vec<_>>())?)
}

/// A page of all attributes by name.
pub async fn attributes(app: &App, page: Page<NameKey<Attribute>>) -> Result<Slice<Attribute>, Failure> {
    app.db.read(move |conn| attributes::page(conn, &page)).await
}

/// How many attributes there are, counted to a little more than is told.
pub async fn count_attributes(app: &App) -> Result<i64, Failure> {
    app.db.read(attributes::count).await
}

/// A page of all product kinds by name.
pub async fn product_kinds(app: &App, page: Page<NameKey<ProductKind>>) -> Result<Slice<ProductKind>, Failure> {
    app.db.read(move |conn| attributes::page_of_kinds(conn, &page)).await
}

/// How many product kinds there are, counted to a little more than is told.
pub async fn count_product_kinds(app: &App) -> Result<i64, Failure> {
    app.db.read(attributes::count_kinds).await
}
