// The judges of the schema are judged by a small one that pleases them, and by what is changed about it. It is a file
// of its own because the linter keeps what it learns of the first schema that a process shows to it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { breakingChanges } from "./schema/breaking.mjs";
import { lint } from "./schema/lint.mjs";

const small = await readFile(new URL("schema/small.graphql", import.meta.url), "utf8");

function changed(from, to) {
  assert.ok(small.includes(from), from);
  return small.replace(from, to);
}

test("the small schema pleases", async () => {
  assert.deepEqual(await lint(small), []);
  assert.deepEqual(await breakingChanges(small, small), []);
});

for (const [rule, from, to] of [
  ["naming-convention", "displayName: String!", "display_name: String!"],
  ["naming-convention", "  HIGH", "  high"],
  ["require-description", '"""Something for sale."""', ""],
  ["require-description", '"""What it is called."""', ""],
  ["require-description", '"""In reach."""', ""],
  ["require-description", '"""Any id."""', ""],
  ["relay-page-info", "hasNextPage: Boolean!", "hasNextPage: Boolean"],
  ["relay-connection-types", "pageInfo: PageInfo!", "pageInfo: PageInfo"],
  ["relay-edge-types", "cursor: String!", "place: String!"],
  ["relay-arguments", "after: String", "behind: String"],
]) {
  test(`the linter finds ${from} → ${to}`, async () => {
    const found = await lint(changed(from, to));
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0].includes(`/${rule}:`), found[0]);
  });
}

for (const [path, from, to] of [
  ["Good.displayName", '"""What it is called."""\n  displayName: String!', ""],
  ["Good.displayName", "displayName: String!", "displayName: String"],
  ["Good.shelf", "shelf: Shelf", "shelf: [Shelf]"],
  ["Shelf.LOW", '"""In reach."""\n  LOW', ""],
  ["Query.node.with", "id: ID!\n  ):", "id: ID!, with: Int!\n  ):"],
  ["Query.goods.first", "first: Int = 20", "first: Int!"],
  ["Good", "type Good implements Node", "type Good"],
]) {
  test(`the check finds a break of ${path}`, async () => {
    const found = await breakingChanges(small, changed(from, to));
    assert.equal(found.length, 1, found.join("\n"));
    assert.ok(found[0].startsWith(`${path}: `), found[0]);
  });
}

test("what grows breaks nothing, nor does what goes after a release that deprecated it", async () => {
  const grown = changed("displayName: String!", "displayName: String!, pieces: Int");
  assert.deepEqual(await breakingChanges(small, grown), []);
  const deprecated = grown.replace("pieces: Int", 'pieces: Int @deprecated(reason: "Ask.")');
  assert.deepEqual(await breakingChanges(deprecated, small), []);
  assert.equal((await breakingChanges(grown, small)).length, 1);
});
