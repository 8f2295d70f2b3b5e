//! Attributes, product kinds and what is said of products in Postgres.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{IntoBoxed, Select},
    pg::Pg,
};

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        page::{Page, Slice},
    },
    platform::{
        clock::Time,
        counted::Counted,
        db::{Conn, Tx},
        gql::COUNT_LIMIT,
    },
    products::model::{
        AttributeFilter, Product, Wanted,
        attributes::{
            Attribute, AttributeBy, AttributeKind, Choice, KindAttribute, ProductKind, ProductKindBy, Said, StoredValue,
        },
    },
    schema::{attribute_choices, attributes, product_attributes, product_kind_attributes, product_kinds, products},
};

/// Where a page of attributes or product kinds goes on: by name.
pub type NameKey<T> = (String, Id<T>);

pub fn by_names(conn: &mut Conn, names: &[AttributeBy]) -> Result<Vec<Attribute>, Failure> {
    let (mut ids, mut handles) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            AttributeBy::Id(id) => ids.push(*id),
            AttributeBy::Handle(handle) => handles.push(handle),
        }
    }
    let wanted = attributes::id.eq_any(ids).or(attributes::handle.eq_any(handles));
    Ok(attributes::table.filter(wanted).select(Attribute::as_select()).load(conn)?)
}

pub fn kinds_by_names(conn: &mut Conn, names: &[ProductKindBy]) -> Result<Vec<ProductKind>, Failure> {
    let (mut ids, mut handles) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            ProductKindBy::Id(id) => ids.push(*id),
            ProductKindBy::Handle(handle) => handles.push(handle),
        }
    }
    let wanted = product_kinds::id.eq_any(ids).or(product_kinds::handle.eq_any(handles));
    Ok(product_kinds::table.filter(wanted).select(ProductKind::as_select()).load(conn)?)
}

/// A page of all attributes by name.
pub fn page(conn: &mut Conn, page: &Page<NameKey<Attribute>>) -> Result<Slice<Attribute>, Failure> {
    page_by_name!(conn, page, attributes, attributes::table.select(Attribute::as_select()).into_boxed())
}

pub fn count(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(Counted(attributes::table.select(attributes::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// A page of all product kinds by name.
pub fn page_of_kinds(conn: &mut Conn, page: &Page<NameKey<ProductKind>>) -> Result<Slice<ProductKind>, Failure> {
    page_by_name!(conn, page, product_kinds, product_kinds::table.select(ProductKind::as_select()).into_boxed())
}

pub fn count_kinds(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(Counted(product_kinds::table.select(product_kinds::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// The choices of attributes in the attributes' own order.
pub fn choices(conn: &mut Conn, ids: &[Id<Attribute>]) -> Result<Vec<Choice>, Failure> {
    Ok(attribute_choices::table
        .filter(attribute_choices::attribute_id.eq_any(ids))
        .order((attribute_choices::ordinal, attribute_choices::id))
        .select(Choice::as_select())
        .load(conn)?)
}

/// The attributes of product kinds, each kind's in its own order.
pub fn of_kinds(conn: &mut Conn, ids: &[Id<ProductKind>]) -> Result<Vec<(Id<ProductKind>, KindAttribute)>, Failure> {
    let rows: Vec<(Id<ProductKind>, bool, Attribute)> = product_kind_attributes::table
        .inner_join(attributes::table.on(attributes::id.eq(product_kind_attributes::attribute_id)))
        .filter(product_kind_attributes::product_kind_id.eq_any(ids))
        .order((product_kind_attributes::ordinal, product_kind_attributes::attribute_id))
        .select((
            product_kind_attributes::product_kind_id,
            product_kind_attributes::is_required,
            Attribute::as_select(),
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, is_required, attribute)| (id, KindAttribute { attribute, is_required })).collect())
}

/// The attributes of a product kind in its order, none of which anybody changes until the transaction ends.
pub fn held_of_kind(tx: &mut Tx<'_>, id: Id<ProductKind>) -> Result<Vec<KindAttribute>, Failure> {
    let of_kind = product_kind_attributes::table.filter(product_kind_attributes::product_kind_id.eq(id));
    let ids = of_kind.select(product_kind_attributes::attribute_id);
    let held = attributes::table.filter(attributes::id.eq_any(ids)).order(attributes::id).select(attributes::id);
    held.for_share().load::<Id<Attribute>>(tx.conn())?;
    Ok(of_kinds(tx.conn(), &[id])?.into_iter().map(|(_, attribute)| attribute).collect())
}

/// What is said of products by the attributes of their kinds, in the kinds' order.
pub fn said(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<(Id<Product>, Said)>, Failure> {
    let of_kind = product_kind_attributes::attribute_id
        .eq(product_attributes::attribute_id)
        .and(product_kind_attributes::product_kind_id.nullable().eq(products::product_kind_id));
    let chosen = attribute_choices::id.nullable().eq(product_attributes::choice_id);
    let rows: Vec<(StoredValue, Attribute, Option<Choice>)> = product_attributes::table
        .inner_join(products::table.on(products::id.eq(product_attributes::product_id)))
        .inner_join(product_kind_attributes::table.on(of_kind))
        .inner_join(attributes::table.on(attributes::id.eq(product_attributes::attribute_id)))
        .left_join(attribute_choices::table.on(chosen))
        .filter(product_attributes::product_id.eq_any(ids))
        .order((product_kind_attributes::ordinal, attributes::id))
        .select((StoredValue::as_select(), Attribute::as_select(), Option::<Choice>::as_select()))
        .load(conn)?;
    let said = |(stored, attribute, choice): (StoredValue, _, _)| {
        let product = stored.product_id;
        stored.value().map(|value| (product, Said { attribute, value, choice }))
    };
    Ok(rows.into_iter().filter_map(said).collect())
}

/// What is stored of a product, of its kind's attributes and others.
pub fn values(conn: &mut Conn, product: Id<Product>) -> Result<Vec<StoredValue>, Failure> {
    values_of(conn, &[product])
}

/// As [`values`], of many.
pub fn values_of(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<StoredValue>, Failure> {
    let of_products = product_attributes::table.filter(product_attributes::product_id.eq_any(ids));
    Ok(of_products.select(StoredValue::as_select()).load(conn)?)
}

/// Says these values of a locked product, and no others.
pub fn set_values(tx: &mut Tx<'_>, product: Id<Product>, values: &[StoredValue]) -> Result<(), Failure> {
    use diesel::upsert::excluded;
    let kept: Vec<_> = values.iter().map(|value| value.attribute_id).collect();
    let gone = product_attributes::product_id.eq(product).and(product_attributes::attribute_id.ne_all(kept));
    diesel::delete(product_attributes::table.filter(gone)).execute(tx.conn())?;
    diesel::insert_into(product_attributes::table)
        .values(values)
        .on_conflict((product_attributes::product_id, product_attributes::attribute_id))
        .do_update()
        .set((
            product_attributes::text_value.eq(excluded(product_attributes::text_value)),
            product_attributes::number_value.eq(excluded(product_attributes::number_value)),
            product_attributes::choice_id.eq(excluded(product_attributes::choice_id)),
            product_attributes::boolean_value.eq(excluded(product_attributes::boolean_value)),
            product_attributes::date_value.eq(excluded(product_attributes::date_value)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Inserts values of any products at once.
pub fn insert_values(tx: &mut Tx<'_>, values: &[StoredValue]) -> Result<(), Failure> {
    diesel::insert_into(product_attributes::table).values(values).execute(tx.conn())?;
    Ok(())
}

/// A query of the ids of products that say something.
pub type Saying<'a> = IntoBoxed<'a, Select<product_attributes::table, product_attributes::product_id>, Pg>;

/// The ids of products that say what is wanted by an attribute that can be filtered by.
pub fn saying(AttributeFilter { attribute, wanted }: &AttributeFilter) -> Saying<'_> {
    let filterable = attributes::table.filter(attributes::is_filterable).select(attributes::id);
    let mut query = product_attributes::table
        .select(product_attributes::product_id)
        .filter(product_attributes::attribute_id.eq(attribute))
        .filter(product_attributes::attribute_id.eq_any(filterable))
        .into_boxed();
    match wanted {
        Wanted::Choices(choices) => query = query.filter(product_attributes::choice_id.eq_any(choices)),
        Wanted::Boolean(is_true) => query = query.filter(product_attributes::boolean_value.eq(is_true)),
        Wanted::Numbers { min, max } => {
            query = query.filter(product_attributes::number_value.is_not_null());
            if let Some(min) = min {
                query = query.filter(product_attributes::number_value.ge(min));
            }
            if let Some(max) = max {
                query = query.filter(product_attributes::number_value.le(max));
            }
        }
        Wanted::Dates { min, max } => {
            query = query.filter(product_attributes::date_value.is_not_null());
            if let Some(min) = min {
                query = query.filter(product_attributes::date_value.ge(min));
            }
            if let Some(max) = max {
                query = query.filter(product_attributes::date_value.le(max));
            }
        }
    }
    query
}

/// Locks an attribute's row, which stands for its choices too.
pub fn lock(tx: &mut Tx<'_>, id: Id<Attribute>) -> Result<Option<Attribute>, Failure> {
    Ok(attributes::table.find(id).select(Attribute::as_select()).for_no_key_update().first(tx.conn()).optional()?)
}

/// Locks a product kind's row, which stands for its attributes too.
pub fn lock_kind(tx: &mut Tx<'_>, id: Id<ProductKind>) -> Result<Option<ProductKind>, Failure> {
    Ok(product_kinds::table
        .find(id)
        .select(ProductKind::as_select())
        .for_no_key_update()
        .first(tx.conn())
        .optional()?)
}

/// Keeps a product kind as it is until the transaction ends. None if there is none.
pub fn hold_kind(tx: &mut Tx<'_>, id: Id<ProductKind>) -> Result<Option<ProductKind>, Failure> {
    Ok(product_kinds::table.find(id).select(ProductKind::as_select()).for_share().first(tx.conn()).optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = attributes)]
pub struct NewAttribute<'a> {
    pub id: Id<Attribute>,
    pub handle: &'a str,
    pub name: &'a str,
    pub kind: AttributeKind,
    pub unit: Option<&'a str>,
    pub is_filterable: bool,
    pub created_at: Time,
}

/// None if the handle is taken.
pub fn insert(tx: &mut Tx<'_>, row: &NewAttribute<'_>) -> Result<Option<Attribute>, Failure> {
    Ok(diesel::insert_into(attributes::table)
        .values(row)
        .on_conflict(attributes::handle)
        .do_nothing()
        .returning(Attribute::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

#[derive(Insertable)]
#[diesel(table_name = product_kinds)]
pub struct NewProductKind<'a> {
    pub id: Id<ProductKind>,
    pub handle: &'a str,
    pub name: &'a str,
    pub created_at: Time,
}

/// None if the handle is taken.
pub fn insert_kind(tx: &mut Tx<'_>, row: &NewProductKind<'_>) -> Result<Option<ProductKind>, Failure> {
    Ok(diesel::insert_into(product_kinds::table)
        .values(row)
        .on_conflict(product_kinds::handle)
        .do_nothing()
        .returning(ProductKind::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// What changes about an attribute. The inner `None` of the unit clears it.
#[derive(Default, AsChangeset)]
#[diesel(table_name = attributes)]
#[allow(clippy::option_option, reason = "this is how Diesel tells what stays from what becomes NULL")]
pub struct AttributeColumns<'a> {
    pub name: Option<&'a str>,
    pub unit: Option<Option<String>>,
    pub is_filterable: Option<bool>,
}

pub fn set(tx: &mut Tx<'_>, id: Id<Attribute>, columns: &AttributeColumns<'_>) -> Result<Attribute, Failure> {
    Ok(diesel::update(attributes::table.find(id))
        .set((attributes::version.eq(attributes::version + 1), columns))
        .returning(Attribute::as_returning())
        .get_result(tx.conn())?)
}

pub fn set_kind(tx: &mut Tx<'_>, id: Id<ProductKind>, name: Option<&str>) -> Result<ProductKind, Failure> {
    Ok(diesel::update(product_kinds::table.find(id))
        .set((product_kinds::version.eq(product_kinds::version + 1), name.map(|name| product_kinds::name.eq(name))))
        .returning(ProductKind::as_returning())
        .get_result(tx.conn())?)
}

/// A choice in its place.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = attribute_choices)]
pub struct ChoiceRow<'a> {
    pub id: Id<Choice>,
    pub attribute_id: Id<Attribute>,
    pub ordinal: i32,
    pub name: &'a str,
}

/// Gives a locked attribute these choices.
///
/// # Errors
/// A violated foreign key if one that goes is in use.
pub fn set_choices(tx: &mut Tx<'_>, id: Id<Attribute>, rows: &[ChoiceRow<'_>]) -> Result<(), Failure> {
    use diesel::upsert::excluded;
    let kept: Vec<Id<Choice>> = rows.iter().map(|row| row.id).collect();
    let gone = attribute_choices::attribute_id.eq(id).and(attribute_choices::id.ne_all(kept));
    diesel::delete(attribute_choices::table.filter(gone)).execute(tx.conn())?;
    diesel::insert_into(attribute_choices::table)
        .values(rows)
        .on_conflict(attribute_choices::id)
        .do_update()
        .set((
            attribute_choices::ordinal.eq(excluded(attribute_choices::ordinal)),
            attribute_choices::name.eq(excluded(attribute_choices::name)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// An attribute of a product kind in its place.
#[derive(Insertable)]
#[diesel(table_name = product_kind_attributes)]
pub struct KindAttributeRow {
    pub product_kind_id: Id<ProductKind>,
    pub attribute_id: Id<Attribute>,
    pub ordinal: i32,
    pub is_required: bool,
}

/// Gives a locked product kind these attributes, and no others.
pub fn set_kind_attributes(tx: &mut Tx<'_>, id: Id<ProductKind>, rows: &[KindAttributeRow]) -> Result<(), Failure> {
    let of_kind = product_kind_attributes::table.filter(product_kind_attributes::product_kind_id.eq(id));
    diesel::delete(of_kind).execute(tx.conn())?;
    diesel::insert_into(product_kind_attributes::table).values(rows).execute(tx.conn())?;
    Ok(())
}
