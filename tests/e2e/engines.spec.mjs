// One test of the whole product in the engines of Chrome, Firefox and Safari. It goes through each part that engines do
// differently: the program's start, forms, sockets that are cut, formats of the language.
import { favorites, unmarkedBeat } from "./dashboard.mjs";
import { expect, people } from "./harness.mjs";
import { engines, test } from "./webdriver.mjs";

/** Notes, in the page, everything that goes wrong in it. */
function watch() {
  window.__problems = [];
  const note = (what) => window.__problems.push(String(what));
  // Of a file that does not load the event stays at its element, and has no message.
  addEventListener("error", ({ message, target }) => note(message ?? target.outerHTML), true);
  addEventListener("unhandledrejection", ({ reason }) => note(reason));
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => note(`${effectiveDirective} ${blockedURI}`));
}

test.use({ script: `(${watch})();` });

const indicator = (state) => `header [data-variant="compact"][data-state="${state}"]`;
const live = `${indicator("live")}[data-status="connected"]`;

/** Signs a customer in, uses the store through a cut of the connection, and signs out. */
async function visit(browser, { server, proxy }) {
  const { driver } = browser;
  const noProblems = async () => expect(await driver.executeScript(() => window.__problems)).toEqual([]);
  const { cookie } = await server.session("ada");
  const beat = await unmarkedBeat(server, cookie);

  await driver.get(`${proxy.url}/overview`);
  const email = await browser.named("input", "Email");
  await email.sendKeys(people.ada.email);
  await (await browser.named("input", "Password")).sendKeys(people.ada.password);
  await (await browser.named("button", "Sign in")).click();
  await browser.shows(live);
  await browser.shows('dl[aria-label="Statistics"] dd', /^\$\d,\d{3}\.\d{2}/);

  const heart = `[aria-label="Catalog"] [data-id="${beat.id}"] button`;
  await (await browser.named(heart, `Favorite ${beat.title}`)).click();
  await browser.shows(`${heart}[aria-pressed="true"]`);
  await expect.poll(async () => (await favorites(server, cookie)).ids).toContain(beat.id);

  // The loader asks for the first data of a customer who is signed in.
  await noProblems();
  await driver.navigate().refresh();
  await browser.shows(`${heart}[aria-pressed="true"]`);
  await browser.shows(live);

  await proxy.order("refuse");
  await browser.shows(`${indicator("reconnecting")}:not([data-status="connected"])`, /Reconnecting/);
  await browser.shows('[role="region"][aria-label="Connection"]', /^Live updates are paused\./);
  await proxy.order("pass");
  await browser.shows(live, /Live/);

  await (await browser.named("button", "Sign out")).click();
  await browser.named("input", "Password");
  await noProblems();
}

for (const [name, engine] of Object.entries(engines)) {
  test(`${name}: the store works, and shows when the connection is cut and restored`, async ({ server, newProxy, start }) => {
    test.setTimeout(120_000);
    test.skip(!engine.driver, `${name} is not available here`);
    const proxy = await newProxy();
    await visit(await start(engine), { server, proxy });
  });
}
