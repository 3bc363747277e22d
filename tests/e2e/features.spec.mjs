// Every promise of the README's table of features that no other file shows: a named test for each, on the release
// build with the real server.
import {
  heart,
  indicator,
  live,
  mutate,
  open,
  orderRow,
  snapshot,
  statistic,
  unmarkedBeat,
  watchHeart,
} from "./dashboard.mjs";
import { expect, signInOn, test } from "./harness.mjs";

test.use({ serverFlags: ["--demo", "--order-step-ms", "300"] });

/** The row of a beat in the catalog. */
function catalogRow(page, beat) {
  return page.getByRole("list", { name: "Catalog" }).locator(`[data-id="${beat.id}"]`);
}

/** Beats at the top of the catalog that the person has not ordered, so that they can be bought. */
async function unownedBeats(server, cookie) {
  const catalog = await (await server.call("/api/beats?limit=50", { cookie })).json();
  const { orders } = await snapshot(server, cookie);
  const owned = new Set(orders.items.flatMap((order) => order.lines.map((line) => line.beat_id)));
  const beats = catalog.items.slice(0, 20).filter((one) => !owned.has(one.id));
  expect(beats.length, "beats that can be bought").toBeGreaterThan(0);
  return beats;
}

/** One of them. */
async function unownedBeat(server, cookie) {
  return (await unownedBeats(server, cookie))[0];
}

/** A beat of the catalog's first page whose file the person may ask for and has not asked for. */
async function buyBeat(server, cookie) {
  const beat = await unownedBeat(server, cookie);
  const order = crypto.randomUUID();
  const lines = [{ beat_id: beat.id, license: "basic" }];
  await mutate(server, cookie, ["place_order", { order_id: order, lines, expected_total: beat.price }]);
  await expect
    .poll(async () => (await snapshot(server, cookie)).orders.items.find((one) => one.id === order)?.status)
    .toBe("completed");
  return beat;
}

/** An amount as it is shown. */
function dollars(cents) {
  return `$${(cents / 100).toFixed(2)}`;
}

/** Opens the indicator's panel. */
async function panel(page) {
  const details = page.getByRole("group", { name: "Connection details" });
  if (!(await details.isVisible())) await indicator(page).getByRole("button").first().click();
  await expect(details).toBeVisible();
  return details;
}

/** Notes every status of the connection from now on, with the present one first. */
async function watchSteps(page) {
  await indicator(page).evaluate((element) => {
    window.__steps = [element.dataset.status];
    const note = () => {
      if (window.__steps.at(-1) !== element.dataset.status) window.__steps.push(element.dataset.status);
    };
    new MutationObserver(note).observe(element, { attributeFilter: ["data-status"] });
  });
  return () => page.evaluate(() => window.__steps);
}

/**
 * Presses "Retry now" as the gate opens, in one task so that the page cannot reconnect by itself first. The press shows
 * in the next frame, unless the page is live by then.
 */
async function retryNow(page, gate) {
  const button = await (await panel(page)).getByRole("button", { name: "Retry now" }).elementHandle();
  gate.blocked = false;
  const label = await button.evaluate(async (button) => {
    button.click();
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    return button.isConnected ? button.textContent : "none";
  });
  expect(label).toMatch(/^(Trying…|none)$/);
}

/** Frames that the page's sockets send and receive from now on, as parsed objects. */
function frames(page) {
  const seen = { sent: [], received: [], sockets: 0 };
  const parse = (payload) => String(payload).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  page.on("websocket", (socket) => {
    seen.sockets += 1;
    socket.on("framesent", ({ payload }) => seen.sent.push(...parse(payload)));
    socket.on("framereceived", ({ payload }) => seen.received.push(...parse(payload)));
  });
  return seen;
}

/** Closes every socket as long as `blocked` is set, with `code`; everything else passes. */
async function socketGate(context) {
  const gate = { blocked: true, code: 1011, tries: [] };
  await context.routeWebSocket(/\/connection\/websocket/, (socket) => {
    gate.tries.push(Date.now());
    if (gate.blocked) return socket.close({ code: gate.code, reason: "no" });
    socket.connectToServer();
  });
  return gate;
}

test.describe("updates without page refreshes", () => {
  test("the status of an order updates live, without a reload", async ({ server, signIn }) => {
    const page = await signIn("ada", { path: "/orders" });
    await live(page);
    const { cookie } = await server.session("ada");
    const beat = await unownedBeat(server, cookie);
    const order = crypto.randomUUID();
    // Kept in the page itself, so that a reload would lose it.
    await page.evaluate((id) => {
      window.__steps = [];
      const note = () => {
        const status = document.querySelector(`[data-id="${id}"]`)?.dataset.status;
        if (status && window.__steps.at(-1) !== status) window.__steps.push(status);
      };
      new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true });
    }, order);
    const lines = [{ beat_id: beat.id, license: "basic" }];
    await mutate(server, cookie, ["place_order", { order_id: order, lines, expected_total: beat.price }]);
    await expect
      .poll(() => page.evaluate(() => window.__steps))
      .toEqual(["pending", "processing", "paid", "completed"]);
  });

  test("changes by the back office arrive live", async ({ server, signIn }) => {
    const page = await signIn("ada", { path: "/activity" });
    await live(page);
    const { cookie } = await server.session("ada");
    const newest = page.getByRole("list", { name: "Activity" }).getByRole("listitem").first();
    const before = await newest.getAttribute("data-id");
    await server.call("/api/demo/simulate", { method: "POST", cookie, body: { what: "activity", count: 5, rate_per_s: 50 } });
    await expect(newest).not.toHaveAttribute("data-id", before);
    // The five arrive one after the other, so the newest one is fetched anew until both agree.
    const onServer = async () => (await snapshot(server, cookie)).activity.items[0].id;
    await expect.poll(async () => (await newest.getAttribute("data-id")) === (await onServer())).toBe(true);
  });
});

test.describe("one managed connection", () => {
  test("reconnect attempts are spread, counted and shown, and a user can retry at once", async ({ newContext }) => {
    const context = await newContext();
    const gate = await socketGate(context);
    const page = await context.newPage();
    await signInOn(page, "ada");
    await expect(indicator(page)).toHaveAttribute("data-status", /connecting|reconnecting/);
    await expect.poll(() => gate.tries.length, { message: "several tries" }).toBeGreaterThan(4);
    // The caps are half a second, then one, two and four, with full jitter, and an answer over HTTP is a reason for one more
    // attempt in a second: never more than a few.
    const inOneSecond = gate.tries.map((at) => gate.tries.filter((other) => other >= at && other < at + 1000).length);
    expect(Math.max(...inOneSecond)).toBeLessThanOrEqual(6);
    const details = await panel(page);
    await expect(details.locator("dt", { hasText: "Attempts" })).toBeVisible();
    await expect(details.getByRole("button", { name: "Retry now" })).toBeVisible();
    await retryNow(page, gate);
    await live(page);
    await expect(details.locator("dt", { hasText: "Attempts" })).toHaveCount(0);
  });

  test.describe("with a short heartbeat", () => {
    test.use({ settings: { VITE_REALTIME_HEARTBEAT_INTERVAL: "5000" } });

    test("the heartbeat detects a connection that is open but silent", async ({ server, signIn }) => {
      const page = await signIn("ada");
      await live(page);
      const { cookie } = await server.session("ada");
      const steps = await watchSteps(page);
      await server.fault(cookie, { fault: "silence", seconds: 60 });
      // New sockets are served: the silence is over for this person as soon as the old one was given up.
      await expect.poll(steps, { timeout: 20_000 }).toEqual(["connected", "reconnecting", "connected"]);
    });
  });

  test.describe("with a short connection timeout", () => {
    test.use({ settings: { VITE_REALTIME_CONNECTION_TIMEOUT: "1000" } });

    test("an unanswered attempt times out as configured, and another follows", async ({
      server,
      newProxy,
      newSignedIn,
    }) => {
      expect((await server.session("ada")).cookie).toBeTruthy();
      const proxy = await newProxy();
      const page = await (await newSignedIn("ada", { through: proxy })).newPage();
      // Sockets are accepted, and their handshake is never answered.
      const held = proxy.order("black-hole websockets for 15000");
      const tries = [];
      page.on("websocket", () => tries.push(Date.now()));
      await page.goto("/overview");
      await expect.poll(() => tries.length, { message: "the next tries" }).toBeGreaterThan(2);
      // One second of waiting each, and pauses of at most half a second and one.
      expect(tries[1] - tries[0]).toBeGreaterThan(500);
      expect(tries[2] - tries[0]).toBeLessThan(6000);
      await held;
      await live(page);
    });
  });

  test("every status change of the connection is shown", async ({ server, signIn }) => {
    const page = await signIn("ada");
    await live(page);
    const steps = await watchSteps(page);
    const { cookie } = await server.session("ada");
    await server.fault(cookie, { fault: "drop_socket" });
    await expect.poll(steps).toEqual(["connected", "reconnecting", "connected"]);
  });
});

test.describe("optimistic updates", () => {
  test("a change shows everywhere in one frame, and a rejection rolls back exactly it", async ({
    server,
    signIn,
  }) => {
    const page = await signIn("ada");
    await live(page);
    const { cookie } = await server.session("ada");
    const beat = await unmarkedBeat(server, cookie);
    const before = await statistic(page, "Favorites");
    await server.fault(cookie, { fault: "delay", ms: 2500, times: 1 });
    await server.fault(cookie, { fault: "refuse_next", code: "quota_exceeded", times: 1 });
    const activity = page.getByRole("list", { name: "Activity" });
    // What stands in the frame in which the heart is first drawn as pressed.
    const shown = await heart(page, beat.title).evaluate(async (button) => {
      const drawn = new Promise((resolve) => {
        new MutationObserver(resolve).observe(button, { attributeFilter: ["aria-pressed"] });
      });
      button.click();
      await drawn;
      await new Promise(requestAnimationFrame);
      const counter = document.querySelector('dl[aria-label="Statistics"] dd').textContent;
      const newest = document.querySelector('[aria-label="Activity"] [data-pending="true"]');
      return { pressed: button.getAttribute("aria-pressed"), counter, newest: newest?.textContent ?? "" };
    });
    expect(shown.pressed).toBe("true");
    expect(Number(shown.counter.replace(/[^\d]/g, ""))).toBe(before + 1);
    expect(shown.newest).toContain(beat.title);
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "false");
    expect(await statistic(page, "Favorites")).toBe(before);
    await expect(activity.locator('[data-pending="true"]')).toHaveCount(0);
    await expect(catalogRow(page, beat).locator('[data-message="refusal"]')).toBeVisible();
  });

  test("an order shows at once, and a rejected one is rolled back with the reason", async ({
    server,
    signIn,
  }) => {
    const page = await signIn("ada");
    await live(page);
    const { cookie } = await server.session("ada");
    const beat = await unownedBeat(server, cookie);
    const row = catalogRow(page, beat);
    await server.fault(cookie, { fault: "refuse_next", code: "already_owned", times: 1 });
    await row.getByRole("button", { name: `Buy ${beat.title}` }).click();
    await expect(row.locator('[data-message="refusal"]')).toContainText("You already own it.");
    await row.getByRole("button", { name: "Dismiss" }).click();

    await server.fault(cookie, { fault: "delay", ms: 4000, times: 1 });
    await row.getByRole("button", { name: `Buy ${beat.title}` }).click();
    await open(page, "Orders");
    const newest = page.getByRole("table", { name: "Orders" }).locator("tbody tr").first();
    await expect(newest).toHaveAttribute("data-pending", "true", { timeout: 1000 });
    await expect(newest).toContainText(beat.title);
    const id = await newest.getAttribute("data-id");
    await expect(orderRow(page, id)).not.toHaveAttribute("data-pending", "true");
    await expect(orderRow(page, id)).toHaveAttribute("data-status", "completed");
    const { orders } = await snapshot(server, cookie);
    expect(orders.items.filter((order) => order.lines.some((line) => line.beat_id === beat.id))).toHaveLength(1);
  });

  test("when a price changes, the user is asked and buys at the new one", async ({ server, signIn }) => {
    const page = await signIn("ada");
    await live(page);
    const { cookie } = await server.session("ada");
    const known = await unownedBeats(server, cookie);
    await expect(catalogRow(page, known[0])).toContainText(dollars(known[0].price.amount));
    // The page hears nothing while the store changes its prices.
    await (await panel(page)).getByRole("button", { name: "Disconnect" }).click();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("group", { name: "Connection details" })).toHaveCount(0);
    const market = { what: "market", count: 2000, rate_per_s: 500 };
    await server.call("/api/demo/simulate", { method: "POST", cookie, body: market });
    let beat;
    await expect
      .poll(
        async () => {
          const now = await unownedBeats(server, cookie);
          beat = known.find((one) => now.some(({ id, price }) => id === one.id && price.amount !== one.price.amount));
          return beat;
        },
        { message: "the store changes a price" },
      )
      .toBeTruthy();
    const row = catalogRow(page, beat);
    await expect(row).toContainText(dollars(beat.price.amount));

    await row.getByRole("button", { name: `Buy ${beat.title}` }).click();
    await expect(row).toContainText("You haven't been charged.");
    // The price may change again before the next press; each time the new one is put to the person.
    const again = row.getByRole("button", { name: /^Buy for/ });
    const bought = async () => (await snapshot(server, cookie)).orders.items.find((order) => order.lines[0].beat_id === beat.id);
    await expect
      .poll(async () => {
        const order = await bought();
        if (!order) await again.click({ timeout: 1000 }).catch(() => {});
        return order?.total.amount ?? 0;
      })
      .toBeGreaterThan(0);
    const order = await bought();
    expect(order.total.amount, "the price that was put to the person").not.toBe(beat.price.amount);
    await expect(row).not.toContainText("You haven't been charged.");
    await open(page, "Orders");
    await expect(orderRow(page, order.id)).toContainText(dollars(order.total.amount));
  });

  test("a download shows progress and ends in a real file; a rejected one is rolled back", async ({
    server,
    signIn,
  }) => {
    const { cookie } = await server.session("ada");
    const beat = await buyBeat(server, cookie);
    const page = await signIn("ada");
    await live(page);
    const before = await statistic(page, "Downloads");
    const row = catalogRow(page, beat);
    await server.fault(cookie, { fault: "refuse_next", code: "quota_exceeded", times: 1 });
    await row.getByRole("button", { name: `Download ${beat.title}` }).click();
    await expect(row.locator('[data-message="refusal"]')).toContainText("You've reached your plan's limit.");
    expect(await statistic(page, "Downloads")).toBe(before);

    await row.getByRole("button", { name: "Try again" }).click();
    await open(page, "Downloads");
    const file = page.getByRole("list", { name: "Downloads" }).getByRole("listitem").filter({ hasText: beat.title }).first();
    await expect(file).toHaveAttribute("data-status", "ready", { timeout: 20_000 });
    const href = await file.getByRole("link", { name: `Save file: ${beat.title}` }).getAttribute("href");
    const part = await server.call(href, { cookie, headers: { range: "bytes=0-1023" } });
    expect(part.status).toBe(206);
    expect((await part.arrayBuffer()).byteLength).toBe(1024);
    expect(part.headers.get("content-type")).toContain("audio/");
  });

  test("after a lost reply, the same id is sent again and has one effect", async ({ server, signIn }) => {
    const page = await signIn("ada");
    await live(page);
    const { cookie } = await server.session("ada");
    const beat = await unmarkedBeat(server, cookie);
    const ids = [];
    page.on("request", (request) => {
      if (request.url().endsWith("/api/mutations")) ids.push(...request.postDataJSON().mutations.map((one) => one.id));
    });
    // Nothing but the reply can tell: live updates are off.
    await (await panel(page)).getByRole("button", { name: "Disconnect" }).click();
    await server.fault(cookie, { fault: "lose_reply", times: 1000 });
    const pressed = await watchHeart(page, beat.title);
    await heart(page, beat.title).click();
    // More sends than the browser itself makes of one call when a reused connection is cut.
    await expect.poll(() => ids.length, { message: "the page asks again" }).toBeGreaterThan(1);
    await expect(catalogRow(page, beat)).toHaveAttribute("data-pending", "true");
    await server.fault(cookie, null);
    await expect(catalogRow(page, beat)).not.toHaveAttribute("data-pending", "true", { timeout: 20_000 });
    expect(await pressed(), "shown all the time").toEqual(["true"]);
    expect(new Set(ids).size, "one wish, one id").toBe(1);
    const { favorites, activity } = await snapshot(server, cookie);
    expect(favorites.ids.filter((id) => id === beat.id)).toHaveLength(1);
    expect(activity.items.filter((one) => one.mutation_id === ids[0])).toHaveLength(1);
  });

  test("signing out with unsaved changes asks first, and another user never sends them", async ({
    server,
    signIn,
  }) => {
    const page = await signIn("ada");
    await live(page);
    const { cookie } = await server.session("ada");
    const beat = await unmarkedBeat(server, cookie);
    const { cookie: ben } = await server.session("ben");
    const { favorites: others } = await snapshot(server, ben);
    await server.fault(cookie, { fault: "error_next", status: 503, times: 1000 });
    await heart(page, beat.title).click();
    const out = page.getByRole("button", { name: "Sign out", exact: true });
    await out.click();
    const question = page.getByRole("alertdialog", { name: "Sign out" });
    await expect(question).toContainText("1 change isn't saved yet.");
    await expect(question.getByRole("button", { name: "Stay signed in" })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(question).toHaveCount(0);
    await expect(out).toBeFocused();
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");

    // What is saved while the question stands is told.
    await out.click();
    await server.fault(cookie, null);
    await expect(question).toContainText("Everything is saved now.", { timeout: 20_000 });
    await page.keyboard.press("Escape");
    await server.fault(cookie, { fault: "error_next", status: 503, times: 1000 });
    await heart(page, beat.title).click();

    await out.click();
    await question.getByRole("button", { name: "Sign out anyway" }).click();
    await expect(page.getByLabel("Password")).toBeVisible();
    await server.fault(cookie, null);
    await signInOn(page, "ben");
    await live(page);
    // The first wish was saved, the second one was left.
    expect((await snapshot(server, cookie)).favorites.ids).toContain(beat.id);
    expect((await snapshot(server, ben)).favorites.ids).toEqual(others.ids);
  });

  test.describe("with slow order steps", () => {
    test.use({ serverFlags: ["--demo", "--order-step-ms", "10000"] });

    test("a pending order can be cancelled", async ({ server, signIn }) => {
      const page = await signIn("ada", { path: "/orders" });
      await live(page);
      const { cookie } = await server.session("ada");
      const beat = await unownedBeat(server, cookie);
      const order = crypto.randomUUID();
      const lines = [{ beat_id: beat.id, license: "basic" }];
      await mutate(server, cookie, ["place_order", { order_id: order, lines, expected_total: beat.price }]);
      const row = orderRow(page, order);
      await row.getByRole("button", { name: /^Cancel order/ }).click();
      await expect(row).toHaveAttribute("data-status", "cancelled", { timeout: 2000 });
      await expect(row).not.toHaveAttribute("data-pending", "true");
      const { orders } = await snapshot(server, cookie);
      expect(orders.items.find((one) => one.id === order).status).toBe("cancelled");
    });
  });
});

test.describe("status and controls", () => {
  test("a user turns updates off, they stay off after a reload, and turns them on again", async ({
    server,
    signIn,
  }) => {
    const page = await signIn("ada");
    await live(page);
    const seen = frames(page);
    await (await panel(page)).getByRole("button", { name: "Disconnect" }).click();
    await expect(indicator(page)).toHaveAttribute("data-state", "paused");
    await expect(indicator(page)).toHaveAttribute("data-status", "disconnected");
    await expect(page.getByRole("region", { name: "Connection" })).toBeHidden();
    await page.reload();
    await expect(indicator(page)).toHaveAttribute("data-state", "paused");
    await page.evaluate(() => dispatchEvent(new Event("focus")));
    expect(seen.sockets, "no socket was opened").toBe(0);
    await (await panel(page)).getByRole("button", { name: "Connect", exact: true }).click();
    await live(page);
    const { cookie } = await server.session("ada");
    const beat = await unmarkedBeat(server, cookie);
    await mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: true }]);
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");
  });

  test("the banner announces a long outage and its end", async ({ server, signIn }) => {
    const page = await signIn("ada");
    await live(page);
    await server.kill();
    const banner = page.getByRole("region", { name: "Connection" });
    await expect(banner).toContainText("Live updates are paused.", { timeout: 20_000 });
    await expect(banner.getByRole("button", { name: "Retry now" })).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Live updates are paused." })).toHaveCount(1);
    await server.start();
    await expect(banner).toContainText("Back live.", { timeout: 20_000 });
    await expect(banner).toBeHidden({ timeout: 10_000 });
    await live(page);
  });

  test("nothing moves for a user who prefers reduced motion", async ({ signIn }) => {
    const page = await signIn("ada", { reducedMotion: "reduce" });
    await live(page);
    await panel(page);
    const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === "running").length);
    expect(moving).toBe(0);
  });

  test("Refresh data fetches what is on screen again", async ({ signIn }) => {
    const page = await signIn("ada");
    await live(page);
    const details = await panel(page);
    const read = page.waitForResponse((reply) => reply.url().includes("/api/snapshot"));
    await details.getByRole("button", { name: "Refresh data" }).click();
    expect([200, 304]).toContain((await read).status());
  });
});

test.describe("subscriptions by tab", () => {
  test("subscriptions follow the tab, and coming back recovers instead of fetching", async ({ newContext }) => {
    const context = await newContext();
    const page = await context.newPage();
    const seen = frames(page);
    await signInOn(page, "ada");
    await live(page);
    const joined = () => seen.sent.flatMap((frame) => (frame.subscribe ? [frame.subscribe.channel.replace(/#.*/, "")] : []));
    await expect.poll(() => new Set(joined())).toEqual(
      new Set(["dashboard:stats", "dashboard:favorites", "dashboard:activity", "market:beats"]),
    );
    await open(page, "Orders");
    await expect.poll(joined).toContain("dashboard:orders");
    const left = () => seen.sent.flatMap((frame) => (frame.unsubscribe ? [frame.unsubscribe.channel.replace(/#.*/, "")] : []));
    await expect.poll(left, { timeout: 20_000, message: "let go after a while" }).toContain("dashboard:activity");
    expect(left()).not.toContain("dashboard:stats");
    await open(page, "Overview");
    const again = () => seen.sent.filter((frame) => frame.subscribe?.channel.startsWith("dashboard:activity"));
    await expect.poll(() => again().length).toBe(2);
    expect(again()[1].subscribe.recover).toBe(true);
  });

  test("a burst of events is drawn in a few passes and ends in the right state", async ({ server, signIn }) => {
    const page = await signIn("ada");
    await live(page);
    await statistic(page, "Favorites");
    const { cookie } = await server.session("ada");
    await page.evaluate(() => {
      window.__passes = 0;
      const list = document.querySelector('dl[aria-label="Statistics"]');
      new MutationObserver(() => (window.__passes += 1)).observe(list, { subtree: true, characterData: true, childList: true });
    });
    const version = async () => (await snapshot(server, cookie)).stats.version;
    const before = await version();
    await server.call("/api/demo/simulate", { method: "POST", cookie, body: { what: "favorites", count: 200, rate_per_s: 400 } });
    await expect.poll(version, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + 200);
    const { stats, favorites } = await snapshot(server, cookie);
    await expect.poll(() => statistic(page, "Favorites")).toBe(stats.data.favorites);
    expect(await page.evaluate(() => window.__passes), "far fewer passes than events").toBeLessThan(40);
    await open(page, "Favorites");
    const first = page.getByRole("list", { name: "Favorites" }).getByRole("listitem").first();
    await expect(first).toHaveAttribute("data-id", favorites.items[0].beat_id);
  });
});

test.describe("polling", () => {
  test.use({ settings: { VITE_REALTIME_POLL_INTERVAL: "2000" } });

  test("polling fetches only what changed, and going live again misses nothing", async ({ server, newContext }) => {
    const context = await newContext();
    const gate = await socketGate(context);
    const page = await context.newPage();
    const replies = [];
    page.on("response", async (reply) => {
      if (reply.url().includes("/api/snapshot")) replies.push(reply);
    });
    await signInOn(page, "ada");
    await expect(indicator(page)).toHaveAttribute("data-state", "delayed", { timeout: 20_000 });
    await expect(indicator(page)).toContainText("Every 2 s");
    replies.length = 0;
    await expect.poll(() => replies.some((reply) => reply.status() === 304), { timeout: 15_000 }).toBe(true);
    const { cookie } = await server.session("ada");
    const beat = await unmarkedBeat(server, cookie);
    await mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: true }]);
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");
    await retryNow(page, gate);
    await live(page);
    await mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: false }]);
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "false", { timeout: 1000 });
    replies.length = 0;
    await mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: true }]);
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: 1000 });
    expect(replies, "live events need no read").toHaveLength(0);
  });

  test.describe("without realtime", () => {
    test.use({ settings: { VITE_FEATURE_REALTIME_UPDATES: "false", VITE_REALTIME_POLL_INTERVAL: "2000" } });

    test("with realtime turned off, everything works by polling", async ({ server, newContext }) => {
      const context = await newContext();
      const page = await context.newPage();
      const seen = frames(page);
      await signInOn(page, "ada");
      await expect(indicator(page)).toHaveAttribute("data-state", "delayed", { timeout: 15_000 });
      const { cookie } = await server.session("ada");
      const beat = await unmarkedBeat(server, cookie);
      await heart(page, beat.title).click();
      await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: 200 });
      await expect(catalogRow(page, beat)).not.toHaveAttribute("data-pending", "true");
      await mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: false }]);
      await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "false");
      expect(seen.sockets).toBe(0);
    });
  });
});

test.describe("errors with a recovery action", () => {
  /** Errors of reading, the words that the panel has for them, and the button that leads on. */
  const reads = [
    ["network", 503, "We can't reach the store", "Try again"],
    ["limit", 429, "Too many requests", "Try again"],
    ["data", 418, "We can't show this right now", "Reload the page"],
  ];

  test("a failed fetch shows a message for its kind, and its recovery action works", async ({ newContext }) => {
    for (const [kind, status, title, action] of reads) {
      const context = await newContext();
      const page = await context.newPage();
      let broken = true;
      await context.route(/\/api\/snapshot/, (route) =>
        broken ? route.fulfill({ status, contentType: "text/plain", body: "" }) : route.fallback(),
      );
      await signInOn(page, "ada", "/favorites");
      const told = page.locator(`[data-error="${kind}"]`).filter({ hasText: title }).first();
      await expect(told).toBeVisible({ timeout: 20_000 });
      const way = await told.getByRole("button", { name: action }).elementHandle();
      // In one breath, before the page tries again by itself.
      broken = false;
      await way.evaluate((button) => button.click());
      await expect(page.getByRole("list", { name: "Favorites" })).toBeVisible({ timeout: 15_000 });
    }
  });

  test("an authentication error leads to the sign-in page and back", async ({ server, signIn }) => {
    const page = await signIn("ada", { path: "/favorites" });
    await live(page);
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    await server.call("/api/session", { method: "DELETE", cookie });
    await expect(indicator(page)).toHaveAttribute("data-state", "signed-out");
    const banner = page.getByRole("region", { name: "Connection" });
    await expect(banner).toContainText("Your session has ended.");
    await banner.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("Email").fill("ada@demo.test");
    await page.getByLabel("Password").fill("demo-demo-demo");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(/\/favorites$/);
    await live(page);
  });

  test("a realtime error keeps the data current and offers to reconnect", async ({
    server,
    newContext,
  }) => {
    const context = await newContext();
    const gate = await socketGate(context);
    // By the rule of the protocol nobody is to come back after this one by themselves.
    gate.code = 4500;
    const page = await context.newPage();
    await signInOn(page, "ada");
    await expect(indicator(page)).toHaveAttribute("data-state", "delayed", { timeout: 20_000 });
    await expect(page.getByRole("list", { name: "Catalog" })).toBeVisible();
    const tries = gate.tries.length;
    const { cookie } = await server.session("ada");
    const beat = await unmarkedBeat(server, cookie);
    await mutate(server, cookie, ["set_favorite", { beat_id: beat.id, favorite: true }]);
    await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: 20_000 });
    expect(gate.tries.length, "no try by itself").toBe(tries);
    await retryNow(page, gate);
    await live(page);
  });
});

test.describe("with its own settings", () => {
  test.use({ settings: { VITE_PAGE_SIZE: "3", VITE_REALTIME_MAX_RETRIES: "many", VITE_REALTIME_POLL_INTERVAL: "1" } });

  test("settings come from the page, and an invalid one warns and gets its default", async ({ newContext }) => {
    const page = await (await newContext()).newPage();
    const warnings = [];
    page.on("console", (message) => {
      if (message.type() === "warning") warnings.push(message.text());
    });
    await signInOn(page, "ada", "/favorites");
    await live(page);
    await expect(page.getByRole("list", { name: "Favorites" }).getByRole("listitem")).toHaveCount(3);
    expect(warnings.filter((text) => text.includes("VITE_REALTIME_MAX_RETRIES"))).toHaveLength(1);
    expect(warnings.filter((text) => text.includes("VITE_REALTIME_POLL_INTERVAL"))).toHaveLength(1);
  });
});

test("a sign-out that fails says so, and the next one works", async ({ signIn, problems }) => {
  const page = await signIn("ada");
  await live(page);
  const isSignOut = (request) => request.method() === "DELETE" && request.url().endsWith("/api/session");
  await page.route("**/api/session", (route) => (isSignOut(route.request()) ? route.abort() : route.continue()));
  const out = page.getByRole("button", { name: "Sign out", exact: true });
  await out.click();
  const alert = page.getByRole("alert").filter({ hasText: "still signed in" });
  await expect(alert).toBeVisible();
  await expect(page.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();

  await page.unroute("**/api/session");
  // The browser reported the call that was cut.
  problems.length = 0;
  await out.click();
  await expect(page.getByLabel("Password")).toBeVisible();
});

test("a list whose loaded rows all went shows the older ones", async ({ server, signIn }) => {
  const page = await signIn("ada", { path: "/favorites" });
  await live(page);
  const { cookie } = await server.session("ada");
  const { items } = (await snapshot(server, cookie)).favorites;
  const rows = page.getByRole("list", { name: "Favorites" }).locator("[data-id]");
  await expect(rows).not.toHaveCount(0);
  const loaded = await rows.count();
  expect(loaded).toBeLessThan(items.length);
  const gone = items.slice(0, loaded).map(({ beat_id }) => ["set_favorite", { beat_id, favorite: false }]);
  await mutate(server, cookie, ...gone);
  await expect(rows).toHaveCount(items.length - loaded);
  await expect(rows.first()).toHaveAttribute("data-id", items[loaded].beat_id);
});
