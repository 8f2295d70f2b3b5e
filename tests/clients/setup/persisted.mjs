import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { persistedExchange } from "@urql/exchange-persisted";

async function sha256(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Apollo Client: stands before the HttpLink. */
export const persistedLink = () => new PersistedQueryLink({ sha256, useGETForHashedQueries: true });

/** urql: stands before the fetchExchange. */
export const persistedQueries = () => persistedExchange({ preferGetForPersistedQueries: true });
