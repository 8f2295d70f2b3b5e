// What is for sale.
import { useEffect, useState } from "preact/hooks";
import { MarketDocument, type MarketQuery, type ProductSort } from "../__generated__/graphql.js";
import { Card, Empty, Waiting } from "./parts.js";
import { Home } from "./personal.js";
import { useAnswer, useShared } from "./state.js";
import { span, stock } from "./words.js";

type Goods = MarketQuery["products"]["nodes"][number];

const SORTS: [ProductSort, string][] = [
  ["BEST_SELLING", "Best sellers"],
  ["NEWEST", "Newest"],
  ["PRICE_LOW_TO_HIGH", "Price, low to high"],
  ["PRICE_HIGH_TO_LOW", "Price, high to low"],
];

/** How long somebody pauses before it is searched for what they typed. */
const PAUSE = 250;

export function MarketPage() {
  const { ask, say } = useShared();
  const [typed, setTyped] = useState("");
  const [query, setQuery] = useState("");
  const [sort, setSort] = useState<ProductSort>("BEST_SELLING");
  const [isAvailable, setAvailable] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setQuery(typed.trim()), PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  const variables = {
    filter: { ...(query && { query }), ...(isAvailable && { isAvailable }) },
    // What somebody searches for comes by how well it fits.
    sort: query && sort === "BEST_SELLING" ? null : sort,
  };
  const { data, error, again } = useAnswer(MarketDocument, variables);
  const [more, setMore] = useState<MarketQuery["products"][]>([]);
  useEffect(() => setMore([]), [data]);
  const pages = data ? [data.products, ...more] : [];
  const { hasNextPage = false, endCursor = null } = pages.at(-1)?.pageInfo ?? {};
  const showMore = (): void => {
    ask(MarketDocument, { ...variables, after: endCursor }).then(
      ({ products }) => setMore((before) => [...before, products]),
      (reason: Error) => say(reason.message),
    );
  };
  return (
    <>
      <h1>Market</h1>
      <form role="search" class="search" onSubmit={(event) => event.preventDefault()}>
        <label class="wide">
          <span>Search</span>
          <input
            type="search"
            placeholder="t-light holder, metal sign, …"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <label>
          <span>Order by</span>
          <select value={sort} onChange={(event) => setSort(event.currentTarget.value as ProductSort)}>
            {SORTS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input type="checkbox" checked={isAvailable} onChange={(event) => setAvailable(event.currentTarget.checked)} />
          <span>In stock</span>
        </label>
      </form>
      {typed.trim() === "" && <Home />}
      {data ? (
        <>
          <h2>{query === "" ? "All products" : "What was found"}</h2>
          <p class="quiet" role="status">
            {data.products.totalCount} {data.products.totalCount === 1 ? "product" : "products"}
          </p>
          <ul class="shelf">
            {pages.flatMap(({ nodes }) => nodes).map((product) => (
              <OnShelf key={product.id} product={product} />
            ))}
          </ul>
          {data.products.totalCount === 0 && <Empty>Nothing is called so. Try another word.</Empty>}
          {hasNextPage && (
            <button type="button" class="more" onClick={showMore}>
              Show more
            </button>
          )}
        </>
      ) : (
        <Waiting error={error} again={again} />
      )}
    </>
  );
}

function OnShelf({ product }: { product: Goods }) {
  const pieces = product.variants.reduce((sum, { availableQuantity }) => sum + availableQuantity, 0);
  return (
    <Card product={product}>
      <p class="shop">{product.shop.name}</p>
      <p class="price">
        {span(product.priceRange)}
        <span class={pieces > 0 ? "stock" : "stock none"}>{stock(pieces)}</span>
      </p>
    </Card>
  );
}
