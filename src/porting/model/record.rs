//! A product as a file says it, whatever the format.

use crate::products::model::ProductStatus;

/// A product with its variants. What is absent is not said, and stays as it is; what is empty is said to be nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductRecord {
    /// What the file calls the product. Without it the record has one variant, which is known by its SKU.
    pub handle: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub brand: Option<String>,
    pub tags: Option<Vec<String>>,
    /// Names of categories from the top.
    pub category: Option<Vec<String>>,
    pub status: Option<ProductStatus>,
    /// The handle of the product's kind; empty for none.
    pub kind: Option<String>,
    /// Handles of attributes with what is said by them.
    pub attributes: Option<Vec<(String, String)>>,
    /// The names of the options.
    pub options: Option<Vec<String>>,
    /// Images that the product shall have. Others that it has stay.
    pub images: Vec<ImageRecord>,
    pub variants: Vec<VariantRecord>,
}

impl ProductRecord {
    /// What it says of the product, without variants.
    #[must_use]
    pub fn face(&self) -> Self {
        Self { variants: Vec::new(), ..self.clone() }
    }

    /// As a row without a title says it: what is empty there is not said.
    #[must_use]
    pub fn without_blanks(mut self) -> Self {
        self.description = self.description.filter(|text| !text.is_empty());
        self.brand = self.brand.filter(|brand| !brand.is_empty());
        self.tags = self.tags.filter(|tags| !tags.is_empty());
        self.category = self.category.filter(|path| !path.is_empty());
        self.kind = self.kind.filter(|kind| !kind.is_empty());
        self.attributes = self.attributes.filter(|said| !said.is_empty());
        self.options = self.options.filter(|names| !names.is_empty());
        self
    }

    /// An image that a variant shows is one of the product's.
    #[must_use]
    pub fn with_images_of_variants(mut self) -> Self {
        for url in self.variants.iter().filter_map(|variant| variant.image.as_ref()) {
            if self.images.iter().all(|image| image.url != *url) {
                self.images.push(ImageRecord { url: url.clone(), alternative_text: String::new() });
            }
        }
        self
    }
}

/// A variant of a [`ProductRecord`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantRecord {
    pub sku: String,
    /// Of a variant without options; one with options is called by them.
    pub title: Option<String>,
    /// Minor units of the shop's currency.
    pub price: Option<i64>,
    /// As the price: what the shop compares it with, which is more.
    pub compare_at: Option<Option<i64>>,
    /// Pieces that something new begins with.
    pub quantity: Option<i32>,
    pub barcode: Option<Option<String>>,
    pub weight_grams: Option<Option<i32>>,
    /// A value for each of the product's options.
    pub values: Vec<String>,
    /// The URL of one of the product's images.
    pub image: Option<String>,
}

/// An image that stands somewhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRecord {
    pub url: String,
    pub alternative_text: String,
}
