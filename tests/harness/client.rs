//! A GraphQL client over HTTP.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::{codes, log, secrets::Secrets};

/// Sends as one caller. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub url: String,
    pub token: Option<String>,
    pub headers: Vec<(String, String)>,
    secrets: Secrets,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub data: Value,
    pub errors: Vec<Value>,
    pub extensions: Value,
    /// SQL statements that the operation took; none if it was refused before it ran.
    pub statements: Option<u64>,
    /// The mutation's field, if it was sent by [`Client::mutate`].
    field: Option<String>,
}

impl Client {
    /// Of a service whose log nobody watches.
    pub fn new(url: String) -> Self {
        Self::of(url, Secrets::default())
    }

    /// Of a service whose log holds none of these secrets, to which the client adds its own.
    pub fn of(url: String, secrets: Secrets) -> Self {
        Self { http: reqwest::Client::new(), url, token: None, headers: Vec::new(), secrets }
    }

    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        self.secrets.add_of(&json!({"token": token}));
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        if name.eq_ignore_ascii_case("cookie") {
            self.secrets.add_of_cookies(value);
        }
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// A request with any body.
    pub fn post(&self, body: &Value) -> RequestBuilder {
        self.secrets.add_of(body);
        self.speaking(self.http.post(&self.url).json(body))
    }

    /// A request with everything in the URL.
    pub fn get(&self, parameters: &[(&str, &str)]) -> RequestBuilder {
        self.speaking(self.http.get(&self.url).query(parameters))
    }

    fn speaking(&self, mut request: RequestBuilder) -> RequestBuilder {
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
    }

    /// Sends a document of any kind.
    pub async fn send(&self, document: &str, variables: Value) -> Answer {
        self.try_send(document, variables).await.expect("no answer")
    }

    /// Sends a document to a service that may not be there. None if no whole answer came.
    pub async fn try_send(&self, document: &str, variables: Value) -> Option<Answer> {
        self.try_send_body(&json!({"query": document, "variables": variables})).await
    }

    /// Sends a request with these parameters.
    pub async fn send_body(&self, body: Value) -> Answer {
        self.try_send_body(&body).await.expect("no answer")
    }

    async fn try_send_body(&self, body: &Value) -> Option<Answer> {
        let request = self.post(body);
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        let id = response.headers().get("x-request-id").map(|id| id.to_str().unwrap().to_owned());
        let mut body: Value = response.json().await.ok()?;
        self.secrets.add_of(&body);
        Some(Answer {
            status,
            data: body["data"].take(),
            errors: body["errors"].as_array().cloned().unwrap_or_default(),
            extensions: body["extensions"].take(),
            statements: id.and_then(|id| log::statements(&id)),
            field: None,
        })
    }

    /// Sends a query without variables.
    pub async fn query(&self, document: &str) -> Answer {
        self.send(document, json!({})).await
    }

    /// Sends one mutation, by the rules that all of them keep; `selection` is of its payload, beside `userErrors`.
    pub async fn mutate(&self, field: &str, input: Value, selection: &str) -> Answer {
        let pascal = field[..1].to_uppercase() + &field[1..];
        let document = format!(
            "mutation($input: {pascal}Input!) {{ {field}(input: $input) {{ {selection} userErrors {{ __typename message code field }} }} }}"
        );
        let answer = self.send(&document, json!({"input": input})).await;
        for error in answer.data[field]["userErrors"].as_array().into_iter().flatten() {
            codes::assert_stated(field, error["code"].as_str().unwrap());
        }
        Answer { field: Some(field.to_owned()), ..answer }
    }
}

impl Answer {
    /// The data, or a mutation's payload. Panics if anything was refused.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.errors.is_empty(), "{self:#?}");
        match &self.field {
            None => self.data,
            Some(field) => {
                let payload = self.data[field].clone();
                assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
                payload
            }
        }
    }

    /// The code of the one error of the answer as a whole.
    #[track_caller]
    pub fn code(&self) -> &str {
        assert_eq!(self.errors.len(), 1, "{self:#?}");
        self.errors[0]["extensions"]["code"].as_str().unwrap()
    }

    /// A mutation's refusals: code and dotted path in the input.
    #[track_caller]
    pub fn refusals(&self) -> Vec<(String, String)> {
        assert!(self.errors.is_empty(), "{self:#?}");
        let payload = &self.data[self.field.as_deref().unwrap()];
        let errors = payload["userErrors"].as_array().unwrap();
        let path = |error: &Value| {
            let steps = error["field"].as_array().cloned().unwrap_or_default();
            steps.iter().map(|step| step.as_str().unwrap()).collect::<Vec<_>>().join(".")
        };
        errors.iter().map(|error| (error["code"].as_str().unwrap().to_owned(), path(error))).collect()
    }

    /// The one refusal of a mutation.
    #[track_caller]
    pub fn refusal(&self) -> (String, String) {
        let mut refusals = self.refusals();
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        refusals.remove(0)
    }
}
