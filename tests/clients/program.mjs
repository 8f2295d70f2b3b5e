import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs a program of a package in a folder of ours. What it says is the message if it fails. */
export function run(name, folder, ...options) {
  const { status, stdout, stderr } = spawnSync(here(`node_modules/.bin/${name}`), options, {
    cwd: here(folder),
    encoding: "utf8",
  });
  assert.equal(status, 0, `${name}\n${stdout}${stderr}`);
}
