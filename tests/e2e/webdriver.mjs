// Browsers of all engines, each driven by its own WebDriver, for the one test that runs in every engine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Builder, By } from "selenium-webdriver";
import { test as base, expect, freePort } from "./harness.mjs";

const { CHROMIUM, CHROMEDRIVER, FIREFOX, GECKODRIVER, XVFB, WEBKIT_DRIVER } = process.env;

/** How long a driver may take to answer after its start, in milliseconds. */
const START_MS = 30_000;
/** How long a process may take to end when asked, in milliseconds. */
const STOP_MS = 5000;
/** How long something may take to be there, in milliseconds. */
const WAIT_MS = 20_000;

/** The engines. One without a `driver` is not available here. */
export const engines = {
  Chromium: {
    driver: CHROMEDRIVER,
    capabilities: {
      browserName: "chrome",
      "goog:chromeOptions": { binary: CHROMIUM, args: ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"] },
    },
  },
  Firefox: {
    driver: GECKODRIVER,
    capabilities: { browserName: "firefox", "moz:firefoxOptions": { binary: FIREFOX, args: ["-headless"] } },
  },
  WebKitGTK: {
    driver: WEBKIT_DRIVER,
    display: XVFB,
    capabilities: { browserName: "MiniBrowser" },
    // A sandbox wants rights that a container does not give.
    env: { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
  },
};

/** A browser with one page. */
class Browser {
  #processes = [];
  // Of its own: the home of a container may not be writable.
  #folder = mkdtempSync(join(tmpdir(), "dashboard-engine-"));

  /** Starts the browser of an engine. */
  async start({ driver, display, capabilities, env }) {
    // With this language alone, WebKit writes "$ 5179.15" where the page does not name its own.
    const own = { ...process.env, HOME: this.#folder, XDG_RUNTIME_DIR: this.#folder, LC_ALL: "C.UTF-8", ...env };
    if (display) own.DISPLAY = await this.#startDisplay(display);
    const port = await freePort();
    // What browsers write is of their own affairs; what fails is in the driver's replies.
    const { ended } = this.#spawn(driver, [`--port=${port}`], { env: own, stdio: "ignore" });
    const url = `http://127.0.0.1:${port}`;
    const answers = () => fetch(`${url}/status`).then((reply) => reply.ok, () => false);
    await Promise.race([ended, expect.poll(answers, { timeout: START_MS, message: `${driver} answers` }).toBe(true)]);
    /** Selenium's driver of the browser. */
    this.driver = await new Builder().usingServer(url).withCapabilities(capabilities).build();
  }

  /** Starts a display in memory, which chooses its number itself. */
  async #startDisplay(display) {
    const stdio = ["ignore", "ignore", "inherit", "pipe"];
    const { child, ended } = this.#spawn(display, ["-displayfd", "3", "-nolisten", "tcp"], { stdio });
    const [number] = await Promise.race([ended, once(child.stdio[3], "data")]);
    return `:${String(number).trim()}`;
  }

  /** Starts a process; `ended` fails once it has ended. */
  #spawn(program, words, options) {
    const child = spawn(program, words, options);
    this.#processes.unshift(child);
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`${program} ended with ${code}`);
    });
    // Later that is our own doing.
    ended.catch(() => {});
    return { child, ended };
  }

  /** Ends the browser and all that was started for it. */
  async end() {
    try {
      await this.driver?.quit();
    } finally {
      for (const child of this.#processes) await end(child);
      // Its last processes may still write there.
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  /** Waits for the first visible element of a selector that is it. One that is drawn anew meanwhile is looked for again. */
  async #first(what, selector, isIt) {
    const find = async () => {
      for (const element of await this.driver.findElements(By.css(selector))) {
        if ((await element.isDisplayed()) && (await isIt(element))) return element;
      }
    };
    const isStale = ({ name }) => name === "StaleElementReferenceError";
    const patient = () => find().catch((error) => (isStale(error) ? undefined : Promise.reject(error)));
    return this.driver.wait(patient, WAIT_MS, `${selector} ${what}`);
  }

  /** Waits for a visible element of a selector with an accessible name, and gives it. */
  async named(selector, name) {
    return this.#first(`named "${name}"`, selector, async (element) => (await element.getAccessibleName()) === name);
  }

  /** Waits for a visible element of a selector whose text matches. */
  async shows(selector, text = /(?:)/) {
    return this.#first(`with ${text}`, selector, async (element) => text.test(await element.getText()));
  }
}

/** Ends a process that we started; kills it where it does not listen. */
async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, "exit");
  child.kill();
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(late);
}

/** The harness's test with browsers of all engines. */
export const test = base.extend({
  /** Starts the browser of an engine. */
  start: async ({}, use) => {
    const browsers = [];
    await use(async (engine) => {
      const browser = new Browser();
      browsers.push(browser);
      await browser.start(engine);
      return browser;
    });
    for (const browser of browsers) await browser.end();
  },
});
