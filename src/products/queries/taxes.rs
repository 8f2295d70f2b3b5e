//! Tax classes in Postgres.

use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::{
        clock::Time,
        db::{Conn, Tx},
    },
    products::model::taxes::{MAXIMUM_TAX_CLASSES, TaxClass},
    schema::tax_classes,
};

/// All of them, by name.
pub fn all(conn: &mut Conn) -> Result<Vec<TaxClass>, Failure> {
    Ok(tax_classes::table
        .order((tax_classes::name, tax_classes::id))
        .select(TaxClass::as_select())
        .limit(MAXIMUM_TAX_CLASSES)
        .load(conn)?)
}

pub fn by_ids(conn: &mut Conn, ids: &[Id<TaxClass>]) -> Result<Vec<TaxClass>, Failure> {
    Ok(tax_classes::table.filter(tax_classes::id.eq_any(ids)).select(TaxClass::as_select()).load(conn)?)
}

/// Keeps a tax class from going until the transaction ends. False if there is none.
pub fn hold(tx: &mut Tx<'_>, id: Id<TaxClass>) -> Result<bool, Failure> {
    let row = tax_classes::table.find(id).select(tax_classes::id).for_key_share();
    Ok(row.first::<Id<TaxClass>>(tx.conn()).optional()?.is_some())
}

pub fn lock(tx: &mut Tx<'_>, id: Id<TaxClass>) -> Result<Option<TaxClass>, Failure> {
    Ok(tax_classes::table.find(id).select(TaxClass::as_select()).for_no_key_update().first(tx.conn()).optional()?)
}

/// How many there are; nobody else makes one until the transaction ends.
pub fn count_locked(tx: &mut Tx<'_>) -> Result<i64, Failure> {
    diesel::sql_query("LOCK TABLE tax_classes IN SHARE ROW EXCLUSIVE MODE").execute(tx.conn())?;
    Ok(tax_classes::table.count().get_result(tx.conn())?)
}

#[derive(Insertable)]
#[diesel(table_name = tax_classes)]
pub struct NewTaxClass<'a> {
    pub id: Id<TaxClass>,
    pub handle: &'a str,
    pub name: &'a str,
    pub created_at: Time,
}

/// None if the handle is taken.
pub fn insert(tx: &mut Tx<'_>, row: &NewTaxClass<'_>) -> Result<Option<TaxClass>, Failure> {
    Ok(diesel::insert_into(tax_classes::table)
        .values(row)
        .on_conflict(tax_classes::handle)
        .do_nothing()
        .returning(TaxClass::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

pub fn set(tx: &mut Tx<'_>, id: Id<TaxClass>, name: Option<&str>) -> Result<TaxClass, Failure> {
    Ok(diesel::update(tax_classes::table.find(id))
        .set((tax_classes::version.eq(tax_classes::version + 1), name.map(|name| tax_classes::name.eq(name))))
        .returning(TaxClass::as_returning())
        .get_result(tx.conn())?)
}
