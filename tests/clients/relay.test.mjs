// Relay: its compiler takes the schema, and its runtime reads, pages, refetches, changes and listens.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import {
  commitMutation,
  createOperationDescriptor,
  fetchQuery,
  getPaginationMetadata,
  getPaginationVariables,
  getSelector,
  requestSubscription,
} from "relay-runtime";
import { eventually, productOf } from "./market.mjs";
import { contact, openPerson } from "./person.mjs";
import { run } from "./program.mjs";
import { openRelay } from "./setup/relay.mjs";

const require = createRequire(import.meta.url);
/** What the compiler made of a document; a bundler's plugin puts it into the place of the `graphql` tag. */
const compiled = (name) => require(`./relay/__generated__/${name}.graphql`);

let jonas;
let environment;

before(async () => {
  run("relay-compiler", "relay", "relay.config.json");
  jonas = await openPerson("jonas");
  environment = openRelay(jonas);
});

after(() => jonas.socket.dispose());

/** Runs a query, keeps its data from being collected, and answers how to read what the store holds of it by now. */
async function open(name, variables) {
  const operation = createOperationDescriptor(compiled(name), variables);
  environment.retain(operation);
  await fetchQuery(environment, compiled(name), variables).toPromise();
  return () => environment.lookup(operation.fragment).data;
}

/** The data of a fragment, as a component gets it. */
function read(name, reference) {
  const { data, isMissingData } = environment.lookup(getSelector(compiled(name), reference));
  assert.equal(isMissingData, false, name);
  return data;
}

/** Reads one more page into the store, as usePaginationFragment does. */
async function loadMore(name, reference, count) {
  const fragment = compiled(name);
  const { connectionPathInFragmentData, paginationMetadata, paginationRequest } = getPaginationMetadata(fragment, name);
  const { pageInfo } = connectionPathInFragmentData.reduce((data, step) => data[step], read(name, reference));
  const direction = paginationMetadata.forward ? "forward" : "backward";
  const cursor = paginationMetadata.forward ? pageInfo.endCursor : pageInfo.startCursor;
  const { variables } = getSelector(fragment, reference);
  const more = getPaginationVariables(direction, count, cursor, variables, {}, paginationMetadata);
  await fetchQuery(environment, paginationRequest, { id: reference.__id, ...more }).toPromise();
}

const VARIABLES = { text: "christmas", count: 3 };

test("a list grows page by page", async () => {
  const root = (await open("MarketQuery", VARIABLES))();
  for (const size of [6, 9]) {
    await loadMore("Market_products", root, 3);
    assert.equal(read("Market_products", root).products.edges.length, size);
  }
  const whole = await jonas.ask(
    `{ products(filter: {query: "christmas"}, sort: PRICE_LOW_TO_HIGH, first: 9) { nodes { title } } }`,
  );
  assert.deepEqual(
    read("Market_products", root).products.edges.map(({ node }) => read("Market_product", node).title),
    whole.products.nodes.map(({ title }) => title),
  );
});

test("lists of a Node are paged by its id, backwards, too", async () => {
  const product = await productOf("hearts-and-hooks");
  let newest;
  for (const text of ["One", "Two", "Three", "Four", "Five"]) newest = await contact(jonas, product, text);
  const { node } = (await open("MarketConversationQuery", { id: newest.conversation.id }))();
  const talk = node.Market_messages;
  await loadMore("Market_messages", talk, 3);
  const { messages, lastNumber } = read("Market_messages", talk);
  assert.equal(lastNumber, newest.number);
  assert.deepEqual(messages.edges.map(({ node }) => node.content.text), ["One", "Two", "Three", "Four", "Five"]);

});

test("a list of the viewer grows, who has no id", async () => {
  const [variant] = (await productOf("hearts-and-hooks")).variants;
  for (const key of ["one", "two", "three", "four"]) {
    const { placeOrder } = await jonas.ask(
      "mutation Order($input: PlaceOrderInput!) { placeOrder(input: $input) { order { id } userErrors { message } } }",
      {
        input: {
          idempotencyKey: `relay-${key}`,
          lines: [{ variantId: variant.id, quantity: 1 }],
          expectedTotal: variant.price,
          shippingAddress: { name: "Jonas", lines: ["1 Quay"], postalCode: "20095", city: "Hamburg", country: "DE" },
        },
      },
    );
    assert.deepEqual(placeOrder.userErrors, []);
  }
  const root = (await open("MarketQuery", VARIABLES))();
  const numbers = () => read("Market_orders", root.viewer).orders.edges.map(({ node }) => node.number);
  assert.equal(numbers().length, 3);
  await loadMore("Market_orders", root.viewer, 1);
  const { viewer } = await jonas.ask("{ viewer { orders(first: 4) { nodes { number } } } }");
  assert.deepEqual(numbers(), viewer.orders.nodes.map(({ number }) => number));
  assert.equal(numbers().length, 4);
});

test("a Node is read again by its id", async () => {
  const root = (await open("MarketQuery", VARIABLES))();
  const [{ node }] = read("Market_products", root).products.edges;
  const { refetch } = compiled("Market_product").metadata;
  assert.equal(refetch.operation.params.name, "MarketProductRefetchQuery");
  const before = read("Market_product", node);
  const again = await fetchQuery(environment, refetch.operation, { id: node.id }).toPromise();
  assert.equal(read("Market_product", again.node).title, before.title);
});

test("a mutation's payload changes what is shown, without another request", async () => {
  const show = await open("MarketQuery", VARIABLES);
  const requests = jonas.requests();
  const bio = `Relay was here ${Date.now()}`;
  const { updateProfile } = await new Promise((onCompleted, onError) =>
    commitMutation(environment, {
      mutation: compiled("MarketUpdateProfileMutation"),
      variables: { input: { bio } },
      onCompleted,
      onError,
    }),
  );
  assert.deepEqual(updateProfile.userErrors, []);
  assert.equal(show().viewer.user.bio, bio);
  assert.equal(jonas.requests(), requests + 1);
});

test("an event changes what is shown", async () => {
  const product = await productOf("hearts-and-hooks");
  const first = await contact(jonas, product, "Is it warm?");
  const show = await open("MarketConversationQuery", { id: first.conversation.id });
  const { viewer } = await jonas.ask("{ viewer { eventCursor } }");
  const requests = jonas.requests();
  const events = requestSubscription(environment, {
    subscription: compiled("MarketLiveSubscription"),
    variables: { after: viewer.eventCursor },
    onError: assert.ifError,
  });
  const second = await contact(jonas, product, "Is it bright?");
  await eventually(() => read("Market_messages", show().node.Market_messages).lastNumber === second.number);
  assert.equal(jonas.requests(), requests);
  events.dispose();
});

test("a document is asked for by its hash, where the compiler left nothing else", async () => {
  const request = compiled("MarketConversationQuery");
  const { text } = request.params;
  const sha256Hash = createHash("sha256").update(text).digest("hex");
  const product = await productOf("hearts-and-hooks");
  const { conversation, number } = await contact(jonas, product, "Is it known?");
  const taught = await jonas.session.fetch(jonas.url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: text,
      variables: { id: conversation.id },
      extensions: { persistedQuery: { version: 1, sha256Hash } },
    }),
  });
  assert.equal((await taught.json()).errors, undefined);
  const persisted = { ...request, params: { ...request.params, id: sha256Hash, text: null } };
  const { node } = await fetchQuery(environment, persisted, { id: conversation.id }).toPromise();
  assert.equal(read("Market_messages", node.Market_messages).lastNumber, number);
});
