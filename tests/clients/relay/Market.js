// Documents as they stand in components. The compiler reads them; the tests load what it makes of them.
import { graphql } from "relay-runtime";

export const query = graphql`
  query MarketQuery($text: String!, $count: Int!) {
    ...Market_products @arguments(text: $text, count: $count)
    viewer {
      id
      user { id bio }
      ...Market_orders @arguments(count: $count)
    }
  }
`;

// For usePaginationFragment.
export const products = graphql`
  fragment Market_products on Query
  @refetchable(queryName: "MarketProductsPaginationQuery")
  @argumentDefinitions(
    text: { type: "String!" }
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
  ) {
    products(first: $count, after: $cursor, filter: { query: $text }, sort: PRICE_LOW_TO_HIGH)
      @connection(key: "Market_products", filters: ["filter", "sort"]) {
      edges { node { id ...Market_product } }
    }
  }
`;

// For useRefetchableFragment: whatever is a Node is read again by its id.
export const product = graphql`
  fragment Market_product on Product @refetchable(queryName: "MarketProductRefetchQuery") {
    title
    version
    priceRange { min { amount currency } }
    shop { id name }
    variants { id availableQuantity }
  }
`;

export const orders = graphql`
  fragment Market_orders on Viewer
  @refetchable(queryName: "MarketOrdersPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    orders(first: $count, after: $cursor) @connection(key: "Market_orders") {
      edges { node { id number paymentState total { amount currency } } }
    }
  }
`;

// The conversation reads the newest messages, and what was written before them.
export const messages = graphql`
  fragment Market_messages on Conversation
  @refetchable(queryName: "MarketMessagesPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    lastNumber
    messages(last: $count, before: $cursor) @connection(key: "Market_messages") {
      edges { node { id number content { __typename ... on TextContent { text } } } }
    }
  }
`;

export const conversation = graphql`
  query MarketConversationQuery($id: ID!) {
    node(id: $id) { ...Market_messages @alias }
  }
`;

export const updateProfile = graphql`
  mutation MarketUpdateProfileMutation($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      user { id bio }
      userErrors { code field message ... on StaleVersionError { current } }
    }
  }
`;

export const live = graphql`
  subscription MarketLiveSubscription($after: String) {
    events(after: $after) {
      __typename
      ... on MessageSent { cursor message { id number conversation { id lastNumber } } }
      ... on OrderChanged { cursor order { id paymentState } }
      ... on Heartbeat { cursor }
      ... on Gap { resumeCursor }
    }
  }
`;
