//! The cookies in which a browser keeps its session (RFC 6265bis): no script can read them, no other host and no unencrypted
//! connection gets them, and no page of another site sends them along.

use cookie::{Cookie, SameSite, time::Duration};

use super::crypto::ACCESS_TOKEN_SECONDS;

/// The prefix has browsers take them only with `Secure`, for all paths, and for this host alone.
const ACCESS: &str = "__Host-agora-access";
const REFRESH: &str = "__Host-agora-refresh";
const BINDING: &str = "__Host-agora-binding";

/// What a browser sent of its session, and of a sign-in that it has begun elsewhere.
#[derive(Default, PartialEq, Eq)]
pub struct Sent {
    pub access_token: Option<String>,
    pub refresh_token: Option<String>,
    pub binding: Option<String>,
}

impl Sent {
    /// What the values of `Cookie` headers hold; anything else in them is nobody's business.
    ///
    /// Byte by byte: another cookie of the same line may hold anything, and a name that only looks like one of ours, with a
    /// blank of Unicode before it, is not under the prefix's protection.
    pub fn of<'a>(headers: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut sent = Self::default();
        for pair in headers.into_iter().flat_map(|line| line.split(|byte| *byte == b';')) {
            let mut halves = pair.trim_ascii().splitn(2, |byte| *byte == b'=');
            let (Some(name), Some(Ok(value))) = (halves.next(), halves.next().map(str::from_utf8)) else { continue };
            if name == ACCESS.as_bytes() {
                sent.access_token = Some(value.to_owned());
            } else if name == REFRESH.as_bytes() {
                sent.refresh_token = Some(value.to_owned());
            } else if name == BINDING.as_bytes() {
                sent.binding = Some(value.to_owned());
            }
        }
        sent
    }

    /// Whether there is anything of a session.
    pub const fn is_some(&self) -> bool {
        self.access_token.is_some() || self.refresh_token.is_some()
    }
}

/// The values of `Set-Cookie` headers that begin a session, or go on with it. The refresh token stays `seconds`.
pub fn set(access_token: &str, refresh_token: &str, seconds: i64) -> [String; 2] {
    [write(ACCESS, access_token, ACCESS_TOKEN_SECONDS), write(REFRESH, refresh_token, seconds)]
}

/// The value of the `Set-Cookie` header by which a browser shows that it has begun a sign-in elsewhere.
pub fn set_binding(binding: &str, seconds: i64) -> String {
    write(BINDING, binding, seconds)
}

/// The values of `Set-Cookie` headers that end a session.
pub fn cleared() -> [String; 2] {
    [write(ACCESS, "", 0), write(REFRESH, "", 0)]
}

fn write(name: &str, value: &str, seconds: i64) -> String {
    let cookie = Cookie::build((name, value)).path("/").secure(true).http_only(true).same_site(SameSite::Strict);
    cookie.max_age(Duration::seconds(seconds)).build().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_comes_back_among_others() {
        let [access, refresh] = set("a.b-c_d", "e", 60);
        assert_eq!(access, "__Host-agora-access=a.b-c_d; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=600");
        assert!(refresh.starts_with("__Host-agora-refresh=e;") && refresh.ends_with("Max-Age=60"), "{refresh}");
        let pair = |cookie: &str| cookie.split(';').next().unwrap().to_owned();
        let line = [b"theme=d\xfcnkel; ".as_slice(), pair(&access).as_bytes()].concat();
        let sent = Sent::of([line.as_slice(), pair(&refresh).as_bytes()]);
        let expected = Sent { access_token: Some("a.b-c_d".into()), refresh_token: Some("e".into()), binding: None };
        assert!(sent == expected);
        // It is no session.
        let beside = Sent::of([pair(&set_binding("b", 60)).as_bytes()]);
        assert!(beside.binding.as_deref() == Some("b") && !beside.is_some());
        let disguised = format!("\u{2003}{}", pair(&access));
        let others = [b"theme=dark".as_slice(), b"nonsense", b"=;;", disguised.as_bytes()];
        assert!(sent.is_some() && !Sent::of(others).is_some());
        assert!(cleared().iter().all(|cookie| cookie.ends_with("Max-Age=0")));
    }
}
