//! What conversations are to each of those who take part.

mod desk;
mod devices;
mod groups;
mod invitations;
pub mod live;
mod locks;
mod marking;
mod prices;
mod state;
mod steps;
mod typing;
mod writing;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, app::Person};

/// The direct conversation of two people.
pub async fn talk(one: &Client, other: &Person) -> String {
    let started = one.mutate("startConversation", json!({"userId": other.id}), "conversation { id }").await.ok();
    started["conversation"]["id"].as_str().unwrap().to_owned()
}

/// Writes something, once for each text. Returns the message.
pub async fn say(from: &Client, conversation: &str, text: &str) -> Value {
    let input = json!({"conversationId": conversation, "text": text, "idempotencyKey": text});
    from.mutate("sendMessage", input, "message { id number }").await.ok()["message"].clone()
}

/// Changes how somebody keeps a conversation.
pub async fn keep(client: &Client, conversation: &str, settings: Value) -> Answer {
    let mut input = json!({"conversationId": conversation});
    input.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let selection = "conversation { isArchived isPinned isMuted mutedUntil }";
    client.mutate("updateConversationSettings", input, selection).await
}

/// Something of a conversation, as somebody sees it.
pub async fn see(client: &Client, conversation: &str, selection: &str) -> Value {
    let document = format!("query($id: ID!) {{ viewer {{ conversation(id: $id) {{ {selection} }} }} }}");
    client.send(&document, json!({"id": conversation})).await.ok()["viewer"]["conversation"].clone()
}
