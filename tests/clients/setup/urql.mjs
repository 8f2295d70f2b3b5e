import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { withRetries } from "./retry.mjs";

/** `introspection` and `typesWithoutId` come from `readSchema`, `socket` from `openSocket`. */
export function openUrql({ url, session, socket, introspection, typesWithoutId }) {
  const list = relayPagination();
  return new Client({
    url,
    fetch: withRetries(session.fetch),
    preferGetMethod: false,
    exchanges: [
      cacheExchange({
        schema: introspection,
        keys: Object.fromEntries(typesWithoutId.map((name) => [name, () => null])),
        resolvers: {
          Query: { products: list, categories: list, attributes: list, productKinds: list },
          Category: { products: list },
          Viewer: {
            orders: list,
            conversations: list,
            availabilityNotices: list,
            searchMessages: list,
            notifications: list,
            groupInvitations: list,
          },
          Conversation: { messages: list },
          ShopDesk: { orders: list, products: list, priceChanges: list, stock: list, stockMovements: list, ledgerEntries: list, documents: list, returns: list, claims: list, promotions: list, payouts: list, conversations: list, searchMessages: list },
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}
