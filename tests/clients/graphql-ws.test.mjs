// The client of graphql-ws as the judge of graphql-transport-ws.
import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { eventually, signIn, url } from "./market.mjs";
import { openSocket } from "./setup/socket.mjs";
import { EVENTS, survive } from "./storm.mjs";

const options = { url: url.replace(/^http/, "ws"), webSocketImpl: WebSocket, retryAttempts: 0 };
const ada = signIn("ada");
const credentials = async () => ({ authorization: (await ada).authorization });

/** Resolves with how the connection was closed. */
async function closing(client, query = "{ __typename }") {
  const closed = new Promise((resolve) => client.on("closed", resolve));
  client.subscribe({ query }, { next() {}, error() {}, complete() {} });
  const { code, reason, wasClean } = await closed;
  assert.ok(wasClean, "both sides said that they close");
  return [code, reason];
}

/** Resolves with all that an operation is told, and with its error if that is its end. */
const run = (client, payload) =>
  new Promise((resolve) => {
    const told = [];
    client.subscribe(payload, {
      next: (value) => told.push(value),
      error: (error) => resolve({ told, error }),
      complete: () => resolve({ told }),
    });
  });

// Some wait for the server's clock, so they wait together.
describe("graphql-transport-ws", { concurrency: true }, () => {
  test("a query is answered and completed", async () => {
    const client = createClient({ ...options, connectionParams: credentials });
    const { told, error } = await run(client, { query: "query Me { viewer { user { displayName } } }" });
    assert.ifError(error);
    assert.deepEqual(told, [{ data: { viewer: { user: { displayName: "Ada Whitfield" } } } }]);
    await client.dispose();
  });

  test("4408: who does not begin is sent away", async () => {
    const client = createClient({ ...options, connectionParams: () => new Promise(() => {}) });
    assert.deepEqual(await closing(client), [4408, "Connection initialisation timeout"]);
  });

  test("4429: a connection begins once", async () => {
    const client = createClient({ ...options, on: { opened: (socket) => socket.send('{"type":"connection_init"}') } });
    assert.deepEqual(await closing(client), [4429, "Too many initialisation requests"]);
  });

  test("4401: a token that is no good", async () => {
    const client = createClient({ ...options, connectionParams: { authorization: "Bearer nobody" } });
    assert.deepEqual(await closing(client), [4401, "Unauthorized"]);
  });

  test("4401: an operation before the acknowledgement", async () => {
    const subscribe = JSON.stringify({ id: "early", type: "subscribe", payload: { query: "{ __typename }" } });
    const client = createClient({
      ...options,
      connectionParams: () => new Promise(() => {}),
      on: { opened: (socket) => socket.send(subscribe) },
    });
    assert.deepEqual(await closing(client), [4401, "Unauthorized"]);
  });

  test("4409: two operations of one id", async () => {
    const client = createClient({ ...options, connectionParams: credentials, generateID: () => "twin" });
    client.subscribe({ query: EVENTS }, { next() {}, error() {}, complete() {} });
    assert.deepEqual(await closing(client, EVENTS), [4409, "Subscriber for twin already exists"]);
  });

  test("an id is free again once its operation is over", async () => {
    const client = createClient({ ...options, generateID: () => "again", lazy: false });
    for (let turn = 0; turn < 3; turn++) {
      const { told, error } = await run(client, { query: "{ __typename }" });
      assert.ifError(error);
      assert.deepEqual(told, [{ data: { __typename: "Query" } }]);
    }
    await client.dispose();
  });

  for (const [what, message] of Object.entries({
    "no JSON": "hello",
    "no message": "[]",
    "a type that there is not": '{"type":"start"}',
    "no id": '{"type":"subscribe","payload":{"query":"{ __typename }"}}',
    "no payload": '{"id":"1","type":"subscribe"}',
    "no query": '{"id":"1","type":"subscribe","payload":{}}',
    "bytes": Buffer.from('{"type":"ping"}'),
  })) {
    test(`4400: ${what}`, async () => {
      const client = createClient({ ...options, on: { connected: (socket) => socket.send(message) } });
      const [code] = await closing(client, "subscription { events { __typename } }");
      assert.equal(code, 4400);
    });
  }

  test("the subprotocol is agreed on, or there is none", async () => {
    const socket = new WebSocket(options.url, "graphql-transport-ws");
    await once(socket, "open");
    assert.equal(socket.protocol, "graphql-transport-ws");
    socket.close(1000);
    const [code] = await once(socket, "close");
    assert.equal(code, 1000);
  });

  test("pings of the client are answered, before the connection begins and after", async () => {
    let pongs = 0;
    const client = createClient({
      ...options,
      keepAlive: 20,
      connectionParams: async () => {
        await eventually(() => pongs > 0);
        return {};
      },
      on: {
        opened: (socket) => socket.send('{"type":"ping"}'),
        pong: (isFromServer) => (pongs += Number(isFromServer)),
      },
      lazy: false,
    });
    await eventually(() => pongs >= 5);
    await client.dispose();
  });

  test("the server pings, and the connection lives on", async () => {
    let pings = 0;
    const client = createClient({ ...options, lazy: false, on: { ping: (isFromServer) => (pings += Number(isFromServer)) } });
    await eventually(() => pings > 0);
    assert.ifError((await run(client, { query: "{ __typename }" })).error);
    await client.dispose();
  });

  test("both sides close cleanly", async () => {
    const client = createClient({ ...options, lazy: false });
    await new Promise((resolve) => client.on("connected", resolve));
    const closed = new Promise((resolve) => client.on("closed", resolve));
    await client.dispose();
    const { code, wasClean } = await closed;
    assert.deepEqual({ code, wasClean }, { code: 1000, wasClean: true });
  });

  test("what is wrong with an operation is its error, and the connection lives on", async () => {
    const client = createClient({ ...options, lazy: false });
    let closes = 0;
    client.on("closed", () => closes++);
    for (const [query, code] of Object.entries({
      "{": "PARSE_FAILED",
      "{ noSuchField }": "VALIDATION_FAILED",
      "subscription { noSuchField }": "VALIDATION_FAILED",
      "subscription { events { __typename } }": "UNAUTHENTICATED",
      '{ products(after: "x") { nodes { id } } }': undefined,
    })) {
      const { told, error } = await run(client, { query });
      if (code) {
        assert.deepEqual(told, []);
        assert.equal(error[0].extensions.code, code, query);
      } else {
        // An error of a field is part of the answer.
        assert.equal(told[0].errors[0].extensions.code, "BAD_USER_INPUT");
      }
    }
    assert.equal(closes, 0);
    await client.dispose();
  });

  test("events are neither missed nor doubled, however often the connection breaks", async () => {
    await survive({
      buyer: "chloe",
      owner: "tomas",
      shop: "the-tin-tray",
      listen: ({ url, reader, after, onEvent, onEnd }) => {
        const client = openSocket({
          url,
          session: { authorization: () => reader.authorization },
          webSocketImpl: WebSocket,
          retryWait: async () => {},
        });
        // The client sends this `after` each time: `resumeAfter` goes before it.
        client.subscribe(
          { query: EVENTS, variables: { after } },
          { next: ({ data }) => onEvent(data.events), error: onEnd, complete: onEnd },
        );
        return () => client.dispose();
      },
    });
  });
});
