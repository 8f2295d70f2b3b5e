// What somebody looks at, told to the market a few at a time.
import { RecordViewsDocument } from "../__generated__/graphql.js";
import type { Market } from "./api.js";

/** What tells a guest from others. Whoever signs in hands it over, with what they have looked at. It does not outlive the page, as a session does not. */
export interface Visitor {
  token: string | null;
}

/** For how long views are gathered. */
const PAUSE = 2_000;

export interface Visits {
  visitor: Visitor;
  /** Says that a product has been looked at. */
  saw: (productId: string) => void;
  /** Nothing is told any more. */
  stop: () => void;
}

/** Takes views, and tells the market of them; `told` is called when it knows. */
export function createVisits(ask: Market["ask"], visitor: Visitor, told: () => void): Visits {
  const waiting = new Map<string, string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tell = async (): Promise<void> => {
    const views = Array.from(waiting, ([productId, viewedAt]) => ({ productId, viewedAt }));
    waiting.clear();
    const { recordViews } = await ask(RecordViewsDocument, { input: { views, visitorToken: visitor.token } });
    if (recordViews.userErrors.length === 0) visitor.token = recordViews.visitorToken;
    told();
  };
  // One after the other, so that a guest gets one token. A view that is lost on the way is no loss.
  let last = Promise.resolve();
  const tellNext = (): void => {
    timer = undefined;
    last = last.then(tell).catch(() => {});
  };
  if (visitor.token !== null) tellNext();
  return {
    visitor,
    saw: (productId) => {
      waiting.set(productId, new Date().toISOString());
      timer ??= setTimeout(tellNext, PAUSE);
    },
    stop: () => clearTimeout(timer),
  };
}
