// A session in cookies, in a browser that keeps them as browsers do: headless Chromium against a running server.
//
// AGORA_URL  where the server listens with its demo market, as http://127.0.0.1:8080
// CHROMIUM   the browser (default: /usr/bin/chromium)
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const url = new URL("/graphiql", process.env.AGORA_URL);
let browser;
let context;
let page;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(url.href);
});

after(() => browser?.close());

/** What a script of the page gets for a document. */
function ask(query, variables = {}) {
  return page.evaluate(
    async ([query, variables]) => {
      const answer = await fetch("/graphql", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query, variables }),
      });
      return { status: answer.status, ...(await answer.json()) };
    },
    [query, variables],
  );
}

const refresh = () =>
  page.evaluate(async () => (await fetch("/session/refresh", { method: "POST" })).status);

/** How a socket that a script opens is closed, or what it says first. */
const socket = () =>
  page.evaluate(
    () =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/graphql`, "graphql-transport-ws");
        socket.onclose = (event) => resolve(event.code);
        socket.onopen = () => socket.send('{"type": "connection_init"}');
        socket.onmessage = (event) => {
          const message = JSON.parse(event.data);
          if (message.type === "connection_ack") {
            const payload = { query: "{ viewer { email } }" };
            socket.send(JSON.stringify({ type: "subscribe", id: "1", payload }));
          } else if (message.type === "next") {
            resolve(message.payload.data.viewer?.email ?? null);
          }
        };
      }),
  );

/** Writes an operation into GraphiQL's editor, and waits until its tab bears the name. */
async function write(document) {
  await page.locator(".graphiql-query-editor .view-lines").click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(document);
  const name = /^(?:query|mutation) (\w+)/.exec(document)[1];
  await page.locator(".graphiql-tab-active").getByText(name, { exact: true }).waitFor();
}

const signIn = `mutation($input: SignInInput!) { signIn(input: $input) { userErrors { code }
  result { __typename ... on SignedInWithCookies { user { displayName } } } } }`;
const person = { email: "ada@demo.example", password: "demo-market-2026", delivery: "COOKIES" };

test("a page signs in, and no script sees a token", async () => {
  assert.equal(await socket(), null);
  const { data } = await ask(signIn, { input: person });
  assert.equal(data.signIn.result?.__typename, "SignedInWithCookies", JSON.stringify(data));
  assert.equal(await page.evaluate(() => document.cookie), "");
  const kept = await context.cookies(url.href);
  assert.deepEqual(kept.map(({ name }) => name).sort(), ["__Host-agora-access", "__Host-agora-refresh"]);
  assert.ok(kept.every((cookie) => cookie.httpOnly && cookie.secure && cookie.sameSite === "Strict"));
  assert.equal((await ask("{ viewer { email } }")).data.viewer.email, person.email);
  assert.equal(await socket(), person.email);
});

test("the session goes on after its access token has gone", async () => {
  const before = await context.cookies(url.href);
  await context.clearCookies({ name: "__Host-agora-access" });
  const expired = await ask("{ viewer { email } }");
  assert.deepEqual([expired.status, expired.errors[0].extensions.reason], [401, "EXPIRED"]);
  assert.deepEqual(await Promise.all([refresh(), refresh(), refresh()]), [200, 200, 200]);
  const now = await context.cookies(url.href);
  const value = (cookies, name) => cookies.find((cookie) => cookie.name === name).value;
  assert.notEqual(value(now, "__Host-agora-refresh"), value(before, "__Host-agora-refresh"));
  assert.equal((await ask("{ viewer { email } }")).data.viewer.email, person.email);
});

test("GraphiQL goes on with a session in cookies, and with one in a header beside it", async () => {
  const play = async () => {
    const answered = page.waitForResponse((response) => response.url().endsWith("/graphql") && response.ok());
    await page.locator(".graphiql-execute-button").click();
    return (await answered).json();
  };
  await page.locator(".graphiql-execute-button").waitFor();
  await write("query Me { viewer { email } }");
  await context.clearCookies({ name: "__Host-agora-access" });
  assert.equal((await play()).data.viewer.email, person.email);
  await write(`mutation Grace { signIn(input: {email: "grace@demo.example", password: "${person.password}"})
    { result { ... on SignedIn { accessToken } } } }`);
  assert.ok((await play()).data.signIn.result.accessToken);
  await write("query Me { viewer { email } }");
  assert.equal((await play()).data.viewer.email, "grace@demo.example");
  await write(`mutation Back { signIn(input: {email: "${person.email}", password: "${person.password}", delivery: COOKIES})
    { result { __typename } } }`);
  assert.equal((await play()).data.signIn.result.__typename, "SignedInWithCookies");
  await write("query Me { viewer { email } }");
  assert.equal((await play()).data.viewer.email, person.email);
  // Of a session that is over, too, GraphiQL lets go.
  await ask("mutation { revokeOtherSessions { userErrors { code } } }");
  const kept = await context.cookies(url.href);
  await ask("mutation { signOut { userErrors { code } } }");
  await context.addCookies(kept);
  assert.equal((await play()).data.viewer, null);
  assert.deepEqual(await context.cookies(url.href), []);
  await ask(signIn, { input: person });
});

test("a page of another site cannot use it", async () => {
  const other = await context.newPage();
  // Another host on the same machine, and a page without any policy.
  const site = createServer((_, answer) => answer.end("<!doctype html><title>Elsewhere</title>"));
  await new Promise((listens) => site.listen(0, "127.0.0.1", listens));
  await other.goto(`http://localhost:${site.address().port}/`);
  // The request goes out, and the browser keeps the answer from the page.
  const kept = other.waitForEvent("requestfailed");
  const outcome = await other.evaluate(
    (target) =>
      fetch(target, { method: "POST", credentials: "include", mode: "no-cors" }).then(
        () => "answered",
        () => "kept back",
      ),
    new URL("/session/refresh", url).href,
  );
  assert.equal(outcome, "kept back");
  assert.match((await kept).failure().errorText, /BLOCKED_BY_RESPONSE/);
  await other.close();
  site.close();
  assert.equal((await ask("{ viewer { email } }")).data.viewer.email, person.email, "it was signed out from elsewhere");
});

test("signing out takes the cookies back", async () => {
  await ask("mutation { signOut { userErrors { code } } }");
  assert.deepEqual(await context.cookies(url.href), []);
  assert.equal((await ask("{ viewer { email } }")).data.viewer, null);
  assert.equal(await refresh(), 401);
});
