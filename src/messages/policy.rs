//! Who takes part in a conversation: its people, and those members of its shop who answer messages.

use super::model::{
    Companion, Conversation, Marker, Message, Participant, Receipt, Seen, Side, Standing, groups::GroupRole, held::Held,
};
use crate::{
    kernel::id::Id,
    shops::model::{Desk, Permission, ShopRole},
    users::model::User,
};

/// Whether members in this role see and answer what is written to their shop.
pub const fn answers(role: ShopRole) -> bool {
    role.may(Permission::AnswerMessages)
}

/// The words of the roles that see and answer it.
pub fn answering() -> impl Iterator<Item = &'static str> {
    let roles = [ShopRole::Owner, ShopRole::Manager, ShopRole::Fulfillment, ShopRole::Support];
    roles.into_iter().filter(|role| answers(*role)).map(ShopRole::as_str)
}

/// Whether somebody of this standing reads and writes. For everybody else the conversation does not exist.
pub fn takes_part(standing: &Standing) -> bool {
    standing.is_participant || standing.role.is_some_and(answers) || standing.is_support
}

/// The conversation as somebody of this standing sees it, if they may.
pub fn seen((conversation, standing): (Conversation, Standing)) -> Option<Seen> {
    takes_part(&standing).then_some(Seen { conversation, is_support: standing.is_support, marker: standing.marker })
}

/// Those of the messages that a reader of the standing beside them sees, numbered by their places: of a group nothing from before they came
/// in, and of what is held their own.
pub fn visible(reader: Id<User>, messages: Vec<(Message, Standing)>) -> impl Iterator<Item = Message> {
    messages.into_iter().filter_map(move |(message, standing)| {
        let sees = takes_part(&standing) && shows(reader, &standing.marker, &message);
        sees.then(|| message.placed(&standing.marker.held))
    })
}

/// Whether a message is for a reader who takes part with this marker.
pub fn shows(reader: Id<User>, marker: &Marker, message: &Message) -> bool {
    message.is_shown_to(reader, marker.joined_number)
}

/// Whether somebody in this role asks people into the group.
pub const fn invites(role: GroupRole) -> bool {
    matches!(role, GroupRole::Owner | GroupRole::Moderator)
}

/// Whether somebody in this role removes who is in the other one.
pub const fn removes(role: GroupRole, other: GroupRole) -> bool {
    match role {
        GroupRole::Owner => true,
        GroupRole::Moderator => matches!(other, GroupRole::Member),
        GroupRole::Member => false,
    }
}

/// Whether somebody in this role in the group, if it is one, takes back what was written: their own, and who moderates anybody's. What tells
/// of a step stays.
pub fn takes_back(message: &Message, person: Id<User>, role: Option<GroupRole>) -> bool {
    message.is_by(person) || (message.step.is_none() && role.is_some_and(invites))
}

/// Somebody who takes part, as `reader`, who alone sees some messages, is told of them: how far they have read is their own affair if they say
/// so.
pub fn companion(participant: Participant, (reader, held): (Id<User>, &Held), tells_others: bool) -> Companion {
    let (is_reader, Receipt { read, delivered }) = (participant.user.id == reader, participant.receipt());
    let receipt = if is_reader {
        Receipt { read: held.furthest(read), delivered: held.furthest(delivered) }
    } else {
        Receipt { read: held.place_of(read), delivered: held.place_of(delivered) }
    };
    Companion { receipt: (tells_others || is_reader).then_some(receipt), participant }
}

/// What a member sees at the desk of their shop; nothing if they do not answer messages.
pub fn side_of(desk: &Desk) -> Option<Side> {
    answers(desk.role).then_some(Side::Shop(desk.shop.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes_part_as(is_participant: bool, role: Option<ShopRole>) -> bool {
        let marker = Marker { last_read_number: 7, ..Marker::default() };
        takes_part(&Standing { is_participant, role, is_support: false, marker })
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

    #[test]
    fn moderators_remove_members_alone() {
        use GroupRole::{Member, Moderator, Owner};
        assert!(invites(Owner) && invites(Moderator) && !invites(Member));
        assert!(removes(Owner, Moderator) && removes(Moderator, Member));
        assert!(!removes(Moderator, Moderator) && !removes(Moderator, Owner) && !removes(Member, Member));
    }
}
