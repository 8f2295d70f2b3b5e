//! Where browsers may have the market push to.

use std::str::FromStr;

use crate::platform::http::Target;

/// A place that the operator allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A host by its name.
    Host(String),
    /// All hosts below a name.
    Below(String),
    /// A scheme, a host and a port, wherever that is: the operator knows.
    Origin(Target),
}

/// A text that is no place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a place is a host such as push.example, all below one such as *.push.example, or an origin such as https://push.internal:8443"
)]
pub struct InvalidPlace;

/// The longest URL that is kept.
const LONGEST: usize = 1_000;

impl FromStr for Place {
    type Err = InvalidPlace;

    fn from_str(text: &str) -> Result<Self, InvalidPlace> {
        if text.contains("://") {
            let target = Target::of_operator(text).map_err(|_| InvalidPlace)?;
            let is_origin = target.url().path() == "/" && target.url().query().is_none();
            return if is_origin { Ok(Self::Origin(target)) } else { Err(InvalidPlace) };
        }
        let (name, is_below) = text.strip_prefix("*.").map_or((text, false), |name| (name, true));
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        };
        if !name.contains('.') || !name.split('.').all(is_label) {
            return Err(InvalidPlace);
        }
        Ok(if is_below { Self::Below(name.to_owned()) } else { Self::Host(name.to_owned()) })
    }
}

/// The places that the makers of the common browsers push from.
pub const COMMON: &str = "fcm.googleapis.com,updates.push.services.mozilla.com,*.push.services.mozilla.com,*.notify.windows.com,*.push.apple.com";

/// What is asked at a URL that a browser names, if it may be.
pub fn target(places: &[Place], url: &str) -> Option<Target> {
    if url.len() > LONGEST {
        return None;
    }
    let of_operator = places.iter().find_map(|place| match place {
        Place::Origin(own) => own.named_here(url).ok().filter(|target| target.url().origin() == own.url().origin()),
        Place::Host(_) | Place::Below(_) => None,
    });
    of_operator.or_else(|| {
        let target = Target::of_others(url).ok().filter(|target| target.url().port().is_none())?;
        let name = target.url().domain()?;
        let is_allowed = places.iter().any(|place| match place {
            Place::Host(host) => host == name,
            Place::Below(above) => {
                name.strip_suffix(above.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            Place::Origin(_) => false,
        });
        is_allowed.then_some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Vec<Place> {
        text.split(',').map(|place| place.parse().unwrap()).collect()
    }

    #[test]
    fn browsers_lead_to_places_that_are_allowed_alone() {
        let common = places(COMMON);
        for url in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://web.push.apple.com/abc",
            "https://wns2-par02p.notify.windows.com/w/?token=abc",
        ] {
            assert!(target(&common, url).is_some(), "{url}");
        }
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(LONGEST));
        for url in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://fcm.googleapis.com:8443/",
            "https://fcm.googleapis.com.evil.example/",
            "https://evil-push.apple.com.example/",
            "https://evilpush.apple.com/",
            "https://push.apple.com/",
            "https://user@fcm.googleapis.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "ftp://fcm.googleapis.com/",
            "",
            &long,
        ] {
            assert_eq!(target(&common, url), None, "{url}");
        }
    }

    #[test]
    fn what_the_operator_names_as_a_whole_may_be_anywhere() {
        let own = places("http://127.0.0.1:8099,push.example");
        assert!(target(&own, "http://127.0.0.1:8099/push/1").is_some());
        assert!(target(&own, "https://push.example/1").is_some());
        for url in ["http://127.0.0.1:8098/push/1", "https://127.0.0.1:8099/push/1", "http://127.0.0.2:8099/push/1"] {
            assert_eq!(target(&own, url), None, "{url}");
        }
        for place in [
            "",
            "*",
            "*.",
            "localhost",
            "push.example/path",
            "http://push.example",
            "https://push.example/path",
            "A.example",
        ] {
            assert_eq!(place.parse::<Place>(), Err(InvalidPlace), "{place}");
        }
    }
}
