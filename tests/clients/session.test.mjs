// What all clients share: a session that goes on by itself, and requests that are sent again.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { newKey, productOf, signIn, url } from "./market.mjs";
import { withRetries } from "./setup/retry.mjs";
import { openSession } from "./setup/session.mjs";
import { openSocket } from "./setup/socket.mjs";

const post = (query, variables) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ query, variables }),
});
const me = post("{ viewer { email } }");

const spoilt = (tokens) => ({ ...tokens, accessToken: `${tokens.accessToken.slice(0, -4)}AAAA` });

/** Opens a session of Ada's that counts its refreshes. */
async function open(change) {
  const { tokens } = await signIn("ada");
  const stored = [];
  const session = openSession({ url, tokens: change(tokens), store: async (tokens) => stored.push(tokens) });
  return { session, stored };
}

test("401 refreshes the session, once for all that are under way", async () => {
  const { session, stored } = await open(spoilt);
  const answers = await Promise.all([1, 2, 3].map(() => session.fetch(url, me)));
  for (const answer of answers) {
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { data: { viewer: { email: "ada@demo.example" } } });
  }
  assert.equal(stored.length, 1);
  assert.equal(await session.authorization(), `Bearer ${stored[0].accessToken}`);
});

test("a token that is about to end is refreshed before it is used", async () => {
  const ending = new Date(Date.now() + 10_000).toISOString();
  const { session, stored } = await open((tokens) => ({ ...tokens, accessTokenExpiresAt: ending }));
  await Promise.all([session.fetch(url, me), session.authorization()]);
  assert.equal(stored.length, 1);
});

test("a session that is over says so", async () => {
  const { session, stored } = await open((tokens) => ({ ...spoilt(tokens), refreshToken: tokens.accessToken }));
  await assert.rejects(session.fetch(url, me), /sign in again: INVALID_REFRESH_TOKEN/);
  assert.equal(stored.length, 0);
});

test("a socket that was refused refreshes the session before the next try", async () => {
  const { session, stored } = await open(spoilt);
  const socket = openSocket({ url, session, webSocketImpl: WebSocket });
  const run = () =>
    new Promise((next, error) => socket.subscribe({ query: "{ viewer { email } }" }, { next, error, complete() {} }));
  await assert.rejects(run(), ({ code }) => code === 4401);
  assert.deepEqual(await run(), { data: { viewer: { email: "ada@demo.example" } } });
  assert.equal(stored.length, 1);
  await socket.dispose();
});

/** `fetch` whose first answers get lost, after the server has done its work. */
function losing(count, inner = fetch) {
  let sent = 0;
  const lossy = async (input, init) => {
    const answer = await inner(input, init);
    sent += 1;
    if (sent <= count) throw new TypeError("the answer is lost");
    return answer;
  };
  return { fetch: lossy, sent: () => sent };
}

const ASK_SHOP = `mutation Ask($input: ContactShopInput!) {
  contactShop(input: $input) { message { number } userErrors { code } }
}`;

test("what has an idempotency key is sent again, and done once", async () => {
  const { tokens } = await signIn("ada");
  const session = openSession({ url, tokens });
  const product = await productOf("hearts-and-hooks");
  const send = async (fetch) => {
    const input = { productId: product.id, text: "Once", idempotencyKey: newKey() };
    const answer = await fetch(url, post(ASK_SHOP, { input }));
    return (await answer.json()).data.contactShop.message.number;
  };
  const before = await send(session.fetch);
  const lossy = losing(2, session.fetch);
  assert.equal(await send(withRetries(lossy.fetch)), before + 1);
  assert.equal(lossy.sent(), 3);
  assert.equal(await send(session.fetch), before + 2);
});

test("a query is sent again, but not forever; a mutation without a key is not", async () => {
  const twice = losing(2);
  assert.equal((await withRetries(twice.fetch)(url, me)).status, 200);
  assert.equal(twice.sent(), 3);
  const often = losing(9);
  await assert.rejects(withRetries(often.fetch, 3)(url, me), /lost/);
  assert.equal(often.sent(), 3);
  const keyless = losing(9);
  await assert.rejects(withRetries(keyless.fetch)(url, post("mutation { signOut { userErrors { code } } }")), /lost/);
  assert.equal(keyless.sent(), 1);
});

test("an answer that is busy is asked for again", async () => {
  const busy = { errors: [{ message: "busy", extensions: { code: "UNAVAILABLE", isRetryable: true, retryAfterSeconds: 0 } }] };
  const wrong = { errors: [{ message: "no", extensions: { code: "BAD_USER_INPUT", isRetryable: false } }] };
  for (const [first, sends] of [[busy, 2], [wrong, 1]]) {
    const answers = [Response.json(first), Response.json({ data: {} })];
    let sent = 0;
    await withRetries(async () => answers[sent++])(url, me);
    assert.equal(sent, sends);
  }
});
