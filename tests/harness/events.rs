//! A client of server-sent events.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;

/// How long anything is waited for before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open stream. Dropping it leaves.
pub struct EventStream {
    response: reqwest::Response,
    buffer: String,
}

/// What the server said.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    Next { id: Option<String>, data: Value },
    Complete,
    Comment(String),
    End,
}

impl EventStream {
    /// Sends a request that asks for a stream. Panics if it is answered by anything else.
    pub async fn open(request: reqwest::RequestBuilder) -> Self {
        Self::try_open(request).await.unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    /// The same, or the body by which it is refused.
    pub async fn try_open(request: reqwest::RequestBuilder) -> Result<Self, Value> {
        let response = request.header("accept", "text/event-stream").send().await.unwrap();
        if response.status() != 200 {
            return Err(response.json().await.unwrap());
        }
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Ok(Self { response, buffer: String::new() })
    }

    /// The next event, or a comment that has words.
    pub async fn hear(&mut self) -> Heard {
        loop {
            match self.hear_all().await {
                Heard::Comment(text) if text.is_empty() => {}
                other => return other,
            }
        }
    }

    /// The next event or comment.
    pub async fn hear_all(&mut self) -> Heard {
        loop {
            if let Some(end) = self.buffer.find("\n\n") {
                let block: String = self.buffer.drain(..end + 2).collect();
                return parse(block.trim_end());
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("the server says nothing");
            let Some(chunk) = chunk.unwrap() else {
                assert_eq!(self.buffer, "", "a half event");
                return Heard::End;
            };
            self.buffer += std::str::from_utf8(&chunk).unwrap();
        }
    }

    /// The next event that is no heartbeat: its id, and what the root field says.
    pub async fn event(&mut self) -> (String, Value) {
        loop {
            let heard = self.hear().await;
            let Heard::Next { id: Some(id), mut data } = heard else { panic!("{heard:?}") };
            let event = data["data"]["events"].take();
            if event["__typename"] != "Heartbeat" {
                return (id, event);
            }
        }
    }
}

fn parse(block: &str) -> Heard {
    let field = |name: &str| {
        let value = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map(str::trim_start)
    };
    match field("event") {
        Some("next") => Heard::Next {
            id: field("id").map(str::to_owned),
            data: serde_json::from_str(field("data").unwrap()).unwrap(),
        },
        Some("complete") => {
            assert_eq!(field("data"), Some(""));
            Heard::Complete
        }
        Some(other) => panic!("no event of the protocol: {other}"),
        None => Heard::Comment(block.strip_prefix(':').unwrap().trim().to_owned()),
    }
}
