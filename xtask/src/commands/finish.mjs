// The last steps of a release build, on the folder that is the last argument: scripts and style
// sheets are minified, what a program and its script call each other's functions is made short, all are
// named by their final contents (so that names can be cached for ever), and a .br and a .gz are put
// beside every file that gains from it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = process.argv.at(-1);
const pages = new Map(["index.html", "demo.html"].map((name) => [name, readFileSync(join(dist, name), "utf8")]));

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
const integrity = (bytes) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

const minified = (file) =>
  execFileSync("esbuild", ["--minify", "--target=es2022", join(dist, file)], { maxBuffer: 2 ** 26 });

// Names a file at the top of the folder by its contents, in the pages too.
function settle(name, contents) {
  // Trunk writes its hash without leading zeros.
  const named = name.replace(/-[0-9a-f]{8,16}(?=[._])/, `-${hash(contents)}`);
  writeFileSync(join(dist, name), contents);
  renameSync(join(dist, name), join(dist, named));
  // Browsers do not look at the integrity of a preloaded fetch, and say so in the console.
  const digest = name.endsWith(".wasm") ? "" : ` integrity="${integrity(contents)}"`;
  const pattern = new RegExp(`<(?:link|script)[^>]*/${name.replaceAll(".", "\\.")}[\\s">][^>]*>?`);
  let isNamed = false;
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

// wasm-bindgen gives what a program takes from its script long names, each with a hash, which stand in both and do not
// compress: short ones are 5 kB less. The names are words of the tools alone, so that none is met by accident.
const features = readFileSync("index.html", "utf8").match(/--enable-[a-z-]+/g);

function shorten(program) {
  const path = join(dist, program);
  const pass = ["--minify-imports-and-exports-and-modules", "-o", path];
  const { imports, exports } = JSON.parse(execFileSync("wasm-opt", [path, ...features, ...pass]).toString());
  const script = join(dist, program.replace("_bg.wasm", ".js"));
  let source = readFileSync(script, "utf8");
  const change = (pattern, name) => {
    const changed = source.replace(pattern, () => name);
    if (changed === source) throw new Error(`${script} has nothing for ${name}`);
    source = changed;
  };
  for (const module of new Set(imports.map(([module]) => module))) change(`"${module}": `, '"a": ');
  for (const [, long, short] of imports) change(new RegExp(`(?<=^\\s*)${long}(?=: )`, "m"), short);
  for (const [long, short] of exports) {
    source = source.replace(new RegExp(`(?<=\\bwasm\\.)${long}\\b`, "g"), () => short);
  }
  writeFileSync(script, source);
}

const names = readdirSync(dist);
const wasm = names.filter((name) => name.endsWith(".wasm"));
wasm.forEach(shorten);
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
