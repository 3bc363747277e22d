// Minutes of what people and the store do at once, with faults: at the end all pages and the server agree, and memory is
// where it was. The course is random from a seed that is printed and can be given again.
import { live, snapshot } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";

/** How long the course takes, in milliseconds. */
const COURSE_MS = Number(process.env.SOAK_MS ?? 5 * 60_000);
/** When memory is first measured, from the start on. */
const WARM_MS = COURSE_MS / 5;
/** How much the heap may have grown since then. */
const HEAP_GROWTH = 1.05;

const SEED = Number(process.env.SOAK_SEED ?? 20261125);

/** Numbers below `limit`, the same for the same seed (mulberry32). */
function dice(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Bytes of the script heap after a collection, on the same tab each time. */
async function heap(page) {
  await page.getByRole("link", { name: "Overview", exact: true }).first().click();
  await expect(page.getByRole("list", { name: "Catalog" })).toBeVisible();
  const client = await page.context().newCDPSession(page);
  await client.send("HeapProfiler.collectGarbage");
  await client.send("HeapProfiler.collectGarbage");
  const { usedSize } = await client.send("Runtime.getHeapUsage");
  await client.detach();
  return usedSize;
}

const TABS = ["Overview", "Favorites", "Orders", "Downloads", "Activity", "Analytics"];

/** One act of a person on a page; one that finds nothing to act on does nothing. */
async function act(page, roll) {
  const press = async (name) => {
    const buttons = page.getByRole("main").getByRole("button", { name });
    const count = await buttons.count();
    // A row may go while it is being pressed.
    if (count > 0) await buttons.nth(roll(Math.min(count, 10))).click({ timeout: 1000 }).catch(() => {});
  };
  switch (roll(8)) {
    case 0:
    case 1:
      return page.getByRole("link", { name: TABS[roll(TABS.length)], exact: true }).first().click();
    case 2:
    case 3:
    case 4:
      return press(/^Favorite /);
    case 5:
      return press(/^Buy /);
    case 6:
      return press(/^Download /);
    default:
      return press(/^(Cancel|Try again|Dismiss)/);
  }
}

/** Something that goes wrong, or that the back office does. */
async function disturb(server, cookie, roll) {
  const faults = [
    { fault: "lose_reply", times: 1 },
    { fault: "error_next", status: 503, times: 1 },
    { fault: "delay", ms: 800, times: 2 },
    { fault: "refuse_next", code: "quota_exceeded", times: 1 },
    { fault: "drop_socket" },
    { fault: "error_next", status: 429, times: 1, on: "snapshot" },
  ];
  if (roll(2) === 0) return server.fault(cookie, faults[roll(faults.length)]);
  const what = ["activity", "orders", "favorites", "market", "downloads"][roll(5)];
  await server.call("/api/demo/simulate", { method: "POST", cookie, body: { what, count: 5, rate_per_s: 20 } });
}

/** What a page shows of a list: ids of its rows, newest first. */
async function rows(page, tab) {
  await page.getByRole("link", { name: tab, exact: true }).first().click();
  const list = tab === "Orders" ? page.getByRole("table", { name: tab }) : page.getByRole("list", { name: tab });
  return () => list.locator("[data-id]").evaluateAll((found) => found.map((row) => row.dataset.id));
}

test("after five minutes of everything at once all pages and the server agree, and memory is where it was", async ({
  server,
  signIn,
}) => {
  test.setTimeout(COURSE_MS + 120_000);
  console.log(`soak: SOAK_SEED=${SEED}`);
  const roll = dice(SEED);
  const pages = [await signIn("ada"), await signIn("ada"), await signIn("ben")];
  for (const page of pages) await live(page);
  const cookies = [(await server.session("ada")).cookie, (await server.session("ben")).cookie];
  const begun = Date.now();
  let warm;
  for (let turn = 0; Date.now() - begun < COURSE_MS; turn += 1) {
    if (turn % 8 === 0) await disturb(server, cookies[roll(2)], roll);
    await act(pages[roll(3)], roll);
    if (!warm && Date.now() - begun > WARM_MS) warm = await Promise.all(pages.map(heap));
  }
  for (const cookie of cookies) await server.fault(cookie, null);
  for (const page of pages) await live(page);
  for (const [index, page] of pages.entries()) {
    const cookie = cookies[index === 2 ? 1 : 0];
    await expect(page.locator('[data-pending="true"]')).toHaveCount(0, { timeout: 30_000 });
    for (const tab of ["Favorites", "Orders", "Downloads", "Activity"]) {
      const shown = await rows(page, tab);
      const told = async () => {
        const { items } = (await snapshot(server, cookie))[tab.toLowerCase()];
        const wanted = items.map((item) => item.id ?? item.beat_id);
        const there = await shown();
        const length = Math.min(there.length, wanted.length);
        return { shown: there.slice(0, length), wanted: wanted.slice(0, length) };
      };
      await expect
        .poll(async () => {
          const { shown: there, wanted } = await told();
          return there.length > 0 && there.join() === wanted.join();
        }, { message: `${tab} of page ${index} is what the server has` })
        .toBe(true);
    }
  }
  const end = await Promise.all(pages.map(heap));
  for (const [index, bytes] of end.entries()) {
    console.log(`soak: heap of page ${index}: ${warm[index]} then ${bytes} bytes`);
    expect(bytes / warm[index], `the heap of page ${index}`).toBeLessThan(HEAP_GROWTH);
  }
});
