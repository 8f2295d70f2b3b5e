// What all of the page shares: who is signed in, what changes, and how an answer is kept up with it.
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Client } from "graphql-ws/client";
import type { MeQuery, TypedDocumentString } from "../__generated__/graphql.js";
import type { Market } from "./api.js";
import type { Visits } from "./visits.js";

export type Viewer = NonNullable<MeQuery["viewer"]>;
/** What may have changed, so that whoever shows it asks again. */
export type Topic = "messages" | "orders" | "personal";

export interface Shared extends Market {
  /** Who is signed in; nobody for a guest. */
  me: Viewer | undefined;
  visits: Visits;
  socket: Client;
  /** Says that something has changed. */
  changed: (topic: Topic) => void;
  /** Calls back when it has, until the answer is called. */
  onChanged: (topic: Topic, told: () => void) => () => void;
  /** Says a word that goes away by itself. */
  say: (text: string) => void;
}

export const SharedContext = createContext<Shared | undefined>(undefined);

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (!shared) throw new Error("nobody has come in");
  return shared;
}

/** Who is signed in, where guests do not come. */
export function useMe(): Viewer {
  const { me } = useShared();
  if (!me) throw new Error("nobody is signed in");
  return me;
}

/** Tells those who listen to a topic. */
export function createTopics(): Pick<Shared, "changed" | "onChanged"> {
  const listeners = new Map<Topic, Set<() => void>>();
  return {
    changed: (topic) => listeners.get(topic)?.forEach((told) => told()),
    onChanged: (topic, told) => {
      const all = listeners.get(topic) ?? new Set();
      listeners.set(topic, all.add(told));
      return () => all.delete(told);
    },
  };
}

export interface Answer<Result> {
  data: Result | undefined;
  error: string | undefined;
  again: () => void;
}

/**
 * The answer to a document, asked for again whenever its variables or one of its topics change. What was answered before stays
 * until then; an answer that comes after a newer question is dropped.
 */
export function useAnswer<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  topics: Topic[] = [],
): Answer<Result> {
  const { ask, onChanged } = useShared();
  const [data, setData] = useState<Result>();
  const [error, setError] = useState<string>();
  const newest = useRef(0);
  const said = JSON.stringify(variables);
  const again = useCallback(() => {
    const number = ++newest.current;
    ask(document, JSON.parse(said) as Variables).then(
      (result) => {
        if (number !== newest.current) return;
        setData(result);
        setError(undefined);
      },
      (reason: Error) => number === newest.current && setError(reason.message),
    );
  }, [ask, document, said]);
  useEffect(again, [again]);
  useEffect(() => {
    // Several events often come at once; they are one reason to ask.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      clearTimeout(timer);
      timer = setTimeout(again, 80);
    };
    const ends = topics.map((topic) => onChanged(topic, soon));
    return () => {
      clearTimeout(timer);
      ends.forEach((end) => end());
    };
  }, [again, onChanged, topics.join()]);
  useEffect(() => () => void (newest.current += 1), []);
  return { data, error, again };
}

/** Runs what a person asked for, one at a time, and keeps why it was refused. */
export function useAction(): { isBusy: boolean; refusal: string | undefined; run: (action: () => Promise<void>) => void } {
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const run = (action: () => Promise<void>): void => {
    if (isBusy) return;
    setBusy(true);
    setRefusal(undefined);
    action()
      .catch((reason: Error) => setRefusal(reason.message))
      .finally(() => setBusy(false));
  };
  return { isBusy, refusal, run };
}

/** The place that the address names, as ["products", "product_01…"]. */
export function usePlace(): string[] {
  const read = (): string[] => location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const [place, setPlace] = useState(read);
  useEffect(() => {
    const changed = (): void => {
      setPlace(read());
      scrollTo(0, 0);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return place;
}

export const goTo = (place: string): void => {
  location.hash = `#/${place}`;
};
