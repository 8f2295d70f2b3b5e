// The whole sign-in against a provider that somebody else has written, with its pages and cookies.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser, startProvider } from "./provider.mjs";

const { AGORA_URL, AGORA_OIDC_PORT } = process.env;
const graphql = new URL("/graphql", AGORA_URL).href;
const returnTo = new URL("/signed-in", AGORA_URL).href;
let provider;

before(async () => {
  provider = await startProvider(Number(AGORA_OIDC_PORT), new URL("/account/callback/real", AGORA_URL).href);
});

after(() => {
  provider.closeAllConnections();
  provider.close();
});

async function ask(query, variables = {}, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(graphql, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

const BEGIN = `mutation Begin($input: BeginProviderSignInInput!) {
  beginProviderSignIn(input: $input) { authorization { url bindingToken } userErrors { code } }
}`;
const COMPLETE = `mutation Complete($input: CompleteProviderSignInInput!) {
  completeProviderSignIn(input: $input) {
    result { ... on SignedIn { accessToken user { displayName } } }
    userErrors { code }
  }
}`;

const isBack = (url) => url.startsWith(returnTo);

/** Goes to the provider, and answers its first page, and what has to be shown afterwards. */
async function go(browser, token) {
  const { beginProviderSignIn } = await ask(BEGIN, { input: { provider: "real", returnTo } }, token);
  assert.deepEqual(beginProviderSignIn.userErrors, []);
  const { url, bindingToken } = beginProviderSignIn.authorization;
  return { bindingToken, page: await browser.go(url, isBack) };
}

/** Goes on with what somebody came back with. */
async function complete(end, bindingToken) {
  const { state, code, iss } = Object.fromEntries(end.searchParams);
  const { completeProviderSignIn } = await ask(COMPLETE, { input: { state, code, iss, bindingToken } });
  return completeProviderSignIn;
}

test("somebody signs in, agrees, and has an account; the next time neither is asked for", async () => {
  const browser = new Browser();
  const { bindingToken, page } = await go(browser);
  const consent = await browser.submit(page, isBack, "grace");
  assert.match(consent.page, /name="prompt" value="consent"/);
  const { end } = await browser.submit(consent, isBack, "grace");
  assert.equal(end.searchParams.get("iss"), `http://127.0.0.1:${AGORA_OIDC_PORT}`);
  const { result, userErrors } = await complete(end, bindingToken);
  assert.deepEqual(userErrors, []);
  assert.equal(result.user.displayName, "Grace Hopper");
  const { viewer } = await ask("{ viewer { email hasPassword identities { email provider { displayName } } } }", {}, result.accessToken);
  assert.deepEqual(viewer, {
    email: "grace@demo.test",
    hasPassword: false,
    identities: [{ email: "grace@demo.test", provider: { displayName: "Real" } }],
  });
  assert.deepEqual((await complete(end, bindingToken)).userErrors, [{ code: "INVALID_TOKEN" }]);

  const again = await go(browser);
  assert.ok(again.page.end, "a page came");
  assert.equal((await complete(again.page.end, again.bindingToken)).result.user.displayName, "Grace Hopper");

  // Whoever is signed in here proves anew who they are: there they are asked, though they are known.
  const anew = await go(browser, result.accessToken);
  const back = await browser.submit(anew.page, isBack, "grace");
  const proven = (await complete(back.end, anew.bindingToken)).result.accessToken;
  const { beginTotpSetup } = await ask("mutation { beginTotpSetup { userErrors { code } } }", {}, proven);
  assert.deepEqual(beginTotpSetup.userErrors, []);
});

test("an address that the provider has not verified opens nobody's account", async () => {
  const browser = new Browser();
  const { bindingToken, page } = await go(browser);
  const consent = await browser.submit(page, isBack, "mallory");
  const { end } = await browser.submit(consent, isBack, "mallory");
  assert.deepEqual(await complete(end, bindingToken), { result: null, userErrors: [{ code: "EMAIL_NOT_VERIFIED" }] });
});

test("who declines comes back with an error", async () => {
  const browser = new Browser();
  const { page } = await go(browser);
  const abort = new URL(/href="([^"]*\/abort)"/.exec(page.page)[1], page.url).href;
  const { end } = await browser.go(abort, isBack);
  assert.equal(end.searchParams.get("error"), "access_denied");
  assert.equal(end.searchParams.get("code"), null);
});

test("a code that somebody made up is refused by the provider", async () => {
  const browser = new Browser();
  const { bindingToken, page } = await go(browser);
  const consent = await browser.submit(page, isBack, "grace");
  const { end } = await browser.submit(consent, isBack, "grace");
  end.searchParams.set("code", "made-up");
  assert.deepEqual((await complete(end, bindingToken)).userErrors, [{ code: "PROVIDER_REFUSED" }]);
});
