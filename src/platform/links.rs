//! Links in mail: to a page of the market's web site, into an app, or to a plain page of our own.

use std::{fmt, str::FromStr};

/// Where a link leads: a URL of a web page or an app in which `{token}` stands for what proves that its reader got the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkTemplate(String);

/// A text that is no [`LinkTemplate`].
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a link is a URL with {{token}} in it once, such as https://shop.example/reset?token={{token}} or shop://reset/{{token}}"
)]
pub struct InvalidLink;

const PLACE: &str = "{token}";

impl FromStr for LinkTemplate {
    type Err = InvalidLink;

    fn from_str(text: &str) -> Result<Self, InvalidLink> {
        let (scheme, rest) = text.split_once("://").ok_or(InvalidLink)?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        let is_fine = is_scheme
            && rest.matches(PLACE).count() == 1
            && !rest.starts_with(PLACE)
            && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_fine { Ok(Self(text.to_owned())) } else { Err(InvalidLink) }
    }
}

impl LinkTemplate {
    /// Leads to a page of ours.
    pub fn to_page(public_url: &str, page: &str) -> Self {
        Self(format!("{public_url}{page}?token={PLACE}"))
    }

    /// The link with a token, which needs no escaping: it is made of letters, digits, `-` and `_`.
    pub fn with(&self, token: &str) -> String {
        self.0.replace(PLACE, token)
    }
}

impl fmt::Display for LinkTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Our own page on which an address is confirmed.
pub const VERIFY_PAGE: &str = "/account/verify";
/// Our own page on which a new password is chosen.
pub const RESET_PAGE: &str = "/account/reset";
/// Our own page that shows an order.
pub const ORDER_PAGE: &str = "/account/order";
/// Our own page on which mail of one kind is declined; the kind stands behind it.
pub const UNSUBSCRIBE_PAGE: &str = "/account/unsubscribe";
/// Where providers send people back to, each to a place of its own below it.
pub const CALLBACK_PAGE: &str = "/account/callback";

/// Where the links in mail lead.
#[derive(Debug, Clone)]
pub struct Links {
    pub verify: LinkTemplate,
    pub reset: LinkTemplate,
    pub order: LinkTemplate,
}

/// What the operator says of links.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LinkOptions {
    /// Where a link leads that confirms an address, with `{token}` in it [default: a plain page of Agora's]
    #[arg(long, env = "AGORA_LINK_VERIFY", global = true, value_name = "URL")]
    pub link_verify: Option<LinkTemplate>,
    /// Where a link leads by which a new password is chosen, with `{token}` in it [default: a plain page of Agora's]
    #[arg(long, env = "AGORA_LINK_RESET", global = true, value_name = "URL")]
    pub link_reset: Option<LinkTemplate>,
    /// Where a link leads that shows an order, with `{token}` in it [default: a plain page of Agora's]
    #[arg(long, env = "AGORA_LINK_ORDER", global = true, value_name = "URL")]
    pub link_order: Option<LinkTemplate>,
}

impl LinkOptions {
    /// The links, with our own pages where nothing is said.
    pub fn links(&self, public_url: &str) -> Links {
        let or_page =
            |link: &Option<LinkTemplate>, page| link.clone().unwrap_or_else(|| LinkTemplate::to_page(public_url, page));
        Links {
            verify: or_page(&self.link_verify, VERIFY_PAGE),
            reset: or_page(&self.link_reset, RESET_PAGE),
            order: or_page(&self.link_order, ORDER_PAGE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_web_or_into_an_app_and_has_one_place_for_its_token() {
        let link = |text: &str| text.parse::<LinkTemplate>().map(|link| link.with("a-b_c"));
        assert_eq!(link("https://shop.example/r?t={token}"), Ok("https://shop.example/r?t=a-b_c".into()));
        assert_eq!(link("com.shop+1://reset/{token}"), Ok("com.shop+1://reset/a-b_c".into()));
        for wrong in [
            "https://shop.example/r",
            "https://{token}.example/",
            "https://{token}",
            "/r?t={token}",
            "https://shop.example/{token}/{token}",
            "https://shop.example/ {token}",
            "1x://{token}",
            "",
        ] {
            assert_eq!(link(wrong), Err(InvalidLink), "{wrong}");
        }
        let own = LinkOptions::default().links("https://market.example");
        assert_eq!(own.reset.with("x"), "https://market.example/account/reset?token=x");
    }
}
