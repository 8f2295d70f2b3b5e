import { createClient } from "graphql-ws";

/** A socket of a session. It reconnects by itself, and goes on after the last event that it was told. */
export function openSocket({ url, session, ...options }) {
  let cursor;
  let isRefused = false;
  return createClient({
    url: url.replace(/^http/, "ws"),
    connectionParams: async () => {
      if (isRefused) await session.refresh();
      return { authorization: await session.authorization(), resumeAfter: cursor };
    },
    retryAttempts: Infinity,
    shouldRetry: () => true,
    on: {
      message: ({ type, payload }) => {
        const event = type === "next" && payload.data?.events;
        if (event) cursor = event.cursor ?? event.resumeCursor ?? cursor;
      },
      closed: ({ code }) => {
        isRefused = code === 4401;
      },
    },
    ...options,
  });
}
