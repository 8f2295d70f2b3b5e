// Passkeys in a browser that has an authenticator: headless Chromium, with a virtual one, against a running server.
//
// AGORA_URL  where the server listens with its demo market, as http://127.0.0.1:8080
// CHROMIUM   the browser (default: /usr/bin/chromium)
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

// Browsers have passkeys for names only; the server takes this one for the address that it listens on.
const url = new URL("/graphiql", process.env.AGORA_URL);
url.hostname = "localhost";
let browser;
let page;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
  });
  const context = await browser.newContext();
  page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(url.href);
});

after(() => browser?.close());

/** What a script of the page gets for a document. */
async function ask(query, input, token) {
  const answer = await page.evaluate(
    async ([query, input, token]) => {
      const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
      const body = JSON.stringify({ query, variables: { input } });
      return (await fetch("/graphql", { method: "POST", headers, body })).json();
    },
    [query, input, token],
  );
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  const payload = Object.values(answer.data)[0];
  assert.deepEqual(payload.userErrors, [], JSON.stringify(payload));
  return payload;
}

/** As a page does it: the options as they came, and the answer as the browser writes it. */
const create = (options) =>
  page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options));
    return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
  }, options);

const get = (options) =>
  page.evaluate(async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
  }, options);

const errors = "userErrors { code field }";
const beginning = `mutation { beginPasskeyAuthentication { options ${errors} } }`;

test("a page adds a passkey, and signs in with it", async () => {
  const signIn = `mutation($input: SignInInput!) { signIn(input: $input) { result { ... on SignedIn { accessToken } } ${errors} } }`;
  const person = { email: "ada@demo.example", password: "demo-market-2026" };
  const { accessToken } = (await ask(signIn, person)).result;
  const { options } = await ask(`mutation { beginPasskeyRegistration { options ${errors} } }`, undefined, accessToken);
  const added = await ask(
    `mutation($input: AddPasskeyInput!) { addPasskey(input: $input) { passkey { id } ${errors} } }`,
    { name: "Chromium", credential: await create(options) },
    accessToken,
  );

  const entering = `mutation($input: SignInWithPasskeyInput!) { signInWithPasskey(input: $input) {
    signedIn { accessToken user { displayName } } ${errors} } }`;
  for (let round = 0; round < 2; round += 1) {
    const credential = await get((await ask(beginning)).options);
    const { signedIn } = await ask(entering, { credential });
    assert.equal(signedIn.user.displayName, "Ada Whitfield");
  }

  const stepUp = `mutation($input: StepUpInput!) { stepUp(input: $input) { session { isCurrent } ${errors} } }`;
  const passkey = await get((await ask(beginning)).options);
  assert.ok((await ask(stepUp, { proof: { passkey } }, accessToken)).session.isCurrent);

  const removing = `mutation($input: RemovePasskeyInput!) { removePasskey(input: $input) { passkey { id } ${errors} } }`;
  await ask(removing, { passkeyId: added.passkey.id }, accessToken);
});
