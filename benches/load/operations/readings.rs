//! What an application reads of conversations when it is opened, over as many messages as there are.

use agora::messages::model::Conversation;
use serde_json::json;

use super::{Class, Operation, Plans, Request};
use crate::{market::Kind, talks::Talks};

/// A reading, and what it may take.
pub struct Reading {
    pub operation: Operation,
    /// Statements at the most.
    pub statements: f64,
    /// Where the list is of which there have to be fifty.
    pub list: Option<&'static str>,
}

/// All of them.
pub fn readings(talks: Talks) -> [Reading; 3] {
    let Talks { conversations, readers, .. } = talks;
    let of_reader = |name, title, document: &str| Operation {
        name,
        title,
        class: Class::Page,
        plans: Plans::Generic,
        carts: None,
        document: document.to_owned(),
        draws: vec![("r", 0, readers - 1)],
        request: Box::new(|drawn| Request { person: Some(drawn[0]), variables: json!({}) }),
        known: Box::new(|_| vec![]),
    };
    let last = Operation {
        name: "Last",
        title: "last 50 messages with authors",
        class: Class::Page,
        plans: Plans::Generic,
        carts: None,
        document: "query Last($id: ID!) { viewer { conversation(id: $id) { id lastNumber messages(last: 50) { nodes { id number \
                   createdAt author { id displayName } content { __typename ... on TextContent { text } } } \
                   pageInfo { hasPreviousPage startCursor } } } } }"
            .into(),
        draws: vec![("c", 0, conversations - 1)],
        request: Box::new(move |drawn| Request {
            person: Some(drawn[0] % readers),
            variables: json!({"id": Kind::Conversation.id::<Conversation>(drawn[0])}),
        }),
        known: Box::new(|_| vec![]),
    };
    let inbox = of_reader(
        "Inbox",
        "50 conversations, unread and last message",
        "query Inbox { viewer { conversations(first: 50) { nodes { id unreadCount isMuted isPinned lastMessage { id number \
         createdAt author { displayName } content { __typename ... on TextContent { text } } } } \
         pageInfo { hasNextPage endCursor } } } }",
    );
    let badges = of_reader(
        "Badges",
        "badge totals",
        "query Badges { viewer { badges { unreadConversations unreadMessages unreadNotifications } } }",
    );
    let messages = "/data/viewer/conversation/messages/nodes";
    [
        Reading { operation: last, statements: 2.0, list: Some(messages) },
        Reading { operation: inbox, statements: 3.0, list: Some("/data/viewer/conversations/nodes") },
        Reading { operation: badges, statements: 1.0, list: None },
    ]
}
