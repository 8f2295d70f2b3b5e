//! Images that stand somewhere else: files name them, and a job fetches them.
//!
//! An image is remembered with its URL, so a file that names it again changes nothing, and an export names it as the file
//! did. One that cannot be fetched is told, and given up after a while; a file that names it again has it tried again.

mod want;

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};

pub use self::want::{Wanted, want};
use crate::{
    kernel::{error::Failure, id::Id},
    media::{self, error::ReceiveError, model::Medium},
    platform::{
        app::App,
        caller::Caller,
        db::Conn,
        http::{HttpError, Request, Target},
    },
    porting::{
        error::PortingError,
        model::{ImageRecord, ProductRecord, WantedImage},
        queries,
    },
    products::{
        self,
        error::ProductError,
        model::{Product, SourcedMedia},
        service::FoundMedia,
    },
    shops,
    users::model::User,
};

/// Images that are taken up together, and of those that are fetched at once.
const BATCH: i64 = 16;
const AT_ONCE: usize = 4;
/// How long one run of the job takes up more, and how long it begins to fetch what it has taken up: that ends before the job
/// is stopped, after which nobody could tell what was fetched.
const RUN: Duration = Duration::from_secs(20);
const FETCHES: Duration = Duration::from_secs(30);

/// What comes after `/images/` in a URL of ours.
fn own_path<'a>(public_url: &str, url: &'a str) -> Option<&'a str> {
    url.strip_prefix(public_url)?.strip_prefix("/images/")
}

/// The images of a product as a file names them, whether they are here or still to come.
#[derive(Default)]
pub struct ShownImages {
    /// With their places.
    images: Vec<(i32, ImageRecord)>,
    /// By the SKUs of variants that show them themselves.
    of_variants: HashMap<String, String>,
    /// The URLs of those that are here.
    urls: HashMap<Id<Medium>, String>,
}

impl ShownImages {
    pub fn say(&self, record: &mut ProductRecord) {
        record.images = self.images.iter().map(|(_, image)| image.clone()).collect();
        for variant in &mut record.variants {
            variant.image = self.of_variants.get(&variant.sku).cloned();
        }
    }
}

/// A step: the images of products.
pub fn shown(
    conn: &mut Conn,
    app: &App,
    whole: &[products::service::Whole],
) -> Result<BTreeMap<Id<Product>, ShownImages>, Failure> {
    let ids: Vec<_> = whole.iter().map(|whole| whole.product.card.id).collect();
    let mut shown = BTreeMap::<_, ShownImages>::new();
    for SourcedMedia { product_id, ordinal, alternative_text, source_url, medium } in
        products::service::media_of(conn, &ids)?
    {
        let own = || media::service::rendition_url(app, &medium.rendition(medium.kept()));
        let url = source_url.unwrap_or_else(own);
        let of_product = shown.entry(product_id).or_default();
        of_product.urls.insert(medium.id, url.clone());
        of_product.images.push((ordinal, ImageRecord { url, alternative_text }));
    }
    for WantedImage { product_id, url, ordinal, alternative_text, skus, .. } in queries::wanted_of(conn, &ids)? {
        let of_product = shown.entry(product_id).or_default();
        of_product.of_variants.extend(skus.into_iter().map(|sku| (sku, url.clone())));
        of_product.images.push((ordinal, ImageRecord { url, alternative_text }));
    }
    let variants: HashMap<_, _> =
        whole.iter().flat_map(|whole| &whole.variants).map(|variant| (variant.id, variant)).collect();
    let of_variants = products::service::media_of_variants(conn, &variants.keys().copied().collect::<Vec<_>>())?;
    for (id, medium) in of_variants {
        let Some(variant) = variants.get(&id) else { continue };
        let Some(of_product) = shown.get_mut(&variant.product_id) else { continue };
        if let Some(url) = of_product.urls.get(&medium).cloned() {
            of_product.of_variants.insert(variant.sku.clone(), url);
        }
    }
    // Those at the same place in the order in which they are shown.
    for of_product in shown.values_mut() {
        of_product.images.sort_by_key(|(ordinal, _)| *ordinal);
    }
    Ok(shown)
}

/// Images of a shop that are not here, with the slugs of their products and why they are not.
///
/// # Errors
/// [`PortingError::NoShop`], or if the database fails.
pub async fn missing_images(app: &App, shop: &str) -> Result<Vec<(String, WantedImage)>, PortingError> {
    let found = shops::service::shop_by_handle(app, shop).await?;
    let shop = found.ok_or_else(|| PortingError::NoShop(shop.to_owned()))?.id;
    let (mut missing, mut after) = (Vec::new(), None);
    loop {
        let from = after.take();
        let page = app.db.read_long(move |conn| queries::missing(conn, shop, from.clone(), 1_000)).await?;
        let Some((_, last)) = page.last() else { return Ok(missing) };
        after = Some((last.product_id, last.url.clone()));
        missing.extend(page);
    }
}

/// Fetches what is due, a few at a time, for as long as a run lasts.
pub async fn fetch_images(app: &App, caller: &Caller) -> Result<(), Failure> {
    let began = Instant::now();
    while began.elapsed() < RUN {
        let due = app
            .db
            .write(caller, |tx| {
                let now = tx.now();
                queries::take_due(tx, now, now + WantedImage::pause(2), BATCH)
            })
            .await?;
        if due.is_empty() {
            break;
        }
        // Those of one URL after each other: what one has fetched the next one shows, and whom one asked in vain the next one
        // does not ask.
        let mut by_url = BTreeMap::<String, Vec<WantedImage>>::new();
        for image in due.into_iter().filter(|image| image.due_at.is_some()) {
            by_url.entry(image.url.clone()).or_default().push(image);
        }
        // Whatever becomes of one, the others are fetched.
        let of_url = |images: Vec<WantedImage>| async move {
            let (mut outcome, mut away) = (Ok(()), None);
            for image in images {
                let told = if began.elapsed() < FETCHES {
                    fetch(app, caller, image, &mut away).await
                } else {
                    give_back(app, caller, image).await
                };
                outcome = outcome.and(told);
            }
            outcome
        };
        let fetching = stream::iter(by_url.into_values().map(of_url)).buffer_unordered(AT_ONCE);
        fetching.collect::<Vec<Result<(), Failure>>>().await.into_iter().collect::<Result<(), _>>()?;
    }
    Ok(())
}

/// Why an image is not here.
#[derive(Debug)]
enum Fault {
    /// It never will be.
    Never(String),
    Later(String),
    /// Nor is any other one from the same URL.
    Away(String),
    Failed(Failure),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Leaves an image to the next run, as if this one had not taken it up.
async fn give_back(app: &App, caller: &Caller, image: WantedImage) -> Result<(), Failure> {
    app.db
        .write(caller, move |tx| {
            let now = tx.now();
            queries::give_back(tx, &image, now)
        })
        .await
}

/// `away` is why nothing comes from the image's URL, if it was asked for another one just now.
async fn fetch(app: &App, caller: &Caller, image: WantedImage, away: &mut Option<String>) -> Result<(), Failure> {
    let fetched = match found(app, caller, &image, away.as_deref()).await {
        Ok((medium, source_url)) => show(app, caller, &image, medium, source_url).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    let again = (image.attempts < WantedImage::MAXIMUM_ATTEMPTS).then(|| WantedImage::pause(image.attempts));
    let (reason, pause, outcome) = match fetched {
        Ok(()) => return Ok(()),
        Err(Fault::Never(reason)) => (reason, None, Ok(())),
        Err(Fault::Later(reason)) => (reason, again, Ok(())),
        Err(Fault::Away(reason)) => {
            *away = Some(reason.clone());
            (reason, again, Ok(()))
        }
        Err(Fault::Failed(failure)) => (failure.to_string(), again, Err(failure)),
    };
    let due_at = pause.map(|pause| app.now() + pause);
    let told = app.db.write(caller, move |tx| queries::set_failed(tx, image.product_id, &image.url, &reason, due_at));
    outcome.and(told.await)
}

/// The medium at a URL, and the URL if it is not one of ours. Nothing is fetched that the shop has from there.
async fn found(
    app: &App,
    caller: &Caller,
    image: &WantedImage,
    away: Option<&str>,
) -> Result<(Id<Medium>, Option<String>), Fault> {
    if let Some(path) = own_path(&app.market.public_url, &image.url).map(str::to_owned) {
        let medium = app.db.read(move |conn| shown_by_product(conn, &path)).await?;
        return medium.map(|medium| (medium, None)).ok_or_else(|| Fault::Never("there is no such image here".into()));
    }
    let (product, url) = (image.product_id, image.url.clone());
    let (medium, owner) = app.db.read(move |conn| whose(conn, product, &url)).await?;
    let source_url = Some(image.url.clone());
    if let Some(medium) = medium {
        return Ok((medium, source_url));
    }
    let owner = owner.ok_or_else(|| Fault::Later("the shop has no owner whom it could belong to".into()))?;
    let file = match away {
        Some(reason) => return Err(Fault::Away(reason.to_owned())),
        None => download(app, &image.url).await?,
    };
    let medium = media::service::take_in(app, caller, owner, file).await.map_err(|error| match error {
        ReceiveError::Failed(failure) => Fault::Failed(failure),
        ReceiveError::Full => Fault::Later(error.to_string()),
        error => Fault::Never(error.to_string()),
    })?;
    Ok((medium, source_url))
}

/// The image at a URL of ours, if it is one of goods: pictures of people go with them, whoever has seen their URLs.
fn shown_by_product(conn: &mut Conn, path: &str) -> Result<Option<Id<Medium>>, Failure> {
    let Some(medium) = media::service::shown_at(conn, path)? else { return Ok(None) };
    Ok(products::service::is_of_product(conn, medium)?.then_some(medium))
}

type Whose = (Option<Id<Medium>>, Option<Id<User>>);

/// What the product's shop has from a URL, and who owns the shop.
fn whose(conn: &mut Conn, product: Id<Product>, url: &str) -> Result<Whose, Failure> {
    let Some(shop) = products::service::shop_of(conn, product)? else { return Ok((None, None)) };
    Ok((products::service::medium_from(conn, shop, url)?, shops::service::first_owner(conn, shop)?))
}

async fn download(app: &App, url: &str) -> Result<Vec<u8>, Fault> {
    let target = Target::of_others(url).map_err(|fault| Fault::Never(fault.to_string()))?;
    let maximum = usize::try_from(app.market.upload_bytes).unwrap_or(usize::MAX);
    let answer = app.http.send(Request::get("image", &target).answered_within(maximum)).await;
    let answer = answer.map_err(|error| match error {
        HttpError::TimedOut | HttpError::Failed(_) => Fault::Away(error.to_string()),
        error => Fault::Never(error.to_string()),
    })?;
    match answer.status {
        200 => Ok(answer.body),
        status @ (408 | 425 | 429 | 500..) => Err(Fault::Away(format!("the answer was {status}"))),
        status => Err(Fault::Never(format!("the answer was {status}"))),
    }
}

/// Has a product show an image that it waited for, unless it waits no more. Why it cannot is told with what it waits for.
///
/// # Errors
/// If the database fails.
pub async fn show(
    app: &App,
    caller: &Caller,
    image: &WantedImage,
    medium: Id<Medium>,
    source_url: Option<String>,
) -> Result<(), Failure> {
    let (product, url) = (image.product_id, image.url.clone());
    app.db
        .write(caller, move |tx| {
            // As an import does: first the product, then what it waits for.
            products::service::hold(tx, &[product])?;
            // A file may have said other things of it meanwhile.
            let Some(wanted) = queries::wanted(tx.conn(), product, &url)? else { return Ok(()) };
            let WantedImage { ordinal, alternative_text, skus, .. } = wanted;
            let found = FoundMedia { medium, ordinal, alternative_text, source_url: source_url.clone(), skus };
            let reason = match products::service::add_found(tx, product, &found) {
                Ok(()) => return queries::forget(tx, product, &url),
                Err(ProductError::TooMany { .. }) => "the product shows as many images as it may",
                Err(ProductError::NotFound { .. }) => "the image was deleted before the product showed it",
                Err(ProductError::Failed(failure)) => return Err(failure),
                Err(error) => return Err(Failure::internal(error)),
            };
            queries::set_failed(tx, product, &url, reason, None)
        })
        .await
}
