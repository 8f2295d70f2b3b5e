//! Commands about mail.

use agora::{
    kernel::place::Locale,
    platform::{
        caller::Caller,
        config::Options,
        mail::{Mail, Mailer},
        startup,
    },
    users,
};
use clap::Subcommand;

use super::{AnyError, block_on};

#[derive(Subcommand)]
pub enum MailCommand {
    /// Sends a test mail at once, to see whether mail leaves as it should
    Test {
        /// Where to
        address: String,
        /// In which language
        #[arg(long, default_value = "en", value_name = "LOCALE")]
        locale: Locale,
    },
    /// Sends nothing to these addresses for 30 days, because mail to them came back
    Bounced {
        #[arg(required = true)]
        addresses: Vec<String>,
    },
    /// Sends mail to an address again
    Release { address: String },
}

impl MailCommand {
    pub fn run(self, options: &Options) -> Result<(), AnyError> {
        let settings = options.settings()?;
        let open = || startup::open(&settings);
        match self {
            Self::Test { address, locale } => {
                let mailer = startup::mailer(&settings.mail)?;
                if let Mailer::Mailbox(_) = mailer {
                    return Err("mail does not leave: give --smtp-url and --mail-from".into());
                }
                let sent = block_on(mailer.send(Mail::write(&address, locale.language(), "test", &[])));
                if let Err(error) = sent {
                    // What the server said is the operator's own here.
                    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
                    return Err(format!("{error}{cause}").into());
                }
                println!("the mail server took a mail to {address}");
            }
            Self::Bounced { addresses } => {
                let opened = open()?;
                for address in addresses {
                    block_on(users::service::set_undeliverable(&opened.app, &Caller::system(), &address))?;
                }
            }
            Self::Release { address } => {
                if !block_on(users::service::set_deliverable(&open()?.app, &Caller::system(), &address))? {
                    return Err(format!("mail to {address} was not held back").into());
                }
            }
        }
        Ok(())
    }
}
