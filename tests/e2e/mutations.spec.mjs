// Hundreds of random changes from three browsers of one person at once, while replies are lost, calls fail and sockets
// are cut: all browsers and the server end the same, and every change took effect once or never.
import { agrees, collect, dice, tookEffectOnce } from "./scenario.mjs";
import { live, open, snapshot } from "./dashboard.mjs";
import { expect, test } from "./harness.mjs";

/** How many changes the browsers send. */
const CHANGES = Number(process.env.MUTATIONS ?? 500);
const SEED = Number(process.env.MUTATIONS_SEED ?? 20261128);
/** Only the first rows are acted on, so that wishes meet each other. */
const ROWS = 15;
/** Acts between one fault and the next. */
const ACTS_PER_FAULT = 16;

// A trace of so many acts takes longer than the acts.
test.use({ serverFlags: ["--demo", "--order-step-ms", "1500"], trace: "off" });

/** Presses a button of the page whose name begins with one of the words, as fast as a page can take it. */
async function tap(page, roll, ...words) {
  const choice = roll(1000);
  await page.evaluate(
    ([words, rows, choice]) => {
      const named = (button) => button.getAttribute("aria-label") ?? button.textContent.trim();
      const begins = (button) => words.some((word) => named(button).startsWith(word)) && !button.disabled;
      const buttons = [...document.querySelectorAll("main button")].filter(begins).slice(0, rows);
      buttons[choice % buttons.length]?.click();
      return new Promise(requestAnimationFrame);
    },
    [words, ROWS, choice],
  );
}

/** Follows a link of the navigation, presses there, and comes back. */
async function tapOn(tab, page, roll, ...words) {
  await open(page, tab);
  await tap(page, roll, ...words);
  await open(page, "Overview");
}

/** One act on a page that asks for a change, mostly of a heart. */
async function act(page, roll) {
  switch (roll(16)) {
    case 0:
      return tapOn("Orders", page, roll, "Cancel");
    case 1:
      return tapOn("Downloads", page, roll, "Cancel");
    case 2:
      return tapOn("Favorites", page, roll, "Favorite ");
    case 3:
    case 4:
      return tap(page, roll, "Buy ");
    case 5:
    case 6:
      return tap(page, roll, "Download ");
    case 7:
      return tap(page, roll, "Try again", "Dismiss");
    default:
      return tap(page, roll, "Favorite ");
  }
}

/** Plants one of the faults that a change has to survive. */
async function disturb(server, cookie, roll) {
  const faults = [
    { fault: "lose_reply", times: 2 },
    { fault: "error_next", status: 503, times: 2 },
    { fault: "delay", ms: 600, times: 2 },
    { fault: "drop_socket" },
  ];
  await server.fault(cookie, faults[roll(faults.length)]);
}

test("500 random changes from three browsers under faults converge and apply once", async ({
  server,
  signIn,
}) => {
  test.setTimeout(8 * 60_000);
  console.log(`mutations: MUTATIONS_SEED=${SEED}`);
  const { cookie } = await server.session("ada");
  const before = await snapshot(server, cookie);
  const sent = new Map();
  const pages = [await signIn("ada"), await signIn("ada"), await signIn("ada")];
  for (const page of pages) {
    collect(page, sent);
    await live(page);
  }

  // The browsers act at the same time, each at its own pace and from dice of its own.
  let acts = 0;
  await Promise.all(
    pages.map(async (page, index) => {
      const roll = dice(SEED + index);
      while (sent.size < CHANGES) {
        acts += 1;
        if (acts % ACTS_PER_FAULT === 0) await disturb(server, cookie, roll);
        await act(page, roll);
      }
    }),
  );
  await server.fault(cookie, null);
  for (const page of pages) await live(page);
  for (const page of pages) await agrees(page, server, cookie);

  const accepted = await tookEffectOnce(server, cookie, before, sent);
  console.log(`mutations: ${sent.size} sent, ${accepted.length} accepted, ${acts} acts`);
  expect(accepted.length, "most changes are possible").toBeGreaterThan(CHANGES / 2);
});
