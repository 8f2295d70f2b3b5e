//! What a revision comes to, by what a product is now. Pure.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use super::{Face, Revision, VariantFace};
use crate::{
    kernel::{id::Id, text::fold},
    products::{
        model::{
            MAXIMUM_VARIANTS, Product, ProductAspect, ProductStatus, Variant,
            attributes::{KindAttribute, StoredValue},
            options,
        },
        queries::variants::Revised as VariantRow,
        service::{BulkVariant, values},
    },
};

/// Why a variant is not brought in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    TooMany,
    NoOptions,
    OtherOptions,
    SameOptions,
    Incomplete,
    Compared,
}

impl Refusal {
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooMany => "a product has at most 100 variants",
            Self::NoOptions => "options: not a value for each of the product's options",
            Self::OtherOptions => "options: others than the product has, and not all of its variants are told about",
            Self::SameOptions => "options: another variant of the product has the same",
            Self::Compared => "compare_at_price: not more than the price",
            Self::Incomplete => "status: the product lacks what its kind requires",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason())
    }
}

/// What was not yet so.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Revised {
    pub face: bool,
    /// Of each variant that was told about, whether it was not yet so.
    pub variants: Vec<Result<bool, Refusal>>,
    pub new: Vec<Result<(), Refusal>>,
}

/// What is known of a product besides its row.
pub struct Known<'a> {
    /// In the product's order.
    pub siblings: Vec<Variant>,
    pub stored: Vec<StoredValue>,
    /// What the prices of those variants are compared with of which that is told.
    pub compared: &'a HashMap<Id<Variant>, i64>,
    /// Of the kind that it shall have.
    pub of_kind: &'a [KindAttribute],
}

/// What is written of a product.
pub struct Plan {
    pub product: Product,
    /// What differs.
    pub face: Option<Face>,
    pub stored: Option<Vec<StoredValue>>,
    /// The values of all variants, if those of one differ.
    pub options: Option<Vec<(Id<Variant>, Vec<String>)>>,
    /// What all variants are called with them.
    pub titles: Vec<String>,
    pub rows: Vec<VariantRow>,
    /// What prices are compared with from now on, where that differs.
    pub compared: Vec<(Id<Variant>, Option<i64>)>,
    pub new: Vec<BulkVariant>,
    pub next_ordinal: i32,
    /// What of it differs.
    pub aspects: Vec<ProductAspect>,
    pub revised: Revised,
}

impl Plan {
    pub fn of(product: Product, known: &Known<'_>, revision: &Revision) -> Self {
        let next_ordinal = known.siblings.last().map_or(0, |last| last.ordinal.saturating_add(1));
        let mut plan = Self {
            product,
            face: None,
            stored: None,
            options: None,
            titles: Vec::new(),
            rows: Vec::new(),
            compared: Vec::new(),
            new: Vec::new(),
            next_ordinal,
            aspects: Vec::new(),
            revised: Revised::default(),
        };
        let names = revision.face.options.as_ref().unwrap_or(&plan.product.details.option_names).clone();
        let mut choice = Choice::of(&plan.product.details.option_names, &names, known, revision);
        let stored = wanted_values(&plan.product, known, &revision.face);
        if choice.takes_any() && !is_fit_for_sale(&plan.product, known, &revision.face, &stored) {
            choice.refuse_all(Refusal::Incomplete);
        }
        if choice.takes_any() {
            plan.say(&revision.face, known, stored);
        }
        plan.vary(&names, known, revision, &choice);
        plan.revised.face = plan.face.is_some() || plan.stored.is_some();
        plan
    }

    /// Whether anything is written.
    pub fn changes(&self) -> bool {
        !self.aspects.is_empty()
    }

    fn say(&mut self, face: &Face, known: &Known<'_>, stored: Vec<StoredValue>) {
        let Product { card, details } = &self.product;
        let differing = Face {
            title: face.title.clone().filter(|title| *title != card.title),
            description: face.description.clone().filter(|description| *description != details.description),
            category: face.category.filter(|category| *category != details.category_id),
            status: face.status.filter(|status| *status != card.status),
            brand: face.brand.clone().filter(|brand| *brand != details.brand),
            tags: face.tags.clone().filter(|tags| *tags != details.tags),
            product_kind: face.product_kind.filter(|kind| *kind != details.product_kind_id),
            attributes: None,
            options: face.options.clone().filter(|names| *names != details.option_names),
        };
        self.face = (differing != Face::default()).then_some(differing);
        self.stored = (!is_same(&stored, &known.stored)).then_some(stored);
        // What is said is part of the product, whose version tells of it.
        if self.stored.is_some() {
            self.face.get_or_insert_default();
        }
        self.aspects.extend(self.face.is_some().then_some(ProductAspect::Details));
    }

    fn vary(&mut self, names: &[String], known: &Known<'_>, revision: &Revision, choice: &Choice) {
        let final_values = |variant: &Variant| {
            let told = revision.variants.iter().position(|told| told.id == variant.id);
            match told.and_then(|place| choice.told.get(place)) {
                Some(Ok(values)) => values.clone(),
                _ => variant.option_values.clone(),
            }
        };
        let values: Vec<Vec<String>> = known.siblings.iter().map(final_values).collect();
        if known.siblings.iter().zip(&values).any(|(variant, values)| variant.option_values != *values) {
            let called = |(variant, values): (&Variant, &Vec<String>)| {
                if values.is_empty() { variant.title.clone() } else { options::title(values) }
            };
            self.titles = known.siblings.iter().zip(&values).map(called).collect();
            self.aspects.push(ProductAspect::Details);
            self.options = Some(known.siblings.iter().map(|variant| variant.id).zip(values).collect());
        }
        for (told, taken) in revision.variants.iter().zip(&choice.told) {
            let current = known.siblings.iter().find(|variant| variant.id == told.id);
            self.revised.variants.push(match (taken, current) {
                (Err(refusal), _) => Err(*refusal),
                (Ok(_), None) => Err(Refusal::TooMany),
                (Ok(values), Some(current)) => {
                    let (row, mut aspects) = row(current, told, values);
                    let above = told.compare_at.filter(|above| *above != known.compared.get(&told.id).copied());
                    self.compared.extend(above.map(|above| (told.id, above)));
                    aspects.extend(above.map(|_| ProductAspect::Price));
                    let differs = !aspects.is_empty() || current.option_values != *values;
                    self.rows.extend((!aspects.is_empty()).then_some(row));
                    self.aspects.extend(aspects);
                    Ok(differs)
                }
            });
        }
        for (new, taken) in revision.new.iter().zip(&choice.new) {
            self.revised.new.push(taken.as_ref().map(|_| ()).map_err(|refusal| *refusal));
            if let Ok(values) = taken {
                let title = if names.is_empty() { new.title.clone() } else { options::title(values) };
                self.aspects.push(ProductAspect::Details);
                self.new.push(BulkVariant { title, options: values.clone(), ..new.clone() });
            }
        }
    }
}

/// What a variant shall be apart from its options, and what of that differs.
fn row(current: &Variant, told: &VariantFace, values: &[String]) -> (VariantRow, Vec<ProductAspect>) {
    let title = if values.is_empty() {
        told.title.clone().unwrap_or_else(|| current.title.clone())
    } else {
        options::title(values)
    };
    let price = told.price.unwrap_or(current.price);
    let barcode = told.barcode.clone().unwrap_or_else(|| current.barcode.clone());
    let weight_grams = told.weight_grams.unwrap_or(current.weight_grams);
    let is_titled_otherwise = values.is_empty() && title != current.title;
    let is_said_otherwise = is_titled_otherwise || barcode != current.barcode || weight_grams != current.weight_grams;
    let mut aspects = Vec::new();
    aspects.extend(is_said_otherwise.then_some(ProductAspect::Details));
    aspects.extend((price != current.price).then_some(ProductAspect::Price));
    (VariantRow { id: current.id, title, price, barcode, weight_grams }, aspects)
}

/// What is said of the product by attributes afterwards. What attributes say that its kind has no longer is kept, unless it
/// becomes another kind.
fn wanted_values(product: &Product, known: &Known<'_>, face: &Face) -> Vec<StoredValue> {
    let is_of_kind = |value: &&StoredValue| known.of_kind.iter().any(|of| of.attribute.id == value.attribute_id);
    let has_another_kind = face.product_kind.is_some_and(|kind| kind != product.details.product_kind_id);
    let (said, kept): (Vec<_>, Vec<_>) = known.stored.iter().partition(is_of_kind);
    let given = face.attributes.as_ref().map(|given| {
        let stored = given.iter().filter_map(|given| StoredValue::of(product.card.id, given.attribute, &given.value));
        stored.collect::<Vec<_>>()
    });
    let mut wanted = given.unwrap_or_else(|| said.into_iter().cloned().collect());
    if !has_another_kind {
        wanted.extend(kept.into_iter().cloned());
    }
    wanted
}

/// Whether the same is said, in whatever order.
fn is_same(one: &[StoredValue], other: &[StoredValue]) -> bool {
    one.len() == other.len() && one.iter().all(|value| other.contains(value))
}

/// What is for sale, or becomes so, says everything that its kind requires; what was for sale before stays so.
fn is_fit_for_sale(product: &Product, known: &Known<'_>, face: &Face, stored: &[StoredValue]) -> bool {
    let status = face.status.unwrap_or(product.card.status);
    let is_shown = status == ProductStatus::Active || product.details.publish_at.is_some();
    let becomes_shown = is_shown && product.card.status != ProductStatus::Active;
    let says_else = !is_same(stored, &known.stored)
        || face.product_kind.is_some_and(|kind| kind != product.details.product_kind_id);
    !is_shown || (!becomes_shown && !says_else) || values::complete(known.of_kind, stored).is_ok()
}

/// The values of all variants that are told about or new, or why they are not taken.
struct Choice {
    told: Vec<Result<Vec<String>, Refusal>>,
    new: Vec<Result<Vec<String>, Refusal>>,
}

impl Choice {
    fn of(before: &[String], names: &[String], known: &Known<'_>, revision: &Revision) -> Self {
        let folded = |names: &[String]| names.iter().map(|name| fold(name)).collect::<Vec<_>>();
        let has_others = folded(before) != folded(names);
        let says_options = revision.face.options.is_some();
        let fits = |values: &[String]| values.len() == names.len();
        let of_told = |told: &VariantFace| {
            let current = known.siblings.iter().find(|variant| variant.id == told.id);
            let values = match current {
                Some(current) if !says_options => &current.option_values,
                _ => &told.values,
            };
            let price = told.price.or(current.map(|current| current.price));
            match price.zip(told.compare_at.flatten()) {
                _ if !fits(values) => Err(Refusal::NoOptions),
                Some((price, above)) if above <= price => Err(Refusal::Compared),
                _ => Ok(values.clone()),
            }
        };
        let of_new =
            |new: &BulkVariant| if fits(&new.options) { Ok(new.options.clone()) } else { Err(Refusal::NoOptions) };
        let mut choice = Self {
            told: revision.variants.iter().map(of_told).collect(),
            new: revision.new.iter().map(of_new).collect(),
        };
        let is_told = |variant: &Variant| {
            let mut told = revision.variants.iter().zip(&choice.told);
            told.any(|(told, values)| told.id == variant.id && values.is_ok())
        };
        if has_others && !known.siblings.iter().all(is_told) {
            choice.refuse_all(Refusal::OtherOptions);
        }
        let room = MAXIMUM_VARIANTS.saturating_sub(known.siblings.len());
        choice.new.iter_mut().filter(|new| new.is_ok()).skip(room).for_each(|new| *new = Err(Refusal::TooMany));
        if !names.is_empty() && (says_options || !choice.new.is_empty()) {
            choice.tell_apart(known, revision);
            if has_others && choice.told.iter().any(Result::is_err) {
                choice.refuse_all(Refusal::SameOptions);
            }
        }
        choice
    }

    fn takes_any(&self) -> bool {
        self.told.iter().chain(&self.new).any(Result::is_ok)
    }

    fn refuse_all(&mut self, refusal: Refusal) {
        self.told.iter_mut().chain(&mut self.new).filter(|taken| taken.is_ok()).for_each(|taken| *taken = Err(refusal));
    }

    /// Refuses whoever has the values of another variant. Who is refused keeps what they have, so another may be refused for
    /// that.
    fn tell_apart(&mut self, known: &Known<'_>, revision: &Revision) {
        loop {
            let is_taken = |variant: &&Variant| {
                let mut told = revision.variants.iter().zip(&self.told);
                !told.any(|(told, values)| told.id == variant.id && values.is_ok())
            };
            let mut others: Vec<Vec<String>> =
                known.siblings.iter().filter(is_taken).map(|variant| variant.option_values.clone()).collect();
            let mut seen: HashSet<Vec<String>> = others.iter().map(|values| folded(values)).collect();
            let mut is_settled = true;
            for taken in self.told.iter_mut().chain(&mut self.new) {
                let Ok(values) = taken else { continue };
                options::spell_alike(values, others.iter().map(Vec::as_slice));
                if seen.insert(folded(values)) {
                    others.push(values.clone());
                } else {
                    *taken = Err(Refusal::SameOptions);
                    is_settled = false;
                    break;
                }
            }
            if is_settled {
                return;
            }
        }
    }
}

fn folded(values: &[String]) -> Vec<String> {
    values.iter().map(|value| fold(value)).collect()
}
