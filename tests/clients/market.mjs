// The server under test, and people who are in its demo market.
import assert from "node:assert/strict";

export const url = new URL("/graphql", process.env.AGORA_URL ?? "http://127.0.0.1:8080").href;

/** Runs an operation and answers its data. Busy is not wrong: what can be tried again is, as often as the guide says. */
export async function ask(query, variables = {}, authorization) {
  for (let attempts = 1; ; attempts++) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization && { authorization }) },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await answer.json();
    if (!errors) return data;
    const { isRetryable, retryAfterSeconds = 1 } = errors[0].extensions;
    if (!isRetryable || attempts === 10) assert.fail(JSON.stringify(errors));
    await new Promise((resolve) => setTimeout(resolve, retryAfterSeconds * 1000));
  }
}

/** Somebody of the demo market, signed in: their tokens, and `ask` in their name. */
export async function signIn(name) {
  const { signIn } = await ask(
    `mutation SignIn($input: SignInInput!) {
      signIn(input: $input) {
        result { ... on SignedIn { accessToken accessTokenExpiresAt refreshToken user { id } } }
      }
    }`,
    { input: { email: `${name}@demo.example`, password: "demo-market-2026" } },
  );
  const { user, ...tokens } = signIn.result;
  const authorization = `Bearer ${tokens.accessToken}`;
  return { id: user.id, tokens, authorization, ask: (query, variables) => ask(query, variables, authorization) };
}

/** Waits until the code that was mailed to an address is there, and answers it. */
export async function mailedCode(address) {
  const found = new RegExp(`<h2>(\\d{6}) is your code</h2><p>To ${address.replaceAll(".", "\\.")}</p>`);
  return eventually(async () => {
    const page = await fetch(new URL("/dev/mail", url));
    return found.exec(await page.text())?.[1];
  });
}

/** Polls until there is an answer; fails after half a minute. */
export async function eventually(look) {
  for (let attempts = 0; attempts < 300; attempts++) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`it did not come: ${look}`);
}

/** A product of a shop, by the shop's handle. */
export async function productOf(handle) {
  const { shop: { id } } = await ask(`query Shop($by: ShopByInput!) { shop(by: $by) { id } }`, { by: { handle } });
  const { products } = await ask(
    `query OneProduct($filter: ProductFilter!) {
      products(filter: $filter, first: 1) { nodes { id title variants { id price { amount currency } } } }
    }`,
    { filter: { shopId: id } },
  );
  return products.nodes[0];
}

let keys = 0;
/** Names an intention of this run. */
export const newKey = () => `clients-${process.pid}-${Date.now()}-${++keys}`;
