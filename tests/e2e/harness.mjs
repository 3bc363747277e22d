// What every end-to-end test stands on: a server of its own with a fresh database, signed-in pages, and
// a list of all that went wrong in them. A test takes these as fixtures:
//
//   import { expect, test } from "./harness.mjs";
//   test("a favorite shows in the other browser", async ({ signIn }) => {
//     const ada = await signIn("ada");
//     …
//   });
//
// A page that had an error of its own, or that broke the content-security policy, fails its test.
import { test as base, expect } from "@playwright/test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(import.meta.dirname, "../..");
const suffix = process.platform === "win32" ? ".exe" : "";
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");

const serverBinary = process.env.DASHBOARD_SERVER ?? join(target, "debug", `dashboard-server${suffix}`);
const proxyBinary = process.env.DASHBOARD_FAULT_PROXY ?? join(target, "debug", `fault-proxy${suffix}`);
/** The built application. */
export const dist = process.env.DASHBOARD_DIST ?? join(root, "dist");

/** How long the server may take to answer after its start, in milliseconds. */
const START_MS = 30_000;
/** How long it may take to end when asked, in milliseconds. */
const STOP_MS = 10_000;
/** Lines of the server's log that a failed test shows. */
const LOG_LINES = 200;

/** The people whom a server with `--demo` knows. */
export const people = {
  ada: { email: "ada@demo.test", password: "demo-demo-demo" },
  ben: { email: "ben@demo.test", password: "demo-demo-demo" },
};

/** The browser: `CHROMIUM`, or the first one on the path. */
export function chromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
  if (!found) throw new Error("no Chromium on the path: install it, or name it in CHROMIUM");
  return found;
}

/** A port of the loopback interface that nothing listens on. */
export async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Puts a copy of the built application into `folder`, with its own settings and with a script that runs before all others. */
function changed({ settings, script }, folder) {
  cpSync(dist, folder, { recursive: true });
  const page = join(folder, "index.html");
  let text = readFileSync(page, "utf8");
  const put = (place, change) => {
    if (!place.test(text)) throw new Error(`${page} has no ${place}`);
    text = text.replace(place, change);
  };
  if (settings) put(/(<script[^>]*id="?dashboard-config"?[^>]*>)[^<]*/, (_, tag) => tag + JSON.stringify(settings));
  if (script) {
    writeFileSync(join(folder, "first.js"), script);
    put(/<meta charset[^>]*>/, (meta) => `${meta}<script src="/first.js"></script>`);
  }
  writeFileSync(page, text);
  return folder;
}

/** A server process over a database of its own. It keeps its port and its database when it is started again. */
export class Server {
  #process;
  #folder;
  #flags;
  #adminPort;
  /** The last lines that it wrote. */
  log = [];

  /**
   * Starts a server on a free port and waits until it answers. `flags` are added to the command line, `settings` are
   * written into the page, as a place of its own would; `script` runs in it before all others.
   */
  static async start({ flags = ["--demo"], settings, script } = {}) {
    for (const needed of [serverBinary, join(dist, "index.html")]) {
      if (!existsSync(needed)) throw new Error(`${needed} is missing: run \`cargo xtask build\` and build the server`);
    }
    const server = new Server();
    server.#folder = mkdtempSync(join(tmpdir(), "dashboard-e2e-"));
    const pages = settings || script ? changed({ settings, script }, join(server.#folder, "dist")) : dist;
    server.port = await freePort();
    server.#adminPort = await freePort();
    server.#flags = ["--dist", pages, ...flags];
    await server.start();
    return server;
  }

  /** Where it answers. */
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Its metrics, as text. */
  async metrics() {
    return (await fetch(`http://127.0.0.1:${this.#adminPort}/metrics`)).text();
  }

  /** Where its sockets are. */
  get socketUrl() {
    return `ws://127.0.0.1:${this.port}/connection/websocket`;
  }

  /** Its database file. */
  get database() {
    return join(this.#folder, "dashboard.sqlite");
  }

  /** Starts it, on the port and the database that it had, and waits until it answers. */
  async start({ flags = [] } = {}) {
    const admin = `127.0.0.1:${this.#adminPort}`;
    const own = ["--listen", `127.0.0.1:${this.port}`, "--admin-listen", admin, "--database", this.database];
    const child = spawn(serverBinary, [...own, ...this.#flags, ...flags], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        this.log.push(line);
        if (this.log.length > LOG_LINES) this.log.shift();
      });
    }
    const failed = once(child, "exit").then(() => {
      throw new Error(`the server ended at its start:\n${this.log.join("\n")}`);
    });
    // Later exits are the test's own doing.
    failed.catch(() => {});
    await Promise.race([failed, this.#healthy()]);
  }

  async #healthy() {
    await expect
      .poll(() => fetch(`${this.url}/api/health`).then((reply) => reply.status, () => 0), {
        timeout: START_MS,
        intervals: [20, 50, 100],
        message: "the server answers",
      })
      .toBe(200);
  }

  /** Cuts its life short, as a crash does. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Ends it the way an operator does: sockets are told to come back. */
  async stop() {
    await this.#end("SIGTERM");
  }

  async #end(signal) {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  /** Ends it for good and removes its database. */
  async remove() {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Calls the API without a browser; `cookie` is what `session` gave. */
  async call(path, { method = "GET", cookie, body, headers = {} } = {}) {
    return fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(cookie ? { cookie } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  /** Signs a person in without a browser; the reply's cookie and body. */
  async session(name) {
    const reply = await this.call("/api/session", { method: "POST", body: people[name] });
    if (!reply.ok) throw new Error(`${name} could not sign in: ${reply.status} ${await reply.text()}`);
    const cookie = reply.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    return { cookie, ...(await reply.json()) };
  }

  /** Plants a fault for a person who is signed in with `cookie`, or clears theirs with `null`. */
  async fault(cookie, fault) {
    const reply = fault
      ? await this.call("/api/demo/fault", { method: "POST", cookie, body: fault })
      : await this.call("/api/demo/fault", { method: "DELETE", cookie });
    if (!reply.ok) throw new Error(`the fault was refused: ${reply.status} ${await reply.text()}`);
  }
}

/** What a browser keeps of a session that `Server.session` gave, for an origin. */
export function signedIn({ cookie }, origin) {
  const { hostname: domain } = new URL(origin);
  const cookies = cookie.split("; ").map((pair) => {
    const [name, value] = pair.split("=");
    return { name, value, domain, path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Strict" };
  });
  return { cookies, origins: [{ origin, localStorage: [{ name: "beatline.signed-in", value: "1" }] }] };
}

/** A proxy between pages and a server that misbehaves when told to; see `tests/fault-proxy`. */
export class Proxy {
  #process;
  #answers;

  /** Starts one before a server. */
  static async start(server) {
    if (!existsSync(proxyBinary)) throw new Error(`${proxyBinary} is missing: build the proxy`);
    const proxy = new Proxy();
    proxy.#process = spawn(proxyBinary, ["--to", `127.0.0.1:${server.port}`], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    proxy.#answers = createInterface({ input: proxy.#process.stdout })[Symbol.asyncIterator]();
    const { value } = await proxy.#answers.next();
    proxy.url = `http://${value.replace("listening ", "")}`;
    return proxy;
  }

  /**
   * Gives an order, such as `refuse`, `latency 250` or `black-hole websockets for 5000`, and waits until it is obeyed
   * or, with `for`, until everything passes again.
   */
  async order(line) {
    this.#process.stdin.write(`${line}\n`);
    const { value } = await this.#answers.next();
    if (value !== "ok") throw new Error(`the proxy says to "${line}": ${value}`);
  }

  /** Ends it, and all connections through it. */
  async end() {
    const ended = once(this.#process, "exit");
    this.#process.stdin.end();
    await ended;
  }
}

// Chromium writes these by itself for every refused socket and every reply of 400 and above.
const browsersOwn = [/^Failed to load resource: /, /^WebSocket connection to /];

/** Collects what goes wrong in a context's pages, those to come included. */
async function watch(context, problems) {
  await context.exposeBinding("__violation", (_, violation) => {
    problems.push(`content-security policy: ${violation}`);
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.__violation(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  context.on("page", (page) => {
    page.on("pageerror", (error) => problems.push(`page error: ${error.stack ?? error}`));
    page.on("crash", () => problems.push("the page crashed"));
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !browsersOwn.some((own) => own.test(text))) {
        problems.push(`console error: ${text}`);
      }
    });
  });
}

/** Signs a person in on a page of a context that was prepared before. */
export async function signInOn(page, name, path = "/overview") {
  await page.goto(path);
  await page.getByLabel("Email").fill(people[name].email);
  await page.getByLabel("Password").fill(people[name].password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Dashboard" })).toBeVisible();
}

/** Playwright's test with a server, watched contexts and signed-in pages. */
export const test = base.extend({
  /** Flags of the server; a file changes them with `test.use({ serverFlags: […] })`. */
  serverFlags: [["--demo"], { option: true }],

  /** Settings of the page; a group of tests changes them with `test.use({ settings: {…} })`. */
  settings: [undefined, { option: true }],

  /** A script that runs in the page before all others; a file sets it with `test.use({ script: "…" })`. */
  script: [undefined, { option: true }],

  /** A server over a fresh database. */
  server: async ({ serverFlags, settings, script }, use, info) => {
    const server = await Server.start({ flags: serverFlags, settings, script });
    try {
      await use(server);
    } finally {
      if (info.status !== info.expectedStatus && server.log.length > 0) {
        await info.attach("server log", { body: server.log.join("\n"), contentType: "text/plain" });
      }
      await server.remove();
    }
  },

  /** Puts a proxy of its own before the server. */
  newProxy: async ({ server }, use) => {
    const proxies = [];
    await use(async () => {
      const proxy = await Proxy.start(server);
      proxies.push(proxy);
      return proxy;
    });
    await Promise.all(proxies.map((proxy) => proxy.end()));
  },

  /** What went wrong in the pages. A test that expects something takes it out of the list. */
  problems: async ({}, use) => {
    const problems = [];
    await use(problems);
    expect(problems, "errors of the pages themselves").toEqual([]);
  },

  /** Opens a browser of a person's own: a context that shares nothing with the others. */
  newContext: async ({ browser, server, problems }, use) => {
    const contexts = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: server.url, ...options });
      contexts.push(context);
      await watch(context, problems);
      return context;
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  /** A browser in which a person is signed in already; through a proxy if one is given. */
  newSignedIn: async ({ newContext, server }, use) => {
    await use(async (name, { through = server, ...options } = {}) => {
      const storageState = signedIn(await server.session(name), through.url);
      const context = await newContext({ baseURL: through.url, storageState, ...options });
      return context;
    });
  },

  /** Signs a person in through the page, in a browser of their own, and gives the page. */
  signIn: async ({ newContext }, use) => {
    await use(async (name, { path = "/overview", ...options } = {}) => {
      const page = await (await newContext(options)).newPage();
      await signInOn(page, name, path);
      return page;
    });
  },
});

export { expect };
