//! Sessions: signed-in devices.

use chrono::TimeDelta;
use diesel::{Queryable, Selectable};

use super::{ProofMethod, User};
use crate::{
    kernel::id::{Entity, Id},
    platform::clock::Time,
    schema::sessions,
    text_enum,
};

text_enum! {
    /// Why a session is over.
    pub enum SessionEnd {
        SignedOut = "SIGNED_OUT",
        /// A refresh token came back after it had been used: somebody else may have it.
        Reused = "REUSED",
        Revoked = "REVOKED",
        PasswordChanged = "PASSWORD_CHANGED",
    }
}

/// A signed-in device.
#[derive(Debug, Clone, Queryable, Selectable)]
pub struct Session {
    pub id: Id<Session>,
    pub user_id: Id<User>,
    /// What the device said it was, as it said it.
    pub device: String,
    /// Where it signed in from.
    pub address: Option<String>,
    pub generation: i32,
    pub rotated_at: Time,
    pub created_at: Time,
    pub last_seen_at: Time,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
    /// When and by what the person proved last who they are; none in sessions of an earlier version, which began with a
    /// password.
    pub authenticated_at: Option<Time>,
    pub authenticated_by: Option<ProofMethod>,
}

impl Entity for Session {
    const PREFIX: &'static str = "session";
}

/// What a refresh token does to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// It is the current one: it is used up, and the next one comes.
    Rotate,
    /// It was current a moment ago (a lost answer, a second tab), or has only just become so: the current one is told again.
    Repeat,
    /// It was used before that: somebody else may have it, so the session ends.
    Reuse,
    /// The session is over.
    Over,
}

impl Session {
    /// A session ends when it was not refreshed for so long.
    pub const LIFETIME: TimeDelta = TimeDelta::days(60);
    /// A session ends so long after the sign-in, however much it is used.
    pub const LONGEST: TimeDelta = TimeDelta::days(365);
    /// How long the last refresh token still gets the current one.
    pub const GRACE: TimeDelta = TimeDelta::seconds(30);

    /// How long a new refresh token gets itself. Of tabs that refresh at once one may bring what another has just got: were it traded for
    /// the next one, a third tab's would be too old.
    pub const SETTLING: TimeDelta = TimeDelta::seconds(5);

    /// How long it is kept from where a session began, and that there was one that is over.
    pub const ADDRESS_KEPT: TimeDelta = TimeDelta::days(90);

    /// For how long it is believed that whoever uses a session is its person, where a stranger at an open device could do
    /// harm.
    pub const RECENT: TimeDelta = TimeDelta::minutes(15);

    /// Sessions of a person at the most. A further one ends the one that was seen least lately.
    pub const MAXIMUM: i64 = 100;

    /// As much as is kept of what a device says of itself.
    pub fn device_of(user_agent: &str) -> &str {
        let end = user_agent.char_indices().nth(200).map_or(user_agent.len(), |(end, _)| end);
        user_agent.get(..end).unwrap_or_default()
    }

    /// When the person proved last who they are.
    pub fn authenticated_at(&self) -> Time {
        self.authenticated_at.unwrap_or(self.created_at)
    }

    /// Whether the person proved lately who they are; a password alone proves nothing where there is a second factor.
    pub fn is_recent(&self, now: Time, has_second_factor: bool) -> bool {
        let by = self.authenticated_by.unwrap_or(ProofMethod::Password);
        now < self.authenticated_at() + Self::RECENT && (by.is_second_factor() || !has_second_factor)
    }

    pub fn is_live(&self, now: Time) -> bool {
        self.ended_at.is_none() && now < self.expires_at.min(self.created_at + Self::LONGEST)
    }

    /// When it ends if it is refreshed now and not again.
    pub fn end_if_refreshed(&self, now: Time) -> Time {
        (now + Self::LIFETIME).min(self.created_at + Self::LONGEST)
    }

    /// What a token of this generation does.
    pub fn refresh(&self, generation: i32, now: Time) -> Refresh {
        if !self.is_live(now) {
            Refresh::Over
        } else if generation == self.generation {
            let is_new = self.rotated_at > self.created_at && now < self.rotated_at + Self::SETTLING;
            if is_new { Refresh::Repeat } else { Refresh::Rotate }
        } else if generation == self.generation - 1 && now < self.rotated_at + Self::GRACE {
            Refresh::Repeat
        } else {
            Refresh::Reuse
        }
    }
}

/// What people call a device that says of itself what browsers and apps say (`User-Agent`): "Firefox on Linux". Empty where
/// it says nothing.
pub fn device_name(user_agent: &str) -> String {
    // Of programs it knows only that they are some.
    let parsed = woothee::parser::Parser::new().parse(user_agent).filter(|parsed| parsed.category != "misc");
    let Some(parsed) = parsed else {
        // Apps and programs name themselves first: "Shop/2.1 okhttp/5".
        let name = user_agent.split(['/', ' ']).next().unwrap_or_default();
        return name.chars().take(40).collect();
    };
    let known = |name: &str| !name.is_empty() && name != "UNKNOWN";
    match (known(parsed.name), known(parsed.os)) {
        (true, true) => format!("{} on {}", parsed.name, parsed.os),
        (true, false) => parsed.name.to_owned(),
        (false, true) => parsed.os.to_owned(),
        (false, false) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(generation: i32) -> Session {
        let start: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        Session {
            id: Id::from_uuid(uuid::Uuid::nil()),
            user_id: Id::from_uuid(uuid::Uuid::nil()),
            device: String::new(),
            address: None,
            generation,
            rotated_at: start,
            created_at: start,
            last_seen_at: start,
            expires_at: start + Session::LIFETIME,
            ended_at: None,
            authenticated_at: None,
            authenticated_by: None,
        }
    }

    #[test]
    fn a_proof_is_good_for_a_while_and_a_password_is_none_beside_a_second_factor() {
        let start = session(1).created_at;
        let (soon, late) = (start + TimeDelta::seconds(899), start + TimeDelta::seconds(900));
        assert!(session(1).is_recent(soon, false) && !session(1).is_recent(late, false));
        assert!(!session(1).is_recent(start, true));
        let by_code = Session { authenticated_at: Some(late), authenticated_by: Some(ProofMethod::Totp), ..session(1) };
        assert!(by_code.is_recent(late, true) && by_code.is_recent(late, false));
        assert!(!by_code.is_recent(late + Session::RECENT, true));
    }

    #[test]
    fn a_refresh_token_rotates_once_repeats_for_a_moment_and_then_ends_the_session() {
        let session = session(3);
        let soon = session.rotated_at + TimeDelta::seconds(29);
        let late = session.rotated_at + TimeDelta::seconds(30);
        assert_eq!(session.refresh(3, late), Refresh::Rotate);
        assert_eq!(session.refresh(2, soon), Refresh::Repeat);
        assert_eq!(session.refresh(2, late), Refresh::Reuse);
        assert_eq!(session.refresh(1, soon), Refresh::Reuse);
        assert_eq!(session.refresh(4, soon), Refresh::Reuse);
        let rotated = Session { rotated_at: late, ..session.clone() };
        assert_eq!(rotated.refresh(3, late + TimeDelta::seconds(4)), Refresh::Repeat);
        assert_eq!(rotated.refresh(2, late + TimeDelta::seconds(4)), Refresh::Repeat);
        assert_eq!(rotated.refresh(3, late + TimeDelta::seconds(5)), Refresh::Rotate);
        assert_eq!(session.refresh(3, session.expires_at), Refresh::Over);
        // One that an earlier version let go on for longer.
        let year = session.created_at + Session::LONGEST;
        let used = Session { expires_at: year + TimeDelta::days(30), ..session.clone() };
        assert_eq!(used.refresh(3, year - TimeDelta::seconds(1)), Refresh::Rotate);
        assert_eq!(used.refresh(3, year), Refresh::Over);
        assert_eq!(used.end_if_refreshed(year - TimeDelta::days(60)), year);
        assert_eq!(used.end_if_refreshed(year - TimeDelta::days(61)), year - TimeDelta::days(1));
        let ended = Session { ended_at: Some(soon), ..session };
        assert_eq!(ended.refresh(3, soon), Refresh::Over);
    }

    #[test]
    fn devices_have_names_that_people_know() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
        for (user_agent, name) in [
            (chrome, "Chrome on Windows 10"),
            (firefox, "Firefox on Linux"),
            (safari, "Safari on iPhone"),
            ("MarketApp/2.1 (build 7)", "MarketApp"),
            ("curl/8.5.0", "curl"),
            ("", ""),
        ] {
            assert_eq!(device_name(user_agent), name, "{user_agent}");
        }
        assert_eq!(device_name(&"x".repeat(500)).len(), 40);
    }
}
