// Starts the program of this page: the demonstration at /demo, the dashboard at every other address. It is a file of its
// own because the content-security policy forbids inline scripts.

// The page is there already, so it says what happened, and nothing in it can be used any more.
function stop(id) {
  document.getElementById(id).hidden = false;
  document.getElementById("app").inert = true;
}

// A program without panic messages ends with a trap that only the browser sees.
const stopAfterTrap = (reason) => reason instanceof WebAssembly.RuntimeError && stop("crashed");
addEventListener("error", ({ error }) => stopAfterTrap(error));
addEventListener("unhandledrejection", ({ reason }) => stopAfterTrap(reason));

// The page names the files of the dashboard in its preload links. Those of the demonstration have fixed names.
function program() {
  const demo = new URL("demo", document.baseURI);
  if (location.pathname.replace(/\/$/, "") === demo.pathname) {
    return { script: new URL("realtime-demo.js", demo), wasm: new URL("realtime-demo_bg.wasm", demo) };
  }
  const preloaded = (selector) => document.querySelector(selector).href;
  return { script: preloaded('link[rel="modulepreload"]'), wasm: preloaded('link[rel="preload"][as="fetch"]') };
}

// What the page shows first, for a user who was signed in when this browser was last here. The program takes each answer
// by its address, so these are the addresses that it asks for itself; a test compares them. What is left after some seconds
// is too old to be shown.
function askEarly() {
  if (localStorage.getItem("beatline.signed-in") === null || localStorage.getItem("beatline.early-calls") === "off") return;
  const links = [...document.querySelectorAll("a[data-reads]")];
  const path = location.pathname.replace(/(.)\/$/, "$1");
  const isHome = path === new URL(document.baseURI).pathname.replace(/(.)\/$/, "$1");
  const shown = isHome ? links[0] : links.find((link) => link.pathname === path);
  if (!shown) return;
  const options = { cache: "no-store", headers: { Accept: "application/json, application/problem+json" } };
  const ask = (path) => {
    const answer = fetch(path, options);
    answer.catch(() => {});
    return [path, answer];
  };
  const paths = ["session", "realtime/token", ...shown.dataset.reads.split(" ")];
  globalThis.earlyAnswers = new Map(paths.map((path) => ask(`/api/${path}`)));
  setTimeout(() => globalThis.earlyAnswers.clear(), 15000);
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
  stop("start-failed");
  throw error;
}
