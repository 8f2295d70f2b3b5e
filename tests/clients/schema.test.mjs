// What published tools say of schema.graphql.
//
// `schema/released.graphql` is what clients out there were made for. A release renews it with `npm run release`, and
// commits it together with its version.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { buildSchema, isObjectType } from "graphql";
import { breakingChanges } from "./schema/breaking.mjs";
import { lint } from "./schema/lint.mjs";

const read = (path) => readFile(new URL(path, import.meta.url), "utf8");
const sdl = await read("../../schema.graphql");
const released = await read("schema/released.graphql");

test("the linter finds nothing", async () => assert.deepEqual(await lint(sdl), []));

test("what a list has is a Node, but for these", () => {
  const types = Object.values(buildSchema(sdl).getTypeMap()).filter(isObjectType);
  const listed = types.filter(({ name }) => name.endsWith("Edge")).map((type) => type.getFields().node.type.ofType);
  const isNode = (type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === "Node");
  assert.deepEqual(
    listed.filter((type) => !isNode(type)).map(({ name }) => name),
    ["Event", "Job", "StockLevel"],
  );
});

test("nothing breaks clients of the released schema", async () => {
  assert.deepEqual(await breakingChanges(released, sdl), []);
});
