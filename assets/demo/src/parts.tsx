// What several pages are made of.
import type { ComponentChildren } from "preact";
import type { FaceFragment } from "../__generated__/graphql.js";
import { words } from "./words.js";

/** Drawings for goods without a photo, by a word of their title. Paths in a square of 24. */
const DRAWINGS: [RegExp, string][] = [
  [/\b(heart|love)(s|es)?\b/, "M12 20C5 15 3 12 3 8.5A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 9 1.5c0 3.5-2 6.5-9 11.5Z"],
  [/\b(light|candle|lantern|lamp)(s|es)?\b/, "M12 2c3 4 3 6 0 7-3-1-3-3 0-7ZM9 11h6v10H9zM6 21h12v1H6z"],
  [/\b(bag|shopper|purse)(s|es)?\b/, "M5 9h14l1 12H4zM8 9a4 4 0 0 1 8 0h-1.5a2.5 2.5 0 0 0-5 0z"],
  [/\b(cup|mug|tea|coffee|jug)(s|es)?\b/, "M4 7h12v8a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5zM16 9h2a3 3 0 0 1 0 6h-2v-1.5h2a1.5 1.5 0 0 0 0-3h-2z"],
  [/\b(cake|bake|baking|cakestand|tin|jam|kitchen)(s|es)?\b/, "M4 12h16v8H4zM4 10c0-3 3-4 8-4s8 1 8 4zM11.3 2h1.4v4h-1.4z"],
  [/\b(clock|watch)(s|es)?\b/, "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Zm-.8 4v5.4l4 2.4.8-1.3-3.3-2V7z"],
  [/\b(bird|owl|hen|dove)(s|es)?\b/, "M4 12c0-5 4-8 9-8l6 2-3 1v4c0 5-4 8-8 8H3l3-3c-1-1-2-2-2-4Z"],
  [/\b(star|christmas|snow|tree)(s|es)?\b/, "m12 2 2.9 6.6 7.1.7-5.4 4.8 1.6 7L12 17.4 5.8 21l1.6-7L2 9.3l7.1-.7z"],
  [/\b(sign|board|chalkboard|memoboard|frame|card|paper|notebook)(s|es)?\b/, "M5 3h14v1.3H5zM6.5 4.3h1.2V9H6.5zm9.8 0h1.2V9h-1.2zM3 9h18v11H3z"],
  [/\b(doormat|house|home)(s|es)?\b/, "m12 3 10 8h-3v10h-5v-6h-4v6H5V11H2z"],
  [/\b(toy|game|spaceboy|doll|play)(s|es)?\b/, "M5 5h6v6H5zM13 5h6v6h-6zM9 13h6v6H9z"],
  [/\b(umbrella|rain)(s|es)?\b/, "M12 3a9 9 0 0 1 9 9h-8.2v7a2.5 2.5 0 0 1-5 0h1.5a1 1 0 0 0 2 0v-7H3a9 9 0 0 1 9-9Z"],
];
const PARCEL = "m12 2 9 4.5v11L12 22l-9-4.5v-11zM5 8.6v7.7l6.2 3.1v-7.7zm14 0-6.2 3.1v7.7l6.2-3.1z";

/** The photo of a product, else a drawing that is always the same for it. */
export function Picture({ product: { id, title, featuredMedia } }: { product: FaceFragment }) {
  if (featuredMedia) {
    return <img class="picture" src={featuredMedia.image.url} alt={featuredMedia.alternativeText} loading="lazy" />;
  }
  const lower = title.toLowerCase();
  const drawing = DRAWINGS.find(([word]) => word.test(lower))?.[1] ?? PARCEL;
  const hue = Array.from(id).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  return (
    <svg class="picture" viewBox="0 0 48 36" role="img" aria-label={title} style={`--hue: ${hue}`}>
      <rect class="wall" width="48" height="36" />
      <circle class="moon" cx="24" cy="18" r="13" />
      <path class="shape" d={drawing} transform="translate(14.4 8.4) scale(.8)" />
    </svg>
  );
}

/** A product among others, with what is said of it there. */
export const Card = ({ product, children }: { product: FaceFragment; children?: ComponentChildren }) => (
  <li class="card">
    <Picture product={product} />
    <h3>
      <a href={`#/products/${product.id}`}>{product.title}</a>
    </h3>
    {children}
  </li>
);

const HUES: Record<string, string> = {
  PAID: "good",
  DELIVERED: "good",
  SHIPPED: "good",
  COMPLETED: "good",
  UNPAID: "open",
  CANCELLED: "bad",
};

export const State = ({ of }: { of: string }) => <span class={`state ${HUES[of] ?? ""}`}>{words(of)}</span>;

/** How much is unread, for the eye and for the ear. */
export const Badge = ({ count, of }: { count: number; of: string }) =>
  count > 0 ? (
    <span class="badge">
      {count}
      <span class="unseen"> {of}</span>
    </span>
  ) : null;

export const Refusal = ({ text }: { text: string | undefined }) =>
  text ? (
    <p class="refusal" role="alert">
      {text}
    </p>
  ) : null;

/** What stands in for an answer until it comes. */
export function Waiting({ error, again }: { error: string | undefined; again: () => void }) {
  if (!error) return <p class="quiet" role="status">One moment…</p>;
  return (
    <div class="refusal" role="alert">
      <p>{error}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

export const Empty = ({ children }: { children: ComponentChildren }) => <p class="quiet">{children}</p>;
