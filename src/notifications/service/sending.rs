//! Telling somebody, and waking their devices.

use super::devices::hash_of;
use crate::{
    kernel::{error::Failure, id::Id},
    notifications::{
        model::{News, Notification, Push, PushDevice, PushNotification, PushPlatform},
        queries::{self, devices},
    },
    platform::{
        app::App,
        caller::Caller,
        db::{Conn, Tx},
        events::{Cursor, log_state},
        jobs::{JobBody, JobError, Planned},
        push::{Notice, PushError},
        texts,
    },
    users::{
        self,
        model::{Addressee, NotificationChannel, NotificationKind},
    },
};

/// Tells somebody in the application and by push, and says who is told by mail now: whoever is left alone until later is told by the same
/// job then, and whoever wants no mail by none.
pub async fn tell<J: JobBody>(app: &App, caller: &Caller, news: News, job: J) -> Result<Option<Addressee>, Failure> {
    note(app, caller, news).await?;
    users::service::told_now(app, caller, (news.user, news.kind.switch()), job).await
}

/// Tells somebody in the application and by push, as they prefer. Once more within a day changes nothing.
pub async fn note(app: &App, caller: &Caller, news: News) -> Result<(), Failure> {
    app.db
        .write(caller, move |tx: &mut Tx<'_>| {
            // Nobody is told any more who is erased meanwhile.
            if users::service::lock_person(tx, news.user)?.is_none() {
                return Ok(());
            }
            let preferences = users::service::preferences_of(tx.conn(), news.user)?;
            let takes = |channel| preferences.takes(news.kind.switch(), channel);
            let (is_listed, is_pushed) = (takes(NotificationChannel::InApp), takes(NotificationChannel::Push));
            if !is_listed && !is_pushed {
                return Ok(());
            }
            let Some(notification) = queries::tell(tx, &news, is_listed)? else { return Ok(()) };
            if !is_pushed {
                return Ok(());
            }
            let now = tx.now();
            let run_at = preferences.quiet_until(now).unwrap_or(now);
            let planned = devices::of_person(tx.conn(), news.user, now)?.into_iter().map(|device| {
                let until = run_at + Notification::PUSHED_WITHIN;
                let body = PushNotification { notification, device: device.id, user: news.user, until };
                Planned { body, run_at, unique_key: None }
            });
            tx.enqueue_planned(&planned.collect::<Vec<_>>())
        })
        .await
}

/// Pushes a notification that nobody has read meanwhile.
///
/// # Errors
/// If another try may do.
pub async fn push_notification(app: &App, caller: &Caller, job: PushNotification) -> Result<(), JobError> {
    let PushNotification { notification, device, user, until } = job;
    let found = app.db.read(move |conn| queries::unread(conn, user, notification)).await?;
    let (Some(found), Some(person)) = (found, users::service::addressee(app, user).await?) else { return Ok(()) };
    let kind = found.kind.switch();
    let title = texts::text(person.language, text_of(kind), &[]).unwrap_or_default();
    let (collapse, about) = (found.subject_id, Some(found.id.to_string()));
    deliver(app, caller, Push { device, user, kind, title, body: String::new(), collapse, about, until }).await
}

/// The words for a push that says no more than what it is about.
const fn text_of(kind: NotificationKind) -> &'static str {
    match kind {
        NotificationKind::Messages => "push-message",
        NotificationKind::Orders => "push-order",
        NotificationKind::Shop => "push-shop",
        NotificationKind::Availability => "push-availability",
        NotificationKind::Prices => "push-price",
        NotificationKind::Searches => "push-search",
        NotificationKind::News => "push-news",
    }
}

/// Pushes to one device, if it is still the person's, and deletes it if its service does not know it any more, or has let the market push
/// nothing there for [`PushDevice::REFUSED_FOR`]. Called by jobs.
///
/// # Errors
/// If another try may do.
pub async fn deliver(app: &App, caller: &Caller, push: Push) -> Result<(), JobError> {
    let Push { device, user, kind, title, body, collapse, about, until } = push;
    let now = app.now();
    if now >= until {
        return Ok(());
    }
    let read = move |conn: &mut Conn| {
        let Some(device) = devices::find(conn, device, user, now)? else { return Ok(None) };
        let hash = hash_of(device.platform, &device.token);
        // Others know the market by no key that a device is bound to.
        let is_bound = device.platform == PushPlatform::WebPush;
        let refused_since = if is_bound { devices::refused_since(conn, &hash)? } else { None };
        let standing = (queries::badge(conn, user, now)?, log_state(conn)?);
        Ok::<_, Failure>(Some((device, (hash, refused_since), standing)))
    };
    let Some((device, (hash, refused_since), (badge, log))) = app.db.read(read).await? else { return Ok(()) };
    let event_cursor = Cursor { epoch: log.epoch, position: log.last_position }.to_string();
    let notice = Notice { title, body, badge, collapse, event_cursor, kind: kind.as_str(), about, until };
    let (id, receiver): (Id<_>, _) = (device.id, device.receiver());
    let outcome = app.pusher.send((&app.http, app.generator.as_ref(), now), &receiver, &notice).await;
    let token = receiver.token;
    match outcome {
        Ok(()) if refused_since.is_none() => Ok(()),
        Ok(()) => Ok(app.db.write(caller, move |tx: &mut Tx<'_>| devices::delete_refusal(tx, &hash)).await?),
        Err(PushError::Gone) => {
            Ok(app.db.write(caller, move |tx: &mut Tx<'_>| devices::delete_gone(tx, id, &token)).await?)
        }
        Err(error) if error.may_pass() => Err(error.into()),
        Err(error) => {
            tracing::warn!(%error, device = %id, "a push was refused");
            if matches!(error, PushError::NotOurs(_)) {
                let note = move |tx: &mut Tx<'_>| match refused_since {
                    None => devices::insert_refusal(tx, &hash),
                    Some(since) if since + PushDevice::REFUSED_FOR <= now => devices::delete_gone(tx, id, &token),
                    Some(_) => Ok(()),
                };
                app.db.write(caller, note).await?;
            }
            Ok(())
        }
    }
}
