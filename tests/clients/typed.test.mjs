// graphql-codegen makes a typed client of the schema, tsc takes it strictly, and it buys something.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { mailedCode, newKey, url } from "./market.mjs";
import { run } from "./program.mjs";

test("types are made, and the client compiles", () => {
  run("graphql-codegen", "typed", "--config", "codegen.mjs");
  run("tsc", "typed", "--project", "tsconfig.json");
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
