// Starts the program of this page: the demonstration at /demo, the dashboard at every other address. It is a file of its
// own because the content-security policy forbids inline scripts.

// The page is there already, so it says what happened, and nothing in it can be used any more.
function stop(id) {
  document.getElementById(id).hidden = false;
  document.getElementById("app").inert = true;
}

// A program without panic messages ends with a trap that only the browser sees.
const stopAfterTrap = (reason) => reason instanceof globalThis.WebAssembly?.RuntimeError && stop("crashed");
addEventListener("error", ({ error }) => stopAfterTrap(error));
addEventListener("unhandledrejection", ({ reason }) => stopAfterTrap(reason));

// Translators and extensions take elements away that the program knows, and the browser throws when it then puts something
// before one, or removes it: what is gone counts as removed, and what belongs before it comes where it was, or first.
const { insertBefore, removeChild } = Node.prototype;
Node.prototype.insertBefore = function (node, before) {
  let next = before;
  while (next && next.parentNode !== this) next = next.parentNode;
  return insertBefore.call(this, node, next ?? (before && this.firstChild));
};
Node.prototype.removeChild = function (node) {
  const parent = node.parentNode;
  return parent ? removeChild.call(parent, node) : node;
};

// The page names the files of the dashboard in its preload links. Those of the demonstration have fixed names.
function program() {
  const demo = new URL("demo", document.baseURI);
  if (location.pathname.replace(/\/$/, "") === demo.pathname) {
    return { script: new URL("realtime-demo.js", demo), wasm: new URL("realtime-demo_bg.wasm", demo) };
  }
  const preloaded = (selector) => document.querySelector(selector).href;
  return { script: preloaded('link[rel="modulepreload"]'), wasm: preloaded('link[rel="preload"][as="fetch"]') };
}

// The longest time for an early answer, that the start waits for it, and that one is young enough to be shown; in
// milliseconds.
const TIMEOUT_MS = 30000;
const PATIENCE_MS = 500;
const KEEP_MS = 15000;

// What the dashboard keeps here while a user is signed in: another value for each sign-in.
const SIGNED_IN = "beatline.signed-in";

// What the page shows first, for a user who was signed in when this browser was last here. The program takes each answer
// by its address, so these are the addresses that it asks for itself; a test compares them. It waits for them, so that its
// first drawing is the whole page.
function askEarly() {
  const isSignedIn = localStorage.getItem(SIGNED_IN) !== null || /(^|; *)signed-in=./.test(document.cookie);
  if (!isSignedIn || localStorage.getItem("beatline.early-calls") === "off") return;
  const links = [...document.querySelectorAll("a[data-reads]")];
  const path = location.pathname.replace(/(.)\/$/, "$1");
  const isHome = path === new URL(document.baseURI).pathname.replace(/(.)\/$/, "$1");
  const shown = isHome ? links[0] : links.find((link) => link.pathname === path);
  if (!shown) return;
  const options = {
    cache: "no-store",
    redirect: "manual",
    headers: { Accept: "application/json, application/problem+json" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  const read = async (response) => ({
    status: response.status,
    contentType: response.headers.get("content-type"),
    retryAfter: response.headers.get("retry-after"),
    body: await response.arrayBuffer(),
  });
  const ask = (path) => {
    const answer = fetch(path, options).then(read);
    answer.then((there) => (answer.there = there)).catch(() => {});
    return [path, answer];
  };
  const paths = ["session", "realtime/token", ...shown.dataset.reads.split(" ")];
  const answers = new Map(paths.map((path) => ask(`/api/${path}`)));
  globalThis.earlyAnswers = answers;
  globalThis.earlyReady = Promise.race([
    Promise.allSettled([...answers.values()]),
    new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)),
  ]);
  // Once another tab has signed in or out, these are answers for somebody else; a page that comes back is too old for them.
  addEventListener("storage", ({ key }) => (key === null || key === SIGNED_IN) && answers.clear());
  addEventListener("pagehide", () => answers.clear());
  setTimeout(() => answers.clear(), KEEP_MS);
}

try {
  askEarly();
} catch {
  // Without a storage, the program asks by itself.
}
try {
  const { script, wasm } = program();
  const { default: start } = await import(script);
  await start({ module_or_path: wasm });
} catch (error) {
  const isOld = typeof WebAssembly !== "object" || error instanceof WebAssembly.CompileError;
  stop(isOld ? "unsupported" : "start-failed");
  throw error;
}
