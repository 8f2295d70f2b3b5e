//! What may be done about what.

use super::model::{Action, TargetKind};

/// Whether this can be done about something of this kind.
pub const fn fits(action: Action, kind: TargetKind) -> bool {
    match action {
        Action::Warn | Action::Dismiss => true,
        Action::Hide => matches!(kind, TargetKind::Message | TargetKind::Product | TargetKind::Review),
        Action::Suspend => matches!(kind, TargetKind::Message | TargetKind::User | TargetKind::Review),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_suspended_and_things_are_hidden() {
        assert!(fits(Action::Hide, TargetKind::Message) && fits(Action::Suspend, TargetKind::Message));
        assert!(!fits(Action::Hide, TargetKind::User) && fits(Action::Suspend, TargetKind::User));
        assert!(fits(Action::Hide, TargetKind::Product) && !fits(Action::Suspend, TargetKind::Product));
        assert!(!fits(Action::Hide, TargetKind::Shop) && fits(Action::Warn, TargetKind::Shop));
    }
}
