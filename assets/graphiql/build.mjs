// Bundles GraphiQL into dist/, which is committed and embedded into the binary. The same lock file
// gives the same bytes: `npm ci && npm run build && git diff --exit-code dist`.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const here = import.meta.dirname;
const dist = `${here}/dist`;

const bundles = [
  // GraphiQL's stylesheet carries Monaco's, so the stylesheets that Monaco imports are left out.
  { entryPoints: { graphiql: "src/graphiql.js" }, loader: { ".css": "empty", ".ttf": "empty" } },
  { entryPoints: { graphiql: "src/graphiql.css" } },
  {
    entryPoints: {
      "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
      "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
      "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
    },
  },
];

const files = [];
const packages = new Set();
for (const bundle of bundles) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: here,
    outdir: dist,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
    ...bundle,
  });
  files.push(...outputFiles);
  for (const input of Object.keys(metafile.inputs)) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder) packages.add(folder);
  }
}
files.push({ path: `${dist}/licenses.txt`, contents: Buffer.from(await licenses()) });

const version = createHash("sha256");
await rm(dist, { recursive: true, force: true });
await mkdir(dist);
for (const { path, contents } of files) {
  version.update(basename(path)).update(contents);
  await writeFile(`${path}.gz`, gzipSync(contents, { level: 9 }));
}
// The bundles name each other by relative URLs; the version is the folder that they are served from.
await writeFile(`${dist}/version`, version.digest("hex").slice(0, 16));

// Most of the licences ask that their notice goes with every copy.
async function licenses() {
  const notices = [...packages].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(`${here}/${folder}/package.json`, "utf8"));
    const names = (await readdir(`${here}/${folder}`)).filter((file) => /^(licen[cs]e|notice|thirdpartynotices)/i.test(file)).sort();
    const texts = await Promise.all(names.map((file) => readFile(`${here}/${folder}/${file}`, "utf8")));
    return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n");
  });
  return `${(await Promise.all(notices)).join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
}
