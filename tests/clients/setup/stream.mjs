import { createClient } from "graphql-sse";

/** Live events without WebSocket: a stream for each subscription, which goes on after the last event that it told. */
export function openStream({ url, session, ...options }) {
  let cursor;
  return createClient({
    url,
    fetchFn: session.fetch,
    headers: () => (cursor ? { "last-event-id": cursor } : {}),
    retryAttempts: Infinity,
    on: {
      message: ({ data }) => {
        const event = data?.data?.events;
        if (event) cursor = event.cursor ?? event.resumeCursor ?? cursor;
      },
    },
    ...options,
  });
}
