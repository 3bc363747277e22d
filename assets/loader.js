// Starts the application. It is a file of its own because the content-security policy forbids inline
// scripts. The hashed names come from the preload links that the build writes into the page, so this
// file never changes with the application.
const preloaded = (selector) => document.querySelector(selector).href;

// What a release build leaves out of the program that is loaded first is fetched once that is running, so that it
// delays nothing; addresses whose page is in it wait for it.
const FIRST = ["/", "/overview", "/signin"];
const TRIES_S = [0, 1, 2, 4, 8, 16, 32];

async function fetchLater(fetchRest) {
  for (const seconds of TRIES_S) {
    await new Promise((wake) => setTimeout(wake, 1000 * seconds));
    try {
      return await fetchRest();
    } catch (error) {
      console.warn(error);
    }
  }
}

// What is on the screen is no longer kept up: it says so, and nothing in it can be used.
function giveUp(id) {
  document.getElementById(id).hidden = false;
  document.getElementById("app").inert = true;
}

// Programs without panic messages end with a trap that only the browser tells.
const lookForTrap = (reason) => reason instanceof WebAssembly.RuntimeError && giveUp("crashed");
addEventListener("error", ({ error }) => lookForTrap(error));
addEventListener("unhandledrejection", ({ reason }) => lookForTrap(reason));

try {
  const { default: start, fetchRest } = await import(preloaded('link[rel="modulepreload"]'));
  if (fetchRest && !FIRST.includes(location.pathname)) await fetchRest();
  await start({ module_or_path: preloaded('link[rel="preload"][type="application/wasm"]') });
  if (fetchRest) fetchLater(fetchRest);
} catch (error) {
  // Nothing has been drawn yet, so the page itself says what happened and what to do.
  giveUp("start-failed");
  throw error;
}
