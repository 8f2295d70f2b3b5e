//! What a refusal says to people.

use crate::kernel::{error::UserErrorCode, place::Language};

/// The text of a code in a language.
pub fn text(code: UserErrorCode, language: Language) -> &'static str {
    let (english, german) = both(code);
    match language {
        Language::English => english,
        Language::German => german,
    }
}

const fn both(code: UserErrorCode) -> (&'static str, &'static str) {
    match code {
        UserErrorCode::AccountSuspended => (
            "The market's staff do not let you do this at the moment. Your account says why.",
            "Das Team des Marktplatzes lässt dich das zurzeit nicht tun. Warum, steht in deinem Konto.",
        ),
        UserErrorCode::AlreadyAvailable => ("This can be ordered now.", "Das kann jetzt bestellt werden."),
        UserErrorCode::AlreadyDone => ("This has been done already.", "Das ist bereits geschehen."),
        UserErrorCode::BalanceTooLow => (
            "The shop's balance does not cover this. The market's staff can give it back: ask them.",
            "Das Guthaben des Geschäfts reicht dafür nicht. Die Betreiber des Marktplatzes können es erstatten: wende dich an sie.",
        ),
        UserErrorCode::Blank => ("This must not be empty.", "Das darf nicht leer sein."),
        UserErrorCode::CannotShip => {
            ("The shop does not send this there.", "Das Geschäft verschickt das nicht dorthin.")
        }
        UserErrorCode::ClaimOpen => {
            ("There is an open claim about this already.", "Dazu gibt es schon eine offene Beanstandung.")
        }
        UserErrorCode::CodeNotApplicable => {
            ("This code takes nothing off this order.", "Dieser Code zieht von dieser Bestellung nichts ab.")
        }
        UserErrorCode::CurrencyMismatch => ("The currencies do not match.", "Die Währungen passen nicht zusammen."),
        UserErrorCode::EmailNotVerified => (
            "The provider has not confirmed your address. Confirm it there, or sign up with a password.",
            "Der Anbieter hat deine Adresse nicht bestätigt. Bestätige sie dort, oder registriere dich mit einem Passwort.",
        ),
        UserErrorCode::IdempotencyKeyReused => (
            "This idempotency key was used before with another input.",
            "Dieser Idempotenzschlüssel wurde schon mit anderen Angaben benutzt.",
        ),
        UserErrorCode::IdentityTaken => (
            "This account is linked with another one here, or yours is with another one there.",
            "Dieses Konto ist hier mit einem anderen verbunden, oder deines mit einem anderen dort.",
        ),
        UserErrorCode::InUse => ("This is still in use.", "Das wird noch gebraucht."),
        UserErrorCode::Invalid => ("This cannot be so here.", "Das kann hier nicht so sein."),
        UserErrorCode::InvalidChallenge => {
            ("This took too long. Please begin anew.", "Das hat zu lange gedauert. Bitte beginne von vorn.")
        }
        UserErrorCode::InvalidCode => {
            ("This code is wrong or no longer valid.", "Dieser Code ist falsch oder nicht mehr gültig.")
        }
        UserErrorCode::InvalidCredentials => {
            ("The address or the password is wrong.", "Die Adresse oder das Passwort ist falsch.")
        }
        UserErrorCode::InvalidEmail => ("This is not an e-mail address.", "Das ist keine E-Mail-Adresse."),
        UserErrorCode::InvalidPasskey => ("This passkey is not known here.", "Dieser Passkey ist hier nicht bekannt."),
        UserErrorCode::InvalidRefreshToken => ("Please sign in again.", "Bitte melde dich neu an."),
        UserErrorCode::InvalidToken => ("This link is not valid any more.", "Dieser Link ist nicht mehr gültig."),
        UserErrorCode::LastOwner => ("A shop needs at least one owner.", "Ein Shop braucht mindestens einen Inhaber."),
        UserErrorCode::LastSignInMethod => (
            "Choose a password first, or you could not sign in any more.",
            "Wähle erst ein Passwort, sonst könntest du dich nicht mehr anmelden.",
        ),
        UserErrorCode::MessageNotEditable => {
            ("This message can no longer be edited.", "Diese Nachricht kann nicht mehr bearbeitet werden.")
        }
        UserErrorCode::MessageRefused => (
            "This holds a word or a link that cannot be sent here.",
            "Das enthält ein Wort oder einen Link, der hier nicht verschickt werden kann.",
        ),
        UserErrorCode::NotFound => ("This was not found.", "Das wurde nicht gefunden."),
        UserErrorCode::NotPermitted => ("You are not allowed to do this.", "Das darfst du nicht."),
        UserErrorCode::OrderDisputed => (
            "The buyer's bank asks for the money of this order: do not send it.",
            "Die Bank des Käufers verlangt das Geld dieser Bestellung: versende sie nicht.",
        ),
        UserErrorCode::OrderNotCancellable => {
            ("This order can no longer be cancelled.", "Diese Bestellung kann nicht mehr storniert werden.")
        }
        UserErrorCode::OrderNotClaimable => {
            ("Nothing can be claimed about this order.", "Zu dieser Bestellung kann nichts beanstandet werden.")
        }
        UserErrorCode::OrderNotEditable => {
            ("This order cannot be changed like this any more.", "Diese Bestellung kann so nicht mehr geändert werden.")
        }
        UserErrorCode::OrderNotReturnable => {
            ("Nothing of this order can be sent back.", "Von dieser Bestellung kann nichts zurückgeschickt werden.")
        }
        UserErrorCode::OrderNotPayable => {
            ("This order is not open for payment.", "Diese Bestellung kann nicht bezahlt werden.")
        }
        UserErrorCode::OrderNotPaid => ("This order is not paid yet.", "Diese Bestellung ist noch nicht bezahlt."),
        UserErrorCode::OrderNotShippable => ("There is nothing left to send.", "Es ist nichts mehr zu versenden."),
        UserErrorCode::OrderNotRefundable => {
            ("Nothing of this order can be given back.", "Von dieser Bestellung kann nichts erstattet werden.")
        }
        UserErrorCode::OutOfRange => ("This is out of range.", "Das liegt außerhalb des Bereichs."),
        UserErrorCode::OutOfStock => ("There are not enough left.", "Davon sind nicht mehr genug da."),
        UserErrorCode::PasskeysUnavailable => {
            ("This market takes no passkeys.", "Dieser Marktplatz nimmt keine Passkeys an.")
        }
        UserErrorCode::PasswordCommon => {
            ("This password is too easy to guess.", "Dieses Passwort ist zu leicht zu erraten.")
        }
        UserErrorCode::PasswordLength => {
            ("A password has 10 to 256 characters.", "Ein Passwort hat 10 bis 256 Zeichen.")
        }
        UserErrorCode::PaymentInProgress => {
            ("Another payment of this order is in progress.", "Eine andere Zahlung dieser Bestellung läuft gerade.")
        }
        UserErrorCode::PaymentsUnavailable => {
            ("This market takes no payments.", "Dieser Marktplatz nimmt keine Zahlungen an.")
        }
        UserErrorCode::PriceChanged => ("The price has changed.", "Der Preis hat sich geändert."),
        UserErrorCode::ProviderRefused => (
            "The provider did not confirm who you are. Please try again.",
            "Der Anbieter hat nicht bestätigt, wer du bist. Bitte versuche es noch einmal.",
        ),
        UserErrorCode::ProviderUnavailable => (
            "The provider does not answer. Please try again later.",
            "Der Anbieter antwortet nicht. Bitte versuche es später noch einmal.",
        ),
        UserErrorCode::PushUnavailable => (
            "This market sends no pushes to this device.",
            "Dieser Marktplatz schickt keine Mitteilungen auf dieses Gerät.",
        ),
        UserErrorCode::RefundNotFailed => ("This refund has not failed.", "Diese Erstattung ist nicht fehlgeschlagen."),
        UserErrorCode::RefundStep => (
            "The payment provider cannot give back exactly this amount.",
            "Der Zahlungsanbieter kann genau diesen Betrag nicht erstatten.",
        ),
        UserErrorCode::ReturnUrlNotAllowed => {
            ("This return URL is not allowed.", "Diese Rücksprungadresse ist nicht erlaubt.")
        }
        UserErrorCode::ShopOnHoliday => ("The shop is on holiday.", "Das Geschäft macht gerade Urlaub."),
        UserErrorCode::StaleVersion => ("This has changed in the meantime.", "Das hat sich inzwischen geändert."),
        UserErrorCode::SecondFactorRequired => {
            ("The password alone is not enough here.", "Das Passwort allein genügt hier nicht.")
        }
        UserErrorCode::StockChanged => {
            ("The stock has changed in the meantime.", "Der Bestand hat sich inzwischen geändert.")
        }
        UserErrorCode::StorageExhausted => (
            "You have as many files here as you may. Please delete some first.",
            "Du hast hier so viele Dateien, wie du haben darfst. Bitte lösche erst welche.",
        ),
        UserErrorCode::Taken => ("This is already taken.", "Das ist schon vergeben."),
        UserErrorCode::TooLarge => ("This file is too large.", "Diese Datei ist zu groß."),
        UserErrorCode::TooLong => ("This is too long.", "Das ist zu lang."),
        UserErrorCode::TooMany => ("These are too many.", "Das sind zu viele."),
        UserErrorCode::TooManyAttempts => (
            "There were too many attempts. Please try again a little later.",
            "Das waren zu viele Versuche. Bitte versuche es etwas später noch einmal.",
        ),
        UserErrorCode::TooManyUnpaidOrders => (
            "Too many of your orders are not paid yet. Please pay one first, or cancel one.",
            "Zu viele deiner Bestellungen sind noch nicht bezahlt. Bitte bezahle erst eine, oder storniere eine.",
        ),
        UserErrorCode::TransitionNotAllowed => {
            ("This is not possible any more, or not yet.", "Das geht nicht mehr oder noch nicht.")
        }
        UserErrorCode::UploadIncomplete => ("The file has not arrived yet.", "Die Datei ist noch nicht angekommen."),
    }
}
