// The last steps of a release build, on the folder that is the last argument: what a program and its script call each
// other's functions is made short, the dashboard's program is taken apart into what a first load runs and the rest,
// scripts and style sheets are minified, all are named by their final contents (so that names can be cached for ever),
// and a .br and a .gz are put beside every file that gains from it.
//
// With `--record` the dashboard's program stays whole and notes which of its functions run; their names are put into
// functions.json.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { parts, recording } from "./parts.mjs";
import { Program, assemble, features } from "./program.mjs";
import { isLate } from "./profile.mjs";

const dist = process.argv.at(-1);
const isRecording = process.argv.includes("--record");
const pages = new Map(["index.html", "demo.html"].map((name) => [name, readFileSync(join(dist, name), "utf8")]));

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
const integrity = (bytes) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

const minified = (file) =>
  execFileSync("esbuild", ["--minify", "--target=es2022", join(dist, file)], { maxBuffer: 2 ** 26 });

// Names a file at the top of the folder by its contents, in the pages too; only the rest of a program stands in none.
function settle(name, contents) {
  // Trunk writes its hash without leading zeros.
  const named = name.replace(/-[0-9a-f]{8,16}(?=[._])/, `-${hash(contents)}`);
  writeFileSync(join(dist, name), contents);
  renameSync(join(dist, name), join(dist, named));
  // Browsers do not look at the integrity of a preloaded fetch, and say so in the console.
  const digest = name.endsWith(".wasm") ? "" : ` integrity="${integrity(contents)}"`;
  const pattern = new RegExp(`<(?:link|script)[^>]*/${name.replaceAll(".", "\\.")}[\\s">][^>]*>?`);
  let isNamed = name.endsWith("_rest.wasm");
  for (const [path, page] of pages) {
    const tag = page.match(pattern)?.[0];
    if (!tag) continue;
    isNamed = true;
    const settled = tag.replace(name, named).replace(/ integrity="?[^\s">]+"?/, () => digest);
    pages.set(path, page.replace(tag, () => settled));
  }
  if (!isNamed) throw new Error(`no page names ${name}`);
  return named;
}

/** Replaces the one place in a file that `pattern` finds. */
function change(path, pattern, replacement) {
  const source = readFileSync(path, "utf8");
  const changed = source.replace(pattern, replacement);
  if (changed === source) throw new Error(`${path} has nothing for ${pattern}`);
  writeFileSync(path, changed);
}

/** The dashboard is what people load first; the demonstration is for developers. */
const isTakenApart = (program) => program.startsWith("realtime-dashboard");

const scriptOf = (program) => join(dist, program.replace("_bg.wasm", ".js"));

// wasm-bindgen gives what a program takes from its script long names, each with a hash, which stand in both and do not
// compress: short ones are 5 kB less. The names are words of the tools alone, so that none is met by accident.
function shorten(program) {
  const path = join(dist, program);
  const names = isTakenApart(program) ? ["-g"] : [];
  const pass = [...names, "--minify-imports-and-exports-and-modules", "-o", path];
  const { imports, exports } = JSON.parse(execFileSync("wasm-opt", [path, ...features, ...pass]).toString());
  const script = scriptOf(program);
  for (const module of new Set(imports.map(([module]) => module))) change(script, `"${module}": `, () => '"a": ');
  for (const [, long, short] of imports) change(script, new RegExp(`(?<=^\\s*)${long}(?=: )`, "m"), () => short);
  // Some are for other tools.
  for (const [long, short] of exports) {
    const used = new RegExp(`(?<=\\bwasm\\.)${long}\\b`, "g");
    if (used.test(readFileSync(script, "utf8"))) change(script, used, () => short);
  }
}

/** Leaves in a program what a first load runs, and puts the rest into a file that its script fetches; gives its name. */
function takeApart(program) {
  const { first, rest } = parts(new Program(join(dist, program)), isLate());
  const second = program.replace("_bg.wasm", "_rest.wasm");
  assemble(first, join(dist, program));
  assemble(rest, join(dist, second));
  const script = scriptOf(program);
  change(script, '"a": import0', () => '"a": { ...import0, 0: needRest }, "1": wasm, "2": numbered');
  change(script, "wasmModule = module;", (same) => `${same} joinRest();`);
  const source = readFileSync(new URL("rest.js", import.meta.url), "utf8").replace("REST", second);
  writeFileSync(script, readFileSync(script, "utf8") + source);
  return second;
}

/** Has a program note in `window.ran` which of its functions run. */
function record(program) {
  const { forms, names } = recording(new Program(join(dist, program)));
  assemble(forms, join(dist, program));
  writeFileSync(join(dist, "functions.json"), JSON.stringify(names));
  change(scriptOf(program), '"a": import0', () => '"a": { ...import0, 0: (at) => (window.ran ??= new Set()).add(at) }');
}

const names = readdirSync(dist);
const wasm = names.filter((name) => name.endsWith(".wasm"));
wasm.forEach(shorten);
const programs = wasm.filter(isTakenApart);
if (isRecording) programs.forEach(record);
else wasm.push(...programs.map(takeApart));
const renamed = wasm.map((name) => [name, settle(name, readFileSync(join(dist, name)))]);
for (const name of names.filter((name) => /\.(css|js)$/.test(name))) {
  let source = minified(name).toString();
  for (const [before, after] of renamed) source = source.replaceAll(before, after);
  settle(name, Buffer.from(source));
}
// What the comments say is for readers of the source.
for (const [path, page] of pages) writeFileSync(join(dist, path), page.replace(/\n\s*<!--[^]*?-->/g, ""));

const gains = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest"]);
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !gains.has(extname(entry.name))) continue;
  const path = join(entry.parentPath ?? entry.path, entry.name);
  const contents = readFileSync(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
  };
  writeFileSync(`${path}.br`, brotliCompressSync(contents, { params }));
  writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }));
}
