// Goes through first loads, so that what none of them runs can come later: a sign-in that is refused and one that is
// not, coming back to a session that lasts, and links that fail right afterwards, since then nothing can be fetched: what
// the page does until they are back is part of a first load.
import { keep } from "../../xtask/finish/profile.mjs";
import { indicator, live } from "./dashboard.mjs";
import { expect, people, test } from "./harness.mjs";

/** What follows a first view has run once nothing has run for the first time for as long, in milliseconds. */
const QUIET_MS = 2000;
/** A link that is gone for ten seconds has a banner, in milliseconds. */
const PAUSED_MS = 20_000;

test.setTimeout(180_000);

test("what first loads run is kept", async ({ server, newContext }) => {
  const names = await (await fetch(`${server.url}/functions.json`)).json();
  const ran = new Set();
  const note = async (page) => {
    let before;
    await expect
      .poll(
        async () => {
          const now = await page.evaluate(() => window.ran.size);
          const isQuiet = now === before;
          before = now;
          return isQuiet;
        },
        { intervals: [QUIET_MS] },
      )
      .toBe(true);
    for (const at of await page.evaluate(() => [...window.ran])) ran.add(names[at]);
  };
  const page = await (await newContext()).newPage();

  await page.goto("/overview");
  await page.getByLabel("Email").fill(people.ada.email);
  await page.getByLabel("Password").fill("not this one");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "don't match" })).toBeVisible();
  await page.getByLabel("Password").fill(people.ada.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await live(page);
  await note(page);

  await page.goto("/");
  await live(page);
  await note(page);

  // Twice, since how a link is found to be gone and tried again is a matter of chance.
  for (const end of [() => server.kill(), () => server.stop()]) {
    await end();
    await expect(indicator(page)).toHaveAttribute("data-state", "paused", { timeout: PAUSED_MS });
    await note(page);
    await server.start();
    await live(page);
    await note(page);
  }
  await page.context().setOffline(true);
  await expect(indicator(page)).toHaveAttribute("data-state", "offline", { timeout: PAUSED_MS });
  await note(page);
  await page.context().setOffline(false);
  await live(page);
  await note(page);

  const late = [...new Set(names)].filter((name) => !ran.has(name));
  expect(ran.size, "functions that ran").toBeGreaterThan(1000);
  console.log(`${ran.size} functions run, ${keep(late)} do not`);
});
