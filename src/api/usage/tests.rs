use super::*;
use crate::{
    api::{
        documents::Documents,
        gate::{Catalogue, Limits},
    },
    platform::{config::DocumentSettings, metrics::Metrics},
};

struct Fixture {
    usage: Usage,
    gate: Arc<Gate>,
    documents: Documents,
}

impl Fixture {
    fn new() -> Self {
        let catalogue = Catalogue::from_sdl("type Query { a: Int b: Int }").unwrap();
        let gate = Arc::new(Gate::new(catalogue, Limits::default()));
        let documents = Documents::new(&DocumentSettings::default(), Metrics::new().unwrap().cache("documents"));
        Self { usage: Usage::new(Arc::clone(&gate)), gate, documents }
    }

    fn document(&self, text: &str) -> Arc<Document> {
        let document = self.documents.find(&self.gate, Some(text), None).unwrap();
        self.documents.keep(&document, None);
        document
    }

    fn count(&self, document: &Arc<Document>, client: &Client) {
        let elapsed = Some(Duration::from_millis(1));
        let call = Call { document, is_persisted: true, operation: "", client, cost: 3, elapsed, has_failed: false };
        self.usage.count(call);
    }
}

fn client(version: usize) -> Client {
    Client { name: "app".into(), version: version.to_string() }
}

fn calls(batch: &Batch, field: &str) -> i64 {
    batch.fields.iter().filter(|((name, _), _)| &**name == field).map(|(_, calls)| calls).sum()
}

#[test]
fn calls_add_up_by_document_and_client() {
    let fixture = Fixture::new();
    let (a, ab) = (fixture.document("{ a }"), fixture.document("{ a b }"));
    for _ in 0..3 {
        fixture.count(&a, &client(1));
    }
    fixture.count(&a, &client(2));
    fixture.count(&ab, &client(1));
    let batch = fixture.usage.take();
    let mut counted: Vec<_> = batch
        .documents
        .iter()
        .map(|used| (used.hash == a.hash, used.client.version.as_str(), used.tally.calls, used.tally.cost))
        .collect();
    counted.sort_unstable();
    assert_eq!(counted, [(false, "1", 1, 3), (true, "1", 3, 9), (true, "2", 1, 3)]);
    assert_eq!((calls(&batch, "Query.a"), calls(&batch, "Query.b")), (5, 1));
    assert!(fixture.usage.take().is_empty(), "what was taken is not there any more");
}

#[test]
fn what_is_not_valid_is_not_counted() {
    let fixture = Fixture::new();
    let document = fixture.documents.find(&fixture.gate, Some("{ a }"), None).unwrap();
    fixture.count(&document, &client(1));
    assert!(fixture.usage.take().is_empty());
}

#[test]
fn no_number_of_clients_or_documents_fills_the_memory_and_no_call_is_lost() {
    let fixture = Fixture::new();
    let a = fixture.document("{ a }");
    for version in 0..=TALLIES {
        fixture.count(&a, &client(version));
    }
    let batch = fixture.usage.take();
    assert_eq!(batch.documents.len(), TALLIES + 1);
    assert_eq!(batch.documents.iter().filter(|used| used.client == other()).count(), 1);
    assert_eq!(calls(&batch, "Query.a"), i64::try_from(TALLIES).unwrap() + 1);

    let many = SHARDS * DOCUMENTS * 2;
    for number in 0..many {
        fixture.count(&fixture.document(&format!("{{ a }}#{number}")), &client(1));
    }
    let batch = fixture.usage.take();
    assert!(batch.documents.len() <= SHARDS * DOCUMENTS, "{}", batch.documents.len());
    assert_eq!(calls(&batch, "Query.a"), i64::try_from(many).unwrap());
}
