// Automatic persisted queries, as Apollo Client and urql ask for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { Client, fetchExchange } from "@urql/core";
import { newKey, url } from "./market.mjs";
import { persistedLink, persistedQueries } from "./setup/persisted.mjs";

/** `fetch` that keeps what was sent: the method, and whether the text of the document was there. */
function watched() {
  const sent = [];
  const watchedFetch = (input, init) => {
    const { method = "GET" } = init;
    const query = method === "GET" ? new URL(input, url).searchParams.get("query") : JSON.parse(init.body).query;
    sent.push(query ? `${method} whole` : method);
    return fetch(input, init);
  };
  return { fetch: watchedFetch, sent };
}

const clients = {
  "Apollo Client": (fetch) => {
    const link = ApolloLink.from([persistedLink(), new HttpLink({ uri: url, fetch })]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    return async (query) => (await client.query({ query, fetchPolicy: "no-cache" })).data;
  },
  urql: (fetch) => {
    const client = new Client({ url, fetch, preferGetMethod: false, exchanges: [persistedQueries(), fetchExchange] });
    return async (query) => {
      const { data, error } = await client.query(query, {}, { requestPolicy: "network-only" }).toPromise();
      assert.ifError(error);
      return data;
    };
  },
};

for (const [name, open] of Object.entries(clients)) {
  test(`${name} sends a document once, and its hash from then on`, async () => {
    // A document that the server has never seen.
    const document = gql(`query Persisted { ${newKey().replaceAll("-", "_")}: categories(first: 1) { nodes { name } } }`);
    const first = watched();
    const answer = await open(first.fetch)(document);
    assert.equal(first.sent.length, 2);
    assert.deepEqual(first.sent.filter((request) => request.endsWith("whole")), [first.sent[1]]);
    const second = watched();
    assert.deepEqual(await open(second.fetch)(document), answer);
    assert.deepEqual(second.sent, ["GET"]);
  });
}
