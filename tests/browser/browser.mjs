// What the tests in a browser stand on: headless Chromium, and an eye on what a page does that it must not.
import { chromium } from "playwright-core";

/** A browser that finds no other host. */
export function launch({ hostname }) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${hostname}`,
    ],
  });
}

/** Complains of what another host is asked for. */
export function judge(requested, url, complaints) {
  const { protocol, host } = new URL(requested);
  if (!["data:", "blob:"].includes(protocol) && host !== url.host) complaints.push(`request: ${requested}`);
}

/** Complains of requests to other hosts, of what the Content-Security-Policy forbids, and of what stands on the console. */
export async function watch(context, url, complaints) {
  context.setDefaultTimeout(30_000);
  await context.exposeFunction("reportViolation", (violation) => complaints.push(violation));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      window.reportViolation(`policy: ${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(`error: ${error.error()}`));
  context.on("request", (request) => judge(request.url(), url, complaints));
}
