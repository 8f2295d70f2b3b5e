//! What the catalogue says in other languages on the wire: to those who read it, and as it is stored to those who write it.

use async_graphql::{ComplexObject, Context, SimpleObject};
use futures_util::future::try_join;

use super::{
    Attribute, Category, Product, ProductOption, ProductVariant, attributes::AttributeChoice, variants::SelectedOption,
};
use crate::{
    kernel::{error::Failure, id::Id, place::Locale},
    platform::gql::{Ask, WireError, WireResult, list_size},
    products::{
        loaders::{ReadingOf, TranslationsOf},
        model::{
            self,
            attributes::Choice,
            translations::{self as stored, Reading, TranslatedOption, TranslatedValue},
        },
    },
};

/// What there is to read of something that was shown, or is gone since, for readers of a locale, or of that of the request.
macro_rules! reading {
    ($ctx:expr, $id:expr, $locale:expr) => {{
        let locale = $locale.or_else(|| $ctx.caller().request.locale.clone());
        let reading = $ctx.loader().load_one(ReadingOf { id: $id, locale }).await?;
        reading.ok_or_else(|| Failure::internal("no reading"))?
    }};
}

/// What a product says to readers of a language.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct LocalizedProduct {
    /// What the title is in: the language of the translation, or that of the catalogue if none serves.
    pub locale: Locale,
    /// The product's name, 1 to 200 characters.
    pub title: String,
    #[graphql(skip)]
    product: Product,
    #[graphql(skip)]
    reading: Reading<stored::ProductTranslation>,
}

#[ComplexObject]
impl LocalizedProduct {
    /// What the shop says about the product, up to 10,000 characters; empty if nothing.
    async fn description(&self, ctx: &Context<'_>) -> WireResult<String> {
        match self.reading.text("", |translation| &translation.description) {
            "" => Ok(self.product.details(ctx).await?.into_owned().description),
            translated => Ok(translated.to_owned()),
        }
    }

    /// What its variants differ in, such as size and colour; at most 3, in the order of the product's `options`.
    #[graphql(directive = list_size::apply(3))]
    async fn options(&self, ctx: &Context<'_>) -> WireResult<Vec<ProductOption>> {
        let options = self.product.own_options(ctx).await?;
        Ok(options.iter().map(|option| translated(&self.reading, option)).collect())
    }
}

impl LocalizedProduct {
    pub(super) async fn of(ctx: &Context<'_>, product: &Product, locale: Option<Locale>) -> WireResult<Self> {
        let reading: Reading<stored::ProductTranslation> = reading!(ctx, product.id, locale);
        let title = reading.text(&product.title, |translation| &translation.title).to_owned();
        Ok(Self { locale: reading.locale().clone(), title, product: product.clone(), reading })
    }
}

fn translated(reading: &Reading<stored::ProductTranslation>, option: &ProductOption) -> ProductOption {
    let ProductOption { name, values: originals } = option;
    let called = |value: &String| reading.text(value, |translation| translation.option_value(name, value)).to_owned();
    let mut values: Vec<String> = originals.iter().map(called).collect();
    // Not told apart, by a wider translation or by a later name, they are what the shop calls them.
    if model::options::repeated(values.iter().map(String::as_str)).is_some() {
        values.clone_from(originals);
    }
    ProductOption { name: reading.text(name, |translation| translation.option_name(name)).to_owned(), values }
}

/// What a variant is called by readers of a language.
#[derive(Debug, Clone, SimpleObject)]
pub struct LocalizedVariant {
    /// The language of the product's translation, or that of the catalogue if none serves.
    pub locale: Locale,
    /// What tells it from the product's other variants: its options in this language, where the product has any.
    pub title: String,
    /// Its value for each of the product's options, in their order; at most 3.
    #[graphql(directive = list_size::apply(3))]
    pub selected_options: Vec<SelectedOption>,
}

impl LocalizedVariant {
    pub(super) async fn of(ctx: &Context<'_>, variant: &ProductVariant, locale: Option<Locale>) -> WireResult<Self> {
        let reading = async { Ok::<_, WireError>(reading!(ctx, variant.product_id, locale)) };
        let names =
            async { if variant.option_values.is_empty() { Ok(Vec::new()) } else { variant.option_names(ctx).await } };
        // At once, so that one statement looks up each of a page.
        let (reading, names): (Reading<stored::ProductTranslation>, _) = try_join(reading, names).await?;
        let selected = |(name, value): (&String, &String)| SelectedOption {
            name: reading.text(name, |translation| translation.option_name(name)).to_owned(),
            value: reading.text(value, |translation| translation.option_value(name, value)).to_owned(),
        };
        let selected_options: Vec<_> = names.iter().zip(&variant.option_values).map(selected).collect();
        let title = if selected_options.is_empty() {
            variant.title.clone()
        } else {
            let values: Vec<_> = selected_options.iter().map(|option| option.value.clone()).collect();
            model::options::title(&values)
        };
        Ok(Self { locale: reading.locale().clone(), title, selected_options })
    }
}

/// What a category is called by readers of a language.
#[derive(Debug, Clone, SimpleObject)]
pub struct LocalizedCategory {
    /// What the name is in: the language of the translation, or that of the catalogue if none serves.
    pub locale: Locale,
    /// The category's name, 1 to 80 characters.
    pub name: String,
    /// What the market says about it, up to 2,000 characters; empty if nothing.
    pub description: String,
}

impl LocalizedCategory {
    pub(super) async fn of(ctx: &Context<'_>, category: &Category, locale: Option<Locale>) -> WireResult<Self> {
        let reading: Reading<stored::CategoryTranslation> = reading!(ctx, category.id, locale);
        Ok(Self {
            locale: reading.locale().clone(),
            name: reading.text(&category.name, |translation| &translation.name).to_owned(),
            description: reading.text(&category.description, |translation| &translation.description).to_owned(),
        })
    }
}

/// What something is called by readers of a language.
#[derive(Debug, Clone, SimpleObject)]
pub struct LocalizedName {
    /// What the name is in: the language of the translation, or that of the catalogue if none serves.
    pub locale: Locale,
    /// What it is called, 1 to 80 characters.
    pub name: String,
}

pub(super) async fn name_of_attribute(
    ctx: &Context<'_>,
    attribute: &Attribute,
    locale: Option<Locale>,
) -> WireResult<LocalizedName> {
    let reading: Reading<stored::AttributeTranslation> = reading!(ctx, attribute.id, locale);
    let name = reading.text(&attribute.name, |translation| &translation.name).to_owned();
    Ok(LocalizedName { locale: reading.locale().clone(), name })
}

pub(super) async fn name_of_choice(
    ctx: &Context<'_>,
    choice: &AttributeChoice,
    locale: Option<Locale>,
) -> WireResult<LocalizedName> {
    let reading: Reading<stored::ChoiceTranslation> = reading!(ctx, choice.id, locale);
    let name = reading.text(&choice.name, |translation| &translation.name).to_owned();
    Ok(LocalizedName { locale: reading.locale().clone(), name })
}

/// What a product says in another language than the catalogue's own, as its shop has set it.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductTranslation {
    /// The language.
    pub locale: Locale,
    /// The product's name, 1 to 200 characters.
    pub title: String,
    /// What the shop says about the product, up to 10,000 characters; empty if it has said nothing in this language.
    pub description: String,
    /// What its options are called; at most 3. What the product has called otherwise since is not used any more.
    #[graphql(directive = list_size::apply(3))]
    pub options: Vec<ProductOptionTranslation>,
}

/// What an option of a product is called in another language.
#[derive(Debug, Clone, SimpleObject)]
pub struct ProductOptionTranslation {
    /// What the product called it when this was set.
    pub name: String,
    /// What it is called, 1 to 60 characters; null if its values alone are translated.
    pub translated_name: Option<String>,
    /// What its values are called, as far as they are translated; at most 100.
    #[graphql(directive = list_size::apply(10))]
    pub values: Vec<OptionValueTranslation>,
}

/// What a value of an option is called in another language.
#[derive(Debug, Clone, SimpleObject)]
pub struct OptionValueTranslation {
    /// What the variants called it when this was set.
    pub value: String,
    /// What it is called, 1 to 60 characters.
    pub translated_value: String,
}

impl From<stored::ProductTranslation> for ProductTranslation {
    fn from(row: stored::ProductTranslation) -> Self {
        let stored::ProductTranslation { locale, title, description, options, .. } = row;
        Self { locale, title, description, options: options.0.into_iter().map(Into::into).collect() }
    }
}

impl From<TranslatedOption> for ProductOptionTranslation {
    fn from(TranslatedOption { name, translated_name, values }: TranslatedOption) -> Self {
        let value = |TranslatedValue { value, translated_value }| OptionValueTranslation { value, translated_value };
        let translated_name = (!translated_name.is_empty()).then_some(translated_name);
        Self { name, translated_name, values: values.into_iter().map(value).collect() }
    }
}

/// What a category is called in another language than the catalogue's own.
#[derive(Debug, Clone, SimpleObject)]
pub struct CategoryTranslation {
    /// The language.
    pub locale: Locale,
    /// The category's name, 1 to 80 characters.
    pub name: String,
    /// What the market says about it, up to 2,000 characters; empty if nothing in this language.
    pub description: String,
}

/// What an attribute and its choices are called in another language than the catalogue's own.
#[derive(Debug, Clone, SimpleObject)]
pub struct AttributeTranslation {
    /// The language.
    pub locale: Locale,
    /// The attribute's name, 1 to 80 characters.
    pub name: String,
    /// What its choices are called, in their order, as far as they are translated; at most 200.
    #[graphql(directive = list_size::apply(20))]
    pub choices: Vec<AttributeChoiceTranslation>,
}

/// What a choice of an attribute is called in another language.
#[derive(Debug, Clone, SimpleObject)]
pub struct AttributeChoiceTranslation {
    /// Which choice.
    pub choice_id: Id<Choice>,
    /// What it is called, 1 to 80 characters.
    pub name: String,
}

pub(super) async fn of_product(ctx: &Context<'_>, id: Id<model::Product>) -> WireResult<Vec<ProductTranslation>> {
    let rows = ctx.loader().load_one(TranslationsOf(id)).await?;
    Ok(rows.unwrap_or_default().into_iter().map(Into::into).collect())
}

pub(super) async fn of_category(ctx: &Context<'_>, id: Id<model::Category>) -> WireResult<Vec<CategoryTranslation>> {
    let rows = ctx.loader().load_one(TranslationsOf(id)).await?.unwrap_or_default();
    let face = |row| {
        let stored::CategoryTranslation { locale, name, description, .. } = row;
        CategoryTranslation { locale, name, description }
    };
    Ok(rows.into_iter().map(face).collect())
}

pub(super) async fn of_attribute(
    ctx: &Context<'_>,
    id: Id<model::attributes::Attribute>,
) -> WireResult<Vec<AttributeTranslation>> {
    let rows = ctx.loader().load_one(TranslationsOf(id)).await?.unwrap_or_default();
    let choice = |stored::ChoiceTranslation { choice_id, name, .. }| AttributeChoiceTranslation { choice_id, name };
    let face = |(row, choices): (stored::AttributeTranslation, Vec<stored::ChoiceTranslation>)| AttributeTranslation {
        locale: row.locale,
        name: row.name,
        choices: choices.into_iter().map(choice).collect(),
    };
    Ok(rows.into_iter().map(face).collect())
}
