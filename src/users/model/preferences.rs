//! What people prefer.

use diesel::{Queryable, Selectable};
use serde::{Deserialize, Serialize};

use super::User;
use crate::{
    kernel::{
        id::Id,
        money::CurrencyCode,
        place::{CountryCode, Locale, TimeOfDay, TimeZone},
    },
    platform::{clock::Time, jobs::JobBody},
    schema::preferences,
    text_enum,
};

text_enum! {
    /// Light, dark, or as the device has it.
    #[derive(async_graphql::Enum)]
    pub enum Theme {
        /// As the device has it.
        System = "SYSTEM",
        /// Dark on light.
        Light = "LIGHT",
        /// Light on dark.
        Dark = "DARK",
    }
}

/// Kinds of notices, each with switches of its own. New kinds may appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationKind {
    /// Somebody wrote a message.
    Messages,
    /// Something happened to an order that the person placed.
    Orders,
    /// Something happened in a shop that the person works for.
    Shop,
    /// Something that the person waited for can be ordered again.
    Availability,
    /// Something that the person likes costs less.
    Prices,
    /// Something new fits a search that the person has saved.
    Searches,
    /// News of the market. Off until switched on.
    News,
}

impl NotificationKind {
    /// The word as the wire and links in mail have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "MESSAGES",
            Self::Orders => "ORDERS",
            Self::Shop => "SHOP",
            Self::Availability => "AVAILABILITY",
            Self::Prices => "PRICES",
            Self::Searches => "SEARCHES",
            Self::News => "NEWS",
        }
    }

    pub const ALL: [Self; 7] =
        [Self::Messages, Self::Orders, Self::Shop, Self::Availability, Self::Prices, Self::Searches, Self::News];

    /// How notices of this kind travel until the person decides.
    pub fn default_channels(self) -> Vec<NotificationChannel> {
        match self {
            Self::Messages | Self::Orders | Self::Shop | Self::Availability | Self::Prices | Self::Searches => {
                vec![NotificationChannel::InApp, NotificationChannel::Push, NotificationChannel::Email]
            }
            Self::News => Vec::new(),
        }
    }
}

/// How a notice travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, async_graphql::Enum)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationChannel {
    /// The list inside the application.
    InApp,
    /// A push message to the person's devices.
    Push,
    /// Mail.
    Email,
}

/// The switches of one kind of notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationSwitch {
    pub kind: NotificationKind,
    pub channels: Vec<NotificationChannel>,
}

/// What somebody prefers; absent means as the request or the market has it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = preferences)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Preferences {
    pub locale: Option<Locale>,
    pub currency: Option<CurrencyCode>,
    pub country: Option<CountryCode>,
    pub time_zone: Option<TimeZone>,
    pub theme: Theme,
    pub notifications: serde_json::Value,
    pub quiet_from: Option<TimeOfDay>,
    pub quiet_until: Option<TimeOfDay>,
    pub has_read_receipts: bool,
    pub has_typing_indicators: bool,
    /// Whether what people write is pushed along, and stands on locked screens.
    pub shows_text_in_pushes: bool,
    /// Whether it is kept what they look at, and goes into what they are shown.
    pub has_personalization: bool,
}

/// Has what was learned of somebody's orders be a stranger's: they do not want it to be theirs any more, or are erased. It is for the domain
/// that learns.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ForgetLearned {
    pub user: Id<User>,
}

impl JobBody for ForgetLearned {
    const KIND: &'static str = "users.forget_learned";
}

/// The hours of each day in which somebody is left alone, by the clock where they are. They may go past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    pub from: TimeOfDay,
    /// From when on they are over. Never the same as `from`.
    pub until: TimeOfDay,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            locale: None,
            currency: None,
            country: None,
            time_zone: None,
            theme: Theme::System,
            notifications: serde_json::Value::Null,
            quiet_from: None,
            quiet_until: None,
            has_read_receipts: true,
            has_typing_indicators: true,
            shows_text_in_pushes: false,
            has_personalization: true,
        }
    }
}

impl Preferences {
    pub fn quiet_hours(&self) -> Option<QuietHours> {
        Some(QuietHours { from: self.quiet_from?, until: self.quiet_until? })
    }

    /// Until when somebody is left alone who is so now.
    pub fn quiet_until(&self, now: Time) -> Option<Time> {
        let QuietHours { from, until } = self.quiet_hours()?;
        let zone = self.time_zone.unwrap_or(TimeZone::UTC);
        let time = zone.time_of_day(now);
        let is_quiet = if from < until { from <= time && time < until } else { from <= time || time < until };
        is_quiet.then(|| zone.next(until, now))
    }

    /// Whether notices of a kind come by a channel.
    pub fn takes(&self, kind: NotificationKind, by: NotificationChannel) -> bool {
        self.switches().iter().any(|switch| switch.kind == kind && switch.channels.contains(&by))
    }

    /// The switches of every kind, defaults where the person has not decided.
    pub fn switches(&self) -> Vec<NotificationSwitch> {
        let decided = self.decided();
        NotificationKind::ALL
            .into_iter()
            .map(|kind| {
                let chosen = decided.iter().find(|decided| decided.is_about(kind)).map(Decided::channels);
                NotificationSwitch { kind, channels: chosen.unwrap_or_else(|| kind.default_channels()) }
            })
            .collect()
    }

    /// What is stored once the person has decided some of them. What a newer program stored of kinds and channels that this
    /// one does not know stays as it is.
    pub fn notifications_with(&self, chosen: &[NotificationSwitch]) -> serde_json::Result<serde_json::Value> {
        let mut all = self.decided();
        for NotificationSwitch { kind, channels } in chosen {
            let mut channels = channels.clone();
            channels.sort_unstable();
            channels.dedup();
            let mut channels = channels.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
            let before = all.iter().position(|decided| decided.is_about(*kind)).map(|place| all.remove(place));
            channels
                .extend(before.into_iter().flat_map(|decided| decided.channels).filter(|name| known(name).is_none()));
            all.push(Decided { kind: serde_json::to_value(kind)?, channels });
        }
        serde_json::to_value(all)
    }

    fn decided(&self) -> Vec<Decided> {
        let items = self.notifications.as_array().into_iter().flatten();
        items.filter_map(|item| Decided::deserialize(item).ok()).collect()
    }
}

/// A switch as it is stored.
#[derive(Serialize, Deserialize)]
struct Decided {
    kind: serde_json::Value,
    channels: Vec<serde_json::Value>,
}

impl Decided {
    fn is_about(&self, kind: NotificationKind) -> bool {
        NotificationKind::deserialize(&self.kind).is_ok_and(|decided| decided == kind)
    }

    fn channels(&self) -> Vec<NotificationChannel> {
        self.channels.iter().filter_map(known).collect()
    }
}

fn known(channel: &serde_json::Value) -> Option<NotificationChannel> {
    NotificationChannel::deserialize(channel).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_by_the_clock_where_one_is_and_may_go_past_midnight() {
        let preferences = |from: &str, until: &str| Preferences {
            time_zone: Some("Europe/Vienna".parse().unwrap()),
            quiet_from: Some(from.parse().unwrap()),
            quiet_until: Some(until.parse().unwrap()),
            ..Preferences::default()
        };
        let at = |text: &str| text.parse::<Time>().unwrap();
        let (night, noon) = (preferences("22:00", "07:00"), preferences("12:00", "13:00"));
        assert_eq!(night.quiet_until(at("2026-12-01T21:00:00Z")), Some(at("2026-12-02T06:00:00Z")));
        assert_eq!(night.quiet_until(at("2026-12-02T05:59:00Z")), Some(at("2026-12-02T06:00:00Z")));
        assert_eq!(night.quiet_until(at("2026-12-02T06:00:00Z")), None);
        assert_eq!(noon.quiet_until(at("2026-12-02T11:30:00Z")), Some(at("2026-12-02T12:00:00Z")));
        assert_eq!(noon.quiet_until(at("2026-12-02T10:59:00Z")), None);
        assert_eq!(Preferences::default().quiet_until(at("2026-12-02T02:00:00Z")), None);
    }

    #[test]
    fn switches_are_told_for_every_kind() {
        let decided = serde_json::json!([{"kind": "NEWS", "channels": ["EMAIL"]}]);
        let preferences = Preferences { notifications: decided, ..Preferences::default() };
        let switches = preferences.switches();
        assert_eq!(switches.len(), NotificationKind::ALL.len());
        assert_eq!(switches.last().unwrap().channels, [NotificationChannel::Email]);
        assert_eq!(switches[0].channels, NotificationKind::Messages.default_channels());
    }

    #[test]
    fn what_a_newer_program_knows_is_neither_believed_nor_lost() {
        let stored = serde_json::json!([
            {"kind": "REVIEWS", "channels": ["EMAIL"]},
            {"kind": "MESSAGES", "channels": ["SMS", "PUSH"]},
            {"kind": "ORDERS", "channels": []},
        ]);
        let preferences = Preferences { notifications: stored, ..Preferences::default() };
        let channels = |preferences: &Preferences, place: usize| preferences.switches()[place].channels.clone();
        assert_eq!(channels(&preferences, 0), [NotificationChannel::Push]);
        assert_eq!(channels(&preferences, 1), []);
        let chosen = [NotificationSwitch {
            kind: NotificationKind::Messages,
            channels: vec![NotificationChannel::Email, NotificationChannel::InApp, NotificationChannel::Email],
        }];
        let notifications = preferences.notifications_with(&chosen).unwrap();
        let expected = serde_json::json!([
            {"kind": "REVIEWS", "channels": ["EMAIL"]},
            {"kind": "ORDERS", "channels": []},
            {"kind": "MESSAGES", "channels": ["IN_APP", "EMAIL", "SMS"]},
        ]);
        assert_eq!(notifications, expected);
        let preferences = Preferences { notifications, ..Preferences::default() };
        assert_eq!(channels(&preferences, 0), [NotificationChannel::InApp, NotificationChannel::Email]);
        assert_eq!(channels(&preferences, 1), []);
    }
}
