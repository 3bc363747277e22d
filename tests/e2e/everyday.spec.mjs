// What people do with any page, and what their browsers do for them: password managers, reloads, searches, the back button,
// the keyboard, extensions, a server that is away when the page starts.
import { favoriteRow, favorites, heart, indicator, live, open, unmarkedBeat } from "./dashboard.mjs";
import { expect, people, test } from "./harness.mjs";

/** The accessible name of what has the focus. */
const focused = (page) => page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent?.trim());

test("a sign-in form that a password manager filled without an event is sent as it is", async ({ newContext }) => {
  const page = await (await newContext()).newPage();
  await page.goto("/signin");
  await expect(page.getByLabel("Email")).toBeVisible();
  const fill = ({ email, password }) => {
    document.getElementById("email").value = email;
    document.getElementById("password").value = password;
  };
  await page.evaluate(fill, { ...people.ada, password: "wrong" });
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "don't match" })).toBeVisible();
  expect(await page.getByLabel("Email").inputValue(), "what was entered stays").toBe(people.ada.email);
  await page.evaluate(fill, people.ada);
  await page.getByRole("button", { name: "Sign in" }).click();
  await live(page);
});

test("a click right before a reload is saved", async ({ signIn, server }) => {
  const { cookie } = await server.session("ada");
  const page = await signIn("ada");
  await live(page);
  const beat = await unmarkedBeat(server, cookie);
  await heart(page, beat.title).click();
  await page.reload();
  await expect.poll(async () => (await favorites(server, cookie)).ids).toContain(beat.id);
});

test("the browser asks before a page with unsaved changes is left, and not otherwise", async ({ signIn, server }) => {
  const { cookie } = await server.session("ada");
  const page = await signIn("ada");
  await live(page);
  const asks = () => page.evaluate(() => !dispatchEvent(new Event("beforeunload", { cancelable: true })));
  expect(await asks()).toBe(false);
  await page.route("**/api/mutations", (route) => route.abort());
  const beat = await unmarkedBeat(server, cookie);
  await heart(page, beat.title).click();
  await expect.poll(asks).toBe(true);
  await page.unroute("**/api/mutations");
  await expect.poll(asks, { timeout: 40_000 }).toBe(false);
});

test("nothing is said to be missing while it is still searched for", async ({ signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const nothing = page.getByText("No beats found");
  const search = page.getByRole("searchbox", { name: "Search" });
  await search.fill("no such beat");
  await expect(nothing).toBeVisible();
  let answer;
  const isHeld = new Promise((resolve) => (answer = resolve));
  await page.route("**/api/beats?**", async (route) => {
    await isHeld;
    await route.continue();
  });
  await search.fill("");
  await expect(nothing).toBeHidden();
  answer();
  await expect(page.getByRole("list", { name: "Catalog" })).toBeVisible();
});

test("letters that an input method composes are searched once they are composed", async ({ signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const searched = [];
  page.on("request", (request) => searched.push(new URL(request.url()).search));
  await page.getByRole("searchbox", { name: "Search" }).evaluate((field) => {
    field.value = "blu";
    field.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }));
  });
  // More than the pause after which a text is searched.
  const halfComposed = page.waitForRequest((request) => request.url().includes("blu"), { timeout: 600 });
  await expect(halfComposed).rejects.toThrow("Timeout");
  await page.getByRole("searchbox", { name: "Search" }).evaluate((field) => {
    // One letter and its accent, as some keyboards write it.
    field.value = "e\u0301";
    field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  });
  await expect.poll(() => searched.some((query) => query.includes(encodeURIComponent("\u00e9")))).toBe(true);
});

test("the focus goes to the next row when the row of the pressed control goes", async ({ signIn }) => {
  const page = await signIn("ada");
  await live(page);
  await open(page, "Favorites");
  const hearts = page.getByRole("list", { name: "Favorites" }).getByRole("button", { name: /^Favorite / });
  const next = await hearts.nth(1).getAttribute("aria-label");
  const first = await hearts.first().getAttribute("aria-label");
  await hearts.first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: first, exact: true })).toBeHidden();
  await expect.poll(() => focused(page)).toBe(next);
});

test("a page that was changed to says its name, and going back leads to where one was", async ({ signIn }) => {
  const page = await signIn("ada", { path: "/favorites" });
  await live(page);
  await page.evaluate(() => scrollTo(0, 900));
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(900);
  await page.evaluate(() => document.querySelector('nav a[href$="orders"]').click());
  await expect(page.getByRole("heading", { level: 1, name: "Orders" })).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Favorites" })).toBeFocused();
  expect(await page.evaluate(() => scrollY)).toBe(900);
});

test("the panel of the indicator closes when one turns away from it", async ({ signIn }) => {
  const page = await signIn("ada");
  await live(page);
  const pill = indicator(page).getByRole("button").first();
  const panel = indicator(page).locator(".connection-popover");
  for (const leave of [
    () => page.mouse.click(2, 700),
    () => open(page, "Orders"),
    () => page.keyboard.press("Escape"),
  ]) {
    await pill.click();
    await expect(panel).toBeVisible();
    await leave();
    await expect(panel).toHaveCount(0);
  }
  await expect(pill).toBeFocused();
});

test("a start that fails tries again, says when, and ends in the page", async ({ newSignedIn, problems }) => {
  const page = await (await newSignedIn("ada")).newPage();
  const unavailable = { status: 503, contentType: "text/plain", body: "away" };
  await page.route("**/api/**", (route) => route.fulfill(unavailable));
  await page.goto("/overview");
  await expect(page.getByText("We can't reach the store")).toBeVisible();
  await expect(indicator(page), "nobody knows who is signed in").toHaveAttribute("data-state", "starting");
  await expect(page.locator("[data-countdown]").first()).toContainText(/\d/);
  await page.unroute("**/api/**");
  await live(page, 40_000);
  problems.length = 0;
});

test("rows that an extension takes away do not end the page", async ({ signIn, server }) => {
  const { cookie } = await server.session("ada");
  const page = await signIn("ada", { path: "/activity" });
  await live(page);
  const rows = page.getByRole("list", { name: "Activity" }).locator("[data-id]");
  await rows.first().evaluate((row) => row.remove());
  const beat = await unmarkedBeat(server, cookie);
  await server.call("/api/mutations", {
    method: "POST",
    cookie,
    body: { mutations: [{ id: crypto.randomUUID(), kind: "set_favorite", args: { beat_id: beat.id, favorite: true } }] },
  });
  await expect(rows.first()).toContainText(beat.title);
  await open(page, "Favorites");
  await expect(favoriteRow(page, beat.id)).toBeVisible();
});

test("a page whose loader does not come says so, with a way on", async ({ newSignedIn, problems }) => {
  const page = await (await newSignedIn("ada")).newPage();
  await page.route(/loader/, (route) => route.abort());
  await page.goto("/orders");
  const slow = page.getByText("This is taking longer than usual");
  await expect(slow).toBeHidden();
  await expect(slow).toBeVisible({ timeout: 20_000 });
  await page.unroute(/loader/);
  await page.getByRole("button", { name: "Reload" }).click();
  await live(page);
  problems.length = 0;
});

test("a page that names no language, or one that is none, starts in the browser's own", async ({ newSignedIn }) => {
  const page = await (await newSignedIn("ada")).newPage();
  for (const lang of ["", "not_a_language!"]) {
    await page.addInitScript((lang) => {
      new MutationObserver(() => (document.documentElement.lang = lang)).observe(document, { childList: true });
    }, lang);
    await page.goto("/overview");
    await live(page);
    await expect(page.locator("html")).toHaveAttribute("lang", lang);
  }
});

test("a browser without WebAssembly is told that it cannot run the page", async ({ newSignedIn, problems }) => {
  const page = await (await newSignedIn("ada")).newPage();
  await page.addInitScript(() => delete globalThis.WebAssembly);
  await page.goto("/orders");
  await expect(page.getByRole("alert").filter({ hasText: "can't run" })).toBeVisible();
  await expect.poll(() => problems.length).toBeGreaterThan(0);
  problems.length = 0;
});

test("a page whose browser another user signs in with acts for nobody, and says so", async ({ newSignedIn, newProxy, server }) => {
  const context = await newSignedIn("ada");
  const page = await context.newPage();
  await page.goto("/overview");
  await live(page);
  // The same host on another port: another origin with the same cookies.
  const proxy = await newProxy();
  const reply = await context.request.post(`${proxy.url}/api/session`, { data: people.ben, headers: { origin: proxy.url } });
  expect(reply.status()).toBe(200);
  const { cookie } = await server.session("ben");
  const before = (await favorites(server, cookie)).ids;
  await page.getByRole("list", { name: "Catalog" }).getByRole("button", { name: /^Favorite / }).first().click();
  await expect(indicator(page)).toHaveAttribute("data-state", "signed-out");
  await expect(page.getByRole("region", { name: "Connection" })).toContainText("session has ended");
  expect((await favorites(server, cookie)).ids).toEqual(before);
});

test("a file that can be had is saved, and one that has expired is prepared again", async ({ signIn, server }) => {
  const page = await signIn("ada", { path: "/downloads" });
  await live(page);
  const { cookie } = await server.session("ada");
  const rows = page.getByRole("list", { name: "Downloads" }).getByRole("listitem");
  for (const link of await rows.getByRole("link", { name: /^Save file/ }).all()) {
    const reply = await server.call(await link.getAttribute("href"), { cookie, headers: { range: "bytes=0-0" } });
    expect(reply.status, await link.getAttribute("href")).toBe(206);
  }
  const expired = rows.filter({ hasText: "Expired" }).first();
  await expect(expired.getByRole("link")).toHaveCount(0);
  const again = expired.getByRole("button", { name: /^Get again: / });
  const title = (await again.getAttribute("aria-label")).replace("Get again: ", "");
  await again.click();
  await expect(rows.first()).toContainText(title);
  await expect(rows.first().getByRole("link", { name: `Save file: ${title}` })).toBeVisible({ timeout: 40_000 });
});
