//! What a row says about a variant and its product.

use crate::{
    inventory::model::MAXIMUM_MOVED,
    kernel::money::{CurrencyCode, Decimal, Money},
    products::{error::ProductError, model::ProductStatus, service::check},
};

use super::rows::Cells;

/// A row that can be taken. What is absent stays as it is, or is the default of something new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub sku: String,
    pub face: Face,
    /// Minor units.
    pub price: Option<i64>,
    /// Pieces that something new begins with.
    pub quantity: i32,
    /// What the other system calls the product; without it the variant is a product of its own.
    pub product: Option<String>,
    pub variant_title: Option<String>,
}

/// What a row says about its product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Face {
    pub title: Option<String>,
    pub description: Option<String>,
    /// The name; the inner `None` clears it.
    pub category: Option<Option<String>>,
    pub status: Option<ProductStatus>,
}

/// Reads rows one after the other: the rows of one product stand together, and the first one says what the product is.
pub struct Parser {
    currency: CurrencyCode,
    product: Option<(String, Face)>,
}

impl Parser {
    pub const fn new(currency: CurrencyCode) -> Self {
        Self { currency, product: None }
    }

    /// # Errors
    /// Why the row cannot be taken. The reasons are few, whatever the rows hold.
    pub fn item(&mut self, cells: Cells) -> Result<Item, String> {
        let [sku, title, description, category, price, currency, quantity, product, variant_title, status] = cells;
        let told = |error: ProductError| error.to_string();
        let sku = check::sku(&sku.unwrap_or_default(), "sku").map_err(told)?;
        let given = |cell: Option<String>| cell.filter(|cell| !cell.is_empty());
        let product = given(product).map(|product| check::line(&product, 100, "product")).transpose().map_err(told)?;
        let face = Face {
            title: given(title).map(|title| check::title(&title)).transpose().map_err(told)?,
            description: description.map(|text| check::description(&text)).transpose().map_err(told)?,
            category: match category {
                None => None,
                Some(name) if name.is_empty() => Some(None),
                Some(name) => Some(Some(check::category_name(&name).map_err(told)?)),
            },
            status: given(status)
                .map(|word| word.to_uppercase().parse())
                .transpose()
                .map_err(|_| "status: none of DRAFT, ACTIVE and ARCHIVED".to_owned())?,
        };
        match given(currency).map(|code| code.parse::<CurrencyCode>()) {
            Some(Ok(currency)) if currency != self.currency => return Err("currency: not the shop's".into()),
            Some(Err(_)) => return Err("currency: no ISO 4217 code".into()),
            _ => {}
        }
        let quantity = match given(quantity).map(|text| text.parse::<i32>()) {
            None => 0,
            Some(Ok(quantity)) if (0..=MAXIMUM_MOVED).contains(&quantity) => quantity,
            _ => return Err(format!("quantity: no whole number from 0 to {MAXIMUM_MOVED}")),
        };
        let variant_title =
            variant_title.map(|title| check::variant_title(&title, "variant_title")).transpose().map_err(told)?;
        let price = given(price).map(|text| self.price(&text)).transpose()?;
        let face = self.of_product(product.as_deref(), face)?;
        Ok(Item { sku, face, price, quantity, product, variant_title })
    }

    fn price(&self, text: &str) -> Result<i64, String> {
        let amount = text.parse::<Decimal>().ok().and_then(|amount| Money::from_decimal(amount, self.currency).ok());
        let amount = amount.filter(|amount| amount.minor >= 0);
        amount.map(|amount| amount.minor).ok_or_else(|| format!("price: no amount in {} from zero on", self.currency))
    }

    /// What later rows leave empty they have from the first; what they say must be the same.
    fn of_product(&mut self, product: Option<&str>, face: Face) -> Result<Face, String> {
        match (&self.product, product) {
            (Some((current, first)), Some(product)) if current == product => {
                let is_same = face.title.as_ref().is_none_or(|title| first.title.as_ref() == Some(title))
                    && face
                        .description
                        .as_deref()
                        .is_none_or(|text| text.is_empty() || first.description.as_deref() == Some(text))
                    && face
                        .category
                        .as_ref()
                        .is_none_or(|name| name.is_none() || first.category.as_ref() == Some(name))
                    && face.status.is_none_or(|status| first.status == Some(status));
                if is_same { Ok(first.clone()) } else { Err("the product's first row says otherwise".into()) }
            }
            (_, product) => {
                self.product = product.map(|product| (product.to_owned(), face.clone()));
                Ok(face)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// sku, title, price, quantity, product, status.
    fn item(parser: &mut Parser, [sku, title, price, quantity, product, status]: [&str; 6]) -> Result<Item, String> {
        let some = |text: &str| Some(text.to_owned());
        let rest = || None;
        parser.item([
            some(sku),
            some(title),
            rest(),
            rest(),
            some(price),
            rest(),
            some(quantity),
            some(product),
            rest(),
            some(status),
        ])
    }

    #[test]
    fn later_rows_of_a_product_have_what_the_first_one_says() {
        let mut parser = Parser::new(CurrencyCode::GBP);
        let first = item(&mut parser, ["A-1", "Mug", "2.5", "", "mug", "draft"]).unwrap();
        assert_eq!((first.price, first.quantity, first.face.status), (Some(250), 0, Some(ProductStatus::Draft)));
        let second = item(&mut parser, ["A-2", "", "3", "7", "mug", ""]).unwrap();
        assert_eq!((second.face, second.quantity), (first.face, 7));
        let third = item(&mut parser, ["A-3", "Cup", "3", "7", "mug", ""]);
        assert_eq!(third, Err("the product's first row says otherwise".into()));
        let own = item(&mut parser, ["B", "", "3", "7", "", ""]).unwrap();
        assert_eq!((own.face.title, own.product), (None, None));
    }

    #[test]
    fn what_cannot_be_taken_has_a_reason() {
        let mut parser = Parser::new(CurrencyCode::GBP);
        for (row, reason) in [
            (["", "x", "1", "", "", ""], "sku: a text is missing"),
            (["A", "x", "1.234", "", "", ""], "price: no amount in GBP from zero on"),
            (["A", "x", "-1", "", "", ""], "price: no amount in GBP from zero on"),
            (["A", "x", "1", "-1", "", ""], "quantity: no whole number from 0 to 1000000"),
            (["A", "x", "1", "1", "", "gone"], "status: none of DRAFT, ACTIVE and ARCHIVED"),
        ] {
            assert_eq!(item(&mut parser, row), Err(reason.into()), "{row:?}");
        }
    }
}
