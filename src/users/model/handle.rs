//! Handles: the names by which people are found, as in `/people/ada`.

/// A handle as its owner writes it. No two differ by case alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(String);

/// Handles of a person, the former ones among them.
pub const MAXIMUM_HANDLES: i64 = 10;

/// Words that a client, a route or the market itself could be taken for.
#[rustfmt::skip]
const RESERVED: [&str; 63] = [
    "about", "account", "accounts", "admin", "administrator", "agora", "all", "anonymous", "api", "app", "billing", "cart",
    "categories", "category", "checkout", "contact", "demo", "dev", "everyone", "graphiql", "graphql", "guest", "help",
    "home", "legal", "login", "logout", "mail", "market", "me", "messages", "moderator", "news", "nobody", "null",
    "official", "order", "orders", "owner", "payment", "payments", "people", "press", "privacy", "product", "products", "root",
    "search", "security", "session", "settings", "shop", "shops", "signin", "signup", "staff", "status", "support",
    "system", "terms", "undefined", "user", "users",
];

/// Why a text is no handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandleFault {
    /// It does not have the form.
    Form,
    /// Nobody gets it.
    Reserved,
}

impl Handle {
    /// 3 to 30 letters, digits and underscores (ASCII), of which the first is a letter.
    ///
    /// # Errors
    /// Why it is none.
    pub fn new(text: &str) -> Result<Self, HandleFault> {
        let text = text.trim();
        let is_fine = (3..=30).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let handle = Self(text.to_owned());
        match is_fine {
            false => Err(HandleFault::Form),
            true if RESERVED.binary_search(&handle.key().as_str()).is_ok() => Err(HandleFault::Reserved),
            true => Ok(handle),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is compared.
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_a_word_that_nobody_takes_for_the_market() {
        assert!(RESERVED.is_sorted());
        for handle in ["ada", "Ada_L", "a1_", &"x".repeat(30)] {
            assert_eq!(Handle::new(handle).unwrap().as_str(), handle);
        }
        for text in ["", "ab", "1ada", "_ada", "ada-l", "ada l", "ädä", &"x".repeat(31)] {
            assert_eq!(Handle::new(text), Err(HandleFault::Form), "{text}");
        }
        for text in ["admin", "Support", "GRAPHQL"] {
            assert_eq!(Handle::new(text), Err(HandleFault::Reserved), "{text}");
        }
    }
}
