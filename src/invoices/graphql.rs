//! Documents on the wire.

use async_graphql::{ComplexObject, Context, Object, SimpleObject, Union};
use uuid::Uuid;

use super::{
    model::{self, Content, Document, DocumentKind, Issuer, Line, Position, TaxSum},
    service,
};
use crate::{
    kernel::{
        address::StoredAddress,
        id::Id,
        money::{self, CurrencyCode, Decimal},
        page::PageArgs,
        place::CountryCode,
        rate::Rate,
    },
    orders::{
        graphql::{OrderPart, Refund},
        loaders::{DocumentById, PartById, RefundById},
    },
    payments,
    platform::{
        clock::Time,
        gql::{Ask, COUNT_LIMIT, List, Listing, Money, Total, WireResult, list_size},
    },
    shops::model::Desk,
    users::graphql::Address,
};

/// Who issued a document, as they were then.
#[derive(SimpleObject)]
pub struct DocumentIssuer {
    /// The shop's name.
    name: String,
    /// Where the shop was.
    country: CountryCode,
    /// Where the shop sent from; null if it had not said so.
    address: Option<Address>,
}

impl From<Issuer> for DocumentIssuer {
    fn from(issuer: Issuer) -> Self {
        Self { name: issuer.name, country: issuer.country, address: issuer.address.map(Into::into) }
    }
}

/// What of a document is taxed at one rate.
#[derive(SimpleObject)]
pub struct DocumentTax {
    /// In percent, such as `20` or `7.25`.
    rate: Decimal,
    /// The amount without the tax.
    net: Money,
    /// The tax.
    tax: Money,
    /// The amount with the tax.
    gross: Money,
}

impl DocumentTax {
    fn new(sum: TaxSum, currency: CurrencyCode) -> Self {
        let money = |minor| money::Money::new(minor, currency).into();
        Self { rate: percent(sum.rate), net: money(sum.net), tax: money(sum.tax), gross: money(sum.gross) }
    }
}

/// Something that stands on an invoice.
#[derive(SimpleObject)]
pub struct InvoiceLine {
    /// What it was called.
    title: String,
    /// The shop's code for it; empty for what is no goods, such as postage.
    sku: String,
    /// How many.
    quantity: i32,
    /// What one cost before anything was taken off.
    unit_price: Money,
    /// What was taken off all of them together.
    discount: Money,
    /// In percent, such as `20` or `7.25`.
    tax_rate: Decimal,
    /// The tax in the total.
    tax: Money,
    /// What was paid for all of them.
    total: Money,
}

impl InvoiceLine {
    fn new(line: Line, currency: CurrencyCode) -> Self {
        let money = |minor| money::Money::new(minor, currency).into();
        Self {
            title: line.title,
            sku: line.sku,
            quantity: line.quantity,
            unit_price: money(line.unit_price),
            discount: money(line.discount),
            tax_rate: percent(line.tax_rate),
            tax: money(line.tax),
            total: money(line.total),
        }
    }
}

fn percent(points: i32) -> Decimal {
    Rate::from_basis_points(points).unwrap_or_default().percent()
}

/// What a shop sold and a buyer paid, on paper: it never changes. The buyer sees it, of a guest's order whoever has the owner's token, members of
/// the shop whose role sees money, and the market's staff.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Invoice {
    /// Begins with `invoice_`.
    pub id: Id<model::Invoice>,
    /// The place in the shop's series of invoices, which has no gaps: `INV-000001`.
    number: String,
    /// When it was issued: when the order was paid.
    issued_at: Time,
    /// The number of the order.
    order_number: String,
    /// When it was ordered.
    placed_at: Time,
    /// What all its amounts are in.
    currency: CurrencyCode,
    /// Who sold.
    issuer: DocumentIssuer,
    /// Who bought, and where it went; null once it need not be kept any longer of somebody who has left the market, or of a
    /// guest.
    recipient: Option<Address>,
    /// What was sold, and what it cost to send it: at most 201 lines.
    #[graphql(directive = list_size::apply(5))]
    lines: Vec<InvoiceLine>,
    /// What the tax is called where it went: `VAT`; null if there was none.
    tax_name: Option<String>,
    /// Whether prices contain the tax. Else it was added to them.
    is_tax_included: bool,
    /// What was taxed, by the rate, the lowest first: at most 52.
    #[graphql(directive = list_size::apply(2))]
    taxes: Vec<DocumentTax>,
    /// The tax in the total.
    tax: Money,
    /// What was paid.
    total: Money,
    #[graphql(skip)]
    part: Uuid,
}

impl From<Document> for Invoice {
    fn from(document: Document) -> Self {
        let currency = document.currency;
        let money = |minor| money::Money::new(minor, currency).into();
        let number = document.label();
        let recipient = document.recipient.as_ref().and_then(StoredAddress::parse).map(Into::into);
        let Content { order_number, placed_at, issuer, tax_name, is_tax_included, lines, taxes, .. } = document.content;
        Self {
            id: Id::from_uuid(document.id.uuid()),
            number,
            issued_at: document.issued_at,
            order_number,
            placed_at,
            currency,
            issuer: issuer.into(),
            recipient,
            lines: lines.into_iter().map(|line| InvoiceLine::new(line, currency)).collect(),
            tax_name,
            is_tax_included,
            taxes: taxes.into_iter().map(|sum| DocumentTax::new(sum, currency)).collect(),
            tax: money(document.tax),
            total: money(document.total),
            part: document.part_id,
        }
    }
}

#[ComplexObject]
impl Invoice {
    /// The part of the order that it is about; null for who has come to it by the owner's token of a guest's order.
    async fn order_part(&self, ctx: &Context<'_>) -> WireResult<Option<OrderPart>> {
        Ok(ctx.loader().load_one(PartById(Id::from_uuid(self.part))).await?.map(Into::into))
    }

    /// A page to be read and printed, in the reader's language. Whoever has the URL sees it, without signing in: for a day at the least,
    /// for two at the most.
    async fn html_url(&self, ctx: &Context<'_>) -> String {
        service::page_url(ctx.app(), Id::from_uuid(self.id.uuid()))
    }
}

/// What of an invoice goes back to the buyer, on paper: it never changes. Whoever sees the invoice sees it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CreditNote {
    /// Begins with `creditnote_`.
    pub id: Id<model::CreditNote>,
    /// The place in the shop's series of credit notes, which has no gaps: `CN-000001`.
    number: String,
    /// When it was issued: when it was decided that the money goes back.
    issued_at: Time,
    /// The number of the order.
    order_number: String,
    /// When it was ordered.
    placed_at: Time,
    /// What all its amounts are in.
    currency: CurrencyCode,
    /// Who sold.
    issuer: DocumentIssuer,
    /// Who bought, and where it went; null once it need not be kept any longer of somebody who has left the market, or of a
    /// guest.
    recipient: Option<Address>,
    /// What the buyer is told; null if they called the order off.
    reason: Option<String>,
    /// What the tax is called where it went: `VAT`; null if there was none.
    tax_name: Option<String>,
    /// Whether prices contain the tax. Else it was added to them.
    is_tax_included: bool,
    /// What goes back, by the rate of the tax that goes along, the lowest first: at most 52. It is spread over the rates as they are on the
    /// invoice; once all of it went back, so has each tax, to the penny.
    #[graphql(directive = list_size::apply(2))]
    taxes: Vec<DocumentTax>,
    /// The tax in the total.
    tax: Money,
    /// What goes back: of the refund, its amount.
    total: Money,
    #[graphql(skip)]
    about: Option<Id<Document>>,
    #[graphql(skip)]
    made_for: Option<Id<payments::model::Refund>>,
}

impl From<Document> for CreditNote {
    fn from(document: Document) -> Self {
        let currency = document.currency;
        let money = |minor| money::Money::new(minor, currency).into();
        let number = document.label();
        let recipient = document.recipient.as_ref().and_then(StoredAddress::parse).map(Into::into);
        let Content { order_number, placed_at, issuer, reason, tax_name, is_tax_included, taxes, .. } =
            document.content;
        Self {
            id: Id::from_uuid(document.id.uuid()),
            number,
            issued_at: document.issued_at,
            order_number,
            placed_at,
            currency,
            issuer: issuer.into(),
            recipient,
            reason,
            tax_name,
            is_tax_included,
            taxes: taxes.into_iter().map(|sum| DocumentTax::new(sum, currency)).collect(),
            tax: money(document.tax),
            total: money(document.total),
            about: document.invoice_id,
            made_for: document.refund_id,
        }
    }
}

#[ComplexObject]
impl CreditNote {
    /// What it is about; null for who has come to it by the owner's token of a guest's order.
    async fn invoice(&self, ctx: &Context<'_>) -> WireResult<Option<Invoice>> {
        let Some(id) = self.about else { return Ok(None) };
        Ok(ctx.loader().load_one(DocumentById(id, DocumentKind::Invoice)).await?.map(Into::into))
    }

    /// What it was issued for; null for who has come to it by the owner's token of a guest's order.
    async fn refund(&self, ctx: &Context<'_>) -> WireResult<Option<Refund>> {
        let Some(id) = self.made_for else { return Ok(None) };
        Ok(ctx.loader().load_one(RefundById(id)).await?.map(Into::into))
    }

    /// A page to be read and printed, in the reader's language. Whoever has the URL sees it, without signing in: for a day at the least,
    /// for two at the most.
    async fn html_url(&self, ctx: &Context<'_>) -> String {
        service::page_url(ctx.app(), Id::from_uuid(self.id.uuid()))
    }
}

/// A document that a shop has issued. New types may appear at any time: keep a default branch.
#[derive(Union)]
pub enum ShopDocument {
    Invoice(Invoice),
    CreditNote(CreditNote),
}

impl From<Document> for ShopDocument {
    fn from(document: Document) -> Self {
        match document.kind {
            DocumentKind::Invoice => Self::Invoice(document.into()),
            DocumentKind::CreditNote => Self::CreditNote(document.into()),
        }
    }
}

/// The documents' part of a shop's desk.
pub struct DocumentsDesk(Desk);

impl From<&Desk> for DocumentsDesk {
    fn from(desk: &Desk) -> Self {
        Self(desk.clone())
    }
}

#[Object]
impl DocumentsDesk {
    /// The invoices and credit notes that the shop has issued, newest first. Null if your role does not see money.
    #[allow(clippy::too_many_arguments, reason = "a connection has four, and a list a filter")]
    async fn documents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 1 to 100. Gives way to `last`.", default_with = "Some(20)")]
        first: Option<i32>,
        #[graphql(desc = "The cursor after which the page begins.")] after: Option<String>,
        #[graphql(desc = "How many from the end instead, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "The cursor before which the page ends.")] before: Option<String>,
        #[graphql(desc = "Only those of a kind; all of them if absent.")] kind: Option<DocumentKind>,
    ) -> WireResult<Option<List<ShopDocument>>> {
        let key = ("shop documents", self.0.shop.id, kind.map(DocumentKind::as_str));
        let listing = Listing::<Position>::new(key, &PageArgs { first, after, last, before })?;
        let rows = service::documents_of_shop(ctx.app(), &self.0, kind, listing.page.clone()).await?;
        let Some(rows) = rows else { return Ok(None) };
        let (app, shop) = (ctx.app().clone(), self.0.shop.id);
        let total = Total::new(move || {
            let app = app.clone();
            async move { service::count_documents_of_shop(&app, shop, kind, COUNT_LIMIT + 1).await }
        });
        Ok(Some(listing.connection(rows, |row| (row.issued_at, row.id.uuid()), ShopDocument::from, total)))
    }
}
