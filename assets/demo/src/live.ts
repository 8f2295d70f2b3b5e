// What the market tells by itself: one socket, on which each subscription goes on after the last event that it was told.
import { createClient, type Client } from "graphql-ws/client";
import { url, type Session } from "./api.js";
import type { TypedDocumentString } from "../__generated__/graphql.js";

export type Connection = "connecting" | "live" | "lost";

/** Opens the socket of a session, or of a guest. It comes back by itself. */
export function openSocket(session: Session | undefined, onChange: (connection: Connection) => void): Client {
  let isRefused = false;
  return createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: async () => {
      if (!session) return {};
      if (isRefused) await session.refresh();
      return { authorization: await session.authorization() };
    },
    lazyCloseTimeout: 5_000,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    on: {
      connected: () => onChange("live"),
      closed: (event) => {
        isRefused = (event as CloseEvent).code === 4401;
        onChange("lost");
      },
    },
  });
}

/** An event has its place in the log, a gap the place after it; somebody who types has none. */
interface Placed {
  __typename?: string;
  cursor?: string;
  resumeCursor?: string;
}

/** What ends a subscription for good: there is nothing to listen to, or nobody who may. */
const FINAL = ["NOT_FOUND", "UNAUTHENTICATED", "FORBIDDEN"];
const PAUSE = 2_000;

/**
 * Listens from a cursor on, until the answer is called. When the connection is lost the socket sends the same payload again,
 * and by then its `after` is the last cursor: nothing is missed, and nothing is told twice. Each subscription has its own, as
 * `resumeAfter` would be one for all.
 */
export function listen<Result, Variables extends { after?: string | null }>(
  socket: Client,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  told: (result: Result) => void,
): () => void {
  const payload = { query: document.toString(), variables: { ...variables } };
  let stop = (): void => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    const again = (): void => {
      timer = setTimeout(begin, PAUSE);
    };
    stop = socket.subscribe<Result>(payload, {
      next: ({ data }) => {
        if (!data) return;
        for (const event of Object.values(data) as Placed[]) {
          const cursor = event?.cursor ?? event?.resumeCursor;
          if (cursor) payload.variables.after = cursor;
        }
        told(data);
      },
      error: (error) => {
        const codes = Array.isArray(error) ? error.map(({ extensions }) => extensions?.code) : [];
        if (!codes.some((code) => FINAL.includes(code))) again();
      },
      complete: () => {},
    });
  };
  begin();
  return () => {
    clearTimeout(timer);
    stop();
  };
}
