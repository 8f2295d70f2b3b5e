// urql with its normalised cache, its lists, its subscriptions.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gql } from "@urql/core";
import { eventually, productOf } from "./market.mjs";
import { contact, openPerson, schema, tooMany } from "./person.mjs";
import { openUrql } from "./setup/urql.mjs";

let ines;
let client;
const complaints = [];

before(async () => {
  console.warn = (...words) => complaints.push(words.join(" "));
  ines = await openPerson("ines");
  client = openUrql({ ...ines, ...schema });
});

after(() => ines.socket.dispose());

/** Watches a query; `seen` is what it showed last. */
async function watch(query, variables) {
  const watched = { seen: undefined };
  watched.subscription = client.query(query, variables).subscribe(({ data, error }) => {
    assert.ifError(error);
    watched.seen = data;
  });
  await eventually(() => watched.seen);
  return watched;
}

async function mutate(query, variables) {
  const { data, error } = await client.mutation(query, variables);
  assert.ifError(error);
  return data;
}

test("a mutation's payload changes what is shown, without another request", async () => {
  const me = await watch(gql`query Me { viewer { id email user { id bio } } }`);
  const requests = ines.requests();
  const bio = `urql was here ${Date.now()}`;
  const { updateProfile } = await mutate(
    gql`
      mutation Bio($input: UpdateProfileInput!) {
        updateProfile(input: $input) { user { id bio } userErrors { code message } }
      }
    `,
    { input: { bio } },
  );
  assert.deepEqual(updateProfile.userErrors, []);
  await eventually(() => me.seen.viewer.user.bio === bio);
  assert.equal(me.seen.viewer.email, "ines@demo.example");
  assert.equal(ines.requests(), requests + 1);
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
  const read = async (more) => (await client.query(PRODUCTS, { ...variables, ...more }).toPromise()).data.products;
  let list = await read();
  for (const size of [6, 9]) {
    list = await read({ after: list.pageInfo.endCursor });
    assert.equal(list.edges.length, size);
  }
  const whole = await read({ first: 9 });
  assert.deepEqual(
    list.edges.map(({ node }) => node.id),
    whole.edges.map(({ node }) => node.id),
  );
  assert.equal((await read({ sort: "PRICE_HIGH_TO_LOW" })).edges.length, 3);
});

test("errors with data come through their interface", async () => {
  const { placeOrder } = await mutate(
    gql`
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
    { input: tooMany(await productOf("northern-lights")) },
  );
  assert.equal(placeOrder.order, null);
  for (const error of placeOrder.userErrors) {
    assert.ok(error.code);
    if (error.__typename === "OutOfStockError") assert.ok(error.available < 10_000);
    else assert.ok(error.newPrice.amount);
  }
  assert.ok(placeOrder.userErrors.length > 0);
});

test("an event changes what is shown", async () => {
  const product = await productOf("northern-lights");
  const first = await contact(ines, product, "Is it warm?");
  const talk = await watch(
    gql`query Talk($id: ID!) { viewer { id conversation(id: $id) { id lastNumber } } }`,
    { id: first.conversation.id },
  );
  const { viewer } = await ines.ask("{ viewer { eventCursor } }");
  const requests = ines.requests();
  const events = client
    .subscription(
      gql`
        subscription Live($after: String) {
          events(after: $after) {
            ... on MessageSent { cursor message { id number content { ... on TextContent { text } } conversation { id lastNumber } } }
            ... on Heartbeat { cursor }
            ... on Gap { resumeCursor }
          }
        }
      `,
      { after: viewer.eventCursor },
    )
    .subscribe(({ error }) => assert.ifError(error));
  const second = await contact(ines, product, "Is it bright?");
  await eventually(() => talk.seen.viewer.conversation.lastNumber === second.number);
  assert.equal(second.number, first.number + 1);
  assert.equal(ines.requests(), requests);
  events.unsubscribe();
  talk.subscription.unsubscribe();
});

test("the cache has nothing to complain of", () => assert.deepEqual(complaints, []));
