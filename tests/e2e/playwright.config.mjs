// The end-to-end tests. `cargo xtask test` runs them; by hand, `npx playwright test --project=e2e` in this
// folder does too, once `cargo xtask build` and `cargo build --bin dashboard-server` have been run.
import { defineConfig } from "@playwright/test";
import { chromium } from "./harness.mjs";

export default defineConfig({
  testDir: ".",
  projects: [
    { name: "e2e", testMatch: "*.spec.mjs", testIgnore: ["bench.spec.mjs", "engines.spec.mjs"] },
    // Browsers through their own WebDrivers; Playwright is the runner alone.
    { name: "engines", testMatch: "engines.spec.mjs" },
    // `cargo xtask bench`. A trace is work in the page, which would be measured too.
    { name: "bench", testMatch: "bench.spec.mjs", use: { trace: "off", screenshot: "off" } },
  ],
  outputDir: "../../target/e2e",
  // Times are part of what is tested, so tests do not share the machine's cores with each other.
  workers: 1,
  fullyParallel: false,
  // A test that passes at the second try hides a fault.
  retries: 0,
  timeout: 60_000,
  globalTimeout: 45 * 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [["list", { printSteps: false }]],
  use: {
    browserName: "chromium",
    locale: "en-US",
    timezoneId: "UTC",
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium(),
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
