//! The second reading: one batch of lines, written in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use super::{
    catalogue::{Article, Articles},
    retail::{CURRENCY, Kind, Line, Row},
    returns,
};
use crate::{
    kernel::{error::Failure, id::Id, money::Money},
    orders::{
        model::{FulfillmentState, ImportedAddress, Order, OrderLifecycle, OrderLineKind, OrderPart, OrderSource},
        queries::{
            NewLine, NewOrder, NewPart,
            import::{self as queries, KnownLine},
        },
    },
    payments::{
        self,
        model::{AccountKind, TransferCause},
        service::Movement,
    },
    platform::{
        db::Tx,
        import::keys::{self, Claim},
    },
    products::{self, model::Product},
    shops::model::Shop,
    users::{self, model::User},
};

/// Where the file goes.
pub struct Target {
    /// Whose keys these are: the format and the shop.
    pub source: String,
    pub shop: Id<Shop>,
    pub handle: String,
    pub articles: Articles,
}

impl Target {
    /// What a line is about; nothing if it is a charge.
    ///
    /// # Errors
    /// If the first reading did not find its code.
    pub fn article(&self, line: &Line) -> Result<Option<&Article>, Failure> {
        if !line.is_goods {
            return Ok(None);
        }
        let article = self.articles.get(&line.code);
        article.map(Some).ok_or_else(|| Failure::internal("the file changed while it was read"))
    }
}

/// What became of the lines of a batch.
#[derive(Default)]
pub struct Outcome {
    pub created: u64,
    pub unchanged: u64,
    /// Places of rows under whose key something else is here.
    pub changed: BTreeSet<usize>,
    pub made: Vec<(&'static str, u64)>,
}

/// A step: writes what is not here yet.
pub fn write(tx: &mut Tx<'_>, target: &Target, rows: &[Row]) -> Result<Outcome, Failure> {
    keys::begin(tx, &target.source)?;
    let lines: Vec<(usize, &Line)> =
        rows.iter().enumerate().filter_map(|(place, row)| Some((place, row.line.as_ref().ok()?))).collect();
    let mut outcome = Outcome::default();
    let customers = customers(tx, target, &lines, &mut outcome)?;

    let sales = claim(tx, target, Kind::Sale, &lines)?;
    let parts = queries::lock_orders(tx, &known(&sales))?;
    let here = queries::lines_of_orders(tx.conn(), &known(&sales))?;
    let sales = unwritten(Kind::Sale, &lines, &sales, here, &mut outcome);
    let mut sold = write_sales(tx, target, &customers, &sales, &parts)?;
    outcome.made.push(("orders", count(sales.iter().filter(|invoice| invoice.is_new).count())));

    let back = claim(tx, target, Kind::Return, &lines)?;
    queries::lock_returns(tx, &known(&back))?;
    let here = queries::lines_of_returns(tx.conn(), &known(&back))?;
    let back = unwritten(Kind::Return, &lines, &back, here, &mut outcome);
    let given_back = returns::write(tx, target, &customers, &back)?;
    outcome.made.push(("returns", count(back.iter().filter(|invoice| invoice.is_new).count())));
    outcome.made.push(("lines of returns with the line they were bought with", count(given_back.len())));

    sold.extend(given_back);
    products::service::count_sold(tx, &sold)?;
    Ok(outcome)
}

pub fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

pub type Customers = BTreeMap<String, Claim>;

/// Whose invoice it is; nobody's if the file names none.
pub fn buyer(customers: &Customers, line: &Line) -> Option<Id<User>> {
    Some(Id::from_uuid(customers.get(line.customer.as_deref()?)?.id()))
}

fn customers(
    tx: &mut Tx<'_>,
    target: &Target,
    lines: &[(usize, &Line)],
    outcome: &mut Outcome,
) -> Result<Customers, Failure> {
    let names = lines.iter().filter_map(|(_, line)| line.customer.as_deref());
    let customers = keys::claim(tx, &target.source, "CUSTOMER", names)?;
    let new = customers.iter().filter_map(|(name, claim)| match claim {
        Claim::New(id) => Some((Id::from_uuid(*id), format!("Customer {name}"))),
        Claim::Known(_) => None,
    });
    let new: Vec<(Id<User>, String)> = new.collect();
    users::service::add_imported_people(tx, &new)?;
    outcome.made.push(("customers", count(new.len())));
    Ok(customers)
}

type Claims = BTreeMap<String, Claim>;

fn claim(tx: &mut Tx<'_>, target: &Target, kind: Kind, lines: &[(usize, &Line)]) -> Result<Claims, Failure> {
    let word = match kind {
        Kind::Sale => "ORDER",
        Kind::Return => "RETURN",
    };
    let invoices = lines.iter().filter(|(_, line)| line.kind == kind).map(|(_, line)| line.invoice.as_str());
    keys::claim(tx, &target.source, word, invoices)
}

fn known(claims: &Claims) -> Vec<Uuid> {
    claims.values().filter(|claim| matches!(claim, Claim::Known(_))).map(|claim| claim.id()).collect()
}

/// An invoice with those of its lines that are not here yet; at least one.
pub struct Invoice<'a> {
    pub id: Uuid,
    pub is_new: bool,
    /// Minor units of the lines.
    pub total: i64,
    pub first: &'a Line,
    pub lines: Vec<&'a Line>,
}

/// Puts lines together to invoices, without those that are here.
fn unwritten<'a>(
    kind: Kind,
    lines: &[(usize, &'a Line)],
    claims: &Claims,
    here: Vec<KnownLine>,
    outcome: &mut Outcome,
) -> Vec<Invoice<'a>> {
    let mut here: HashMap<(Uuid, i32), (String, i32, i64)> = here
        .into_iter()
        .map(|line| ((line.document, line.ordinal), (line.sku, line.quantity, line.unit_price)))
        .collect();
    let mut invoices: BTreeMap<&str, Invoice<'a>> = BTreeMap::new();
    for &(place, line) in lines.iter().filter(|(_, line)| line.kind == kind) {
        let Some(claim) = claims.get(&line.invoice) else { continue };
        let content = (line.code.clone(), line.quantity, line.unit_price);
        match here.get(&(claim.id(), line.ordinal)) {
            Some(known) if *known == content => outcome.unchanged += 1,
            Some(_) => drop(outcome.changed.insert(place)),
            None => {
                here.insert((claim.id(), line.ordinal), content);
                let invoice = invoices.entry(&line.invoice).or_insert_with(|| Invoice {
                    id: claim.id(),
                    is_new: matches!(claim, Claim::New(_)),
                    total: 0,
                    first: line,
                    lines: Vec::new(),
                });
                invoice.total += line.total;
                invoice.lines.push(line);
                outcome.created += 1;
            }
        }
    }
    invoices.into_values().collect()
}

/// Writes orders and what was paid for them. Yields what was sold.
fn write_sales(
    tx: &mut Tx<'_>,
    target: &Target,
    customers: &Customers,
    invoices: &[Invoice<'_>],
    parts: &BTreeMap<Uuid, Uuid>,
) -> Result<Vec<(Id<Product>, i64)>, Failure> {
    let number = |invoice: &Invoice<'_>| format!("{}/{}", target.handle, invoice.first.invoice);
    let numbers: Vec<String> = invoices.iter().map(number).collect();
    let addresses = invoices.iter().map(|invoice| {
        invoice.first.country.map(|country| serde_json::to_value(ImportedAddress { country })).transpose()
    });
    let addresses = addresses.collect::<Result<Vec<_>, _>>().map_err(Failure::internal)?;
    let (mut orders, mut new_parts, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    let (mut longer, mut added) = (Vec::new(), Vec::new());
    let (mut payments, mut sold) = (Vec::new(), Vec::new());
    for ((invoice, number), address) in invoices.iter().zip(&numbers).zip(addresses) {
        let order: Id<Order> = Id::from_uuid(invoice.id);
        let part: Id<OrderPart> = match parts.get(&invoice.id) {
            Some(part) => Id::from_uuid(*part),
            None => tx.new_id(),
        };
        if invoice.is_new {
            let (total, placed_at) = (invoice.total, invoice.first.at);
            orders.push(NewOrder {
                id: order,
                number,
                buyer_id: buyer(customers, invoice.first),
                status: OrderLifecycle::Completed,
                currency: CURRENCY,
                total,
                shipping_address: address,
                source: OrderSource::Import,
                placed_at,
                payment_due_at: None,
                note: None,
            });
            new_parts.push(NewPart {
                id: part,
                order_id: order,
                shop_id: target.shop,
                conversation_id: None,
                ordinal: 1,
                fulfillment_state: FulfillmentState::Delivered,
                total,
                placed_at,
                commission_rate: 0,
                tax_withheld: 0,
                shipping_method: None,
                promotion: None,
                is_invoiced: false,
            });
        } else {
            longer.push(invoice.id);
            added.push(invoice.total);
        }
        let first_line = tx.new_id();
        for (place, line) in invoice.lines.iter().enumerate() {
            let article = target.article(line)?;
            sold.extend(article.map(|article| (article.product, i64::from(line.quantity))));
            lines.push(NewLine {
                id: if place == 0 { first_line } else { tx.new_id() },
                part_id: part,
                ordinal: line.ordinal,
                kind: kind_of(line),
                product_id: article.map(|article| article.product),
                variant_id: article.map(|article| article.variant),
                title: title(line, article),
                sku: &line.code,
                quantity: line.quantity,
                unit_price: line.unit_price,
                total: line.total,
            });
        }
        payments.push(Movement {
            debit: (AccountKind::Imported, None),
            credit: (AccountKind::Order, Some(invoice.id)),
            amount: Money::new(invoice.total, CURRENCY),
            cause: TransferCause::Payment,
            // An order that grows is paid for again, so its own id would not do.
            cause_id: first_line.uuid(),
        });
    }
    queries::insert_orders(tx, &orders, &new_parts)?;
    queries::add_to_orders(tx, &longer, &added)?;
    queries::insert_lines(tx, &lines)?;
    payments::service::transfer(tx, &payments)?;
    Ok(sold)
}

pub const fn kind_of(line: &Line) -> OrderLineKind {
    if line.is_goods { OrderLineKind::Goods } else { OrderLineKind::Charge }
}

/// What the invoice calls it, else what the catalogue does.
pub fn title<'a>(line: &'a Line, article: Option<&'a Article>) -> &'a str {
    match article {
        _ if !line.description.is_empty() => &line.description,
        Some(article) => &article.title,
        None => &line.code,
    }
}
