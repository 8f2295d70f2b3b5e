// The audit of graphql-http: all of GraphQL over HTTP, what is optional in it, too.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";
import { url } from "./market.mjs";

const audits = serverAudits({ url });

test("the audit is whole", () => assert.equal(audits.length, 61));

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async () => {
    const result = await fn();
    assert.equal(result.status, "ok", result.reason);
  });
}
