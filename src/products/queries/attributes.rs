//! Attributes, product types and what is said of products in Postgres.

use diesel::{
    AsChangeset, BoolExpressionMethods, ExpressionMethods, Insertable, JoinOnDsl, NullableExpressionMethods,
    OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
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
        Product,
        attributes::{
            Attribute, AttributeBy, AttributeKind, Choice, ProductType, ProductTypeBy, Said, StoredValue, TypeAttribute,
        },
    },
    schema::{attribute_choices, attributes, product_attributes, product_type_attributes, product_types, products},
};

/// Where a page of attributes or product types goes on: by name.
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

pub fn types_by_names(conn: &mut Conn, names: &[ProductTypeBy]) -> Result<Vec<ProductType>, Failure> {
    let (mut ids, mut handles) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            ProductTypeBy::Id(id) => ids.push(*id),
            ProductTypeBy::Handle(handle) => handles.push(handle),
        }
    }
    let wanted = product_types::id.eq_any(ids).or(product_types::handle.eq_any(handles));
    Ok(product_types::table.filter(wanted).select(ProductType::as_select()).load(conn)?)
}

/// A page of all attributes by name.
pub fn page(conn: &mut Conn, page: &Page<NameKey<Attribute>>) -> Result<Slice<Attribute>, Failure> {
    page_by_name!(conn, page, attributes, attributes::table.select(Attribute::as_select()).into_boxed())
}

pub fn count(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(Counted(attributes::table.select(attributes::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// A page of all product types by name.
pub fn page_of_types(conn: &mut Conn, page: &Page<NameKey<ProductType>>) -> Result<Slice<ProductType>, Failure> {
    page_by_name!(conn, page, product_types, product_types::table.select(ProductType::as_select()).into_boxed())
}

pub fn count_types(conn: &mut Conn) -> Result<i64, Failure> {
    Ok(Counted(product_types::table.select(product_types::id).limit(COUNT_LIMIT + 1)).get_result(conn)?)
}

/// The choices of attributes in the attributes' own order.
pub fn choices(conn: &mut Conn, ids: &[Id<Attribute>]) -> Result<Vec<Choice>, Failure> {
    Ok(attribute_choices::table
        .filter(attribute_choices::attribute_id.eq_any(ids))
        .order((attribute_choices::ordinal, attribute_choices::id))
        .select(Choice::as_select())
        .load(conn)?)
}

/// The attributes of product types, each type's in its own order.
pub fn of_types(conn: &mut Conn, ids: &[Id<ProductType>]) -> Result<Vec<(Id<ProductType>, TypeAttribute)>, Failure> {
    let rows: Vec<(Id<ProductType>, bool, Attribute)> = product_type_attributes::table
        .inner_join(attributes::table.on(attributes::id.eq(product_type_attributes::attribute_id)))
        .filter(product_type_attributes::product_type_id.eq_any(ids))
        .order((product_type_attributes::ordinal, product_type_attributes::attribute_id))
        .select((
            product_type_attributes::product_type_id,
            product_type_attributes::is_required,
            Attribute::as_select(),
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, is_required, attribute)| (id, TypeAttribute { attribute, is_required })).collect())
}

/// The attributes of a product type in its order, none of which anybody changes until the transaction ends.
pub fn held_of_type(tx: &mut Tx<'_>, id: Id<ProductType>) -> Result<Vec<TypeAttribute>, Failure> {
    let of_type = product_type_attributes::table.filter(product_type_attributes::product_type_id.eq(id));
    let ids = of_type.select(product_type_attributes::attribute_id);
    let held = attributes::table.filter(attributes::id.eq_any(ids)).order(attributes::id).select(attributes::id);
    held.for_share().load::<Id<Attribute>>(tx.conn())?;
    Ok(of_types(tx.conn(), &[id])?.into_iter().map(|(_, attribute)| attribute).collect())
}

/// What is said of products by the attributes of their types, in the types' order.
pub fn said(conn: &mut Conn, ids: &[Id<Product>]) -> Result<Vec<(Id<Product>, Said)>, Failure> {
    let of_type = product_type_attributes::attribute_id
        .eq(product_attributes::attribute_id)
        .and(product_type_attributes::product_type_id.nullable().eq(products::product_type_id));
    let chosen = attribute_choices::id.nullable().eq(product_attributes::choice_id);
    let rows: Vec<(StoredValue, Attribute, Option<Choice>)> = product_attributes::table
        .inner_join(products::table.on(products::id.eq(product_attributes::product_id)))
        .inner_join(product_type_attributes::table.on(of_type))
        .inner_join(attributes::table.on(attributes::id.eq(product_attributes::attribute_id)))
        .left_join(attribute_choices::table.on(chosen))
        .filter(product_attributes::product_id.eq_any(ids))
        .order((product_type_attributes::ordinal, attributes::id))
        .select((StoredValue::as_select(), Attribute::as_select(), Option::<Choice>::as_select()))
        .load(conn)?;
    let said = |(stored, attribute, choice): (StoredValue, _, _)| {
        let product = stored.product_id;
        stored.value().map(|value| (product, Said { attribute, value, choice }))
    };
    Ok(rows.into_iter().filter_map(said).collect())
}

/// What is stored of a product, of its type's attributes and others.
pub fn values(conn: &mut Conn, product: Id<Product>) -> Result<Vec<StoredValue>, Failure> {
    let of_product = product_attributes::table.filter(product_attributes::product_id.eq(product));
    Ok(of_product.select(StoredValue::as_select()).load(conn)?)
}

/// Says these values of a locked product, and no others.
pub fn set_values(tx: &mut Tx<'_>, product: Id<Product>, values: &[StoredValue]) -> Result<(), Failure> {
    diesel::delete(product_attributes::table.filter(product_attributes::product_id.eq(product))).execute(tx.conn())?;
    insert_values(tx, values)
}

/// Inserts values of any products at once.
pub fn insert_values(tx: &mut Tx<'_>, values: &[StoredValue]) -> Result<(), Failure> {
    diesel::insert_into(product_attributes::table).values(values).execute(tx.conn())?;
    Ok(())
}

/// Locks an attribute's row, which stands for its choices too.
pub fn lock(tx: &mut Tx<'_>, id: Id<Attribute>) -> Result<Option<Attribute>, Failure> {
    Ok(attributes::table.find(id).select(Attribute::as_select()).for_no_key_update().first(tx.conn()).optional()?)
}

/// Locks a product type's row, which stands for its attributes too.
pub fn lock_type(tx: &mut Tx<'_>, id: Id<ProductType>) -> Result<Option<ProductType>, Failure> {
    Ok(product_types::table
        .find(id)
        .select(ProductType::as_select())
        .for_no_key_update()
        .first(tx.conn())
        .optional()?)
}

/// Keeps a product type as it is until the transaction ends. None if there is none.
pub fn hold_type(tx: &mut Tx<'_>, id: Id<ProductType>) -> Result<Option<ProductType>, Failure> {
    Ok(product_types::table.find(id).select(ProductType::as_select()).for_share().first(tx.conn()).optional()?)
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
#[diesel(table_name = product_types)]
pub struct NewProductType<'a> {
    pub id: Id<ProductType>,
    pub handle: &'a str,
    pub name: &'a str,
    pub created_at: Time,
}

/// None if the handle is taken.
pub fn insert_type(tx: &mut Tx<'_>, row: &NewProductType<'_>) -> Result<Option<ProductType>, Failure> {
    Ok(diesel::insert_into(product_types::table)
        .values(row)
        .on_conflict(product_types::handle)
        .do_nothing()
        .returning(ProductType::as_returning())
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

pub fn set_type(tx: &mut Tx<'_>, id: Id<ProductType>, name: Option<&str>) -> Result<ProductType, Failure> {
    Ok(diesel::update(product_types::table.find(id))
        .set((product_types::version.eq(product_types::version + 1), name.map(|name| product_types::name.eq(name))))
        .returning(ProductType::as_returning())
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

/// An attribute of a product type in its place.
#[derive(Insertable)]
#[diesel(table_name = product_type_attributes)]
pub struct TypeAttributeRow {
    pub product_type_id: Id<ProductType>,
    pub attribute_id: Id<Attribute>,
    pub ordinal: i32,
    pub is_required: bool,
}

/// Gives a locked product type these attributes, and no others.
pub fn set_type_attributes(tx: &mut Tx<'_>, id: Id<ProductType>, rows: &[TypeAttributeRow]) -> Result<(), Failure> {
    let of_type = product_type_attributes::table.filter(product_type_attributes::product_type_id.eq(id));
    diesel::delete(of_type).execute(tx.conn())?;
    diesel::insert_into(product_type_attributes::table).values(rows).execute(tx.conn())?;
    Ok(())
}
