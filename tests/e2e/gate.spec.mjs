// A gate in front of the site, as a company's sign-on or a hotel's network has one: it answers every request in the server's
// place, until the user has signed in with it.
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { favorites, heart, live, unmarkedBeat } from "./dashboard.mjs";
import { expect, test as base } from "./harness.mjs";
import { banner } from "./status.mjs";

/** How long a page may take to notice, in milliseconds. */
const NOTICE_MS = 40_000;

/** The page of a gate itself. */
const SIGN_ON = '<!doctype html><html lang="en"><title>Sign-on</title><h1>Sign in to this network</h1></html>';

/** Something that passes connections on to a server, until it is shut. */
class Gate {
  #isShut = false;
  #passed = new Set();
  #answering;
  #listening;

  static async before(server, kind) {
    const gate = new Gate();
    gate.#answering = createHttpServer((request, reply) => {
      if (kind === "redirects" && !request.url.startsWith("/sign-on")) {
        // Another origin, although the same port.
        reply.writeHead(302, { location: `http://localhost:${gate.port}/sign-on`, connection: "close" }).end();
      } else {
        reply.writeHead(200, { "content-type": "text/html", connection: "close" }).end(SIGN_ON);
      }
    });
    gate.#listening = createServer((client) => {
      if (gate.#isShut) return gate.#answering.emit("connection", client);
      const passed = connect(server.port, "127.0.0.1");
      for (const [one, other] of [[client, passed], [passed, client]]) {
        gate.#passed.add(one);
        one.on("error", () => other.destroy()).on("close", () => other.destroy() && gate.#passed.delete(one));
        one.pipe(other);
      }
    }).listen(0);
    await once(gate.#listening, "listening");
    gate.port = gate.#listening.address().port;
    gate.url = `http://127.0.0.1:${gate.port}`;
    return gate;
  }

  /** Answers everything itself; open connections end. */
  shut() {
    this.#isShut = true;
    this.#endPassed();
  }

  /** Passes everything on again. */
  open() {
    this.#isShut = false;
  }

  #endPassed() {
    for (const socket of this.#passed) socket.destroy();
  }

  async end() {
    this.#endPassed();
    this.#answering.closeAllConnections();
    const ended = once(this.#listening, "close");
    this.#listening.close();
    await ended;
  }
}

const test = base.extend({
  /** Puts a gate before the server that "redirects" or "answers". */
  newGate: async ({ server }, use) => {
    const gates = [];
    await use(async (kind) => {
      const gate = await Gate.before(server, kind);
      gates.push(gate);
      return gate;
    });
    await Promise.all(gates.map((gate) => gate.end()));
  },
});

for (const kind of ["redirects", "answers"]) {
  test(`a gate that ${kind} is said in words, and a reload leads to it`, async ({ newGate, newSignedIn }) => {
    const gate = await newGate(kind);
    const page = await (await newSignedIn("ada", { through: gate })).newPage();
    await page.goto("/overview");
    await live(page);
    gate.shut();
    await expect(banner(page)).toContainText("Something else answers in place of the store", { timeout: NOTICE_MS });
    await expect(banner(page)).toContainText("want you to sign in");
    await banner(page).getByRole("button", { name: "Reload" }).click();
    await expect(page.getByRole("heading", { name: "Sign in to this network" })).toBeVisible();
  });

  test(`a change behind a gate that ${kind} stays, and is saved once it opens`, async ({ newGate, newSignedIn, server }) => {
    const gate = await newGate(kind);
    const page = await (await newSignedIn("ada", { through: gate })).newPage();
    await page.goto("/overview");
    await live(page);
    const { cookie } = await server.session("ada");
    const beat = await unmarkedBeat(server, cookie);
    gate.shut();
    const sent = page.waitForResponse("**/api/mutations");
    await heart(page, beat.title).click();
    await sent;
    await expect(banner(page)).toContainText("Something else answers", { timeout: NOTICE_MS });
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");
    gate.open();
    await live(page, NOTICE_MS);
    await expect.poll(async () => (await favorites(server, cookie)).ids, { timeout: NOTICE_MS }).toContain(beat.id);
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");
  });
}
