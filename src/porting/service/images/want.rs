//! Which images are still to be fetched.

use std::collections::{BTreeSet, HashMap};

use super::own_path;
use crate::{
    kernel::id::Id,
    platform::{clock::Time, db::Tx},
    porting::{
        error::PortingError,
        model::{ImageRecord, ProductRecord, WantedImage},
        queries,
        service::batch::Destination,
    },
    products::{
        self,
        model::{MAXIMUM_MEDIA, Product, SourcedMedia},
    },
};

/// Rows of one statement.
const ROWS: usize = 1_000;

/// What came of the images of records.
#[derive(Debug, Default)]
pub struct Wanted {
    /// How many are to be fetched that nobody had, and how many there was no room for.
    pub new: u64,
    pub left_out: u64,
    /// The SKUs of variants that show another image than before, or will.
    pub variants: BTreeSet<String>,
}

/// An image that a product waits for.
struct Waiting {
    image: WantedImage,
    news: News,
}

/// What a file says of an image that a product waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum News {
    Nothing,
    /// Another text, or other variants that show it.
    Told,
    /// It was not wanted before, or was given up.
    Wanted,
}

/// A step: has products show the images of their records, after those that they show. What is named by a URL of ours, or was
/// fetched from its URL before, is not wanted again. A variant shows the image that its record names, as soon as it is here.
pub fn want(
    tx: &mut Tx<'_>,
    destination: &Destination<'_>,
    shown: &[(Id<Product>, &ProductRecord)],
) -> Result<Wanted, PortingError> {
    let shown: Vec<_> = shown.iter().filter(|(_, record)| !record.images.is_empty()).collect();
    if shown.is_empty() {
        return Ok(Wanted::default());
    }
    let ids: Vec<_> = shown.iter().map(|(id, _)| *id).collect();
    let mut here = HashMap::<_, Vec<SourcedMedia>>::new();
    for image in products::service::media_of(tx.conn(), &ids)? {
        here.entry(image.product_id).or_default().push(image);
    }
    let mut waiting = HashMap::<_, Vec<Waiting>>::new();
    for image in queries::wanted_of(tx.conn(), &ids)? {
        waiting.entry(image.product_id).or_default().push(Waiting { image, news: News::Nothing });
    }
    let now = tx.now();
    let (mut told, mut of_variants) = (Wanted::default(), Vec::new());
    for (id, record) in shown {
        let (here, waiting) = (here.entry(*id).or_default(), waiting.entry(*id).or_default());
        for image in &record.images {
            let own =
                own_path(destination.public_url, &image.url).and_then(|path| path.split('/').next()?.parse().ok());
            let is_it =
                |shown: &&SourcedMedia| shown.source_url.as_ref() == Some(&image.url) || own == Some(shown.medium.id);
            if let Some(shown) = here.iter().find(is_it) {
                of_variants.extend(skus(record, &image.url).map(|sku| (*id, sku, shown.medium.id)));
                continue;
            }
            if let Some(known) = waiting.iter_mut().find(|known| known.image.url == image.url) {
                known.hear(image, now);
                continue;
            }
            if here.len() + waiting.len() >= MAXIMUM_MEDIA {
                told.left_out += 1;
                continue;
            }
            let ordinals = here.iter().map(|shown| shown.ordinal);
            let last = ordinals.chain(waiting.iter().map(|known| known.image.ordinal)).max();
            let image = WantedImage {
                product_id: *id,
                url: image.url.clone(),
                ordinal: last.map_or(0, |last| last.saturating_add(1)),
                alternative_text: image.alternative_text.clone(),
                skus: Vec::new(),
                attempts: 0,
                due_at: Some(now),
                failure: None,
            };
            waiting.push(Waiting { image, news: News::Wanted });
        }
        for variant in &record.variants {
            let Some(url) = &variant.image else { continue };
            if waiting.iter_mut().map(|known| known.is_of(&variant.sku, url)).fold(false, |one, other| one | other) {
                told.variants.insert(variant.sku.clone());
            }
        }
    }
    let news = |wanted: News| {
        let of_all = waiting.values().flatten().filter(move |known| known.news == wanted);
        of_all.map(|known| known.image.clone()).collect::<Vec<_>>()
    };
    let wanted = news(News::Wanted);
    told.new = u64::try_from(wanted.len()).unwrap_or(u64::MAX);
    wanted.chunks(ROWS).try_for_each(|rows| queries::want(tx, rows))?;
    news(News::Told).chunks(ROWS).try_for_each(|rows| queries::tell(tx, rows))?;
    told.variants.extend(products::service::show_of_variants(tx, destination.shop.id, &of_variants)?);
    Ok(told)
}

fn skus<'a>(record: &'a ProductRecord, url: &str) -> impl Iterator<Item = &'a str> {
    let showing = record.variants.iter().filter(move |variant| variant.image.as_deref() == Some(url));
    showing.map(|variant| variant.sku.as_str())
}

impl Waiting {
    /// Hears what a file says of it. What was given up is tried again.
    fn hear(&mut self, said: &ImageRecord, now: Time) {
        if !said.alternative_text.is_empty() && self.image.alternative_text != said.alternative_text {
            self.image.alternative_text.clone_from(&said.alternative_text);
            self.news = self.news.max(News::Told);
        }
        if self.image.due_at.is_none() {
            (self.image.due_at, self.image.attempts) = (Some(now), 0);
            self.news = News::Wanted;
        }
    }

    /// Hears which image a variant shows; it shows no other one. Whether that is new.
    fn is_of(&mut self, sku: &str, url: &str) -> bool {
        let place = self.image.skus.iter().position(|known| known == sku);
        match place {
            None if self.image.url == url => self.image.skus.push(sku.to_owned()),
            Some(place) if self.image.url != url => {
                self.image.skus.remove(place);
            }
            _ => return false,
        }
        self.news = self.news.max(News::Told);
        true
    }
}
