//! Writing documents, and reading them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

pub use super::queries::checks::CHECKS;
use super::{
    model::{Content, Document, DocumentKind, Issuer, Line, Position, added_up, credited, tax_sums},
    queries::{self, NewDocument},
};
use crate::{
    kernel::{
        address::{Address, StoredAddress},
        error::Failure,
        id::Id,
        money::CurrencyCode,
        page::{Page, Slice},
    },
    payments::model::Refund,
    platform::{
        app::App,
        clock::Time,
        crypto::good_until,
        db::{Conn, Tx},
    },
    shops::{
        self,
        model::{Desk, Permission, Shop},
    },
    users::model::{Bookmark, Chapter, Told, User},
};

/// What all documents about an order have in common.
#[derive(Debug)]
pub struct About<'a> {
    pub order_number: &'a str,
    pub placed_at: Time,
    pub currency: CurrencyCode,
    pub tax_name: Option<&'a str>,
    pub is_tax_included: bool,
    /// Who ordered, and where it goes.
    pub recipient: Option<Address>,
}

/// A part of an order that is paid, or what was added to one after that and is paid, too.
#[derive(Debug)]
pub struct Sold {
    pub part: Uuid,
    /// What was added, which its invoice bears as its id; none if it is the part as it was.
    pub addition: Option<Uuid>,
    pub shop: Id<Shop>,
    pub total: i64,
    pub lines: Vec<Line>,
}

impl Sold {
    /// Whether a document of its part says that its invoice is there. A part's first one is.
    fn is_invoiced_by(&self, document: &Document) -> bool {
        match self.addition {
            Some(addition) => document.id.uuid() == addition,
            None => document.part_id == self.part,
        }
    }
}

/// Money of a part that goes back.
#[derive(Debug)]
pub struct GivenBack {
    pub part: Uuid,
    pub refund: Id<Refund>,
    pub amount: i64,
    pub reason: Option<String>,
}

/// A document without its number.
struct Draft {
    /// Its id, if it has one already.
    id: Option<Id<Document>>,
    shop: Id<Shop>,
    part: Uuid,
    /// Of a credit note, what it is about, and what it was made for.
    about: Option<(Id<Document>, Id<Refund>)>,
    total: i64,
    content: Content,
}

/// A step: issues an invoice for each part of an order that was sold, and for what was added to one, and a credit note for each refund of
/// one, oldest first. What has its document gets no other one. The caller holds the order's lock, and locks no account of the ledger after this.
///
/// # Errors
/// If the database fails.
pub fn issue(tx: &mut Tx<'_>, about: &About<'_>, sold: &[Sold], given_back: &[GivenBack]) -> Result<(), Failure> {
    let parts: Vec<Uuid> = sold.iter().map(|sold| sold.part).collect();
    let mut issued = queries::by_parts(tx.conn(), &parts)?;
    let is_new = |sold: &&Sold| !issued.iter().any(|it| sold.is_invoiced_by(it));
    let new: Vec<&Sold> = sold.iter().filter(is_new).collect();
    let is_credited = |back: &GivenBack| issued.iter().any(|it| it.refund_id == Some(back.refund));
    let given_back: Vec<&GivenBack> = given_back.iter().filter(|back| !is_credited(back)).collect();
    if new.is_empty() && given_back.is_empty() {
        return Ok(());
    }
    let issuers = issuers(tx.conn(), sold)?;
    let mut drafts = Vec::with_capacity(new.len());
    for sold in new {
        drafts.push(invoice(about, sold, issuer(&issuers, sold.shop)?));
    }
    issued.extend(insert(tx, about, DocumentKind::Invoice, drafts)?);
    let mut drafts = Vec::with_capacity(given_back.len());
    let mut left = left_of(&issued);
    for back in given_back {
        let Some(invoices) = left.get_mut(&back.part) else { continue };
        let credited = take(invoices, back.amount);
        let Some(shop) = credited.first().map(|credited| credited.invoice.shop_id) else { continue };
        drafts.extend(credit_note(about, &credited, back, issuer(&issuers, shop)?));
    }
    insert(tx, about, DocumentKind::CreditNote, drafts)?;
    Ok(())
}

/// An invoice, and what of it has not gone back.
type Left<'a> = (&'a Document, i64);

/// The invoices about each part, the oldest first.
fn left_of(issued: &[Document]) -> BTreeMap<Uuid, Vec<Left<'_>>> {
    let mut left: BTreeMap<Uuid, Vec<Left<'_>>> = BTreeMap::new();
    for invoice in issued.iter().filter(|it| it.kind == DocumentKind::Invoice) {
        left.entry(invoice.part_id).or_default().push((invoice, invoice.total));
    }
    for invoices in left.values_mut() {
        invoices.sort_unstable_by_key(|(invoice, _)| invoice.number);
    }
    for note in issued.iter().filter(|it| it.kind == DocumentKind::CreditNote) {
        if let Some(invoices) = left.get_mut(&note.part_id) {
            take(invoices, note.total);
        }
    }
    left
}

/// What goes back of an invoice: what was left of it, and what is then.
struct Credited<'a> {
    invoice: &'a Document,
    before: i64,
    after: i64,
}

/// Takes so much of what is left of a part's invoices, of the oldest first: whatever is issued later, what was taken before stays the same.
fn take<'a>(invoices: &mut [Left<'a>], amount: i64) -> Vec<Credited<'a>> {
    let (mut credited, mut amount) = (Vec::new(), amount);
    for (invoice, left) in invoices {
        let before = *left;
        let taken = before.min(amount);
        if taken > 0 {
            *left -= taken;
            amount -= taken;
            credited.push(Credited { invoice, before, after: *left });
        }
    }
    credited
}

/// The shops that sold something, as they are now.
fn issuers(conn: &mut Conn, sold: &[Sold]) -> Result<BTreeMap<Id<Shop>, Issuer>, Failure> {
    let ids: BTreeSet<Id<Shop>> = sold.iter().map(|sold| sold.shop).collect();
    let ids: Vec<Id<Shop>> = ids.into_iter().collect();
    let issuer = |(shop, address): (Shop, Option<Address>)| {
        (shop.id, Issuer { name: shop.name, country: shop.country, address: address.map(without_phone) })
    };
    Ok(shops::service::senders(conn, &ids)?.into_iter().map(issuer).collect())
}

fn issuer(issuers: &BTreeMap<Id<Shop>, Issuer>, shop: Id<Shop>) -> Result<Issuer, Failure> {
    issuers.get(&shop).cloned().ok_or_else(|| Failure::internal("a document of a shop that is gone"))
}

/// A telephone number is the carrier's affair.
fn without_phone(address: Address) -> Address {
    Address { phone: None, ..address }
}

fn content(about: &About<'_>, issuer: Issuer) -> Content {
    Content {
        order_number: about.order_number.to_owned(),
        placed_at: about.placed_at,
        invoice_number: None,
        reason: None,
        issuer,
        tax_name: about.tax_name.map(str::to_owned),
        is_tax_included: about.is_tax_included,
        lines: Vec::new(),
        taxes: Vec::new(),
    }
}

fn invoice(about: &About<'_>, sold: &Sold, issuer: Issuer) -> Draft {
    let content = Content { lines: sold.lines.clone(), taxes: tax_sums(&sold.lines), ..content(about, issuer) };
    let id = sold.addition.map(Id::from_uuid);
    Draft { id, shop: sold.shop, part: sold.part, about: None, total: sold.total, content }
}

/// It names the first of the invoices of which something goes back; on it stand all of them.
fn credit_note(about: &About<'_>, of: &[Credited<'_>], back: &GivenBack, issuer: Issuer) -> Option<Draft> {
    let first = of.first()?.invoice;
    let labels: Vec<String> = of.iter().map(|it| it.invoice.label()).collect();
    let taxes = of.iter().flat_map(|it| credited(&it.invoice.content.taxes, it.before, it.after, about.currency));
    let content = Content {
        invoice_number: Some(labels.join(", ")),
        reason: back.reason.clone(),
        taxes: added_up(taxes),
        ..content(about, issuer)
    };
    let about = Some((first.id, back.refund));
    Some(Draft { id: None, shop: first.shop_id, part: back.part, about, total: back.amount, content })
}

/// Numbers documents and writes them.
fn insert(
    tx: &mut Tx<'_>,
    about: &About<'_>,
    kind: DocumentKind,
    drafts: Vec<Draft>,
) -> Result<Vec<Document>, Failure> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let mut counts: BTreeMap<Id<Shop>, i32> = BTreeMap::new();
    for draft in &drafts {
        *counts.entry(draft.shop).or_default() += 1;
    }
    let mut numbers = queries::raise(tx, kind, &counts)?;
    let recipient = about.recipient.clone().map(without_phone);
    let recipient = recipient.map(serde_json::to_value).transpose().map_err(Failure::internal)?;
    let now = tx.now();
    let mut rows = Vec::with_capacity(drafts.len());
    for Draft { id, shop, part, about: invoice, total, content } in drafts {
        let number = numbers.get_mut(&shop).ok_or_else(|| Failure::internal("a series without a number"))?;
        *number += 1;
        rows.push(NewDocument {
            id: id.unwrap_or_else(|| tx.new_id()),
            kind,
            shop_id: shop,
            number: *number,
            part_id: part,
            invoice_id: invoice.map(|(invoice, _)| invoice),
            refund_id: invoice.map(|(_, refund)| refund),
            currency: about.currency,
            total,
            tax: content.taxes.iter().map(|sum| sum.tax).sum(),
            content: serde_json::to_value(content).map_err(Failure::internal)?,
            recipient: recipient.clone(),
            issued_at: now,
        });
    }
    queries::insert(tx, &rows)
}

/// A page of a shop's documents, newest first; none if the member's role does not see money.
pub async fn documents_of_shop(
    app: &App,
    desk: &Desk,
    kind: Option<DocumentKind>,
    page: Page<Position>,
) -> Result<Option<Slice<Document>>, Failure> {
    if !desk.role.may(Permission::SeeMoney) {
        return Ok(None);
    }
    let shop = desk.shop.id;
    app.db.read(move |conn| queries::by_shop(conn, shop, kind, &page)).await.map(Some)
}

/// How many documents a shop has, counted to `limit`.
pub async fn count_documents_of_shop(
    app: &App,
    shop: Id<Shop>,
    kind: Option<DocumentKind>,
    limit: i64,
) -> Result<i64, Failure> {
    app.db.read_long(move |conn| queries::count_by_shop(conn, shop, kind, limit)).await
}

/// Where a document is shown as a page, for whoever has the URL: good for [`Document::LINK_LIFETIME`] at the least, and the same for as
/// long, so that caches of clients stay as they are.
pub fn page_url(app: &App, document: Id<Document>) -> String {
    let until = good_until(app.now(), Document::LINK_LIFETIME);
    let token = app.master.lasting_token(LINK, document, until);
    format!("{}/documents/{until}.{token}", app.market.public_url)
}

/// What the token of a document's link is for.
const LINK: &str = "page";

/// The document that the end of a page's URL names; none if it is none of ours, or its time is over.
///
/// # Errors
/// If the database fails.
pub async fn document_by_link(app: &App, link: &str) -> Result<Option<Document>, Failure> {
    let Some((until, token)) = link.split_once('.') else { return Ok(None) };
    let Ok(until) = until.parse::<i64>() else { return Ok(None) };
    let Some(id) = app.master.row_of_lasting::<Document>(LINK, (until, token), app.now()) else { return Ok(None) };
    app.db.read(move |conn| queries::by_id(conn, id)).await
}

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[Chapter { name: "invoices", read: told }];

fn told(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    Told::page(
        from,
        |page: &Page<Position>| queries::by_buyer(conn, user, page),
        |document: &Document| (document.issued_at, document.id.uuid()),
        |document: Document| document_json(&document),
    )
}

fn document_json(document: &Document) -> Value {
    json!({
        "kind": document.kind.as_str(),
        "number": document.label(),
        "issuedAt": document.issued_at,
        "currency": document.currency,
        "total": document.total,
        "tax": document.tax,
        "content": document.content,
        "recipient": document.recipient.as_ref().and_then(StoredAddress::parse),
    })
}

/// A step: forgets to whom documents about orders were issued.
///
/// # Errors
/// If the database fails.
pub fn forget_recipients_of(tx: &mut Tx<'_>, orders: &[Uuid]) -> Result<(), Failure> {
    queries::forget_recipients_of(tx, orders)
}

/// A step: forgets to whom documents about those orders of erased people were issued that were placed longer ago than orders are kept.
///
/// # Errors
/// If the database fails.
pub fn forget_recipients(tx: &mut Tx<'_>, buyers: &[Id<User>], kept: TimeDelta) -> Result<(), Failure> {
    let before = tx.now() - kept;
    queries::forget_recipients(tx, buyers, before)
}
