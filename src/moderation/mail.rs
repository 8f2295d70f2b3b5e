//! What people are written about decisions. The words stand in `assets/texts`.

use super::model::{Action, AppealOutcome, Case};
use crate::{platform::mail::Mail, users::model::Addressee};

/// What was decided; none if nobody is told of it.
pub fn decided(to: &Addressee, case: &Case) -> Option<Mail> {
    let reason = case.reason.as_deref()?;
    let id = match (case.action?, case.suspended_until) {
        (Action::Hide, _) => "moderation-hidden",
        (Action::Warn, _) => "moderation-warned",
        (Action::Suspend, None) => "moderation-suspended-for-good",
        (Action::Suspend, Some(until)) => {
            let day = until.format("%Y-%m-%d").to_string();
            let words = [("name", to.name.as_str()), ("reason", reason), ("day", &day)];
            return Some(Mail::write(&to.email, to.language, "moderation-suspended", &words));
        }
        (Action::Dismiss, _) => return None,
    };
    Some(Mail::write(&to.email, to.language, id, &[("name", &to.name), ("reason", reason)]))
}

/// What an appeal came to; none if it is not answered.
pub fn answered(to: &Addressee, case: &Case) -> Option<Mail> {
    let reason = case.appeal_reason.as_deref()?;
    let id = match case.appeal_outcome? {
        AppealOutcome::Upheld => "moderation-upheld",
        AppealOutcome::Overturned => "moderation-overturned",
    };
    Some(Mail::write(&to.email, to.language, id, &[("name", &to.name), ("reason", reason)]))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        kernel::{id::Id, place::Language},
        moderation::model::{CaseState, TargetKind},
        platform::clock::Time,
    };

    #[test]
    fn every_decision_has_its_words() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let case = |action, outcome, suspended_until| Case {
            id: Id::from_uuid(Uuid::nil()),
            target_kind: TargetKind::Message,
            target_id: Uuid::nil(),
            person_id: None,
            state: CaseState::Closed,
            reporter_count: 1,
            opened_at: now,
            waiting_since: now,
            action: Some(action),
            reason: Some("It advertises".into()),
            decided_by: None,
            decided_at: Some(now),
            suspended_until,
            appeal_text: None,
            appealed_by: None,
            appealed_at: None,
            appeal_outcome: Some(outcome),
            appeal_reason: Some("It does".into()),
            answered_by: None,
            answered_at: Some(now),
        };
        for (language, hello) in [(Language::English, "Hello"), (Language::German, "Hallo")] {
            let ada = Addressee { email: "ada@example.com".into(), name: "Ada".into(), language };
            let mut mails = Vec::new();
            for (action, until) in
                [(Action::Hide, None), (Action::Warn, None), (Action::Suspend, None), (Action::Suspend, Some(now))]
            {
                let mail = decided(&ada, &case(action, AppealOutcome::Upheld, until)).unwrap();
                assert!(mail.text.contains("It advertises"), "{mail:?}");
                assert_eq!(mail.text.contains("2026-11-20"), until.is_some(), "{mail:?}");
                mails.push(mail);
            }
            for outcome in [AppealOutcome::Upheld, AppealOutcome::Overturned] {
                let mail = answered(&ada, &case(Action::Warn, outcome, None)).unwrap();
                assert!(mail.text.contains("It does"), "{mail:?}");
                mails.push(mail);
            }
            for mail in mails {
                assert!(!mail.subject.is_empty() && mail.text.starts_with(hello), "{mail:?}");
                assert!(!mail.subject.contains("{$") && !mail.text.contains("{$"), "{mail:?}");
            }
            assert!(decided(&ada, &case(Action::Dismiss, AppealOutcome::Upheld, None)).is_none());
        }
    }
}
