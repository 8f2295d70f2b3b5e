// What one has ordered, how far it has come, and paying for it.
import { useRef, useState } from "preact/hooks";
import { MyOrdersDocument, OrderPageDocument, PayOrderDocument, type OrderPageQuery } from "../__generated__/graphql.js";
import { Intent, outcome } from "./api.js";
import { Empty, Refusal, State, Waiting } from "./parts.js";
import { BuyAgain } from "./personal.js";
import { useAction, useAnswer, useShared } from "./state.js";
import { money, time, words } from "./words.js";

type Order = Extract<OrderPageQuery["node"], { __typename: "Order" }>;

export function OrdersPage() {
  const { data, error, again } = useAnswer(MyOrdersDocument, {}, ["orders"]);
  const orders = data?.viewer?.orders.nodes;
  return (
    <>
      <h1>Orders</h1>
      {!orders && <Waiting error={error} again={again} />}
      {orders?.length === 0 && <Empty>You have not ordered anything yet.</Empty>}
      <ul class="rows">
        {orders?.map((order) => (
          <li key={order.id}>
            <a href={`#/orders/${order.id}`}>
              <strong>{order.number}</strong> <State of={order.lifecycle === "CANCELLED" ? "CANCELLED" : order.paymentState} />
              <span class="about">{order.parts.map(({ shop }) => shop?.name).join(", ")}</span>
              <span class="amount">{money(order.total)}</span>
              <time dateTime={order.placedAt}>{time(order.placedAt)}</time>
            </a>
          </li>
        ))}
      </ul>
      <BuyAgain />
    </>
  );
}

export function OrderPage({ id }: { id: string }) {
  const { data, error, again } = useAnswer(OrderPageDocument, { id }, ["orders"]);
  if (!data) return <Waiting error={error} again={again} />;
  if (data.node?.__typename !== "Order") return <Empty>There is no such order of yours.</Empty>;
  const order = data.node;
  const { shippingAddress: to } = order;
  return (
    <article class="order">
      <p class="quiet">
        <a href="#/orders">Orders</a>
      </p>
      <h1>Order {order.number}</h1>
      <p role="status">
        <State of={order.lifecycle === "CANCELLED" ? "CANCELLED" : order.paymentState} /> {money(order.total)}
      </p>
      {order.allowedActions.includes("PAY") && <Pay order={order} />}
      {order.parts.map((part) => (
        <section key={part.id} class="panel" aria-labelledby={part.id}>
          <h2 id={part.id}>
            {part.shop?.name} <State of={part.fulfillmentState} />
          </h2>
          <ul class="lines">
            {part.lines.map((line) => (
              <li key={line.id}>
                <span>
                  {line.quantity} × {line.title}
                </span>
                <span>{money(line.total)}</span>
              </li>
            ))}
          </ul>
          {part.conversation && <a href={`#/inbox/${part.conversation.id}`}>Talk with the shop about it</a>}
        </section>
      ))}
      <section aria-labelledby="story">
        <h2 id="story">What happened</h2>
        <ol class="story">
          {order.timeline.map((event) => (
            <li key={event.id}>
              {words(event.step)} <time dateTime={event.createdAt}>{time(event.createdAt)}</time>
            </li>
          ))}
        </ol>
        {to && (
          <p class="quiet">
            Goes to {[to.name, ...to.lines, to.postalCode, to.city].filter(Boolean).join(", ")}
          </p>
        )}
      </section>
    </article>
  );
}

const METHODS: [string, string][] = [
  ["test_succeeds", "A card that works"],
  ["test_declines", "A card that is declined"],
  ["test_requires_action", "A bank that asks on a page of its own"],
];

const FAILURES: Record<string, string> = { DECLINED: "The card was declined. Nothing was taken." };

function Pay({ order }: { order: Order }) {
  const { ask, changed } = useShared();
  const [token, setToken] = useState("test_succeeds");
  const [page, setPage] = useState<string>();
  const [note, setNote] = useState<string>();
  const intent = useRef(new Intent());
  const { isBusy, refusal, run } = useAction();
  const pay = async (): Promise<void> => {
    setPage(undefined);
    setNote(undefined);
    const input = { orderId: order.id, method: { token } };
    const idempotencyKey = intent.current.keyFor(input);
    const { payOrder } = await ask(PayOrderDocument, { input: { ...input, idempotencyKey } });
    intent.current.settle();
    const { status, failureReason, nextAction } = outcome(payOrder.payment, payOrder.userErrors);
    changed("orders");
    switch (status) {
      case "REQUIRES_ACTION":
        if (nextAction?.__typename === "RedirectAction") setPage(nextAction.url);
        break;
      case "PROCESSING":
        setNote("The payment is on its way. You will see it here when it is there.");
        break;
      case "FAILED":
        setNote(FAILURES[failureReason ?? ""] ?? "The payment failed. Nothing was taken.");
        break;
      default:
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    run(pay);
  };
  return (
    <form class="panel pay" aria-labelledby="pay" onSubmit={submit}>
      <h2 id="pay">Pay {money(order.total)}</h2>
      {order.paymentDueAt && (
        <p class="quiet">
          Kept for you until <time dateTime={order.paymentDueAt}>{time(order.paymentDueAt)}</time>. No money moves.
        </p>
      )}
      <fieldset>
        <legend>By</legend>
        {METHODS.map(([value, text]) => (
          <label key={value} class="check">
            <input type="radio" name="method" checked={token === value} onChange={() => setToken(value)} />
            <span>{text}</span>
          </label>
        ))}
      </fieldset>
      <button type="submit" class="main" disabled={isBusy}>
        Pay now
      </button>
      {page && (
        <p>
          {/* In a window of its own: who is signed in is known to this page alone. */}
          <a href={page} target="_blank" rel="noopener">
            Go to the bank's page
          </a>{" "}
          and come back; this one will know.
        </p>
      )}
      <Refusal text={refusal ?? note} />
    </form>
  );
}
