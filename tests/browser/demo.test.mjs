// The page of the demo market as two people use it at once: headless Chromium against a running server. One asks, orders and
// pays, the other sees it come, answers and sends. Nothing may reach for another host, break the Content-Security-Policy, or
// complain on the console.
//
// AGORA_URL         where the server listens with its demo market, as http://127.0.0.1:8080
// AGORA_SCREENSHOTS a folder for screenshots (none are kept without it)
// CHROMIUM          the browser (default: /usr/bin/chromium)
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { judge, launch, watch } from "./browser.mjs";

const url = new URL("/demo", process.env.AGORA_URL);
const screenshots = process.env.AGORA_SCREENSHOTS;
/** Of Grace's shop, and no other product is called so. */
const PRODUCT = "Bathroom Metal Sign";

const complaints = [];
let browser;
let ben;
let grace;

before(async () => {
  browser = await launch(url);
  // Not Ada: other tests end her sessions meanwhile.
  ben = await open({ viewport: { width: 1280, height: 900 } });
  // The shopkeeper has a phone, and likes it dark.
  grace = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, colorScheme: "dark" });
});

after(() => browser?.close());

/** A window of its own, as of another person: its page, and the sockets that it has opened. */
async function open(options) {
  const context = await browser.newContext(options);
  await watch(context, url, complaints);
  const page = await context.newPage();
  const sockets = [];
  const world = { page, sockets, isAway: false };
  // Between the page and the server, so that a test can take a connection away.
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    judge(socket.url().replace("ws", "http"), url, complaints);
    if (world.isAway) {
      void socket.close({ code: 1012 });
      return;
    }
    socket.connectToServer();
    sockets.push(socket);
  });
  await page.goto(url.href);
  return world;
}

async function screenshot(name) {
  if (!screenshots) return;
  await mkdir(screenshots, { recursive: true });
  await ben.page.screenshot({ path: `${screenshots}/demo-${name}-shopper.png` });
  await grace.page.screenshot({ path: `${screenshots}/demo-${name}-shopkeeper.png` });
}

function assertNoComplaints() {
  assert.deepEqual(complaints, []);
}

const log = ({ page }) => page.getByRole("log", { name: "Messages" });
const bubble = (world, text) => log(world).getByRole("listitem").filter({ hasText: text });
const nav = ({ page }, name) => page.getByRole("navigation").getByRole("link", { name });

async function write({ page }, text) {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

async function unread(world) {
  const badge = nav(world, "Inbox").locator(".badge");
  return (await badge.count()) === 0 ? 0 : Number.parseInt(await badge.innerText(), 10);
}

/** Names a text of this run: the market may have seen others. */
const run = `${process.pid}-${Date.now()}`;

test("its policy is that of GraphiQL", async () => {
  const [demo, graphiql] = await Promise.all(["/demo", "/graphiql"].map((path) => fetch(new URL(path, url))));
  assert.equal(demo.status, 200);
  assert.equal(demo.headers.get("content-security-policy"), graphiql.headers.get("content-security-policy"));
});

test("two people sign in by a click", async () => {
  await screenshot("1-welcome");
  await ben.page.getByRole("button", { name: "Ben Carter" }).click();
  await grace.page.getByRole("button", { name: "Grace Okafor" }).click();
  for (const { page } of [ben, grace]) {
    await page.getByRole("heading", { name: "Market" }).waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
  }
  await ben.page.getByRole("listitem").getByRole("link").nth(20).waitFor();
  assert.equal(await nav(ben, "Shop desk").count(), 0);
  await screenshot("2-market");
  assertNoComplaints();
});

test("a product is found by its words", async () => {
  await ben.page.getByRole("searchbox", { name: "Search" }).fill("bathroom sign");
  await ben.page.getByRole("link", { name: PRODUCT }).first().waitFor();
  await screenshot("3-found");
  await ben.page.getByRole("link", { name: PRODUCT }).first().click();
  await ben.page.getByRole("heading", { name: PRODUCT }).waitFor();
  await ben.page.getByText(/\d in stock|Only \d+ left/).first().waitFor();
  await ben.page.getByText(/^In all £/).waitFor();
  await screenshot("4-product");
  assertNoComplaints();
});

test("the shop hears a question at once, and they talk", async () => {
  await nav(grace, "Inbox").click();
  const count = await unread(grace);
  const question = `Does it come with screws? ${run}`;
  await ben.page.getByRole("textbox", { name: "Your question" }).fill(question);
  await ben.page.getByRole("button", { name: "Ask the shop" }).click();
  await bubble(ben, question).waitFor();

  // Grace's inbox says so by itself.
  const talk = grace.page.getByRole("link").filter({ hasText: question });
  await talk.waitFor();
  await grace.page.waitForFunction(
    (count) => Number.parseInt(document.querySelector("nav .badge")?.textContent, 10) > count,
    count,
  );
  await screenshot("5-asked");

  await talk.click();
  await bubble(grace, question).waitFor();
  await grace.page.getByRole("textbox", { name: "Message" }).pressSequentially("It does");
  await ben.page.getByText("Grace Okafor is typing…").waitFor();
  await screenshot("6-typing");
  const answer = `It does: two of them, in a small bag. ${run}`;
  await write(grace, answer);
  await bubble(ben, answer).waitFor();
  await ben.page.getByText("is typing…").waitFor({ state: "detached" });
  await bubble(grace, answer).getByText("Read by Ben Carter").waitFor();
  const thanks = `Thank you! ${run}`;
  await ben.page.getByRole("textbox", { name: "Message" }).fill(thanks);
  await ben.page.keyboard.press("Enter");
  await bubble(grace, thanks).waitFor();
  for (const world of [ben, grace]) {
    for (const text of [question, answer, thanks]) assert.equal(await bubble(world, text).count(), 1, text);
    assert.equal(await world.page.locator(".pending").count(), 0);
  }
  await screenshot("7-talked");
  assertNoComplaints();
});

test("a message is shown before its answer came, and gives way to the message itself", async () => {
  const text = `How wide is it? ${run}`;
  let release;
  const held = new Promise((resolve) => (release = resolve));
  const sent = [];
  await ben.page.route("**/graphql", async (route) => {
    if (!route.request().postData()?.includes("mutation SendMessage")) return route.fallback();
    sent.push(route.request().postDataJSON().variables.input.idempotencyKey);
    await held;
    // The first answer is lost on the way: the very same is sent once more.
    if (sent.length > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await write(ben, text);
  await ben.page.locator(".pending").filter({ hasText: text }).waitFor();
  await screenshot("8-pending");
  release();
  await bubble(grace, text).waitFor();
  await ben.page.locator(".pending").waitFor({ state: "detached" });
  assert.equal(await ben.page.locator(".failed").count(), 0);
  assert.equal(await bubble(ben, text).count(), 1);
  assert.equal(await bubble(grace, text).count(), 1);
  assert.equal(new Set(sent).size, 1);
  await ben.page.unroute("**/graphql");
  // Of a lost answer the browser complains itself.
  const other = complaints.splice(0).filter((complaint) => !complaint.includes("ERR_FAILED"));
  assert.deepEqual(other, []);
});

test("a lost connection comes back, and nothing is missed", async () => {
  ben.isAway = true;
  await Promise.all(ben.sockets.splice(0).map((socket) => socket.close({ code: 1012 })));
  await ben.page.getByText("Connecting again…").waitFor();
  const texts = ["As wide as a hand.", "And as high as two."].map((text) => `${text} ${run}`);
  for (const text of texts) {
    await write(grace, text);
    await bubble(grace, text).waitFor();
  }
  assert.equal(await bubble(ben, texts[0]).count(), 0);
  await screenshot("9-away");
  ben.isAway = false;
  await ben.page.getByText("Live", { exact: true }).waitFor();
  for (const text of texts) {
    await bubble(ben, text).waitFor();
    assert.equal(await bubble(ben, text).count(), 1);
  }
  assertNoComplaints();
});

test("an order is placed once, and comes to the shop while it looks", async () => {
  await nav(grace, "Shop desk").click();
  await grace.page.getByRole("list", { name: "Orders of Hearts & Hooks" }).getByRole("heading").first().waitFor();
  await ben.page.getByRole("link", { name: PRODUCT }).click();
  await ben.page.getByRole("spinbutton", { name: "Quantity" }).fill("2");
  await ben.page.getByText("£1.10").waitFor();
  // Twice, as impatient people do.
  await ben.page.getByRole("button", { name: "Place order" }).dblclick();
  const heading = ben.page.getByRole("heading", { name: /^Order / });
  await heading.waitFor();
  const number = (await heading.innerText()).replace("Order ", "");
  const ordered = grace.page.getByRole("listitem").filter({ has: grace.page.getByRole("heading", { name: number }) });
  await ordered.getByText("Unpaid").waitFor();
  await ordered.getByText(`2 × ${PRODUCT}`).waitFor();
  await grace.page.getByText(`New order ${number}`).waitFor();
  await screenshot("10-ordered");

  await ben.page.getByRole("radio", { name: "A card that is declined" }).check();
  await ben.page.getByRole("button", { name: "Pay now" }).click();
  await ben.page.getByText("The card was declined.").waitFor();
  await ben.page.getByRole("radio", { name: "A bank that asks on a page of its own" }).check();
  await ben.page.getByRole("button", { name: "Pay now" }).click();
  const opened = ben.page.context().waitForEvent("page");
  await ben.page.getByRole("link", { name: "Go to the bank's page" }).click();
  const bank = await opened;
  await bank.getByRole("button", { name: "Approve" }).click();
  await bank.getByText("The payment has been approved.").waitFor();
  await bank.close();

  // Both windows hear of it by themselves.
  await ordered.getByText("Paid", { exact: true }).waitFor();
  await ben.page.getByRole("button", { name: "Pay now" }).waitFor({ state: "detached" });
  await screenshot("11-paid");
  await ordered.getByRole("button", { name: "Send it" }).click();
  await ben.page.getByRole("region", { name: /Hearts & Hooks/ }).getByText("On its way").waitFor();
  await screenshot("12-sent");

  await nav(ben, "Orders").click();
  await ben.page.getByRole("link").filter({ hasText: number }).waitFor();
  assert.equal(await ben.page.getByRole("link").filter({ hasText: number }).count(), 1);
  await ben.page.getByRole("link").filter({ hasText: number }).click();
  await ben.page.getByRole("link", { name: "Talk with the shop about it" }).click();
  await log(ben).getByText("Order placed").waitFor();
  await log(ben).getByText("On its way").waitFor();
  await screenshot("13-story");
  assertNoComplaints();
});

test("another order is paid at once", async () => {
  await nav(ben, "Market").click();
  await ben.page.getByRole("searchbox", { name: "Search" }).fill("bathroom sign");
  await ben.page.getByRole("link", { name: PRODUCT }).first().click();
  await ben.page.getByRole("button", { name: "Place order" }).click();
  await ben.page.getByRole("button", { name: "Pay now" }).click();
  await ben.page.getByRole("main").getByText("Paid", { exact: true }).first().waitFor();
  assertNoComplaints();
});

test("a session goes on after its access token has gone, and signing out ends it", async () => {
  let refusals = 0;
  await ben.page.route("**/graphql", async (route) => {
    if (refusals > 0 || route.request().postData()?.includes("refreshSession")) return route.fallback();
    refusals += 1;
    const headers = { ...route.request().headers(), authorization: "Bearer nonsense" };
    return route.continue({ headers });
  });
  await nav(ben, "Orders").click();
  await ben.page.getByRole("heading", { name: "Orders" }).waitFor();
  await ben.page.getByRole("main").getByRole("link").first().waitFor();
  assert.equal(refusals, 1);
  await ben.page.getByRole("button", { name: "Sign out" }).click();
  await ben.page.getByRole("heading", { name: "Who would you like to be?" }).waitFor();
  // Of a 401 the browser complains itself.
  assert.deepEqual(
    complaints.filter((complaint) => !complaint.includes("401")),
    [],
  );
});
