// One product: what it is, asking its shop, and buying it.
import { useEffect, useRef, useState } from "preact/hooks";
import {
  AskShopDocument,
  PlaceOrderDocument,
  ProductChangesDocument,
  ProductPageDocument,
  WhatItCostsDocument,
  type ProductPageQuery,
} from "../__generated__/graphql.js";
import { Intent, outcome, Refused } from "./api.js";
import { listen } from "./live.js";
import { Empty, Picture, Refusal, Waiting } from "./parts.js";
import { Related } from "./personal.js";
import { goTo, useAction, useAnswer, useMe, useShared } from "./state.js";
import { money, stock } from "./words.js";

type Product = NonNullable<ProductPageQuery["product"]>;
type Variant = Product["variants"][number];

export function ProductPage({ id }: { id: string }) {
  const { socket, visits } = useShared();
  const { data, error, again } = useAnswer(ProductPageDocument, { id });
  // The first heartbeat says that whatever changes from then on is told.
  useEffect(
    () =>
      listen(socket, ProductChangesDocument, { ids: [id] }, ({ productEvents }) => {
        if (productEvents.__typename !== "Heartbeat") again();
      }),
    [socket, id, again],
  );
  const isShown = Boolean(data?.product);
  useEffect(() => {
    if (isShown) visits.saw(id);
  }, [isShown, visits, id]);
  if (!data) return <Waiting error={error} again={again} />;
  if (!data.product) return <Empty>This product is not for sale any more.</Empty>;
  return (
    <>
      <Shown product={data.product} again={again} />
      <Related id={id} />
    </>
  );
}

function Shown({ product, again }: { product: Product; again: () => void }) {
  const { me } = useShared();
  const [chosen, setChosen] = useState(product.variants[0]?.id);
  const variant = product.variants.find(({ id }) => id === chosen) ?? product.variants[0];
  return (
    <article class="product">
      <Picture product={product} />
      <div class="facts">
        <p class="quiet">
          <a href="#/">Market</a>
          {product.category && ` › ${product.category.name}`}
        </p>
        <h1>{product.title}</h1>
        <p class="shop">
          {product.shop.name}
          {product.rating.average !== null && (
            <span aria-label={`${product.rating.average} of 5 stars, ${product.rating.count} reviews`}>
              {" "}
              ★ {product.rating.average.toFixed(1)} ({product.rating.count})
            </span>
          )}
        </p>
        {product.description && <p>{product.description}</p>}
        {product.variants.length > 1 && (
          <label>
            <span>Which one?</span>
            <select value={variant?.id ?? ""} onChange={(event) => setChosen(event.currentTarget.value)}>
              {product.variants.map(({ id, title, availableQuantity }) => (
                <option key={id} value={id}>
                  {title} ({stock(availableQuantity)})
                </option>
              ))}
            </select>
          </label>
        )}
        {variant && me && <Buy key={variant.id} variant={variant} again={again} />}
        {variant && !me && <Offer variant={variant} />}
        {me ? <AskShop product={product} /> : <p class="quiet">Sign in to buy it, or to ask {product.shop.name}.</p>}
      </div>
    </article>
  );
}

/** What a variant costs, and whether it can be had. */
const Offer = ({ variant }: { variant: Variant }) => (
  <p class="price big">
    {money(variant.price)}
    {variant.compareAtPrice && <s>{money(variant.compareAtPrice)}</s>}
    <span class={variant.availableQuantity > 0 ? "stock" : "stock none"} role="status">
      {stock(variant.availableQuantity)}
    </span>
  </p>
);

function Buy({ variant, again }: { variant: Variant; again: () => void }) {
  const { ask } = useShared();
  const me = useMe();
  const [quantity, setQuantity] = useState(1);
  const [address, setAddress] = useState({
    name: me.user?.displayName ?? "",
    street: "1 High Street",
    postalCode: "YO1 7HH",
    city: "York",
  });
  const intent = useRef(new Intent());
  const { isBusy, refusal, run } = useAction();
  const lines = [{ variantId: variant.id, quantity, expectedUnitPrice: variant.price }];
  const cost = useAnswer(WhatItCostsDocument, { input: { country: "GB", lines } });
  const quote = cost.data?.quote.quote;

  const order = async (): Promise<void> => {
    if (!quote) throw new Refused("What it costs is not known yet.");
    const { name, street, postalCode, city } = address;
    const input = {
      lines,
      expectedTotal: quote.total,
      shippingAddress: { name, lines: [street], postalCode, city, country: "GB" },
    };
    const idempotencyKey = intent.current.keyFor(input);
    const { placeOrder } = await ask(PlaceOrderDocument, { input: { ...input, idempotencyKey } });
    intent.current.settle();
    // The price or the stock may have changed meanwhile.
    if (!placeOrder.order) [again, cost.again].forEach((look) => look());
    goTo(`orders/${outcome(placeOrder.order, placeOrder.userErrors).id}`);
  };
  const field = (name: keyof typeof address, label: string, autocomplete: string) => (
    <label>
      <span>{label}</span>
      <input
        required
        name={name}
        autocomplete={autocomplete}
        value={address[name]}
        onInput={(event) => setAddress({ ...address, [name]: event.currentTarget.value })}
      />
    </label>
  );
  const submit = (event: Event): void => {
    event.preventDefault();
    run(order);
  };
  return (
    <form class="panel" aria-labelledby="buy" onSubmit={submit}>
      <Offer variant={variant} />
      <h2 id="buy">Buy it</h2>
      <div class="fields">
        <label>
          <span>Quantity</span>
          <input
            type="number"
            inputMode="numeric"
            min="1"
            max={Math.max(1, Math.min(variant.availableQuantity, 99))}
            required
            value={quantity}
            onInput={(event) => setQuantity(Math.max(1, event.currentTarget.valueAsNumber || 1))}
          />
        </label>
        {field("name", "Name", "name")}
        {field("street", "Street", "address-line1")}
        {field("postalCode", "Postcode", "postal-code")}
        {field("city", "City", "address-level2")}
      </div>
      <p class="total">
        {quote ? (
          <>
            In all <strong>{money(quote.total)}</strong>
            <small> with {money(quote.shipping)} for sending it within Great Britain</small>
          </>
        ) : (
          <small>{cost.error ?? "One moment…"}</small>
        )}
      </p>
      <button type="submit" class="main" disabled={isBusy || !quote || variant.availableQuantity === 0}>
        Place order
      </button>
      <Refusal text={refusal ?? cost.data?.quote.userErrors[0]?.message} />
    </form>
  );
}

function AskShop({ product }: { product: Product }) {
  const { ask, changed } = useShared();
  const [text, setText] = useState("");
  const intent = useRef(new Intent());
  const { isBusy, refusal, run } = useAction();
  const send = async (): Promise<void> => {
    const input = { productId: product.id, text };
    const idempotencyKey = intent.current.keyFor(input);
    const { contactShop } = await ask(AskShopDocument, { input: { ...input, idempotencyKey } });
    intent.current.settle();
    const { id } = outcome(contactShop.conversation, contactShop.userErrors);
    changed("messages");
    goTo(`inbox/${id}`);
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    run(send);
  };
  return (
    <form class="panel" aria-labelledby="ask" onSubmit={submit}>
      <h2 id="ask">Ask {product.shop.name}</h2>
      <label>
        <span>Your question</span>
        <textarea
          required
          rows={2}
          maxLength={4000}
          value={text}
          placeholder="Does it come with a hook?"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={isBusy || text.trim() === ""}>
        Ask the shop
      </button>
      <Refusal text={refusal} />
    </form>
  );
}
