//! `GET /documents/{token}`: an invoice or a credit note, to be read and printed, for whoever has the URL.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{
    account::{page, text},
    http::Endpoint,
};
use crate::{
    invoices::{
        self,
        model::{Document, DocumentKind, Line, TaxSum},
    },
    kernel::{
        address::{Address, StoredAddress},
        money::Money,
        place::Language,
        rate::Rate,
        text::escape_html,
    },
    platform::clock::Time,
    users::error::AccountError,
};

/// The points that it costs.
const OPEN: u64 = 100;

/// How a document looks, on a screen and on paper.
const STYLE: &str = "<style>table{border-collapse:collapse;width:100%}th,td{text-align:right;padding:.2rem .4rem;border-bottom:1px solid #8886}\
    th:first-child,td:first-child{text-align:left}section{display:inline-block;vertical-align:top;min-width:45%}\
    @media print{body{margin:0;max-width:none;font-size:11pt}}</style>";

/// Serves the page.
pub fn configure(service: &mut web::ServiceConfig) {
    service.service(web::resource("/documents/{token}").route(web::get().to(document)));
}

async fn document(http: HttpRequest, endpoint: web::Data<Endpoint>, token: web::Path<String>) -> HttpResponse {
    page(&http, &endpoint, OPEN, async |app, _, language| {
        let found = invoices::service::document_by_link(app, &token).await?;
        Ok(shown(language, &found.ok_or(AccountError::InvalidToken)?))
    })
    .await
}

fn day(time: Time) -> String {
    time.format("%Y-%m-%d").to_string()
}

/// A whole document.
fn shown(language: Language, document: &Document) -> String {
    let word = |id: &str| text(language, &format!("page-document.{id}"), &[]);
    let (label, content) = (document.label(), &document.content);
    let money = |minor| escape_html(&Money::new(minor, document.currency).to_string());
    let (issued, placed) = (day(document.issued_at), day(content.placed_at));
    let title = text(language, "page-document", &[("kind", document.kind.as_str()), ("number", &label)]);
    let issued = text(language, "page-document.issued", &[("date", &issued)]);
    let ordered = [("number", content.order_number.as_str()), ("date", placed.as_str())];
    let ordered = text(language, "page-document.order", &ordered);
    let mut parts = vec![format!("{STYLE}<h1>{title}</h1><p>{issued}<br>{ordered}")];
    if let Some(number) = &content.invoice_number {
        parts.push(format!("<br>{}", text(language, "page-document.invoice", &[("number", number)])));
    }
    parts.push("</p>".into());
    let country = content.issuer.country.to_string();
    let sender = content.issuer.address.as_ref().map_or_else(|| escape_html(&country), postal);
    let name = escape_html(&content.issuer.name);
    parts.push(format!("<section><h2>{}</h2><p>{name}<br>{sender}</p></section>", word("from")));
    let recipient = document.recipient.as_ref().and_then(StoredAddress::parse);
    let recipient = recipient.map_or_else(|| word("forgotten"), |address| postal(&address));
    parts.push(format!("<section><h2>{}</h2><p>{recipient}</p></section>", word("to")));
    if document.kind == DocumentKind::Invoice {
        let heads = ["item", "quantity", "price", "discount", "rate", "total"].map(|id| format!("<th>{}", word(id)));
        parts.push(format!("<table><tr>{}", heads.concat()));
        parts.extend(content.lines.iter().map(|line| sold(line, money)));
        parts.push("</table>".into());
    }
    if let Some(reason) = &content.reason {
        parts.push(format!("<p>{}</p>", escape_html(reason)));
    }
    let tax = content.tax_name.as_deref().map_or_else(|| word("tax"), escape_html);
    parts.push(format!("<table><tr><th>{}<th>{}<th>{tax}<th>{}", word("rate"), word("net"), word("gross")));
    parts.extend(content.taxes.iter().map(|sum| taxed(sum, money)));
    let [net, tax, gross] = [document.total - document.tax, document.tax, document.total].map(money);
    parts.push(format!("<tr><th>{}<th>{net}<th>{tax}<th>{gross}</table>", word("total")));
    parts.concat()
}

/// An address as it stands on an envelope.
fn postal(address: &Address) -> String {
    let place = [address.postal_code.as_deref(), Some(address.city.as_str()), address.region.as_deref()];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    let (place, country) = (place.join(" "), address.country.to_string());
    let lines = std::iter::once(&address.name).chain(&address.lines).chain([&place, &country]);
    lines.map(|line| escape_html(line)).collect::<Vec<_>>().join("<br>")
}

fn percent(points: i32) -> String {
    format!("{} %", Rate::from_basis_points(points).unwrap_or_default().percent())
}

fn sold(line: &Line, money: impl Fn(i64) -> String) -> String {
    format!(
        "<tr><td>{}<td>{}<td>{}<td>{}<td>{}<td>{}",
        escape_html(&line.title),
        line.quantity,
        money(line.unit_price),
        money(line.discount),
        percent(line.tax_rate),
        money(line.total)
    )
}

fn taxed(sum: &TaxSum, money: impl Fn(i64) -> String) -> String {
    format!("<tr><td>{}<td>{}<td>{}<td>{}", percent(sum.rate), money(sum.net), money(sum.tax), money(sum.gross))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        invoices::model::{Content, Issuer},
        kernel::{id::Id, money::CurrencyCode},
    };

    fn address(name: &str) -> Address {
        Address {
            name: name.into(),
            lines: vec!["1 High Street".into(), "Flat <2>".into()],
            postal_code: Some("YO1 7HH".into()),
            city: "York".into(),
            region: None,
            country: "GB".parse().unwrap(),
            phone: None,
        }
    }

    fn document(kind: DocumentKind) -> Document {
        let line = Line {
            title: "Lamp <b>&".into(),
            sku: "L".into(),
            quantity: 2,
            unit_price: 600,
            discount: 100,
            tax_rate: 2_000,
            tax: 183,
            total: 1_100,
        };
        let content = Content {
            order_number: "7K4M-92QX".into(),
            placed_at: "2026-11-19T12:00:00Z".parse().unwrap(),
            invoice_number: (kind == DocumentKind::CreditNote).then(|| "INV-000007".to_owned()),
            reason: Some("<i>Chipped</i>".into()),
            issuer: Issuer {
                name: "Lamps \"&\" more".into(),
                country: "GB".parse().unwrap(),
                address: Some(address("Ada")),
            },
            tax_name: None,
            is_tax_included: true,
            taxes: vec![TaxSum { rate: 2_000, net: 917, tax: 183, gross: 1_100 }],
            lines: vec![line],
        };
        Document {
            id: Id::from_uuid(Uuid::nil()),
            kind,
            shop_id: Id::from_uuid(Uuid::nil()),
            number: 12,
            part_id: Uuid::nil(),
            invoice_id: None,
            refund_id: None,
            currency: CurrencyCode::GBP,
            total: 1_100,
            tax: 183,
            content,
            recipient: None,
            issued_at: "2026-11-20T12:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn every_document_has_its_words_and_what_people_wrote_is_text() {
        for language in [Language::English, Language::German] {
            for kind in [DocumentKind::Invoice, DocumentKind::CreditNote] {
                let page = shown(language, &document(kind));
                for empty in ["<h1></h1>", "<h2></h2>", "<th><", "<p></p>", "<br></p>", "{$", "<b>", "<i>", "<2>"] {
                    assert!(!page.contains(empty), "{empty}: {page}");
                }
                for told in [
                    "7K4M-92QX",
                    "2026-11-19",
                    "2026-11-20",
                    "Flat &lt;2&gt;",
                    "&lt;i&gt;Chipped",
                    "20 %",
                    "11.00 GBP",
                    "1.83 GBP",
                ] {
                    assert!(page.contains(told), "{told}: {page}");
                }
                let is_invoice = kind == DocumentKind::Invoice;
                assert_eq!(
                    page.contains("INV-000012") && page.contains("Lamp &lt;b&gt;&amp;<td>2<td>6.00 GBP"),
                    is_invoice
                );
                assert_eq!(page.contains("CN-000012") && page.contains("INV-000007"), !is_invoice);
            }
        }
    }
}
