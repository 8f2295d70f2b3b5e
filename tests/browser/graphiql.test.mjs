// GraphiQL as a person uses it: headless Chromium against a running server. Nothing may reach for
// another host, break the Content-Security-Policy, or complain on the console.
//
// AGORA_URL         where the server listens, as http://127.0.0.1:8080
// AGORA_OPERATIONS  the operations to run (default: operations.json here)
// AGORA_SCREENSHOTS a folder for screenshots (none are kept without it)
// CHROMIUM          the browser (default: /usr/bin/chromium)
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { judge, launch, watch } from "./browser.mjs";

const url = new URL("/graphiql", process.env.AGORA_URL);
const operations = JSON.parse(
  await readFile(process.env.AGORA_OPERATIONS ?? new URL("operations.json", import.meta.url), "utf8"),
);
const screenshots = process.env.AGORA_SCREENSHOTS;

const complaints = [];
let browser;
let page;

before(async () => {
  browser = await launch(url);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await watch(context, url, complaints);
  page = await context.newPage();
  page.on("websocket", (socket) => judge(socket.url(), url, complaints));
  // Not until the network is idle: of a worker's script the browser does not always say that it came.
  await page.goto(url.href);
  await page.locator(".graphiql-execute-button").waitFor();
  await page.locator(`${editors.query} .view-line`).first().waitFor();
});

after(() => browser?.close());

const nameOf = (document) => /^(?:query|mutation|subscription) (\w+)/m.exec(document)[1];

const editors = {
  query: ".graphiql-query-editor",
  variables: ".graphiql-editor-tool .graphiql-editor >> nth=0",
  headers: ".graphiql-editor-tool .graphiql-editor >> nth=1",
};

async function write(editor, text) {
  await page.locator(editors[editor]).locator(".view-lines").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(text);
}

/** Writes an operation into a new tab, and waits until the tab bears its name: then GraphiQL has read it. */
async function writeOperation({ document, variables }) {
  await page.getByRole("button", { name: "New tab" }).click();
  await write("query", document);
  await page.locator(".graphiql-tab-active").getByText(nameOf(document), { exact: true }).waitFor();
  if (variables) {
    await page.getByRole("button", { name: "Variables", exact: true }).click();
    await write("variables", JSON.stringify(variables));
  }
}

const play = () => page.locator(".graphiql-execute-button").click();

/** Waits until the text stands in the answer, as it is drawn. */
async function answered(text) {
  await page.waitForFunction(
    (wanted) => document.querySelector(".result-window")?.innerText.replaceAll("\u00a0", " ").includes(wanted),
    text,
  );
}

async function screenshot(name) {
  if (!screenshots) return;
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: `${screenshots}/graphiql-${name}.png` });
}

function assertNoComplaints() {
  assert.deepEqual(complaints, []);
}

test("its policy allows what it needs, and nothing else", async () => {
  const answer = await fetch(url);
  const directives = answer.headers.get("content-security-policy").split(";").map((directive) => directive.trim());
  assert.deepEqual(directives.sort(), [
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "font-src 'self' data:",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "img-src 'self' data:",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "worker-src 'self' blob:",
  ]);
});

test("it opens with a tab for each example", async () => {
  const examples = JSON.parse(await page.locator("#tabs").textContent());
  assert.deepEqual(
    await page.getByRole("tab").allInnerTexts(),
    examples.map(({ query }) => nameOf(query)),
  );
  await screenshot("opened");
  assertNoComplaints();
});

test("each example runs as it is, one after the other", async () => {
  const stop = page.getByRole("button", { name: /^Stop/ });
  const examples = JSON.parse(await page.locator("#tabs").textContent());
  for (const [place, { query }] of examples.entries()) {
    // By its place: a tab of several operations bears the name of the one that ran last.
    const tab = page.getByRole("tab").nth(place);
    const operations = [...query.matchAll(/^(?:query|mutation|subscription) (\w+)[^{]*\{\s*(\w+)/gm)];
    for (const [, name, field] of operations) {
      await tab.click();
      await page.locator(".graphiql-tab-active").getByText(await tab.innerText(), { exact: true }).waitFor();
      await play();
      // Of several operations, a menu asks which one.
      if (operations.length > 1) await page.getByRole("menuitem", { name, exact: true }).click();
      await answered(`"${field}": {`);
      const said = await page.locator(".result-window").innerText();
      assert.doesNotMatch(said, /"errors"|"code"/, name);
      await screenshot(`example-${name}`);
      if (await stop.isVisible()) await stop.click();
    }
  }
  assertNoComplaints();
});

test("it runs a query", async () => {
  await writeOperation(operations.query);
  await play();
  await answered(operations.query.answer);
  await screenshot("query");
  assertNoComplaints();
});

test("it marks what the schema does not have", async () => {
  await writeOperation({ document: operations.mistake });
  await page.locator(`${editors.query} .squiggly-error`).waitFor();
  assert.ok(page.workers().length >= 2, "the editor runs in workers");
  assertNoComplaints();
});

test("it sends the headers of the headers editor", async () => {
  await writeOperation(operations.query);
  await page.getByRole("button", { name: "Headers", exact: true }).click();
  await write("headers", JSON.stringify({ "Accept-Language": "de" }));
  const request = page.waitForRequest((request) => request.method() === "POST");
  await play();
  assert.equal((await request).headers()["accept-language"], "de");
  await answered(operations.query.answer);
  await screenshot("headers");
  assertNoComplaints();
});

test("it runs a mutation", async () => {
  await writeOperation(operations.mutation);
  await play();
  await answered(operations.mutation.answer);
  await screenshot("mutation");
  assertNoComplaints();
});

test("it runs a subscription until it is stopped", async () => {
  await writeOperation(operations.subscription);
  const opened = page.waitForEvent("websocket");
  await play();
  await answered(operations.subscription.answer);
  await screenshot("subscription");
  const socket = await opened;
  if (!socket.isClosed()) {
    const closed = socket.waitForEvent("close");
    await page.getByRole("button", { name: /^Stop/ }).click();
    await closed;
  }
  assertNoComplaints();
});

test("it shows the documentation", async () => {
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  const docs = page.locator(".graphiql-doc-explorer");
  await docs.locator(".graphiql-doc-explorer-root-type + a").first().click();
  await docs.locator(".graphiql-doc-explorer-section-title", { hasText: "Fields" }).waitFor();
  await screenshot("documentation");
  assertNoComplaints();
});

test("it remembers what was run", async () => {
  await page.getByRole("button", { name: "Show History" }).click();
  const items = page.locator(".graphiql-history-item");
  await items.first().waitFor();
  assert.ok((await items.count()) >= 3);
  await screenshot("history");
  assertNoComplaints();
});
