//! Mail leaves through SMTP, or, in development and tests, stays in a mailbox that can be looked at.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox as Address, header::ContentType},
};

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// Why a mail was not handed over.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("the mail cannot be written: {0}")]
    Message(#[from] lettre::error::Error),
    #[error("the address cannot be written to: {0}")]
    Address(#[from] lettre::address::AddressError),
    #[error("the SMTP server did not take it: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
}

/// How many mails the mailbox keeps.
const MAILBOX_SIZE: usize = 500;
const SMTP_TIMEOUT: Duration = Duration::from_secs(20);

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

    /// Hands a mail over. Called by jobs only, which try again.
    ///
    /// # Errors
    /// If the server does not take it within 20 s.
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        match self {
            Self::Mailbox(mailbox) => mailbox.put(mail),
            Self::Smtp { transport, from } => {
                let message = Message::builder()
                    .from(from.clone())
                    .to(mail.to.parse()?)
                    .subject(mail.subject)
                    .header(ContentType::TEXT_PLAIN)
                    .body(mail.text)?;
                transport.send(message).await?;
            }
        }
        Ok(())
    }
}
