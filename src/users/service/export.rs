//! What is told of an account to whom it belongs.

use serde_json::{Value, json};

use crate::{
    kernel::{error::Failure, id::Id},
    platform::db::Conn,
    users::{
        model::{
            AuditEntry, Bookmark, Chapter, ClientSettings, NotificationSwitch, SavedAddress, SecurityEvent, Session,
            Told, User,
        },
        queries,
    },
};

/// The chapters of this domain.
pub const CHAPTERS: &[Chapter] = &[
    Chapter { name: "account", read: account },
    Chapter { name: "addresses", read: addresses },
    Chapter { name: "client-settings", read: client_settings },
    Chapter { name: "sign-in-methods", read: sign_in_methods },
    Chapter { name: "sessions", read: sessions },
    Chapter { name: "security-events", read: security_events },
    Chapter { name: "audit-log", read: audit_log },
    Chapter { name: "blocked-people", read: blocked_people },
];

fn account(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let Some(person) = queries::somebody(conn, user)? else { return Ok(Told::all(Vec::new())) };
    let preferences = queries::preferences_of(conn, user)?;
    let tell = |switch: NotificationSwitch| json!({"kind": switch.kind, "channels": switch.channels});
    let notifications: Vec<Value> = preferences.switches().into_iter().map(tell).collect();
    let quiet_hours = preferences
        .quiet_hours()
        .map(|hours| json!({"from": hours.from.to_string(), "until": hours.until.to_string()}));
    Ok(Told::all(vec![json!({
        "id": person.id,
        "email": person.email,
        "displayName": person.display_name,
        "bio": person.bio,
        "handle": person.handle,
        "handles": queries::handles_of(conn, user)?,
        "role": person.role.as_str(),
        "localeOfSignUp": person.locale,
        "createdAt": person.created_at,
        "preferences": {
            "locale": preferences.locale,
            "currency": preferences.currency,
            "country": preferences.country,
            "timeZone": preferences.time_zone.map(|zone| zone.to_string()),
            "theme": preferences.theme.as_str(),
            "notifications": notifications,
            "quietHours": quiet_hours,
            "hasReadReceipts": preferences.has_read_receipts,
            "hasTypingIndicators": preferences.has_typing_indicators,
            "hasTextInPushes": preferences.shows_text_in_pushes,
            "hasPersonalization": preferences.has_personalization,
        },
    })]))
}

fn addresses(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let rows = queries::saved_addresses(conn, user)?;
    let tell = |row: SavedAddress| {
        json!({
            "id": row.id,
            "address": row.address.parse(),
            "isDefaultShipping": row.is_default_shipping,
            "isDefaultBilling": row.is_default_billing,
            "createdAt": row.created_at,
            "updatedAt": row.updated_at,
        })
    };
    Ok(Told::all(rows.into_iter().map(tell).collect()))
}

fn client_settings(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let rows = queries::client_settings(conn, user)?;
    let tell = |row: ClientSettings| {
        let value: Option<Value> = serde_json::from_str(&row.value).ok();
        json!({"namespace": row.namespace, "value": value, "version": row.version})
    };
    Ok(Told::all(rows.into_iter().map(tell).collect()))
}

/// Of secrets, only that they are there.
fn sign_in_methods(conn: &mut Conn, user: Id<User>, _: Option<Bookmark>) -> Result<Told, Failure> {
    let mut rows = Vec::new();
    if queries::somebody(conn, user)?.is_some_and(|person| person.password_hash.is_some()) {
        rows.push(json!({"kind": "PASSWORD"}));
    }
    if let Some(factor) = queries::second_factor(conn, user)? {
        let (created_at, last_used_at) = (factor.created_at, factor.last_used_at);
        rows.push(json!({"kind": "TOTP", "createdAt": created_at, "lastUsedAt": last_used_at}));
    }
    for passkey in queries::passkeys(conn, user)? {
        let (name, created_at, last_used_at) = (passkey.name, passkey.created_at, passkey.last_used_at);
        rows.push(json!({"kind": "PASSKEY", "name": name, "createdAt": created_at, "lastUsedAt": last_used_at}));
    }
    for identity in queries::identities_of(conn, user)? {
        let (issuer, email, created_at) = (identity.issuer, identity.email, identity.created_at);
        rows.push(json!({"kind": "PROVIDER", "issuer": issuer, "email": email, "createdAt": created_at}));
    }
    Ok(Told::all(rows))
}

fn sessions(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |session: Session| {
        json!({
            "device": session.device,
            "address": session.address,
            "createdAt": session.created_at,
            "lastSeenAt": session.last_seen_at,
            "expiresAt": session.expires_at,
            "endedAt": session.ended_at,
        })
    };
    Told::page(from, |page| queries::sessions_of(conn, user, page), |session| session.id, tell)
}

fn security_events(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |event: SecurityEvent| {
        let (kind, device, address) = (event.kind.as_str(), event.device, event.address);
        json!({"kind": kind, "device": device, "address": address, "createdAt": event.created_at})
    };
    Told::page(from, |page| queries::security_events(conn, user, page), |event| event.id, tell)
}

fn audit_log(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let tell = |entry: AuditEntry| {
        let (staff, action, reason) = (entry.staff_id, entry.action, entry.reason);
        json!({"staff": staff, "action": action, "reason": reason, "createdAt": entry.created_at})
    };
    Told::page(from, |page| queries::audit_entries(conn, user, page), |entry| entry.id, tell)
}

fn blocked_people(conn: &mut Conn, user: Id<User>, from: Option<Bookmark>) -> Result<Told, Failure> {
    let read = |page: &_| queries::blocked(conn, user, page);
    Told::page(from, read, |(face, at)| (*at, face.id), |(face, at)| json!({"user": face.id, "createdAt": at}))
}
