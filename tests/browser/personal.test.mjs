// What is personal on the page of the demo market: headless Chromium against a running server. A guest looks around, signs in and is
// shown what goes with what she did, each thing with its reason; she dismisses one, and has none of it.
//
// AGORA_URL, AGORA_SCREENSHOTS and CHROMIUM as for demo.test.mjs
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch, watch } from "./browser.mjs";

const url = new URL("/demo", process.env.AGORA_URL);
const screenshots = process.env.AGORA_SCREENSHOTS;
/** Not Ada: other tests end her sessions meanwhile. */
const CHLOE = "Chloé Martin";
/** What is ordered is learned within twenty seconds, if the machine has nothing else to do. */
const PATIENCE = 60_000;

/** Many people have ordered it lately, but she has not. */
const seen = "Chocolate Hot Water Bottle";

const complaints = [];
let browser;
let page;

before(async () => {
  await prepare();
  browser = await launch(url);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await watch(context, url, complaints);
  page = await context.newPage();
  await page.goto(url.href);
});

after(() => browser?.close());

async function ask(query, variables, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(new URL("/graphql", url), { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/** Has Chloe begin anew, whatever an earlier run did, and waits until what people ordered is learned. */
async function prepare() {
  const input = { email: "chloe@demo.example", password: "demo-market-2026" };
  const signIn = "mutation ($input: SignInInput!) { signIn(input: $input) { result { ... on SignedIn { accessToken } } } }";
  const token = (await ask(signIn, { input })).signIn.result.accessToken;
  await ask(
    `mutation {
      updatePreferences(input: {hasPersonalization: true}) { userErrors { code } }
      clearHistory(input: {kinds: [VIEWS, DISMISSALS]}) { userErrors { code } }
    }`,
    {},
    token,
  );
  const end = Date.now() + PATIENCE;
  for (;;) {
    const { viewer } = await ask("{ viewer { home { kind } } }", {}, token);
    if (viewer.home.some(({ kind }) => kind === "BECAUSE_ORDERED")) return;
    assert(Date.now() < end, "nothing was learned");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function screenshot(name) {
  if (!screenshots) return;
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: `${screenshots}/personal-${name}.png`, fullPage: true });
}

const region = (name) => page.getByRole("region", { name });
const because = () => region(/^Because you ordered /);
const personal = () => page.getByRole("switch", { name: "Show me what goes with what I look at and order" });
const toMarket = () => page.getByRole("navigation").getByRole("link", { name: "Market" }).click();

/** Opens the first product of a section, or one of a name, and answers what it is called. */
async function open(section, name = /./) {
  const link = section.getByRole("link", { name }).first();
  const title = await link.innerText();
  await link.click();
  await page.getByRole("heading", { name: title, level: 1 }).waitFor();
  return title;
}

test("a guest sees what is trending, and what goes with what they look at", async () => {
  await page.getByRole("button", { name: "look around as a guest" }).click();
  await region("Trending").getByText("Ordered by many people lately").waitFor();
  await screenshot("1-guest");
  assert.equal(await personal().count(), 0);
  assert.equal(await page.getByRole("button", { name: /^Not interested/ }).count(), 0);

  await open(region("Trending"), seen);
  await region("Often ordered together").getByText(`Often ordered with ${seen}`).first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Place order" }).count(), 0);
  await screenshot("2-guest-product");
  await toMarket();
  await region("Recently viewed").getByRole("link", { name: seen }).waitFor();
  await region(`Because you looked at ${seen}`).getByText(`Often ordered with ${seen}`).first().waitFor();
  await screenshot("3-guest-again");
  assert.deepEqual(complaints, []);
});

test("whoever signs in has what they looked at as a guest, and is shown what goes with their orders", async () => {
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: CHLOE }).click();
  await region("Recently viewed").getByRole("link", { name: seen }).waitFor();
  await because().getByText(/^You ordered /).waitFor();
  await because().getByText(/^Often ordered with /).first().waitFor();
  await screenshot("4-home");
  assert.deepEqual(complaints, []);
});

test("a product has what goes with it, each with why", async () => {
  const title = await open(because());
  await region("Often ordered together").getByText(`Often ordered with ${title}`).first().waitFor();
  await screenshot("5-product");
  await toMarket();
  await region("Recently viewed").getByRole("link", { name: title }).waitFor();
  await region("Recently viewed").getByRole("link", { name: seen }).waitFor();
  assert.deepEqual(complaints, []);
});

test("what is dismissed goes", async () => {
  const section = because();
  const title = await section.getByRole("link").first().innerText();
  await section.getByRole("button", { name: `Not interested in ${title}` }).click();
  await section.getByRole("link", { name: title, exact: true }).waitFor({ state: "detached" });
  await section.getByRole("link").first().waitFor();
  await screenshot("6-dismissed");
  assert.deepEqual(complaints, []);
});

test("without personalisation there is what everybody sees, at once", async () => {
  assert(await personal().isChecked());
  await personal().click();
  await because().waitFor({ state: "detached" });
  await region("Recently viewed").waitFor({ state: "detached" });
  await region("Trending").getByRole("link").first().waitFor();
  assert.equal(await personal().isChecked(), false);
  await screenshot("7-off");
  await personal().click();
  await because().waitFor();
  assert(await personal().isChecked());
  assert.deepEqual(complaints, []);
});

test("what was bought can be bought again", async () => {
  await page.getByRole("navigation").getByRole("link", { name: "Orders" }).click();
  await region("Buy again").getByText(/^\d+ the last time$/).first().waitFor();
  await screenshot("8-buy-again");
  await open(region("Buy again"));
  await page.getByRole("button", { name: "Place order" }).waitFor();
  assert.deepEqual(complaints, []);
});
