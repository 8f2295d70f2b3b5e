// Bundles the page of the demo market into dist/, which is committed and embedded into the binary. Its packages are those of
// tests/clients, whose lock file gives the same bytes:
//
//     npm ci --prefix tests/clients --ignore-scripts && node assets/demo/build.mjs && git diff --exit-code assets/demo/dist
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename } from "node:path";
import { gzipSync } from "node:zlib";

const here = import.meta.dirname;
const dist = `${here}/dist`;
const clients = `${here}/../../tests/clients`;

/** Types of all that the page asks for. */
export const generate = () => run("graphql-codegen", `${clients}/typed`, "--config", "codegen.mjs");

/** Whether the page is sound, as strictly as TypeScript can tell. */
export const check = () => run("tsc", here, "--project", "tsconfig.json");

function run(program, cwd, ...options) {
  const { status, stdout, stderr } = spawnSync(`${clients}/node_modules/.bin/${program}`, options, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}\n${stdout}${stderr}`);
}

/** What dist/ holds by now, unpacked, and the version that names it. */
export async function bundle() {
  const { build } = createRequire(`${clients}/package.json`)("esbuild");
  const { metafile, outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: { demo: "src/main.tsx", "demo-style": "src/style.css" },
    entryNames: "[name]",
    outdir: dist,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    nodePaths: [`${clients}/node_modules`],
    pure: ["TypedDocumentString"],
    tsconfigRaw: { compilerOptions: { jsx: "react-jsx", jsxImportSource: "preact" } },
    logLevel: "warning",
  });
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const packages = inputs
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([input]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  const files = outputFiles.map(({ path, contents }) => ({ name: basename(path).replace("-style", ""), contents }));
  files.push({ name: "licenses.txt", contents: Buffer.from(await licenses(new Set(packages.filter(Boolean)))) });
  const hash = createHash("sha256");
  for (const { name, contents } of files) hash.update(name).update(contents);
  return { files, version: hash.digest("hex").slice(0, 16) };
}

// The licences ask that their notice goes with every copy.
async function licenses(packages) {
  const notices = [...packages].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(`${here}/${folder}/package.json`, "utf8"));
    const names = (await readdir(`${here}/${folder}`)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
    const texts = await Promise.all(names.map((file) => readFile(`${here}/${folder}/${file}`, "utf8")));
    return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n");
  });
  return `${(await Promise.all(notices)).join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
}

if (process.argv[1] === import.meta.filename) {
  generate();
  check();
  const { files, version } = await bundle();
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  for (const { name, contents } of files) await writeFile(`${dist}/${name}.gz`, gzipSync(contents, { level: 9 }));
  await writeFile(`${dist}/version`, version);
}
