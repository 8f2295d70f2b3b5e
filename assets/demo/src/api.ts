// Asking the market, as the one who is signed in, or as a guest. The session and its retries are those that tests/clients tries out.
import { openSession } from "../../../tests/clients/setup/session.mjs";
import { withRetries } from "../../../tests/clients/setup/retry.mjs";
import { SignInDocument, SignOutDocument, type TypedDocumentString } from "../__generated__/graphql.js";

export const url = new URL("/graphql", location.href).href;

/** The password of everybody in the demo market. */
const PASSWORD = "demo-market-2026";

export type Session = ReturnType<typeof openSession>;

/** Why something was not done, in words for a person. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

type Send = (input: string, init: RequestInit) => Promise<Response>;
type Ask = <Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables) => Promise<Result>;

function asking(fetch: Send): Ask {
  const send: Send = withRetries(fetch);
  return async (document, variables) => {
    const answer = await send(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/graphql-response+json, application/json;q=0.9" },
      body: JSON.stringify({ query: document.toString(), variables }),
    });
    const { data, errors } = await answer.json();
    if (errors) throw new Refused(errors[0].message, errors[0].extensions?.code);
    return data;
  };
}

/** The market for one person: how it is asked, and the session behind it; a guest has none. Nothing of it outlives the page. */
export interface Market {
  ask: Ask;
  session: Session | undefined;
  signOut: () => Promise<void>;
}

const asGuest = asking((input, init) => fetch(input, init));

/** The market for a guest. */
export const guest = (): Market => ({ ask: asGuest, session: undefined, signOut: async () => {} });

/** Signs in; `over` is called when the session has ended without being asked to. */
export async function signIn(email: string, over: () => void): Promise<Market> {
  const { signIn } = await asGuest(SignInDocument, { input: { email, password: PASSWORD } });
  const { result } = signIn;
  if (result?.__typename !== "SignedIn") {
    throw new Refused(signIn.userErrors[0]?.message ?? "This person needs more than a password to sign in.");
  }
  const session = untilOver(openSession({ url, tokens: result }), over);
  const ask = asking(session.fetch);
  return {
    ask,
    session,
    signOut: async () => {
      await ask(SignOutDocument, {});
    },
  };
}

/** A session that says when it has ended. */
function untilOver(session: Session, over: () => void): Session {
  const ended = (reason: Error): never => {
    if (reason.message.startsWith("sign in again")) over();
    throw reason;
  };
  return {
    authorization: () => session.authorization().catch(ended),
    refresh: () => session.refresh().catch(ended),
    fetch: (input, init) => session.fetch(input, init).catch(ended),
  };
}

/** Of what a mutation answers: the value, or why there is none. */
export function outcome<T>(value: T | null, userErrors: readonly { code: string; message: string }[]): T {
  const [refusal] = userErrors;
  if (refusal) throw new Refused(refusal.message, refusal.code);
  if (value === null) throw new Refused("The market did not say what became of it.");
  return value;
}

/** Names something that a person decided. Not `randomUUID`: browsers have that on encrypted pages only. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * What a person decided with a click, under one key until its outcome is known: who clicks again after the answer was lost,
 * does nothing twice. Another input is another decision.
 */
export class Intent {
  #of: string | undefined;
  #key = "";

  keyFor(input: unknown): string {
    const of = JSON.stringify(input);
    if (of !== this.#of) [this.#of, this.#key] = [of, newKey()];
    return this.#key;
  }

  /** Its outcome is known. */
  settle(): void {
    this.#of = undefined;
  }
}
