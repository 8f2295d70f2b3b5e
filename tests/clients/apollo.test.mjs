// Apollo Client: its cache, its lists, its subscriptions.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gql } from "@apollo/client";
import { eventually, productOf } from "./market.mjs";
import { contact, openPerson, schema, tooMany } from "./person.mjs";
import { openApollo } from "./setup/apollo.mjs";

let sam;
let client;

before(async () => {
  sam = await openPerson("sam");
  client = openApollo({ ...sam, possibleTypes: schema.possibleTypes });
});

after(async () => {
  client.stop();
  await sam.socket.dispose();
});

/** Watches a query; `seen` is what it showed last. */
async function watch(query, variables) {
  const watched = { seen: undefined };
  const observable = client.watchQuery({ query, variables });
  watched.subscription = observable.subscribe(({ data, error, loading }) => {
    assert.ifError(error);
    if (!loading) watched.seen = data;
  });
  watched.fetchMore = (more) => observable.fetchMore(more);
  await eventually(() => watched.seen);
  return watched;
}

test("a mutation's payload changes what is shown, without another request", async () => {
  const me = await watch(gql`query Me { viewer { id email user { id bio } } }`);
  const requests = sam.requests();
  const bio = `Apollo was here ${Date.now()}`;
  const { data } = await client.mutate({
    mutation: gql`
      mutation Bio($input: UpdateProfileInput!) {
        updateProfile(input: $input) { user { id bio } userErrors { code message } }
      }
    `,
    variables: { input: { bio } },
  });
  assert.deepEqual(data.updateProfile.userErrors, []);
  await eventually(() => me.seen.viewer.user.bio === bio);
  assert.equal(me.seen.viewer.email, "sam@demo.example");
  assert.equal(sam.requests(), requests + 1);
  me.subscription.unsubscribe();
});

const PRODUCTS = gql`
  query Products($filter: ProductFilter!, $sort: ProductSort!, $first: Int!, $after: String) {
    products(filter: $filter, sort: $sort, first: $first, after: $after) {
      edges { cursor node { id title priceRange { min { amount currency } } shop { id name } category { id } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

test("a list grows page by page; another sort is another list", async () => {
  const variables = { filter: { query: "christmas" }, sort: "PRICE_LOW_TO_HIGH", first: 3 };
  const list = await watch(PRODUCTS, variables);
  for (const size of [6, 9]) {
    await list.fetchMore({ variables: { after: list.seen.products.pageInfo.endCursor } });
    await eventually(() => list.seen.products.edges.length === size);
  }
  const whole = await sam.ask(PRODUCTS.loc.source.body, { ...variables, first: 9 });
  assert.deepEqual(
    list.seen.products.edges.map(({ node }) => node.id),
    whole.products.edges.map(({ node }) => node.id),
  );
  const other = await client.query({ query: PRODUCTS, variables: { ...variables, sort: "PRICE_HIGH_TO_LOW" } });
  assert.equal(other.data.products.edges.length, 3);
  list.subscription.unsubscribe();
});

test("errors with data come through their interface", async () => {
  const { data } = await client.mutate({
    mutation: gql`
      mutation TooMany($input: PlaceOrderInput!) {
        placeOrder(input: $input) {
          order { id }
          userErrors {
            ... on UserError { code field }
            ... on OutOfStockError { line available }
            ... on PriceChangedError { newPrice { amount currency } }
          }
        }
      }
    `,
    variables: { input: tooMany(await productOf("northern-lights")) },
  });
  assert.equal(data.placeOrder.order, null);
  for (const error of data.placeOrder.userErrors) {
    assert.ok(error.code);
    if (error.__typename === "OutOfStockError") assert.ok(error.available < 10_000);
    else assert.ok(error.newPrice.amount);
  }
  assert.ok(data.placeOrder.userErrors.length > 0);
});

test("an event changes what is shown", async () => {
  const product = await productOf("northern-lights");
  const first = await contact(sam, product, "Is it warm?");
  const talk = await watch(
    gql`query Talk($id: ID!) { viewer { id conversation(id: $id) { id lastNumber } } }`,
    { id: first.conversation.id },
  );
  const { viewer } = await sam.ask("{ viewer { eventCursor } }");
  const requests = sam.requests();
  const events = client
    .subscribe({
      query: gql`
        subscription Live($after: String) {
          events(after: $after) {
            ... on MessageSent { cursor message { id number content { ... on TextContent { text } } conversation { id lastNumber } } }
            ... on Heartbeat { cursor }
            ... on Gap { resumeCursor }
          }
        }
      `,
      variables: { after: viewer.eventCursor },
    })
    .subscribe({ error: assert.ifError });
  const second = await contact(sam, product, "Is it bright?");
  await eventually(() => talk.seen.viewer.conversation.lastNumber === second.number);
  assert.equal(second.number, first.number + 1);
  assert.equal(sam.requests(), requests);
  events.unsubscribe();
  talk.subscription.unsubscribe();
});

test("no two types of the cache share an id", () => {
  const types = new Map();
  for (const { __typename, id } of Object.values(client.cache.extract())) {
    if (id === undefined) continue;
    assert.equal(types.get(id) ?? __typename, __typename);
    types.set(id, __typename);
  }
  for (const type of ["Viewer", "User", "Product", "Shop", "Conversation", "Message"]) {
    assert.ok([...types.values()].includes(type), type);
  }
});
