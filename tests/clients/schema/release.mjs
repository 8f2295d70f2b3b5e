// `npm run release`: the schema as it is becomes what clients out there may rely on. It says of which version of Agora it is,
// and each release has a version of its own, so that nobody renews it by the way to get a breaking change through.
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const HEADING = /^# Agora (\d+\.\d+\.\d+)\n/;

/** The version that a released schema is of; fails if it says none. */
export function versionOf(released) {
  const found = HEADING.exec(released);
  if (!found) throw new Error("the released schema does not say of which version it is; renew it with `npm run release`");
  return found[1];
}

/** The version of the program. */
export function versionOfProgram(manifest) {
  return /^version = "(.+)"$/m.exec(manifest)[1];
}

/** The schema, as it is released with a version; fails if the last release had the same. */
export function release(version, sdl, last) {
  if (versionOf(last) === version) throw new Error(`${version} is released already; raise the version in Cargo.toml first`);
  return `# Agora ${version}\n${sdl}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const at = (path) => new URL(path, import.meta.url);
  const read = (path) => readFile(at(path), "utf8");
  const version = versionOfProgram(await read("../../../Cargo.toml"));
  await writeFile(at("released.graphql"), release(version, await read("../../../schema.graphql"), await read("released.graphql")));
}
