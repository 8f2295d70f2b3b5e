import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { withRetries } from "./retry.mjs";

/** `possibleTypes` comes from `readSchema`, `socket` from `openSocket`. */
export function openApollo({ url, session, socket, possibleTypes }) {
  return new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === "subscription",
      new GraphQLWsLink(socket),
      new HttpLink({ uri: url, fetch: withRetries(session.fetch) }),
    ),
    cache: new InMemoryCache({
      possibleTypes,
      typePolicies: {
        Query: {
          fields: {
            products: relayStylePagination(["filter", "sort"]),
            categories: relayStylePagination(["filter"]),
            attributes: relayStylePagination(),
            productKinds: relayStylePagination(),
          },
        },
        Category: { fields: { products: relayStylePagination(["sort"]) } },
        Viewer: {
          fields: {
            orders: relayStylePagination(["filter"]),
            conversations: relayStylePagination(["filter"]),
            availabilityNotices: relayStylePagination(),
            searchMessages: relayStylePagination(["query", "filter"]),
            notifications: relayStylePagination(["filter"]),
            groupInvitations: relayStylePagination(),
          },
        },
        Conversation: { fields: { messages: relayStylePagination() } },
        ShopDesk: {
          fields: {
            orders: relayStylePagination(["filter"]),
            products: relayStylePagination(["status"]),
            priceChanges: relayStylePagination(["variantId"]),
            stock: relayStylePagination(["filter"]),
            stockMovements: relayStylePagination(["filter"]),
            ledgerEntries: relayStylePagination(["currency"]),
            documents: relayStylePagination(["kind"]),
            returns: relayStylePagination(["status"]),
            claims: relayStylePagination(["status"]),
            promotions: relayStylePagination(["status"]),
            payouts: relayStylePagination(),
            conversations: relayStylePagination(["filter"]),
            searchMessages: relayStylePagination(["query", "filter"]),
          },
        },
      },
    }),
  });
}
