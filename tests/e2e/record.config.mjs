// `cargo xtask record`: what a first load runs is noted, on a build that notes it.
import config from "./playwright.config.mjs";

export default { ...config, testMatch: "first-load.record.mjs" };
