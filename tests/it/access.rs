//! Who may see and do what: a row for each root field, for each field of a type that is not public, and for each type
//! behind `node`. The list of fields comes from introspection, so a new one fails until somebody decides.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{
    Client, TestApp,
    app::PASSWORD,
    socket::{Said, Socket},
};

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gets {
    /// A value at the row's path.
    Something,
    /// Null, without an error.
    Nothing,
    Unauthenticated,
    Forbidden,
}

use Gets::{Forbidden, Nothing, Something, Unauthenticated};

/// A field, how to ask for it, and what comes of that for a guest, a stranger, support and an admin.
///
/// The document uses the variables of [`World`]; the path leads through the data to what is looked at.
struct Row(&'static str, &'static str, &'static str, [Gets; 4]);

const EVERYBODY: [Gets; 4] = [Something; 4];
const NOBODY: [Gets; 4] = [Nothing; 4];
/// Null for a guest, since the way there is.
const OWN: [Gets; 4] = [Nothing, Something, Something, Something];
const SIGNED_IN: [Gets; 4] = [Unauthenticated, Something, Something, Something];
const STAFF: [Gets; 4] = [Nothing, Nothing, Something, Something];
const ADMIN: [Gets; 4] = [Unauthenticated, Forbidden, Forbidden, Something];

/// Types of which each field has a row; all other types hold what everybody may see, or are reached through these.
const PRIVATE_TYPES: &[&str] = &["Viewer", "Staff"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row("Query.node", "query($user: ID!) { node(id: $user) { id } }", "node", EVERYBODY),
    Row("Query.nodes", "query($user: ID!) { nodes(ids: [$user]) { id } }", "nodes.0", EVERYBODY),
    Row("Query.staff", "{ staff { __typename } }", "staff", STAFF),
    Row("Query.user", "query($user: ID!) { user(by: {id: $user}) { displayName } }", "user", EVERYBODY),
    Row("Query.viewer", "{ viewer { id } }", "viewer", OWN),

    Row("Node.User", "query($user: ID!) { node(id: $user) { ... on User { displayName } } }", "node.displayName", EVERYBODY),
    // Somebody else's: only they themself.
    Row("Node.Viewer", "query($viewer: ID!) { node(id: $viewer) { ... on Viewer { email } } }", "node", NOBODY),

    Row("Viewer.email", "{ viewer { email } }", "viewer.email", OWN),
    Row("Viewer.eventCursor", "{ viewer { eventCursor } }", "viewer.eventCursor", OWN),
    Row("Viewer.events", "{ viewer { events { nodes { __typename } } } }", "viewer.events.nodes", OWN),
    Row("Viewer.id", "{ viewer { id } }", "viewer.id", OWN),
    Row("Viewer.preferences", "{ viewer { preferences { theme } } }", "viewer.preferences", OWN),
    Row("Viewer.role", "{ viewer { role } }", "viewer.role", OWN),
    Row("Viewer.user", "{ viewer { user { id } } }", "viewer.user", OWN),

    Row("Staff.deadJobs", "{ staff { deadJobs { nodes { id } } } }", "staff.deadJobs.nodes", STAFF),

    Row("Mutation.confirmEmail", "mutation($verification: ID!) { confirmEmail(input: {verificationId: $verification, code: \"0\"}) { userErrors { code } } }", "confirmEmail", EVERYBODY),
    Row("Mutation.refreshSession", "mutation { refreshSession(input: {refreshToken: \"\"}) { userErrors { code } } }", "refreshSession", EVERYBODY),
    Row("Mutation.replayJob", "mutation($job: ID!) { replayJob(input: {jobId: $job}) { userErrors { code } } }", "replayJob", ADMIN),
    Row("Mutation.resendVerification", "mutation($verification: ID!) { resendVerification(input: {verificationId: $verification}) { userErrors { code } } }", "resendVerification", EVERYBODY),
    Row("Mutation.signIn", "mutation { signIn(input: {email: \"\", password: \"\"}) { userErrors { code } } }", "signIn", EVERYBODY),
    Row("Mutation.signUp", "mutation($password: String!) { signUp(input: {email: \"new@example.com\", password: $password, displayName: \"New\"}) { verification { id } } }", "signUp.verification", EVERYBODY),
    Row("Mutation.updatePreferences", "mutation { updatePreferences(input: {}) { preferences { theme } } }", "updatePreferences.preferences", SIGNED_IN),
    Row("Mutation.updateProfile", "mutation { updateProfile(input: {}) { user { id } } }", "updateProfile.user", SIGNED_IN),

    Row("Subscription.events", "subscription { events { __typename } }", "events", SIGNED_IN),

    // The last one, for it does.
    Row("Mutation.signOut", "mutation { signOut { userErrors { code } } }", "signOut", SIGNED_IN),
];

/// What rows name: it belongs to somebody who is none of the callers.
async fn world(app: &TestApp) -> Value {
    let owner = app.sign_up("Owner").await;
    let viewer = owner.query("{ viewer { id } }").await.ok()["viewer"]["id"].clone();
    json!({
        "user": owner.id,
        "viewer": viewer,
        "job": "job_00000000000000000000000000",
        "verification": "verification_00000000000000000000000000",
        "password": PASSWORD,
    })
}

#[actix_web::test]
async fn everybody_gets_what_the_table_says() {
    let app = TestApp::start().await;
    let world = world(&app).await;
    let support = app.sign_up("Support").await;
    app.given_role(&support, "SUPPORT");
    let admin = app.sign_up("Admin").await;
    app.given_role(&admin, "ADMIN");
    let stranger = app.sign_up("Stranger").await;
    let callers =
        [("guest", app.guest()), ("stranger", stranger.client), ("support", support.client), ("admin", admin.client)];
    let mut wrong = Vec::new();
    for Row(field, document, path, expected) in ROWS {
        let mut variables = world.clone();
        variables.as_object_mut().unwrap().retain(|name, _| document.contains(&format!("${name}:")));
        for ((name, caller), expected) in callers.iter().zip(expected) {
            let (found, said) = ask(caller, field, document, variables.clone(), path).await;
            if found != Some(*expected) {
                wrong.push(format!("{field} for a {name}: expected {expected:?}, got {found:?}: {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

async fn ask(caller: &Client, field: &str, document: &str, variables: Value, path: &str) -> (Option<Gets>, String) {
    let (data, errors) = if field.starts_with("Subscription.") {
        let mut socket = Socket::connect(caller, json!({})).await;
        socket.subscribe("1", document, variables).await;
        match socket.receive().await {
            Said::Message(message) if message["type"] == "next" => (message["payload"]["data"].clone(), Vec::new()),
            Said::Message(message) => (Value::Null, message["payload"].as_array().cloned().unwrap_or_default()),
            Said::Closed(code) => panic!("{field}: closed with {code}"),
        }
    } else {
        let answer = caller.send(document, variables).await;
        (answer.data, answer.errors)
    };
    let said = format!("{data} {errors:?}");
    let codes: Vec<&str> = errors.iter().filter_map(|error| error["extensions"]["code"].as_str()).collect();
    let found = match codes.as_slice() {
        ["UNAUTHENTICATED"] => Some(Unauthenticated),
        ["FORBIDDEN"] => Some(Forbidden),
        [] if errors.is_empty() => {
            let pointer = format!("/{}", path.replace('.', "/"));
            Some(if data.pointer(&pointer).is_none_or(Value::is_null) { Nothing } else { Something })
        }
        _ => None,
    };
    (found, said)
}

#[actix_web::test]
async fn every_field_that_needs_a_decision_has_one() {
    let app = TestApp::start().await;
    let document = "{ __schema { types { name fields { name } possibleTypes { name } } } }";
    let types = app.guest().query(document).await.ok()["__schema"]["types"].clone();
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut wanted = BTreeSet::new();
    for ty in types.as_array().unwrap() {
        let name = ty["name"].as_str().unwrap();
        let members = match name {
            "Query" | "Mutation" | "Subscription" => names(&ty["fields"]),
            "Node" => names(&ty["possibleTypes"]),
            _ if PRIVATE_TYPES.contains(&name) => names(&ty["fields"]),
            _ => Vec::new(),
        };
        wanted.extend(members.into_iter().map(|member| format!("{name}.{member}")));
    }
    let decided: BTreeSet<String> = ROWS.iter().map(|Row(field, ..)| (*field).to_owned()).collect();
    let undecided: Vec<_> = wanted.difference(&decided).collect();
    assert!(undecided.is_empty(), "decide who may have {undecided:?}: add rows to tests/it/access.rs");
    let gone: Vec<_> = decided.difference(&wanted).collect();
    assert!(gone.is_empty(), "{gone:?} is no longer in the schema: remove the rows");
}
