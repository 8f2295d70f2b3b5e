// A buyer's whole way, by a client whose types graphql-codegen made of the schema.
import { createClient } from "graphql-ws";
import { graphql } from "./__generated__/gql.js";
import type {
  BuyerEventsSubscription,
  MoneyInput,
  PaymentState,
  TypedDocumentString,
} from "./__generated__/graphql.js";

/** Where the market is, and how its mail is read. */
export interface World {
  url: string;
  webSocketImpl: unknown;
  mailedCode: (address: string) => Promise<string>;
}

/** What became of it all. */
export interface Story {
  email: string | null;
  orderNumber: string;
  states: PaymentState[];
  told: BuyerEvent[];
}

type BuyerEvent = BuyerEventsSubscription["events"];

async function execute<Result, Variables>(
  { url }: World,
  token: string | undefined,
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/graphql-response+json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = (await answer.json()) as { data?: Result; errors?: { message: string }[] };
  if (errors || !data) throw new Error(JSON.stringify(errors));
  return data;
}

/** What a mutation was to answer; a refusal is none. */
function outcome<T>(value: T | null, userErrors: { code: string; message: string }[]): T {
  if (value === null || userErrors.length > 0) throw new Error(JSON.stringify(userErrors));
  return value;
}

const SignUp = graphql(`
  mutation BuyerSignUp($input: SignUpInput!) {
    signUp(input: $input) { verification { id } userErrors { code message } }
  }
`);

const Confirm = graphql(`
  mutation BuyerConfirm($input: ConfirmEmailInput!) {
    confirmEmail(input: $input) { signedIn { accessToken } userErrors { code message } }
  }
`);

const Begin = graphql(`
  query BuyerBegin { viewer { email eventCursor } }
`);

const Search = graphql(`
  query BuyerSearch($filter: ProductFilter!, $first: Int!) {
    products(filter: $filter, sort: BEST_SELLING, first: $first) {
      totalCount
      nodes { id title shop { id name } variants { id price { amount currency } availableQuantity } }
    }
  }
`);

const Ask = graphql(`
  mutation BuyerAsk($input: ContactShopInput!) {
    contactShop(input: $input) { conversation { id shop { name } } userErrors { code message } }
  }
`);

const Order = graphql(`
  mutation BuyerOrder($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      order { id number paymentState }
      userErrors {
        code field message
        ... on OutOfStockError { available }
        ... on PriceChangedError { newPrice { amount } }
      }
    }
  }
`);

const Pay = graphql(`
  mutation BuyerPay($input: PayOrderInput!) {
    payOrder(input: $input) {
      order { id paymentState }
      payment { status failureReason nextAction { __typename ... on RedirectAction { url } } }
      userErrors { code message }
    }
  }
`);

const Orders = graphql(`
  query BuyerOrders { viewer { orders(first: 1) { nodes { id number paymentState } } } }
`);

const Events = graphql(`
  subscription BuyerEvents($after: String) {
    events(after: $after) {
      __typename
      ... on MessageSent {
        cursor
        message { number content { __typename ... on TextContent { text } ... on OrderStepContent { step } } }
      }
      ... on OrderChanged { cursor version order { id paymentState } }
      ... on Heartbeat { cursor }
      ... on Gap { resumeCursor }
    }
  }
`);

/** Listens until an event says that the order is paid. */
async function untilPaid(world: World, token: string, after: string, orderId: string): Promise<BuyerEvent[]> {
  const client = createClient({
    url: world.url.replace(/^http/, "ws"),
    webSocketImpl: world.webSocketImpl,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const told: BuyerEvent[] = [];
  const query = Events.toString();
  for await (const { data } of client.iterate<BuyerEventsSubscription>({ query, variables: { after } })) {
    if (!data) continue;
    const event = data.events;
    told.push(event);
    switch (event.__typename) {
      case "OrderChanged":
        if (event.order?.id === orderId && event.order.paymentState === "PAID") {
          await client.dispose();
          return told;
        }
        break;
      case "Gap":
        throw new Error(`nothing was missed, yet there is a gap before ${event.resumeCursor}`);
      default:
      // Messages, heartbeats, and whatever the market will tell one day.
    }
  }
  throw new Error("the stream ended");
}

export async function buy(world: World, email: string, key: string): Promise<Story> {
  const input = { email, password: "a long password", displayName: "Robin" };
  const { signUp } = await execute(world, undefined, SignUp, { input });
  const { id: verificationId } = outcome(signUp.verification, signUp.userErrors);
  const code = await world.mailedCode(email);
  const { confirmEmail } = await execute(world, undefined, Confirm, { input: { verificationId, code } });
  const { accessToken: token } = outcome(confirmEmail.signedIn, confirmEmail.userErrors);
  const { viewer } = await execute(world, token, Begin, {});
  if (!viewer) throw new Error("nobody is signed in");

  const { products } = await execute(world, token, Search, { filter: { query: "t-light holder" }, first: 5 });
  const product = products.nodes.find(({ variants }) => variants.some(({ availableQuantity }) => availableQuantity > 0));
  const variant = product?.variants.find(({ availableQuantity }) => availableQuantity > 0);
  if (!product || !variant) throw new Error("nothing to buy");

  const { contactShop } = await execute(world, token, Ask, {
    input: { productId: product.id, text: "Does a candle come with it?", idempotencyKey: `${key}-ask` },
  });
  outcome(contactShop.conversation, contactShop.userErrors);

  const expectedTotal: MoneyInput = variant.price;
  const { placeOrder } = await execute(world, token, Order, {
    input: {
      lines: [{ variantId: variant.id, quantity: 1, expectedUnitPrice: variant.price }],
      expectedTotal,
      shippingAddress: { name: "Robin", lines: ["1 High Street"], postalCode: "YO1 7HH", city: "York", country: "GB" },
      idempotencyKey: `${key}-order`,
    },
  });
  const order = outcome(placeOrder.order, placeOrder.userErrors);

  const listening = untilPaid(world, token, viewer.eventCursor, order.id);
  const { payOrder } = await execute(world, token, Pay, {
    input: { orderId: order.id, method: { token: "test_succeeds" }, idempotencyKey: `${key}-pay` },
  });
  const paid = outcome(payOrder.order, payOrder.userErrors);
  const told = await listening;
  const mine = await execute(world, token, Orders, {});
  const [listed] = mine.viewer?.orders.nodes ?? [];
  if (listed?.number !== order.number) throw new Error("the order is not in the list");
  return {
    email: viewer.email,
    orderNumber: order.number,
    states: [order.paymentState, paid.paymentState, listed.paymentState],
    told,
  };
}
