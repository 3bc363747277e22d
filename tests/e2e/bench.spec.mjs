// What a visit, a switch of tabs, a click, an event and a stream of events cost. `cargo xtask bench` runs this against a release
// build and prints a table; BENCH_JSON names a file for the same figures. Nothing here passes or fails by a time: times differ
// between machines. Costs are processor time of the page's main thread, which a busy machine disturbs least.
import { writeFileSync } from "node:fs";
import { live, mutate, open, unmarkedBeats } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";

const VISITS = 5;
const SWITCHES = 48;
const CLICKS = 20;
const EVENTS = 20;
const STREAM = { count: 5000, rate: 1000 };
/** Past every window in which events are gathered, and never in step with frames, in milliseconds. */
const QUIET_MS = 707;

const figures = {};

/** Prints figures of one thing, and keeps them. */
function report(what, values) {
  figures[what] = values;
  for (const [name, value] of Object.entries(values)) console.log(`${what.padEnd(18)} ${name.padEnd(34)} ${value.toFixed(2).padStart(10)}`);
}

/** The middle one of some values. */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Starts a simulation of the server's for a user. */
async function simulate(server, cookie, what, { count, rate }) {
  const reply = await server.call("/api/demo/simulate", { method: "POST", cookie, body: { what, count, rate_per_s: rate } });
  expect(reply.status).toBe(202);
}

/** How many events the server has published. */
async function published(server) {
  return Number((await server.metrics()).match(/^dashboard_publications_total (\d+)/m)?.[1] ?? 0);
}

/** Starts to count; the result says what happened since, for each of `times`. */
async function costs(page) {
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async () => Object.fromEntries((await client.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
  const before = await read();
  return async (times) => {
    const after = await read();
    const of = (name, factor) => ((after[name] - before[name]) * factor) / times;
    return {
      "script, ms": of("ScriptDuration", 1000),
      "style and layout, ms": of("RecalcStyleDuration", 1000) + of("LayoutDuration", 1000),
      "main thread, ms": of("TaskDuration", 1000),
      layouts: of("LayoutCount", 1),
      "style passes": of("RecalcStyleCount", 1),
    };
  };
}

/** Notes when an attribute or a child of `selector` changes next, and when the frame with that change is done. */
function watch(page, selector) {
  return page.evaluate((selector) => {
    globalThis.seen = new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        const changed = performance.now();
        requestAnimationFrame(() => setTimeout(() => resolve({ changed, painted: performance.now(), origin: performance.timeOrigin })));
      });
      observer.observe(document.querySelector(selector), { attributes: true, childList: true, subtree: true });
    });
  }, selector);
}

const spread = (name, values) => ({ [`${name} median, ms`]: median(values), [`${name} longest, ms`]: Math.max(...values) });

// After a failure nothing more is measured: figures live in the process, and a new one would begin without them.
test.describe.configure({ mode: "serial", timeout: 300_000 });

test("a visit", async ({ newSignedIn }) => {
  const shown = [];
  const spent = [];
  for (let visit = 0; visit < VISITS; visit += 1) {
    const context = await newSignedIn("ada");
    const page = await context.newPage();
    await page.addInitScript(() => {
      globalThis.favorite = new Promise((resolve) => {
        const look = () => {
          if (!document.querySelector("[aria-pressed]")) return requestAnimationFrame(look);
          setTimeout(() => resolve(performance.now()));
        };
        requestAnimationFrame(look);
      });
    });
    const count = await costs(page);
    await page.goto("/overview");
    await live(page);
    shown.push(await page.evaluate(() => globalThis.favorite));
    spent.push(await count(1));
    await context.close();
  }
  const medians = Object.keys(spent[0]).map((name) => [name, median(spent.map((one) => one[name]))]);
  report("visit", { "first favorite painted, ms": median(shown), ...Object.fromEntries(medians) });
});

test("a switch of tabs", async ({ signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const change = (times) =>
    page.evaluate(async (times) => {
      const links = [...document.querySelectorAll("nav a")];
      for (let at = 1; at <= times; at += 1) {
        links[at % links.length].click();
        for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
      }
    }, times);
  await change(12);
  const count = await costs(page);
  await change(SWITCHES);
  report("switch of tabs", await count(SWITCHES));
});

test("a click", async ({ signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const [changed, painted] = [[], []];
  const count = await costs(page);
  for (let click = 0; click < CLICKS; click += 1) {
    await watch(page, "[aria-pressed]");
    await page.evaluate(() => addEventListener("pointerdown", (event) => (globalThis.pressed = event.timeStamp), { once: true }));
    await page.locator("[aria-pressed]").first().click();
    const seen = await page.evaluate(async () => ({ ...(await globalThis.seen), pressed: globalThis.pressed }));
    changed.push(seen.changed - seen.pressed);
    painted.push(seen.painted - seen.pressed);
    await page.waitForTimeout(QUIET_MS);
  }
  report("click", { ...spread("to the change", changed), ...spread("to the paint", painted), ...(await count(CLICKS)) });
});

for (const [what, tab, list] of [
  ["favorite", "Overview", "[aria-pressed]"],
  ["order", "Orders", "tbody"],
  ["activity", "Activity", "ul.record-list"],
]) {
  test(`an event: ${what}`, async ({ server, signIn }) => {
    const page = await signIn("ada");
    await live(page);
    await open(page, tab);
    const { cookie } = await server.session("ada");
    const [beat] = await unmarkedBeats(server, cookie);
    const name = `[aria-label="Favorite ${beat.title}"]`;
    const publish = (turn) => {
      if (what === "favorite") return mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: turn % 2 === 0 }]);
      return simulate(server, cookie, what === "order" ? "orders" : what, { count: 1, rate: 1000 });
    };
    const [changed, painted] = [[], []];
    const count = await costs(page);
    for (let turn = 0; turn < EVENTS; turn += 1) {
      await watch(page, what === "favorite" ? name : list);
      const began = performance.timeOrigin + performance.now();
      await publish(turn);
      const seen = await page.evaluate(() => globalThis.seen);
      changed.push(seen.origin + seen.changed - began);
      painted.push(seen.origin + seen.painted - began);
      await page.waitForTimeout(QUIET_MS);
    }
    report(`event: ${what}`, { ...spread("to the change", changed), ...spread("to the paint", painted), ...(await count(EVENTS)) });
  });
}

test("a stream of events", async ({ server, signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const { cookie } = await server.session("ada");
  const count = await costs(page);
  const before = await published(server);
  await simulate(server, cookie, "market", STREAM);
  // A server on a busy machine publishes later than the rate says.
  await expect.poll(async () => (await published(server)) - before, { timeout: 60_000 }).toBe(STREAM.count);
  await page.waitForTimeout(QUIET_MS);
  report("stream, a thousand", await count(STREAM.count / 1000));
});

test.afterAll(() => {
  if (process.env.BENCH_JSON) writeFileSync(process.env.BENCH_JSON, `${JSON.stringify(figures, null, 2)}\n`);
});
