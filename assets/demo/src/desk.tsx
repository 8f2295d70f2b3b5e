// The shopkeeper's side: what was ordered, and sending it.
import { useRef } from "preact/hooks";
import { DeskOrdersDocument, SendGoodsDocument, type DeskOrdersQuery } from "../__generated__/graphql.js";
import { Intent, outcome } from "./api.js";
import { Empty, Refusal, State, Waiting } from "./parts.js";
import { useAction, useAnswer, useMe, useShared } from "./state.js";
import { money, time } from "./words.js";

type Desk = Extract<DeskOrdersQuery["node"], { __typename: "ShopDesk" }>;
type Part = NonNullable<Desk["orders"]>["nodes"][number];

export function DeskPage() {
  const me = useMe();
  return (
    <>
      <h1>Shop desk</h1>
      {me.shops.map(({ id, shop }) => (
        <DeskOrders key={id} id={id} name={shop.name} />
      ))}
      {me.shops.length === 0 && <Empty>You work for no shop.</Empty>}
    </>
  );
}

function DeskOrders({ id, name }: { id: string; name: string }) {
  const { data, error, again } = useAnswer(DeskOrdersDocument, { id }, ["orders"]);
  const desk = data?.node?.__typename === "ShopDesk" ? data.node : undefined;
  const parts = desk?.orders?.nodes ?? [];
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      {!data && <Waiting error={error} again={again} />}
      {data && parts.length === 0 && <Empty>Nothing was ordered yet.</Empty>}
      <ul class="parts" aria-label={`Orders of ${name}`}>
        {parts.map((part) => (
          <Ordered key={part.id} part={part} />
        ))}
      </ul>
    </section>
  );
}

function Ordered({ part }: { part: Part }) {
  const { ask, changed } = useShared();
  const intent = useRef(new Intent());
  const { isBusy, refusal, run } = useAction();
  const send = async (): Promise<void> => {
    const input = { orderPartId: part.id, isShipped: true };
    const idempotencyKey = intent.current.keyFor(input);
    const { createShipment } = await ask(SendGoodsDocument, { input: { ...input, idempotencyKey } });
    intent.current.settle();
    outcome(createShipment.shipment, createShipment.userErrors);
    changed("orders");
  };
  const isOver = part.orderLifecycle === "CANCELLED";
  return (
    <li class="panel">
      <h3>
        {part.orderNumber} <State of={isOver ? "CANCELLED" : part.orderPaymentState} />
        {!isOver && <State of={part.fulfillmentState} />}
      </h3>
      <p class="quiet">
        {part.buyer?.displayName ?? "A guest"}, <time dateTime={part.placedAt}>{time(part.placedAt)}</time>
      </p>
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
      <p class="actions">
        {part.allowedActions.includes("PACK") && (
          <button type="button" class="main" disabled={isBusy} onClick={() => run(send)}>
            Send it
          </button>
        )}
        {part.conversation && <a href={`#/inbox/${part.conversation.id}`}>Talk with the buyer</a>}
      </p>
      <Refusal text={refusal} />
    </li>
  );
}
