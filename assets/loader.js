// Starts the application. It is a file of its own because the content-security policy forbids inline
// scripts. The hashed names come from the preload links that the build writes into the page, so this
// file never changes with the application.
const preloaded = (selector) => document.querySelector(selector).href;

try {
  const { default: start } = await import(preloaded('link[rel="modulepreload"]'));
  await start({ module_or_path: preloaded('link[rel="preload"][type="application/wasm"]') });
} catch (error) {
  // Nothing has been drawn yet, so the page itself says what happened and what to do.
  document.getElementById("start-failed").hidden = false;
  throw error;
}
