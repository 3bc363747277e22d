// The connection never lies and never gives up: whatever the network does, what the page tells is true, and once the
// link is whole again the page is live and shows what the server has.
import { chromium } from "@playwright/test";
import { overviewAgrees } from "./scenario.mjs";
import { favorites, heart, indicator, live, mutate, unmarkedBeats } from "./dashboard.mjs";
import { expect, signedIn, test } from "./harness.mjs";
import { banner, contradictions, record, seen, story } from "./status.mjs";

/** How soon after a heal the page is live, in milliseconds. */
const LIVE_AGAIN_MS = 5000;
/** The longest silence before the page asks for a sign of life, in milliseconds: the shortest that can be set. */
const HEARTBEAT_MS = 5000;

/** What the link does, for how long, and how soon the page has to notice (`null`: the link still works). */
const faults = [
  { name: "refused", order: "refuse", ms: 12_000, noticedMs: 1500, isTotal: true },
  { name: "black hole", order: "black-hole", ms: 15_000, noticedMs: HEARTBEAT_MS + 3500, isTotal: true },
  { name: "reset", order: "reset", ms: 8000, noticedMs: 1500, isTotal: true },
  { name: "latency", order: "latency 400", ms: 8000, noticedMs: null },
  { name: "slow", order: "slow 16000", ms: 8000, noticedMs: null },
  { name: "cut mid-frame", order: "cut 3", ms: 8000, noticedMs: 2000 },
];

/** Marks a beat behind the page's back, as another device would. */
async function mark(server, cookie, beat) {
  const [verdict] = await mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: true }]);
  expect(verdict.outcome).toBe("accepted");
}

/** Waits until the page is live and shows a beat as marked; when that was, by the page's clock. */
async function liveWith(page, beat, timeout) {
  const reached = await page.waitForFunction(
    (title) => {
      const pill = document.querySelector('[data-variant="compact"]');
      const heart = [...document.querySelectorAll("button[aria-pressed]")].find(
        (button) => button.getAttribute("aria-label") === `Favorite ${title}`,
      );
      const isLive = pill?.dataset.state === "live" && pill.dataset.status === "connected";
      return isLive && heart?.getAttribute("aria-pressed") === "true" ? Date.now() : false;
    },
    beat.title,
    { timeout, polling: "raf" },
  );
  return reached.jsonValue();
}

/** Every socket that a page opens from now on. */
function countSockets(page) {
  const sockets = [];
  page.on("websocket", (socket) => sockets.push(socket));
  return sockets;
}

/** Presses a button in the panel of the indicator, which is opened for it if need be. */
async function pressInPanel(page, name) {
  const panel = indicator(page).locator(".connection-popover");
  if ((await panel.count()) === 0) await indicator(page).getByRole("button").first().click();
  await panel.getByRole("button", { name, exact: true }).click();
}

test.describe("with a short heartbeat", () => {
  test.use({ settings: { VITE_REALTIME_HEARTBEAT_INTERVAL: String(HEARTBEAT_MS) } });

  /** A fresh page that is live, through a proxy of its own. */
  async function preparePage({ newProxy, newSignedIn }) {
    const proxy = await newProxy();
    const context = await newSignedIn("ada", { through: proxy });
    await record(context);
    const page = await context.newPage();
    await page.goto("/overview");
    await live(page, 45_000);
    return { proxy, page };
  }

  /** Runs one fault in one phase on its page; sentences about what was not as it has to be. */
  async function runCell({ proxy, page }, { server, cookie, fault, phase, beat }) {
    if (phase === "connecting") await pressInPanel(page, "Disconnect");
    if (phase === "recovering") await proxy.order("reset existing");

    const down = Date.now();
    const held = proxy.order(`${fault.order} for ${fault.ms}`).then(() => Date.now());
    if (phase === "connecting") await pressInPanel(page, "Connect");
    await mark(server, cookie, beat);
    const arrivedAt = fault.noticedMs === null ? await liveWith(page, beat, fault.ms).catch(() => undefined) : down;
    const healed = await held;
    const liveAt = await liveWith(page, beat, 3 * LIVE_AGAIN_MS).catch(() => undefined);

    const wrong = [];
    if (arrivedAt === undefined) wrong.push("the change did not arrive over a link that works");
    if (liveAt === undefined) wrong.push("it never came back");
    else if (liveAt - healed > LIVE_AGAIN_MS) wrong.push(`live ${liveAt - healed} ms after the heal`);
    // The panel's own acts come before what is judged.
    const entries = await seen(page, down);
    const left = entries.find(({ at, status }) => at >= down && status !== "connected");
    if (phase === "live" && fault.noticedMs === null && left) wrong.push("it dropped a link that works");
    if (phase === "live" && fault.noticedMs !== null && !(left?.at - down <= fault.noticedMs)) {
      wrong.push(`noticed after ${left?.at - down} ms`);
    }
    const isStarting = phase === "connecting";
    const told = isStarting ? entries.filter(({ state, status }) => state !== "paused" || status !== "disconnected") : entries;
    wrong.push(...contradictions(told, { down, healed, isTotal: fault.isTotal, isStarting }));
    await overviewAgrees(page, server, cookie);
    await page.close();
    return wrong.map((what) => `${fault.name}: ${what}\n${story(entries, down)}`);
  }

  for (const [phase, title] of [
    ["live", "faults while live: the page shows the truth and recovers within five seconds"],
    ["connecting", "faults while connecting: the page shows the truth and recovers within 5 seconds"],
    ["recovering", "faults while recovering: the page shows the truth and recovers within 5 seconds"],
  ]) {
    test(title, async ({ server, newProxy, newSignedIn }) => {
      test.setTimeout(150_000);
      const { cookie } = await server.session("ada");
      const beats = await unmarkedBeats(server, cookie);
      // One after the other, so that none is starved at its start; then all faults at once.
      const cells = [];
      for (const [index, fault] of faults.entries()) {
        const stage = await preparePage({ newProxy, newSignedIn });
        cells.push(() => runCell(stage, { server, cookie, fault, phase, beat: beats[index] }));
      }
      expect((await Promise.all(cells.map((run) => run()))).flat()).toEqual([]);
    });
  }
});

test("a connection cut one second in every three shows no change and no retry storm", async ({
  newProxy,
  newSignedIn,
}) => {
  test.setTimeout(120_000);
  const proxy = await newProxy();
  const context = await newSignedIn("ada", { through: proxy });
  await record(context);
  const page = await context.newPage();
  const sockets = countSockets(page);
  await page.goto("/overview");
  await live(page);
  const before = sockets.length;
  const since = Date.now();
  await proxy.order("refuse for 1000 every 3000 20");
  await live(page);

  const entries = await seen(page, since);
  const told = new Set(entries.map(({ state, banner, said }) => `${state} ${banner} ${said}`));
  expect([...told], story(entries, since)).toEqual(["live  |"]);
  const drops = entries.filter(({ status }, index) => status !== "connected" && entries[index - 1]?.status === "connected");
  expect(drops.length, "the link was really cut").toBeGreaterThanOrEqual(15);
  expect(sockets.length - before, "tries").toBeLessThanOrEqual(20 * 5);
});

test("a half-open connection is detected within three seconds of a wake signal", async ({ server, newSignedIn }) => {
  const wakeUps = {
    focus: () => window.dispatchEvent(new Event("focus")),
    visible: () => document.dispatchEvent(new Event("visibilitychange")),
    online: () => window.dispatchEvent(new Event("online")),
    resumed: () => document.dispatchEvent(new Event("resume")),
    restored: () => window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })),
  };
  const { cookie } = await server.session("ada");
  const [beat] = await unmarkedBeats(server, cookie);
  const context = await newSignedIn("ada");
  await record(context);
  const pages = await Promise.all(
    Object.entries(wakeUps).map(async ([name, wake]) => {
      const page = await context.newPage();
      await page.goto("/overview");
      await live(page);
      return { name, wake, page };
    }),
  );
  await server.fault(cookie, { fault: "silence", seconds: 60 });
  await mark(server, cookie, beat);
  await Promise.all(
    pages.map(async ({ name, wake, page }) => {
      const since = await page.evaluate(() => Date.now());
      await page.evaluate(wake);
      const backAt = await liveWith(page, beat, 15_000);
      const entries = await seen(page, since);
      const left = entries.find(({ status }) => status !== "connected");
      expect(left?.at - since, `${name}: noticed\n${story(entries, since)}`).toBeLessThanOrEqual(3000);
      expect(backAt - since, `${name}: live again\n${story(entries, since)}`).toBeLessThanOrEqual(6000);
      expect(entries.map(({ state }) => state).every((state) => state === "live"), name).toBe(true);
    }),
  );
});

test("an offline event of the browser is verified before it is shown", async ({ newSignedIn }) => {
  const context = await newSignedIn("ada");
  await record(context);
  const page = await context.newPage();
  const sockets = countSockets(page);
  await page.goto("/overview");
  await live(page);
  const [socket] = sockets;
  const since = Date.now();
  const isProbe = ({ payload }) => payload.includes('"rpc"');
  const verified = Promise.all([socket.waitForEvent("framesent", isProbe), socket.waitForEvent("framereceived", isProbe)]);
  await page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await verified;
  // What the answer leads to is drawn before a later answer is there.
  const refreshed = page.waitForResponse((reply) => reply.url().includes("/api/snapshot"));
  await pressInPanel(page, "Refresh data");
  await refreshed;
  const told = new Set((await seen(page, since)).map(({ status, state, banner }) => `${status} ${state} ${banner}`));
  expect([...told]).toEqual(["connected live "]);
  expect(sockets).toHaveLength(1);
});

test("updates that a user turned off stay off after wake-ups and a reload", async ({
  newSignedIn,
}) => {
  const context = await newSignedIn("ada");
  const page = await context.newPage();
  const sockets = countSockets(page);
  await page.goto("/overview");
  await live(page);
  await pressInPanel(page, "Disconnect");
  await expect(indicator(page)).toHaveAttribute("data-state", "paused", { timeout: 500 });
  await expect(indicator(page)).toHaveAttribute("data-status", "disconnected");
  await expect(banner(page)).toHaveCount(0);
  for (const reload of [false, true]) {
    if (reload) {
      await page.reload();
      await expect(indicator(page)).toHaveAttribute("data-state", "paused");
    }
    await page.evaluate(() => {
      for (const name of ["focus", "offline", "online"]) window.dispatchEvent(new Event(name));
      for (const name of ["visibilitychange", "resume"]) document.dispatchEvent(new Event(name));
      window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    });
    await expect(indicator(page)).toHaveAttribute("data-status", "disconnected");
    expect(sockets).toHaveLength(1);
  }
  await pressInPanel(page, "Connect");
  await live(page);
  expect(sockets).toHaveLength(2);
});

test("Retry now keeps its button and the focus, and shows the result", async ({ newProxy, newSignedIn }) => {
  const proxy = await newProxy();
  const context = await newSignedIn("ada", { through: proxy });
  const page = await context.newPage();
  await page.goto("/overview");
  await live(page);
  await proxy.order("refuse");
  await expect(banner(page)).toBeVisible({ timeout: 14_000 });
  const button = await banner(page).getByRole("button", { name: "Retry now" }).elementHandle();
  await button.focus();
  await button.evaluate((button) => {
    window.__pressed = [];
    const note = () => {
      const { textContent, isConnected } = button;
      const isFocused = document.activeElement === button;
      window.__pressed.push({ textContent, isConnected, isFocused, inert: button.getAttribute("aria-disabled") });
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  });
  await page.keyboard.press("Enter");
  await expect(banner(page)).toContainText("Still can't connect");
  const pressed = await page.evaluate(() => window.__pressed);
  expect(pressed.every(({ isConnected, isFocused }) => isConnected && isFocused), "mounted and focused").toBe(true);
  expect(pressed.some(({ textContent, inert }) => textContent.includes("Trying…") && inert === "true")).toBe(true);
  await proxy.order("pass");
  await page.keyboard.press("Enter");
  await live(page);
  await expect(banner(page)).toContainText("Back live");
});

test("five tabs of one user have one socket each, and signing out closes all", async ({ server, newSignedIn }) => {
  const open = async () => {
    const text = await server.metrics();
    const count = (name) => Number(text.match(new RegExp(`^dashboard_${name} (\\d+)$`, "m"))[1]);
    return count("sockets_opened_total") - count("sockets_closed_total");
  };
  const context = await newSignedIn("ada");
  const tabs = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const page = await context.newPage();
      const sockets = countSockets(page);
      await page.goto("/overview");
      await live(page);
      return { page, sockets };
    }),
  );
  for (const { sockets } of tabs) expect(sockets.filter((socket) => !socket.isClosed())).toHaveLength(1);
  await expect.poll(open).toBe(5);
  await tabs[0].page.getByRole("button", { name: "Sign out" }).click();
  for (const { page } of tabs) await expect(page).toHaveURL(/\/signin/, { timeout: 2000 });
  await expect.poll(open, { timeout: 2000 }).toBe(0);
});

test("a countdown shows whole seconds, never rises and ends with the attempt", async ({ newSignedIn }) => {
  const context = await newSignedIn("ada");
  // A store that asks for nine seconds of patience, and nothing else that would be a reason to try earlier.
  let tokens = [];
  await context.route("**/api/realtime/token", (route) => {
    tokens.push(Date.now());
    return tokens.length > 1 ? route.continue() : route.fulfill({ status: 503, headers: { "retry-after": "9" } });
  });
  for (const call of ["**/api/snapshot?**", "**/api/beats?**"]) {
    await context.route(call, (route) => (tokens.length > 1 ? route.continue() : route.abort()));
  }
  const page = await context.newPage();
  await page.addInitScript(() => {
    const counted = [];
    window.__counted = counted;
    new MutationObserver(() => {
      const text = document.querySelector(".connection-popover [data-countdown]")?.textContent.trim() ?? "";
      if (counted.at(-1)?.text !== text) counted.push({ at: Date.now(), text });
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await page.goto("/overview");
  await indicator(page).getByRole("button").first().click();
  await expect(page.locator(".connection-popover [data-countdown]")).toBeVisible();
  await live(page, 20_000);

  const counted = (await page.evaluate(() => window.__counted)).filter(({ text }) => text !== "");
  const numbers = counted.map(({ text }) => Number(text.match(/^Next try in (\d+) s\.$/)[1]));
  expect(numbers.length).toBeGreaterThanOrEqual(3);
  expect(numbers.at(-1)).toBeGreaterThanOrEqual(5);
  expect(numbers, "it only falls").toEqual([...numbers].sort((a, b) => b - a));
  expect(new Set(numbers).size).toBe(numbers.length);
  // Each number promises a moment: when it had just changed, so many seconds later.
  const promised = counted.at(-1).at + numbers.at(-1) * 1000;
  expect(Math.abs(tokens[1] - promised), "the try against what was promised").toBeLessThanOrEqual(500 + 100);
});

const POLL_MS = 2000;
for (const [way, settings, order] of [
  ["turned off by a setting", { VITE_FEATURE_REALTIME_UPDATES: "false" }, "pass"],
  ["blocked by the network", {}, "reset websockets"],
]) {
  test.describe(`with realtime ${way}`, () => {
    test.use({ settings: { ...settings, VITE_REALTIME_POLL_INTERVAL: String(POLL_MS) } });

    test(`with realtime ${way}, polling delivers every change and says so`, async ({
      server,
      newProxy,
      newSignedIn,
    }) => {
      const { cookie } = await server.session("ada");
      const [mine, theirs] = await unmarkedBeats(server, cookie);
      const proxy = await newProxy();
      await proxy.order(order);
      const page = await (await newSignedIn("ada", { through: proxy })).newPage();
      const sockets = countSockets(page);
      await page.goto("/overview");
      await expect(indicator(page)).toHaveAttribute("data-state", "delayed", { timeout: 12_000 });
      await heart(page, mine.title).click();
      await expect.poll(async () => (await favorites(server, cookie)).ids).toContain(mine.id);
      await mark(server, cookie, theirs);
      await expect(heart(page, theirs.title)).toHaveAttribute("aria-pressed", "true", { timeout: POLL_MS + 1500 });
      await expect(heart(page, mine.title)).toHaveAttribute("aria-pressed", "true");
      await expect(indicator(page)).toHaveAttribute("data-state", "delayed");
      await expect(indicator(page)).toContainText("Every 2 s");
      if (order === "pass") expect(sockets).toHaveLength(0);
    });
  });
}

/** Lets a link lose something without a word, so that it stays open and is dead. */
async function loseWordlessly(proxy, server, cookie, beat) {
  await proxy.order("black-hole");
  await mark(server, cookie, beat);
  await proxy.order("pass for 500");
}

test("a device that slept is live and up to date again soon after", async ({
  server,
  newProxy,
  newSignedIn,
}) => {
  const { cookie } = await server.session("ada");
  const [beat] = await unmarkedBeats(server, cookie);
  const proxy = await newProxy();
  const page = await (await newSignedIn("ada", { through: proxy })).newPage();
  await page.clock.install();
  await page.goto("/overview");
  await live(page);
  await loseWordlessly(proxy, server, cookie, beat);
  await page.clock.fastForward("30:00");
  await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: LIVE_AGAIN_MS });
  await live(page, 1000);
});

test("a page from the back/forward cache is live and up to date soon after", async ({
  server,
  launchOptions,
  problems,
}) => {
  const session = await server.session("ada");
  const { cookie } = session;
  const [beat] = await unmarkedBeats(server, cookie);
  // A browser of its own: Playwright's others keep no pages.
  const browser = await chromium.launch({ ...launchOptions, ignoreDefaultArgs: ["--disable-back-forward-cache"] });
  try {
    const context = await browser.newContext({
      baseURL: server.url,
      storageState: signedIn(session, server.url),
    });
    await context.addInitScript(() => {
      addEventListener("pageshow", (event) => (window.__restored = event.persisted));
    });
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(`page error: ${error.stack ?? error}`));
    await page.goto("/overview");
    await live(page);
    await page.goto("/api/health");
    await mark(server, cookie, beat);
    await page.goBack({ waitUntil: "commit" });
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: LIVE_AGAIN_MS });
    await live(page, LIVE_AGAIN_MS);
    expect(await page.evaluate(() => window.__restored), "it was kept, not loaded again").toBe(true);
  } finally {
    await browser.close();
  }
});
