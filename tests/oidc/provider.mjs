// A real provider: the certified implementation for Node, with the pages on which people sign in and agree.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

/** Who signs in by which name, with any password. */
export const people = {
  grace: { email: "grace@demo.test", email_verified: true, name: "Grace Hopper" },
  mallory: { email: "ada@demo.example", email_verified: false, name: "Mallory" },
};

/** Serves at a port of this machine until the server is closed. */
export async function startProvider(port, redirectUri) {
  const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients: [{ client_id: "market", client_secret: "a secret: of+this&test", redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId, ...people[accountId] }) }),
    jwks: { keys: [{ ...jwk, kid: "one", use: "sig", alg: "RS256" }] },
    pkce: { required: () => true },
  });
  const server = createServer(provider.callback());
  await new Promise((listens) => server.listen(port, "127.0.0.1", listens));
  return server;
}

/** A browser as far as a sign-in needs one: it keeps cookies, follows redirects, and answers forms. */
export class Browser {
  #cookies = new Map();

  /** Asks until an answer leads to a URL that `isEnd`, and answers that; or until there is a page, and answers it. */
  async go(url, isEnd, init = {}) {
    for (let hops = 0; hops < 20; hops++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const answer = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
        this.#cookies.set(name, value);
      }
      const location = answer.headers.get("location");
      if (!location) return { status: answer.status, url, page: await answer.text() };
      url = new URL(location, url).href;
      init = {};
      if (isEnd(url)) return { end: new URL(url) };
    }
    throw new Error(`it goes round and round: ${url}`);
  }

  /** Sends the form of a page, with the person's name where one is asked for. */
  async submit({ url, page }, isEnd, login) {
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1] ?? url;
    const prompt = /name="prompt" value="(\w+)"/.exec(page)[1];
    const body = new URLSearchParams(prompt === "login" ? { prompt, login, password: "any" } : { prompt });
    return this.go(new URL(action, url).href, isEnd, { method: "POST", body });
  }
}
