// What is personal: what people are shown first, what goes with a product, what they may buy again, and why.
import { useEffect, useState } from "preact/hooks";
import {
  BuyAgainDocument,
  DismissDocument,
  HomeDocument,
  RelatedDocument,
  SetPersonalDocument,
  VisitorHomeDocument,
  type RecommendedFragment,
  type SectionFragment,
} from "../__generated__/graphql.js";
import { outcome } from "./api.js";
import { Card, Refusal, Waiting } from "./parts.js";
import { useAction, useAnswer, useShared } from "./state.js";
import { money, span } from "./words.js";

/** What somebody is shown first. */
export function Home() {
  const { me } = useShared();
  return me ? <OwnHome /> : <VisitorHome />;
}

function OwnHome() {
  const { ask, changed } = useShared();
  const { data, error, again } = useAnswer(HomeDocument, {}, ["personal", "orders"]);
  const { isBusy, refusal, run } = useAction();
  if (!data?.viewer) return <Waiting error={error} again={again} />;
  const { home, preferences } = data.viewer;
  const set = async (hasPersonalization: boolean): Promise<void> => {
    const { updatePreferences } = await ask(SetPersonalDocument, { input: { hasPersonalization } });
    outcome(updatePreferences.preferences, updatePreferences.userErrors);
    changed("personal");
  };
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          role="switch"
          checked={preferences.hasPersonalization}
          disabled={isBusy}
          onChange={(event) => {
            const { checked } = event.currentTarget;
            run(() => set(checked));
          }}
        />
        <span>Show me what goes with what I look at and order</span>
      </label>
      <Refusal text={refusal} />
      <Sections sections={home} />
    </>
  );
}

function VisitorHome() {
  const { onChanged, visits } = useShared();
  const { visitor } = visits;
  const [token, setToken] = useState(visitor.token);
  useEffect(() => onChanged("personal", () => setToken(visitor.token)), [onChanged, visitor]);
  const { data, error, again } = useAnswer(VisitorHomeDocument, { token }, ["personal"]);
  if (!data) return <Waiting error={error} again={again} />;
  return <Sections sections={data.visitor?.home ?? []} />;
}

const Sections = ({ sections }: { sections: SectionFragment[] }) => (
  <>
    {sections.map(({ kind, title, reason, recommendations }) => (
      <Row key={kind} id={`home-${kind}`} title={title} why={reason.text} goods={recommendations.nodes} />
    ))}
  </>
);

/** What goes with a product. */
export function Related({ id }: { id: string }) {
  const { data } = useAnswer(RelatedDocument, { id }, ["personal"]);
  const { together = [], similar = [] } = data?.product ?? {};
  const isNew = ({ product }: RecommendedFragment): boolean => together.every((other) => other.product.id !== product.id);
  return (
    <>
      <Row id="together" title="Often ordered together" goods={together} />
      <Row id="similar" title="You may also like" goods={similar.filter(isNew)} />
    </>
  );
}

/** Products in a row, each with its reason, unless that is the reason of all of them. */
function Row({ id, title, why, goods }: { id: string; title: string; why?: string; goods: RecommendedFragment[] }) {
  const { ask, changed, me } = useShared();
  const { isBusy, refusal, run } = useAction();
  if (goods.length === 0) return null;
  const dismiss = async (productId: string): Promise<void> => {
    const { dismissRecommendation } = await ask(DismissDocument, { input: { productId } });
    outcome(dismissRecommendation.product, dismissRecommendation.userErrors);
    changed("personal");
  };
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {why && <p class="quiet">{why}</p>}
      <ul class="row">
        {goods.map(({ product, reason }) => (
          <Card key={product.id} product={product}>
            <p class="shop">{product.shop.name}</p>
            <p class="price">{span(product.priceRange)}</p>
            {reason.text !== why && <p class="why">{reason.text}</p>}
            {me && (
              <button
                type="button"
                class="plain"
                disabled={isBusy}
                aria-label={`Not interested in ${product.title}`}
                onClick={() => run(() => dismiss(product.id))}
              >
                Not for me
              </button>
            )}
          </Card>
        ))}
      </ul>
      <Refusal text={refusal} />
    </section>
  );
}

/** What somebody has bought, and can order now. */
export function BuyAgain() {
  const { data } = useAnswer(BuyAgainDocument, {}, ["orders"]);
  const items = data?.viewer?.buyAgain ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="again">
      <h2 id="again">Buy again</h2>
      <ul class="row">
        {items.map(
          ({ variant: { id, title, price, product }, lastQuantity }) =>
            product && (
              <Card key={id} product={product}>
                <p class="shop">{title}</p>
                <p class="price">{money(price)}</p>
                <p class="why">{lastQuantity} the last time</p>
              </Card>
            ),
        )}
      </ul>
    </section>
  );
}
