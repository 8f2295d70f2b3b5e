// The client of graphql-sse as the judge of its protocol, distinct connections mode.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createClient } from "graphql-sse";
import { newKey, productOf, signIn, url } from "./market.mjs";
import { openStream } from "./setup/stream.mjs";
import { EVENTS, survive } from "./storm.mjs";

// Nobody else writes to her meanwhile.
const olive = signIn("olive");
const headers = async () => ({ authorization: (await olive).authorization });
const options = { url, retryAttempts: 0 };

async function run(client, payload) {
  const told = [];
  for await (const value of client.iterate(payload)) told.push(value);
  client.dispose();
  return told;
}

/** Opens a stream by hand, and answers the first messages that it tells. Each event's id is its cursor. */
async function open({ method = "POST", query, variables, count, ...extra }) {
  const target = new URL(url);
  if (method === "GET") {
    target.searchParams.set("query", query);
    target.searchParams.set("variables", JSON.stringify(variables ?? {}));
  }
  const control = new AbortController();
  const answer = await fetch(target, {
    method,
    signal: control.signal,
    headers: { accept: "text/event-stream", "content-type": "application/json", ...(await headers()), ...extra },
    body: method === "POST" ? JSON.stringify({ query, variables }) : undefined,
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/event-stream/);
  assert.match(answer.headers.get("cache-control"), /no-store/);
  const messages = [];
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of answer.body) {
    text += decoder.decode(bytes, { stream: true });
    const written = text.split("\n\n");
    text = written.pop();
    for (const lines of written) {
      const { event, id, data } = Object.fromEntries(lines.split("\n").map((line) => /^(\w*): ?(.*)$/.exec(line).slice(1)));
      // What has no event is a comment, which keeps the connection alive.
      if (!event) continue;
      assert.equal(event, "next");
      const { cursor, message } = JSON.parse(data).data.events;
      assert.equal(id, cursor);
      if (message) messages.push({ id, number: message.number });
    }
    if (messages.length >= count) break;
  }
  control.abort();
  return messages.slice(0, count);
}

describe("graphql-sse", { concurrency: true }, () => {
  test("a query is answered and completed", async () => {
    const told = await run(createClient({ ...options, headers }), { query: "{ viewer { user { displayName } } }" });
    assert.deepEqual(told, [{ data: { viewer: { user: { displayName: "Olive Stone" } } } }]);
  });

  test("what is wrong with an operation is told in the stream", async () => {
    for (const [query, code] of Object.entries({
      "{": "PARSE_FAILED",
      "{ noSuchField }": "VALIDATION_FAILED",
      "subscription { noSuchField }": "VALIDATION_FAILED",
      "subscription { events { __typename } }": "UNAUTHENTICATED",
    })) {
      const told = await run(createClient(options), { query });
      assert.equal(told.length, 1);
      assert.equal(told[0].data ?? null, null);
      assert.equal(told[0].errors[0].extensions.code, code, query);
    }
  });

  test("a token that is no good is 401", async () => {
    const client = createClient({ ...options, headers: { authorization: "Bearer nobody" } });
    await assert.rejects(run(client, { query: EVENTS }), ({ response }) => response.status === 401);
  });

  test("each event's id is its cursor, and Last-Event-ID goes on after it", async () => {
    const product = await productOf("hearts-and-hooks");
    const { viewer } = await (await olive).ask(`{ viewer { eventCursor } }`);
    const numbers = [];
    for (let turn = 0; turn < 3; turn++) {
      const { contactShop } = await (await olive).ask(
        `mutation Ask($input: ContactShopInput!) { contactShop(input: $input) { message { number conversation { id } } } }`,
        { input: { productId: product.id, text: "And this one?", idempotencyKey: newKey() } },
      );
      numbers.push(contactShop.message.number);
    }
    for (const method of ["POST", "GET"]) {
      const variables = { after: viewer.eventCursor };
      const messages = await open({ method, query: EVENTS, variables, count: 3 });
      assert.deepEqual(messages.map(({ number }) => number), numbers);
      // It is newer than `after`, which a client sends again each time.
      const [next] = await open({ method, query: EVENTS, variables, count: 1, "last-event-id": messages[1].id });
      assert.deepEqual(next, messages[2]);
    }
  });

  test("a mutation is not run by GET", async () => {
    const target = new URL(url);
    target.searchParams.set("query", "mutation { signOut { userErrors { code } } }");
    const answer = await fetch(target, { headers: { accept: "text/event-stream", ...(await headers()) } });
    assert.equal(answer.status, 405);
    const told = await run(createClient({ ...options, headers }), { query: "{ viewer { id } }" });
    assert.ok(told[0].data.viewer.id);
  });

  test("events are neither missed nor doubled, however often the connection breaks", async () => {
    await survive({
      buyer: "ben",
      owner: "nora",
      shop: "northern-lights",
      listen: ({ url, reader, after, onEvent, onEnd }) => {
        const session = {
          fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization: reader.authorization } }),
        };
        const client = openStream({ url, session, retry: async () => {} });
        client.subscribe(
          { query: EVENTS, variables: { after } },
          { next: ({ data }) => onEvent(data.events), error: onEnd, complete: onEnd },
        );
        return () => client.dispose();
      },
    });
  });
});
