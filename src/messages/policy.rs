//! Who takes part in a conversation: its people, and those members of its shop who answer messages.

use super::model::{Conversation, Message, Seen, Side, Standing};
use crate::shops::model::{Desk, Permission, ShopRole};

/// Whether members in this role see and answer what is written to their shop.
pub const fn answers(role: ShopRole) -> bool {
    role.may(Permission::AnswerMessages)
}

/// Whether somebody of this standing reads and writes. For everybody else the conversation does not exist.
pub fn takes_part(standing: &Standing) -> bool {
    standing.is_participant || standing.role.is_some_and(answers)
}

/// The conversation as somebody of this standing sees it, if they may.
pub fn seen((conversation, standing): (Conversation, Standing)) -> Option<Seen> {
    takes_part(&standing).then_some(Seen { conversation, last_read_number: standing.last_read_number })
}

/// Those of the messages that somebody of the standing beside them sees.
pub fn visible(messages: Vec<(Message, Standing)>) -> impl Iterator<Item = Message> {
    messages.into_iter().filter(|(_, standing)| takes_part(standing)).map(|(message, _)| message)
}

/// What a member sees at the desk of their shop; nothing if they do not answer messages.
pub fn side_of(desk: &Desk) -> Option<Side> {
    answers(desk.role).then_some(Side::Shop(desk.shop.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes_part_as(is_participant: bool, role: Option<ShopRole>) -> bool {
        takes_part(&Standing { is_participant, role, last_read_number: 7 })
    }

    #[test]
    fn people_and_answering_members_take_part_and_nobody_else() {
        assert!(takes_part_as(true, None));
        for role in [ShopRole::Owner, ShopRole::Manager, ShopRole::Support] {
            assert!(takes_part_as(false, Some(role)), "{role}");
        }
        assert!(!takes_part_as(false, Some(ShopRole::Fulfillment)));
        assert!(takes_part_as(true, Some(ShopRole::Fulfillment)));
        // Having read once gives no right: a former member keeps their marker.
        assert!(!takes_part_as(false, None));
    }
}
