// The rest of a program that was built in two parts (see parts.mjs). This stands at the end of the program's script,
// whose variables it uses: `wasm` is what the first part exports.
const restUrl = new URL("REST", import.meta.url);
let restModule;

/** The functions of the first part by their number in its table. */
const numbered = new Proxy({}, { get: (_, number) => wasm[1].get(number) });

/** Joins the rest to the first part, once both are there. */
function joinRest() {
  if (!restModule || wasm[0].value) return;
  new WebAssembly.Instance(restModule, __wbg_get_imports());
  wasm[0].value = 1;
}

/** Fetches the rest beside what the page does. */
export async function fetchRest() {
  if (restModule) return;
  const reply = await fetch(restUrl);
  if (!reply.ok) throw new Error(`${restUrl} was answered with ${reply.status}`);
  restModule ??= await WebAssembly.compile(await reply.arrayBuffer());
  if (wasm) joinRest();
}

// A function of the rest is called before the rest is there, as a person may who is faster than the network. A call
// cannot wait, so the page does; bytes are had as characters, since nothing else is given while it waits.
function needRest() {
  try {
    const request = new XMLHttpRequest();
    request.open("GET", restUrl, false);
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status !== 200) throw new Error(`${restUrl} was answered with ${request.status}`);
    restModule = new WebAssembly.Module(Uint8Array.from(request.responseText, (byte) => byte.charCodeAt()));
    joinRest();
  } catch (error) {
    document.getElementById("start-failed").hidden = false;
    document.getElementById("app").inert = true;
    throw error;
  }
}
