//! Mail is written from a text, as plain text and as HTML; it leaves through SMTP, or, in development and tests, stays in a
//! mailbox that can be looked at.

pub mod undeliverable;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox as Address, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use tokio::time::timeout;

use super::texts::{self, Words, html_lang};
use crate::kernel::{place::Language, text::escape_html};

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Where to decline further ones of its kind, with one click and without signing in; none where it is about the account
    /// itself or an order.
    pub unsubscribe: Option<String>,
}

impl Mail {
    /// Writes a mail: the text of this id in `assets/texts`, with its subject. The words `code` and `link`, where a paragraph
    /// is nothing else, stand large and become a button. With an empty `name` it greets without one.
    pub fn write(to: &str, language: Language, id: &str, words: Words<'_>) -> Self {
        let part = |part: &str| texts::text(language, &format!("{id}.{part}"), words);
        let word = |name: &str| words.iter().find(|(known, _)| *known == name).map(|(_, word)| *word);
        let (subject, mut text) = (part("subject").unwrap_or_default(), part("text").unwrap_or_default() + "\n");
        if word("name") == Some("") {
            // Nobody is named: so ends the greeting, which every text begins with.
            text = text.replacen(" ,", ",", 1);
        }
        let paragraphs = text.trim_end().split("\n\n").map(|paragraph| {
            let shown = escape_html(paragraph);
            if Some(paragraph) == word("code") {
                format!("<p style=\"font:bold 1.75rem ui-monospace,monospace;letter-spacing:.25em\">{shown}</p>")
            } else if Some(paragraph) == word("link") {
                let action = escape_html(&part("action").unwrap_or_else(|| paragraph.to_owned()));
                format!(
                    "<p><a href=\"{shown}\" style=\"display:inline-block;padding:.7rem 1.2rem;border-radius:.4rem;\
                     background:#1d4ed8;color:#fff;text-decoration:none\">{action}</a></p>\
                     <p style=\"font-size:.8rem;word-break:break-all\">{shown}</p>"
                )
            } else {
                format!("<p>{}</p>", shown.replace('\n', "<br>"))
            }
        });
        let html = format!(
            "<!doctype html><html lang={}><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
             <title>{}</title><body style=\"font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:auto;padding:1.5rem\">{}",
            html_lang(language),
            escape_html(&subject),
            paragraphs.collect::<String>(),
        );
        Self { to: to.to_owned(), subject, text, html, unsubscribe: None }
    }

    /// The same, with a way to decline further ones.
    #[must_use]
    pub fn with_unsubscribe(mut self, language: Language, url: String) -> Self {
        let words = texts::text(language, "unsubscribe", &[]).unwrap_or_default();
        self.text = format!("{}\n\n-- \n{words}\n{url}\n", self.text.trim_end());
        self.html = format!(
            "{}<p style=\"font-size:.8rem\"><a href=\"{}\">{}</a></p>",
            self.html,
            escape_html(&url),
            escape_html(&words)
        );
        self.unsubscribe = Some(url);
        self
    }
}

/// Why a mail was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("the mail cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the address cannot be written to: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("the SMTP server did not take it in time")]
    TimedOut,
    /// Without the server's words, which may name the person: this text is stored with the job.
    #[error("the SMTP server did not take it (status {:?})", .0.status().map(u16::from))]
    Smtp(#[from] lettre::transport::smtp::Error),
}

impl MailError {
    /// Whether the mail server says for good that there is no such mailbox (RFC 5321, 4.2.3; RFC 3463, 3.2): another try
    /// would be answered the same.
    pub fn is_bounce(&self) -> bool {
        let Self::Smtp(error) = self else { return false };
        let Some(status) = error.status().filter(|_| error.is_permanent()).map(u16::from) else { return false };
        let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        bounces(status, &said)
    }
}

fn bounces(status: u16, said: &str) -> bool {
    match said.split_whitespace().next().and_then(|word| word.strip_prefix("5.")) {
        Some(detail) if detail.contains('.') => detail.starts_with("1.") || detail.starts_with("2.1"),
        _ => status == 550,
    }
}

/// How many mails the mailbox keeps.
const MAILBOX_SIZE: usize = 500;
const SMTP_TIMEOUT: Duration = Duration::from_secs(20);
const SEND_TIMEOUT: Duration = Duration::from_secs(40);

/// Tells machines that nobody wrote this by hand, so that none answers it (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Where its reader's program declines further mail of this kind (RFC 2369, 3.2).
#[derive(Debug, Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.trim_matches(['<', '>']).to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), format!("<{}>", self.0))
    }
}

/// That it does so by one `POST`, without asking anybody (RFC 8058, 3.1).
#[derive(Debug, Clone)]
struct ListUnsubscribePost;

impl Header for ListUnsubscribePost {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".into())
    }
}

/// Where mail goes.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
pub enum Mailer {
    Smtp { transport: AsyncSmtpTransport<Tokio1Executor>, from: Address },
    Mailbox(Arc<Mailbox>),
}

/// The mails of a process, newest last, in memory.
#[derive(Debug, Default)]
pub struct Mailbox(Mutex<VecDeque<Mail>>);

impl Mailbox {
    pub fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn put(&self, mail: Mail) {
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() == MAILBOX_SIZE {
            mails.pop_front();
        }
        mails.push_back(mail);
    }
}

impl Mailer {
    /// A mailer by an `smtp://`, `smtps://` or `smtp://…?tls=required` URL.
    ///
    /// # Errors
    /// If the URL or the sender's address is malformed.
    pub fn smtp(url: &str, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)?.timeout(Some(SMTP_TIMEOUT)).build();
        Ok(Self::Smtp { transport, from: from.parse()? })
    }

    pub fn mailbox() -> Self {
        Self::Mailbox(Arc::default())
    }

    /// Hands a mail over, outside of any request.
    ///
    /// # Errors
    /// If the server does not take it within 40 s.
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        match self {
            Self::Mailbox(mailbox) => mailbox.put(mail),
            Self::Smtp { transport, from } => {
                let mut message = Message::builder()
                    .from(from.clone())
                    .to(Address::new(None, mail.to.parse()?))
                    .message_id(None)
                    .header(AutoSubmitted)
                    .subject(mail.subject);
                if let Some(url) = mail.unsubscribe {
                    message = message.header(ListUnsubscribe(url)).header(ListUnsubscribePost);
                }
                let message = message.multipart(MultiPart::alternative_plain_html(mail.text, mail.html))?;
                // The transport's own time-out is for each word that the server says.
                timeout(SEND_TIMEOUT, transport.send(message)).await.map_err(|_| MailError::TimedOut)??;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_that_is_not_there_is_told_from_a_mail_that_is_not_liked() {
        for (status, said, wanted) in [
            (550, "5.1.1 <ada@example.com>: user unknown", true),
            (550, "5.2.1 mailbox disabled", true),
            (550, "Mailbox unavailable", true),
            (550, "5.7.1 looks like spam", false),
            (552, "5.2.2 mailbox full", false),
            (554, "Transaction failed", false),
            (535, "5.7.8 wrong password", false),
        ] {
            assert_eq!(bounces(status, said), wanted, "{status} {said}");
        }
    }

    #[test]
    fn who_has_no_name_is_greeted_without_one() {
        for (language, greeting) in [(Language::English, "Hello,\n\n"), (Language::German, "Hallo,\n\n")] {
            let words = [("name", ""), ("number", "7K4M"), ("total", "5.00 GBP"), ("link", "https://shop.example/")];
            let mail = Mail::write("ada@example.com", language, "order-paid", &words);
            assert!(mail.text.starts_with(greeting), "{}", mail.text);
        }
    }

    #[test]
    fn a_mail_says_the_same_as_text_and_as_html() {
        let words = [("name", "Ada <b>"), ("link", "https://shop.example/?a=1&token=x")];
        let mail = Mail::write("ada@example.com", Language::German, "password-reset", &words);
        assert_eq!(mail.subject, "Wähle ein neues Passwort");
        assert!(mail.text.starts_with("Hallo Ada <b>,\n\n"), "{}", mail.text);
        assert!(mail.text.contains("\n\nhttps://shop.example/?a=1&token=x\n\n"), "{}", mail.text);
        assert!(
            mail.html.contains("<html lang=de>") && mail.html.contains("<p>Hallo Ada &lt;b&gt;,</p>"),
            "{}",
            mail.html
        );
        assert!(mail.html.contains("href=\"https://shop.example/?a=1&amp;token=x\""), "{}", mail.html);
        assert!(mail.html.contains(">Neues Passwort wählen</a>"), "{}", mail.html);
        let words = [("code", "123456"), ("link", "https://shop.example")];
        let mail = Mail::write("ada@example.com", Language::English, "verification", &words);
        assert!(mail.html.contains(">123456</p>"), "{}", mail.html);
    }
}
