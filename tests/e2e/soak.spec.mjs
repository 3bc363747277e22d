// Minutes of what people and the store do at once, with faults: at the end all pages and the server agree, and memory is
// where it was. The course is random from a seed that is printed and can be given again.
import { agrees, dice, press } from "./scenario.mjs";
import { live } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";
import config from "./playwright.config.mjs";

/** How long the course takes, in milliseconds. */
const COURSE_MS = Number(process.env.SOAK_MS ?? 5 * 60_000);
/** When memory is first measured, from the start on. */
const WARM_MS = COURSE_MS / 5;
/** How much the heap may have grown since then. */
const HEAP_GROWTH = 1.05;

const SEED = Number(process.env.SOAK_SEED ?? 20261125);

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
  switch (roll(8)) {
    case 0:
    case 1:
      return page.getByRole("link", { name: TABS[roll(TABS.length)], exact: true }).first().click();
    case 2:
    case 3:
    case 4:
      return press(page, roll, /^Favorite /);
    case 5:
      return press(page, roll, /^Buy /);
    case 6:
      return press(page, roll, /^Download /);
    default:
      return press(page, roll, /^(Cancel|Try again|Dismiss|Discard)/);
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

// A trace hangs what it noted of every node on the page, which is then measured as the page's own memory; so is the
// machine code that the engine makes of scripts, the tests' own among them, the longer the more.
const { launchOptions } = config.use;
test.use({
  trace: "off",
  launchOptions: {
    ...launchOptions,
    args: [...launchOptions.args, "--js-flags=--no-sparkplug --no-maglev --no-turbofan"],
  },
});

test("after a five-minute soak, all pages match the server and memory is flat", async ({
  server,
  signIn,
}) => {
  test.setTimeout(COURSE_MS + 120_000);
  console.log(`soak: SOAK_SEED=${SEED}`);
  const roll = dice(SEED);
  const pages = [await signIn("ada"), await signIn("ada"), await signIn("ben")];
  for (const page of pages) await live(page);
  const cookies = [(await server.session("ada")).cookie, (await server.session("ben")).cookie];
  // Also before the first look at the memory, so that what the tests themselves put on a page is in both.
  const allAgree = async () => {
    for (const cookie of cookies) await server.fault(cookie, null);
    for (const page of pages) await live(page);
    for (const [index, page] of pages.entries()) await agrees(page, server, cookies[index === 2 ? 1 : 0]);
  };
  const begun = Date.now();
  let warm;
  for (let turn = 0; Date.now() - begun < COURSE_MS; turn += 1) {
    if (turn % 8 === 0) await disturb(server, cookies[roll(2)], roll);
    await act(pages[roll(3)], roll);
    if (!warm && Date.now() - begun > WARM_MS) {
      await allAgree();
      warm = await Promise.all(pages.map(heap));
    }
  }
  await allAgree();
  const end = await Promise.all(pages.map(heap));
  for (const [index, bytes] of end.entries()) {
    console.log(`soak: heap of page ${index}: ${warm[index]} then ${bytes} bytes`);
    expect(bytes / warm[index], `the heap of page ${index}`).toBeLessThan(HEAP_GROWTH);
  }
});
