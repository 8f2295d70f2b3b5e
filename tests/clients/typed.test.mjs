// graphql-codegen makes a typed client of the schema, tsc takes it strictly, and it buys something. So it does of what the page
// at /demo asks for, which tests/browser uses.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import WebSocket from "ws";
import { bundle, check } from "../../assets/demo/build.mjs";
import { mailedCode, newKey, url } from "./market.mjs";
import { run } from "./program.mjs";

test("types are made, and the client compiles", () => {
  run("graphql-codegen", "typed", "--config", "codegen.mjs");
  run("tsc", "typed", "--project", "tsconfig.json");
});

test("the page of the demo market compiles, and its bundles are what its sources make", async () => {
  check();
  const { files, version } = await bundle();
  const dist = new URL("../../assets/demo/dist/", import.meta.url);
  const hint = "node assets/demo/build.mjs";
  assert.equal(await readFile(new URL("version", dist), "utf8"), version, hint);
  for (const { name, contents } of files) {
    const packed = await readFile(new URL(`${name}.gz`, dist));
    assert.ok(gunzipSync(packed).equals(contents), `${name}: ${hint}`);
  }
});

test("a buyer signs up, searches, asks, orders, pays, and is told", async () => {
  const { buy } = await import("./typed/__generated__/out/buyer.js");
  const key = newKey();
  const email = `${key}@example.com`;
  const { told, ...story } = await buy({ url, mailedCode, webSocketImpl: WebSocket }, email, key);
  assert.equal(story.email, email);
  assert.deepEqual(story.states, ["UNPAID", "PAID", "PAID"]);
  const steps = told.flatMap(({ message }) => message?.content.step ?? message?.content.text ?? []);
  assert.deepEqual(steps.slice(0, 2), ["Does a candle come with it?", "PLACED"]);
  assert.equal(told.at(-1).order.paymentState, "PAID");
});
