// What published tools say of schema.graphql.
//
// `schema/released.graphql` is what clients out there were made for. A release raises the version in Cargo.toml, renews it with
// `npm run release`, and commits both.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { buildSchema, getNamedType, isObjectType } from "graphql";
import { breakingChanges } from "./schema/breaking.mjs";
import { lint } from "./schema/lint.mjs";
import { release, versionOf, versionOfProgram } from "./schema/release.mjs";

const read = (path) => readFile(new URL(path, import.meta.url), "utf8");
const sdl = await read("../../schema.graphql");
const released = await read("schema/released.graphql");

test("the linter finds nothing", async () => assert.deepEqual(await lint(sdl), []));

const schema = buildSchema(sdl);
const types = Object.values(schema.getTypeMap()).filter(isObjectType);

test("what a list has is a Node, but for these", () => {
  const listed = types.filter(({ name }) => name.endsWith("Edge")).map((type) => type.getFields().node.type.ofType);
  const isNode = (type) => isObjectType(type) && type.getInterfaces().some(({ name }) => name === "Node");
  assert.deepEqual(
    listed.filter((type) => !isNode(type)).map(({ name }) => name),
    ["ApiKey", "AuditEntry", "Document", "Event", "Favorite", "FieldUsage", "GroupInvitation", "HeldMessage", "Job", "LedgerEntry", "MessageHit", "ModerationCase", "ModerationNotice", "PriceChange", "Recommendation", "RejectedProductRow", "SecurityEvent", "ShopDocument", "StockLevel", "StockMovement", "SupportCall", "WishListItem"],
  );
});

// A cache follows a payload by ids. What has none is read again with whatever holds it; the guide names these, too.
test("what a mutation answers has an id, but for these", () => {
  const payloads = types.filter(({ name }) => name.endsWith("Payload"));
  const answers = payloads.flatMap((payload) => Object.values(payload.getFields()).map(({ type }) => getNamedType(type)));
  const values = answers.filter((type) => isObjectType(type) && !type.getFields().id).map(({ name }) => name);
  assert.deepEqual([...new Set(values)].sort(), ["AccountDeletion", "ClientSettings", "CountryTaxes", "DataExport", "OrderLineLeftOut", "Preferences", "ProviderAuthorization", "ShopMember", "SignedIn", "SignedInWithCookies", "StockLevel", "TotpSetup"]);
});

test("nothing breaks clients of the released schema", async () => {
  assert.deepEqual(await breakingChanges(released, sdl), []);
});

test("a release has a version, and no other release has it", async () => {
  const [program, last] = [versionOfProgram(await read("../../Cargo.toml")), versionOf(released)];
  assert.ok(last.localeCompare(program, undefined, { numeric: true }) <= 0, `${last} is not out yet`);
  assert.throws(() => release(last, sdl, released), /is released already/);
  assert.throws(() => release("9.9.9", sdl, sdl), /does not say of which version/);
  assert.equal(versionOf(release("9.9.9", sdl, released)), "9.9.9");
});
