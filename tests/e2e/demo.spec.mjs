// The demonstration against the real server: every part of it does what it says.
import { favorites } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";

/** One of the page's panels. */
function part(page, name) {
  return page.getByRole("region", { name, exact: true });
}

/** The rows of a table. */
function rows(page, table) {
  return page.getByRole("table", { name: table, exact: true }).locator("tbody tr");
}

/** A number of the counters or latencies, by the name of its row and the place of its column. */
async function number(page, table, name, column = 0) {
  const row = rows(page, table).filter({ has: page.getByRole("rowheader", { name, exact: true }) });
  return Number((await row.getByRole("cell").nth(column).innerText()).replace(/\D/g, ""));
}

/** Opens the demonstration and waits until it is live and has what it needs. */
async function open(signIn, options = {}) {
  const page = await signIn("ada", { path: "/demo", ...options });
  await expect(page).toHaveURL(/\/demo$/);
  await expect(page.locator('[data-variant="full"]')).toHaveAttribute("data-state", "live", { timeout: 15_000 });
  await expect(page.getByRole("button", { name: "Make change" })).not.toHaveAttribute("aria-disabled", "true");
  const subscribed = page.getByRole("cell", { name: "Subscribed", exact: true });
  await expect(rows(page, "Subscriptions").filter({ has: subscribed })).toHaveCount(6);
  return page;
}

/** Plants a fault, makes a change under it, and waits until the server has taken the fault. */
async function attempt(page, fault, change) {
  const form = part(page, "Optimistic changes");
  await form.getByRole("combobox", { name: "Fault", exact: true }).selectOption(fault);
  await form.getByRole("combobox", { name: "Change", exact: true }).selectOption(change);
  await form.getByRole("button", { name: "Make change" }).click();
  if (fault !== "None") await expect(form).toContainText("Fault set.");
}

/** Begins a simulation and waits until the server has accepted it. */
async function simulate(page, kind, count, rate) {
  const form = part(page, "Back office");
  await form.getByRole("combobox", { name: "Event", exact: true }).selectOption(kind);
  await form.getByRole("combobox", { name: "Count", exact: true }).selectOption(String(count));
  await form.getByRole("combobox", { name: "Per second", exact: true }).selectOption(String(rate));
  await form.getByRole("button", { name: "Simulate" }).click();
  await expect(form).toContainText(`Started: ${count} × ${kind.toLowerCase()}`);
}

test("a signed-in user reaches the demo by a link, and signing in returns to it", async ({ signIn }) => {
  const page = await signIn("ada");
  await page.getByRole("link", { name: "Realtime demo" }).click();
  await expect(page).toHaveURL(/\/demo$/);
  await expect(page).toHaveTitle("Realtime demo · Beatline");
  await expect(page.getByRole("heading", { level: 1, name: "Realtime demo" })).toBeVisible();
  const again = await open(signIn);
  await expect(again.getByRole("heading", { level: 1, name: "Realtime demo" })).toBeVisible();
});

test("the controls disconnect, connect, refresh and retry, and all sizes show it", async ({ server, signIn }) => {
  const page = await open(signIn);
  const controls = part(page, "Connection controls");
  const states = () =>
    controls.locator("[data-variant]").evaluateAll((all) => all.map((one) => `${one.dataset.variant} ${one.dataset.state}`));
  const all = (state) => ["minimal", "compact", "full"].map((variant) => `${variant} ${state}`);
  await expect.poll(states).toEqual(all("live"));

  const read = page.waitForRequest((request) => request.url().includes("/api/snapshot"));
  await controls.getByRole("button", { name: "Refresh data" }).click();
  await read;

  await controls.getByRole("button", { name: "Disconnect" }).click();
  await expect.poll(states).toEqual(all("paused"));
  await controls.getByRole("button", { name: "Connect", exact: true }).click();
  await expect.poll(states).toEqual(all("live"));

  await server.kill();
  await expect.poll(states, { timeout: 15_000 }).not.toEqual(all("live"));
  // A try that cannot succeed says that it is made; the one that the page makes by itself then does.
  await controls.getByRole("button", { name: "Retry now" }).click();
  await expect(controls.getByRole("button", { name: "Trying…" })).toBeVisible();
  await server.start();
  await expect.poll(states, { timeout: 15_000 }).toEqual(all("live"));
  const steps = rows(page, "Timeline").filter({ hasText: "connected → reconnecting" });
  await expect(steps.first()).toContainText("code ");
});

test("every simulated event shows in the timeline, the counters and the latencies", async ({ signIn }) => {
  const page = await open(signIn);
  const before = await number(page, "Counters", "received");
  for (const [kind, told] of [
    ["Activity", "activity_logged"],
    ["Orders", "order_created"],
    ["Downloads", "download_requested"],
    ["Favorites", "favorite_"],
    ["Market", /beats? changed/],
  ]) {
    await simulate(page, kind, 10, 50);
    await expect(rows(page, "Timeline").filter({ hasText: told }).first()).toBeVisible();
  }
  await expect.poll(() => number(page, "Counters", "received")).toBeGreaterThanOrEqual(before + 50);
  expect(await number(page, "Counters", "applied")).toBeGreaterThan(0);
  expect(await number(page, "Latency", "Event to data")).toBeGreaterThan(0);
  const [p50, p95, p99] = [1, 2, 3].map((column) => number(page, "Latency", "Event to data", column));
  expect(await p50).toBeLessThanOrEqual(await p95);
  expect(await p95).toBeLessThanOrEqual(await p99);
  expect(await number(page, "Counters", "queue depth (max)")).toBeGreaterThan(0);
});

test("a server without demo controls gets a clear message", async ({ signIn }) => {
  const page = await open(signIn);
  await page.route("**/api/demo/**", (route) => route.fulfill({ status: 404 }));
  const form = part(page, "Back office");
  await form.getByRole("button", { name: "Simulate" }).click();
  await expect(form).toContainText("Demo controls aren't available.");
});

test("a rejected change is listed with its reason, and can be retried or dismissed", async ({ server, signIn }) => {
  const page = await open(signIn);
  const { cookie } = await server.session("ada");
  const before = (await favorites(server, cookie)).ids;
  for (const [fault, reason] of [
    ["Rejected: plan limit reached", "You've reached your plan's limit."],
    ["Rejected: not in the store", "It's no longer in the store."],
  ]) {
    await attempt(page, fault, "Favorite");
    const failure = rows(page, "Failed changes");
    await expect(failure).toHaveCount(1);
    await expect(failure).toContainText(reason);
    await failure.getByRole("button", { name: /^Dismiss/ }).click();
    await expect(part(page, "Failed changes")).toContainText("No failed changes.");
  }
  expect((await favorites(server, cookie)).ids.toSorted()).toEqual(before.toSorted());

  await attempt(page, "Rejected: plan limit reached", "Batch of favorites");
  await expect(rows(page, "Failed changes")).toHaveCount(1);
  await rows(page, "Failed changes").getByRole("button", { name: /^Try again/ }).click();
  await expect(part(page, "Failed changes")).toContainText("No failed changes.");
  await expect.poll(async () => (await favorites(server, cookie)).ids.toSorted()).not.toEqual(before.toSorted());

  await attempt(page, "Rejected: not purchased", "Download");
  await expect(rows(page, "Failed changes")).toContainText("You need to buy it first.");
  await attempt(page, "Rejected: already owned", "Order");
  await expect(rows(page, "Failed changes")).toHaveCount(2);
  await part(page, "Failed changes").getByRole("button", { name: "Clear list" }).click();
  await expect(part(page, "Failed changes")).toContainText("No failed changes.");
});

test("an order whose price changed waits for the user, who can roll it back", async ({ signIn }) => {
  const page = await open(signIn);
  await attempt(page, "Rejected: price changed", "Order");
  const pending = rows(page, "Pending changes");
  await expect(pending).toContainText("Needs your decision");
  await expect(pending).toContainText("The price is now");
  await pending.getByRole("button", { name: /^Roll back/ }).click();
  await expect(part(page, "Pending changes")).toContainText("No pending changes.");
});

test("after an error, a slow reply and lost replies, the change is made once", async ({ server, signIn }) => {
  test.setTimeout(120_000);
  const page = await open(signIn);
  const { cookie } = await server.session("ada");
  const { resources } = await (await server.call("/api/snapshot?resources=orders", { cookie })).json();
  const newest = resources.orders.items[0].id;
  const idle = () => expect(part(page, "Pending changes")).toContainText("No pending changes.", { timeout: 45_000 });

  await attempt(page, "Server error", "Favorite");
  await expect(rows(page, "Pending changes")).toContainText("We can't reach the store");
  await idle();

  await attempt(page, "Reply takes 3 s", "Favorite");
  await expect(rows(page, "Pending changes")).toContainText(/favorite .*Sent/);
  await idle();

  // Without the silence the events of the change would tell of it before its answer is missed.
  await attempt(page, "Server silent for 30 s", "Favorite");
  await idle();
  await attempt(page, "Replies get lost", "Order");
  await expect(rows(page, "Pending changes")).toContainText("No reply yet", { timeout: 20_000 });
  await part(page, "Optimistic changes").getByRole("button", { name: "Clear faults" }).click();
  await idle();
  const after = await (await server.call("/api/snapshot?resources=orders", { cookie })).json();
  const items = after.resources.orders.items;
  expect(items.findIndex((order) => order.id === newest), "one order more, and not two").toBe(1);
  expect(await rows(page, "Failed changes").count()).toBe(0);
});

test("a dropped connection resumes where it was, and clearing faults ends a silence", async ({ signIn }) => {
  const page = await open(signIn);
  await simulate(page, "Favorites", 10, 50);
  await attempt(page, "Connection drops", "Favorite");
  const recovered = rows(page, "Subscriptions").filter({ has: page.getByRole("cell", { name: "Yes", exact: true }) });
  await expect(recovered).toHaveCount(6, { timeout: 20_000 });
  const favorites = rows(page, "Subscriptions").filter({ hasText: "dashboard:favorites" });
  await expect(favorites).toContainText(/\d+ in \S+/);
  await expect(favorites).toContainText(/just now|s ago/);
  await expect(part(page, "Pending changes")).toContainText("No pending changes.");

  await attempt(page, "Server silent for 30 s", "Favorite");
  const form = part(page, "Optimistic changes");
  await form.getByRole("button", { name: "Clear faults" }).click();
  await expect(form).toContainText("All faults cleared.");
  await expect(part(page, "Pending changes")).toContainText("No pending changes.");
});

test("the timeline can be filtered, paused and copied", async ({ signIn }) => {
  const page = await open(signIn, { permissions: ["clipboard-read", "clipboard-write"] });
  const panel = part(page, "Timeline");
  await simulate(page, "Activity", 10, 50);
  await expect(rows(page, "Timeline").filter({ hasText: "activity_logged" })).toHaveCount(10);

  await panel.getByRole("button", { name: "Pause" }).click();
  const shown = await rows(page, "Timeline").count();
  await simulate(page, "Activity", 10, 50);
  await expect(panel).toContainText("10 new");
  await expect(rows(page, "Timeline")).toHaveCount(shown);
  await panel.getByRole("button", { name: "Resume" }).click();
  await expect(rows(page, "Timeline")).toHaveCount(shown + 10);

  await simulate(page, "Orders", 1, 10);
  await panel.getByLabel("Filter the timeline").fill("order_created");
  await expect(rows(page, "Timeline")).toHaveCount(1);
  await panel.getByRole("button", { name: "Copy", exact: true }).click();
  await expect(panel.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.trim().split("\n")).toHaveLength(1);
  expect(copied).toMatch(/\torders\torder_created, version \d+/);
  await panel.getByLabel("Filter the timeline").fill("nothing is called so");
  await expect(panel).toContainText("Nothing here yet.");
});

test("l3_copy_state_includes_the_pending_changes", async ({ server, signIn }) => {
  const page = await open(signIn, { permissions: ["clipboard-read", "clipboard-write"] });
  const { cookie } = await server.session("ada");
  const { ids } = await favorites(server, cookie);
  await attempt(page, "Reply takes 3 s", "Favorite");
  await expect(rows(page, "Pending changes")).toHaveCount(1);
  await part(page, "Timeline").getByRole("button", { name: "Copy state" }).click();
  await expect(part(page, "Timeline").getByRole("button", { name: "Copied" })).toBeVisible();
  const state = JSON.parse(await page.evaluate(() => navigator.clipboard.readText()));
  expect(state.snapshot.resources.favorites.ids.toSorted()).toEqual(ids.toSorted());
  expect(state.log.map((record) => record.mutation.kind)).toEqual(["set_favorite"]);
});
