//! Asking the staff to look at something.

use crate::{
    kernel::{
        error::Failure,
        id::Id,
        text::{self, TextError},
    },
    messages,
    moderation::{
        error::ModerationError,
        model::{Case, MAXIMUM_TEXTS, NewReport, ReportReason, Target},
        queries::{self, Reported},
    },
    platform::{
        app::App,
        caller::Caller,
        db::Tx,
        idempotency::{Key, Retention},
    },
    products,
    reviews::{self, error::ReviewError},
    shops,
    users::{
        self,
        model::{GuessedAt, User, oneself},
    },
};

/// Characters of what is said with a report.
const MAXIMUM_NOTE: usize = 1_000;

/// What is reported, as it is just now.
struct Evidence {
    /// Who wrote it, or is it.
    person: Option<Id<User>>,
    texts: Vec<String>,
    attachments: Vec<String>,
}

/// Asks the staff to look at something that the caller sees. Once more changes nothing, until some time after the
/// decision.
pub async fn report(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    target: Target,
    reason: ReportReason,
    note: &str,
) -> Result<(), ModerationError> {
    let user = oneself(caller)?;
    let input = NewReport { target, reason: reason.as_str(), note: note.to_owned() };
    let key = key.map(|key| Key::new(&user, "report", key, &input, Retention::Day)).transpose()?;
    let note = checked_note(note)?;
    let counted = [(GuessedAt::Reporter, app.master.mac("reports", &[user.uuid().as_bytes()]).to_vec())];
    let asking = caller.clone();
    app.once(caller, key, move |tx| {
        // One after the other, so that nobody reports a thing twice.
        users::service::lock_person(tx, user)?.ok_or(Failure::Unauthenticated(None))?;
        let mut evidence = evidence(tx, &asking, user, target)?;
        // What they report later is news: it may be another person's doing, or have been edited since.
        let lately = tx.now() - Case::APPEALABLE;
        if queries::has_reported(tx.conn(), user, target, lately)? {
            return Ok(());
        }
        if let Some((_, retry_at)) = users::service::count_guess(tx, &counted)? {
            return Err(ModerationError::TooSoon { retry_at });
        }
        let case = queries::count_reporter(tx, target, evidence.person)?;
        let texts = evidence.texts.split_off(evidence.texts.len().saturating_sub(MAXIMUM_TEXTS));
        let attachments = &evidence.attachments;
        let report = Reported { case, target, reporter: user, reason, note: &note, texts: &texts, attachments };
        Ok(queries::put_report(tx, &report)?)
    })
    .await
}

fn checked_note(given: &str) -> Result<String, ModerationError> {
    match text::paragraph(given, MAXIMUM_NOTE) {
        Err(TextError::Blank) => Ok(String::new()),
        checked => checked.map_err(|error| ModerationError::Text { field: "note".into(), error }),
    }
}

/// What something is that somebody sees, and that is not their own.
fn evidence(tx: &mut Tx<'_>, asking: &Caller, user: Id<User>, target: Target) -> Result<Evidence, ModerationError> {
    let (field, found) = match target {
        Target::Message(id) => ("target.messageId", of_message(tx, user, id)?),
        Target::User(id) => ("target.userId", of_person(tx, id)?),
        Target::Product(id) => {
            let seen = products::service::seen_by(tx.conn(), user, id)?;
            let evidence = |product: products::model::Product, is_own| {
                (of_texts(None, [product.card.title, product.details.description]), is_own)
            };
            ("target.productId", seen.map(|(product, role)| evidence(product, role.is_some())))
        }
        Target::Review(id) => ("target.reviewId", of_review(tx, asking, id)?.map(|found| (found, false))),
        Target::Shop(id) => {
            let is_own = shops::service::membership(tx.conn(), user, id)?.is_some();
            let shop = shops::service::shops_by_ids(tx.conn(), &[id])?.pop();
            ("target.shopId", shop.map(|shop| (of_texts(None, [shop.name, shop.description]), is_own)))
        }
    };
    let (evidence, is_own) = found.ok_or_else(|| ModerationError::not_found(field))?;
    if is_own || evidence.person == Some(user) {
        return Err(ModerationError::not_permitted(field));
    }
    Ok(evidence)
}

/// What is found, and whether it is the reporter's own though nobody in person is behind it.
type Found = Option<(Evidence, bool)>;

fn of_texts<const N: usize>(person: Option<Id<User>>, texts: [String; N]) -> Evidence {
    let texts = texts.into_iter().filter(|text| !text.is_empty()).collect();
    Evidence { person, texts, attachments: Vec::new() }
}

fn of_message(tx: &mut Tx<'_>, user: Id<User>, id: Id<messages::model::Message>) -> Result<Found, Failure> {
    let said = messages::service::said_to(tx.conn(), user, id)?;
    Ok(said.map(|said| (Evidence { person: said.author, texts: said.texts, attachments: said.attachments }, false)))
}

fn of_person(tx: &mut Tx<'_>, id: Id<User>) -> Result<Found, Failure> {
    let person = users::service::person(tx.conn(), id)?;
    Ok(person.map(|person| (of_texts(Some(id), [person.display_name, person.bio]), false)))
}

fn of_review(tx: &mut Tx<'_>, asking: &Caller, id: Id<reviews::model::Review>) -> Result<Option<Evidence>, Failure> {
    let seen = reviews::service::seen_by(tx, asking, id).map_err(|error| match error {
        ReviewError::Failed(failure) => failure,
        other => Failure::internal(other),
    })?;
    Ok(seen.map(|review| of_texts(Some(review.author_id), [review.title, review.text])))
}
