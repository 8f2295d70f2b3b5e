// docs/clients.md quotes files that the other tests run, and nothing else.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const guide = await readFile(new URL("docs/clients.md", root), "utf8");
const quoted = [...guide.matchAll(/^(?:<!-- (\S+) -->\n)?```js\n([^]*?)^```$/gm)];

test("each snippet of JavaScript is a file", async () => {
  assert.ok(quoted.length > 0);
  for (const [, path, snippet] of quoted) {
    assert.ok(path, `a snippet names no file:\n${snippet}`);
    assert.equal(snippet, await readFile(new URL(path, root), "utf8"), path);
  }
});

test("each file of setup is run by a test, and the guide leads to it", async () => {
  const here = new URL("./", import.meta.url);
  const names = (await readdir(here)).filter((name) => name.endsWith(".mjs"));
  const imports = (await Promise.all(names.map((name) => readFile(new URL(name, here), "utf8")))).join("\n");
  for (const name of await readdir(new URL("setup/", here))) {
    const isImported = imports.includes(`"./setup/${name}"`);
    const isQuoted = quoted.some(([, path]) => path === `tests/clients/setup/${name}`);
    assert.ok(isImported, name);
    assert.ok(isQuoted || guide.includes(`(../tests/clients/setup/${name})`), name);
  }
});

test("each link to a file leads somewhere", async () => {
  const links = [...guide.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path);
  assert.ok(links.length > 0);
  for (const path of links) {
    const target = new URL(path, new URL("docs/", root));
    await readFile(target).catch(({ code }) => assert.equal(code, "EISDIR", path));
  }
});
