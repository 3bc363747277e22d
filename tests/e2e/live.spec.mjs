// The main job on real input: a person signs in, clicks a heart, and their other window shows it; what goes wrong on
// the way is told, and nothing is lost or doubled.
import { favoriteRow, heart, indicator, live, open, statistic, unmarkedBeat, watchHeart } from "./dashboard.mjs";
import { expect, signInOn, test } from "./harness.mjs";

/** How soon a click has to show in another window, in milliseconds. */
const ELSEWHERE_MS = 1000;

test("a favorite set in one window shows in the user's other window within a second", async ({
  server,
  signIn,
}) => {
  const { cookie } = await server.session("ada");
  const beat = await unmarkedBeat(server, cookie);
  const [here, there, other] = [await signIn("ada"), await signIn("ada"), await signIn("ben")];
  for (const page of [here, there, other]) await live(page);
  const before = await statistic(there, "Favorites");
  const others = await statistic(other, "Favorites");
  const othersHeart = await heart(other, beat.title).getAttribute("aria-pressed");

  await heart(here, beat.title).click();
  await expect(heart(here, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: 100 });
  await expect(heart(there, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: ELSEWHERE_MS });
  expect(await statistic(there, "Favorites")).toBe(before + 1);
  expect(await statistic(here, "Favorites")).toBe(before + 1);

  await there.getByRole("link", { name: "Favorites" }).click();
  await expect(favoriteRow(there, beat.id)).toHaveCount(1);
  await there.getByRole("button", { name: `Favorite ${beat.title}`, exact: true }).click();
  await expect(heart(here, beat.title)).toHaveAttribute("aria-pressed", "false", { timeout: ELSEWHERE_MS });
  await expect(favoriteRow(there, beat.id)).toHaveCount(0);

  expect(await statistic(other, "Favorites")).toBe(others);
  await expect(heart(other, beat.title)).toHaveAttribute("aria-pressed", othersHeart);
});

test("a rejected favorite is rolled back, with the reason beside it", async ({ server, signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const { cookie } = await server.session("ada");
  const beat = await unmarkedBeat(server, cookie);
  const before = await statistic(page, "Favorites");
  const row = page.getByRole("list", { name: "Catalog" }).locator(`[data-id="${beat.id}"]`);
  const pressed = await watchHeart(page, beat.title);
  const message = row.locator('[data-message="refusal"]');
  const again = row.getByRole("button", { name: "Try again" });

  // What would be refused again can only be closed.
  await server.fault(cookie, { fault: "refuse_next", code: "not_found", times: 1 });
  await heart(page, beat.title).click();
  await expect(message).toContainText(`Couldn't add ‘${beat.title}’. It's no longer in the store.`);
  expect(await pressed(), "marked at once, and taken back once").toEqual(["true", "false"]);
  await expect(again).toHaveCount(0);
  await row.getByRole("button", { name: "Dismiss" }).click();
  await expect(message).toHaveCount(0);

  await server.fault(cookie, { fault: "refuse_next", code: "quota_exceeded", times: 1 });
  await heart(page, beat.title).click();
  await expect(message).toContainText(`Couldn't add ‘${beat.title}’. You've reached your plan's limit.`);
  expect(await pressed()).toEqual(["true", "false", "true", "false"]);
  await expect(row).toContainText(beat.title);
  expect(await statistic(page, "Favorites")).toBe(before);

  await again.click();
  await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");
  await expect(row).not.toHaveAttribute("data-pending", "true");
  const snapshot = await (await server.call("/api/snapshot?resources=favorites", { cookie })).json();
  expect(snapshot.resources.favorites.ids.filter((id) => id === beat.id)).toHaveLength(1);
});

test("a server restart is shown truthfully, and nothing is lost or applied twice", async ({
  server,
  signIn,
}) => {
  const [here, there] = [await signIn("ada"), await signIn("ada")];
  for (const page of [here, there]) await live(page);
  const { cookie } = await server.session("ada");
  const beat = await unmarkedBeat(server, cookie);
  const before = await statistic(here, "Favorites");
  const polls = [];
  here.on("request", (request) => {
    if (request.url().includes("/api/snapshot")) polls.push(request.url());
  });

  await server.kill();
  await expect(indicator(here)).toHaveAttribute("data-status", "reconnecting");
  // A short interruption does not show; four seconds do.
  await expect(indicator(here)).toHaveAttribute("data-state", "live", { timeout: 100 });
  await expect(indicator(here)).toHaveAttribute("data-state", "reconnecting");
  await expect.poll(() => polls.length, { message: "polling is tried" }).toBeGreaterThan(0);
  expect(polls.at(-1), "with the versions that are known").toMatch(/resources=[a-z]+@\d/);

  // A click while nothing answers stays on the screen, and is sent when the server is back.
  await heart(here, beat.title).click();
  await expect(heart(here, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: 100 });
  await server.start();
  for (const page of [here, there]) await live(page);
  await expect(heart(there, beat.title)).toHaveAttribute("aria-pressed", "true");
  expect(await statistic(there, "Favorites")).toBe(before + 1);
  expect(await statistic(here, "Favorites")).toBe(before + 1);
  for (const page of [here, there]) {
    await page.getByRole("link", { name: "Favorites" }).click();
    await expect(favoriteRow(page, beat.id)).toHaveCount(1);
    await expect(favoriteRow(page, beat.id)).not.toHaveAttribute("data-pending", "true");
  }

  // Both are live again: the next click arrives like the first.
  await favoriteRow(there, beat.id).getByRole("button", { name: `Favorite ${beat.title}`, exact: true }).click();
  await expect(favoriteRow(here, beat.id)).toHaveCount(0, { timeout: ELSEWHERE_MS });
});

test("while only the socket is down, polling delivers the changes and says so", async ({ server, newContext, signIn }) => {
  const context = await newContext();
  const page = await context.newPage();
  // The page can reach everything but the realtime address.
  await page.routeWebSocket(/\/connection\/websocket/, (socket) => socket.close({ code: 1011, reason: "no" }));
  await signInOn(page, "ada");
  await expect(indicator(page)).toHaveAttribute("data-state", "delayed", { timeout: 30_000 });

  const { cookie } = await server.session("ada");
  const beat = await unmarkedBeat(server, cookie);
  const other = await signIn("ada");
  await heart(other, beat.title).click();
  await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true", { timeout: 30_000 });
});

test("a reload keeps the session, and signing out ends it in every window", async ({ server, newContext }) => {
  const context = await newContext();
  const first = await context.newPage();
  await first.goto("/favorites");
  await first.getByLabel("Email").fill("ada@demo.test");
  await first.getByLabel("Password").fill("demo-demo-demo");
  await first.getByRole("button", { name: "Sign in" }).click();
  // Signing in returns to the page that was asked for.
  await expect(first).toHaveURL(/\/favorites$/);
  await expect(first.getByRole("list", { name: "Favorites" })).toBeVisible();
  await first.reload();
  await expect(first.getByRole("list", { name: "Favorites" })).toBeVisible();
  await live(first);

  const second = await context.newPage();
  await second.goto("/overview");
  await live(second);
  const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  await first.getByRole("button", { name: "Sign out" }).click();
  for (const page of [first, second]) await expect(page).toHaveURL(/\/signin/, { timeout: 2000 });
  expect((await server.call("/api/session", { cookie: cookies })).status, "the old cookie is worth nothing").toBe(401);
  await second.goto("/overview");
  await expect(second.getByLabel("Password")).toBeVisible();
});

test("a wrong password shows a message, and the user can try again", async ({ newContext }) => {
  const page = await (await newContext()).newPage();
  await page.goto("/overview");
  await page.getByLabel("Email").fill("ada@demo.test");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: /password/i })).toBeVisible();
  await page.getByLabel("Password").fill("demo-demo-demo");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Dashboard" })).toBeVisible();
});

test("seven quick clicks end with the last value, in at most two requests", async ({ server, signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const { cookie } = await server.session("ada");
  const beat = await unmarkedBeat(server, cookie);
  let requests = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/api/mutations")) requests += 1;
  });
  const pressed = await watchHeart(page, beat.title);
  await heart(page, beat.title).evaluate(async (button) => {
    for (let click = 0; click < 7; click += 1) {
      button.click();
      await new Promise(requestAnimationFrame);
    }
  });
  expect(await pressed(), "every click shows").toEqual(["true", "false", "true", "false", "true", "false", "true"]);
  await expect(heart(page, beat.title)).toHaveAttribute("aria-pressed", "true");
  await expect
    .poll(async () => {
      const snapshot = await (await server.call("/api/snapshot?resources=favorites", { cookie })).json();
      return snapshot.resources.favorites.ids.includes(beat.id);
    })
    .toBe(true);
  expect(requests).toBeLessThanOrEqual(2);
});

test("the content-security policy of a page lets no foreign script in", async ({ server }) => {
  const reply = await server.call("/overview");
  const policy = reply.headers.get("content-security-policy");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  for (const hole of ["'unsafe-inline'", "'unsafe-eval'", "*"]) expect(policy).not.toContain(hole);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
});

test("rows that come at the head of a list push the others down without a jump", async ({ server, signIn }) => {
  const page = await signIn("ada", { path: "/activity" });
  await live(page);
  const { cookie } = await server.session("ada");
  await page.evaluate(() => {
    globalThis.shifts = [];
    globalThis.slides = [];
    // What a click changes is no shift.
    const note = (list) => {
      const shifts = list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput);
      globalThis.shifts.push(...shifts.map(({ value }) => value));
    };
    new PerformanceObserver(note).observe({ type: "layout-shift" });
    const { animate } = Element.prototype;
    Element.prototype.animate = function (...how) {
      const slide = animate.apply(this, how);
      globalThis.slides.push(`${this.localName} ${slide.effect.composite}`);
      return slide;
    };
  });
  const rows = page.getByRole("list", { name: "Activity" }).locator("[data-id]");
  for (let turn = 0; turn < 3; turn += 1) {
    // The list is the same after a visit to another tab.
    if (turn === 2) await open(page, "Orders").then(() => open(page, "Activity"));
    const id = await rows.first().getAttribute("data-id");
    await server.call("/api/demo/simulate", { method: "POST", cookie, body: { what: "activity", count: 1, rate_per_s: 1 } });
    await expect(rows.first()).not.toHaveAttribute("data-id", id);
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
  }
  // The whole list each time, and so that the compositor can do it.
  expect(await page.evaluate(() => globalThis.slides)).toEqual(Array(3).fill("ul replace"));
  expect(await page.evaluate(() => globalThis.shifts)).toEqual([]);
});
