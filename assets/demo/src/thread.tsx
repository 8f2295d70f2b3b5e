// One conversation, as it happens.
import { useEffect, useReducer, useRef, useState } from "preact/hooks";
import {
  MarkReadDocument,
  SendMessageDocument,
  SendTypingDocument,
  TalkChangesDocument,
  ThreadDocument,
  type SaidFragment,
  type ThreadQuery,
} from "../__generated__/graphql.js";
import { newKey, outcome } from "./api.js";
import { partner } from "./inbox.js";
import { listen } from "./live.js";
import { Empty, Picture, Waiting } from "./parts.js";
import { useMe, useShared } from "./state.js";
import { begun, next, type Happening, type Pending, type TalkState } from "./talk.js";
import { said, time } from "./words.js";

type Viewer = NonNullable<ThreadQuery["viewer"]>;
type Conversation = NonNullable<Viewer["conversation"]>;

/** How often it is said that somebody types. */
const TYPING_EVERY = 3_000;

export function ThreadPage({ id }: { id: string }) {
  const { ask, changed, socket } = useShared();
  const mine = useMe().user?.id;
  const [conversation, setConversation] = useState<Conversation | null>();
  const [error, setError] = useState<string>();
  const [state, happens] = useReducer<TalkState, Happening>(next, begun);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let end = (): void => {};
    let isOver = false;
    const read = async (): Promise<string | undefined> => {
      const { viewer } = await ask(ThreadDocument, { id });
      if (isOver) return undefined;
      setConversation(viewer?.conversation ?? null);
      if (!viewer?.conversation) return undefined;
      happens({ kind: "read", conversation: viewer.conversation });
      return viewer.eventCursor;
    };
    const failed = (reason: Error): void => setError(reason.message);
    setError(undefined);
    read().then((cursor) => {
      if (cursor === undefined || isOver) return;
      // From the place in the log at which it was read, so nothing falls in between.
      end = listen(socket, TalkChangesDocument, { id, after: cursor }, ({ conversationEvents }) => {
        if (conversationEvents.__typename === "Gap") read().catch(failed);
        else happens({ kind: "told", event: conversationEvents, me: mine });
      });
    }, failed);
    return () => {
      isOver = true;
      end();
    };
  }, [ask, socket, id, mine, attempt]);

  useMarking(id, state.messages.at(-1)?.number ?? 0, conversation?.lastReadNumber);
  useEffect(() => {
    const last = Math.max(...state.typing.map(({ until }) => until));
    if (!Number.isFinite(last)) return;
    const timer = setTimeout(() => happens({ kind: "quiet" }), Math.max(0, last - Date.now()) + 50);
    return () => clearTimeout(timer);
  }, [state.typing]);

  if (conversation === undefined) {
    return <Waiting error={error} again={() => setAttempt(attempt + 1)} />;
  }
  if (conversation === null) return <Empty>There is no such conversation for you.</Empty>;

  const send = async (pending: Pending): Promise<void> => {
    const { clientKey, text } = pending;
    happens({ kind: "wrote", pending: { clientKey, text } });
    try {
      const input = { conversationId: id, text, idempotencyKey: clientKey };
      const { sendMessage } = await ask(SendMessageDocument, { input });
      happens({ kind: "sent", message: outcome(sendMessage.message, sendMessage.userErrors) });
      changed("messages");
    } catch (reason) {
      happens({ kind: "failed", clientKey, failure: reason instanceof Error ? reason.message : String(reason) });
    }
  };
  const showEarlier = async (): Promise<void> => {
    const { viewer } = await ask(ThreadDocument, { id, before: state.earlier });
    if (viewer?.conversation) happens({ kind: "earlier", conversation: viewer.conversation });
  };
  return (
    <section class="thread" aria-labelledby="with">
      <div class="with">
        <a href="#/inbox" aria-label="Back to the inbox">
          ‹
        </a>
        {conversation.product && <Picture product={conversation.product} />}
        <div>
          <h1 id="with">{partner(conversation, mine)}</h1>
          {conversation.product && (
            <a href={`#/products/${conversation.product.id}`}>{conversation.product.title}</a>
          )}
        </div>
      </div>
      <Bubbles conversation={conversation} state={state} showEarlier={() => void showEarlier()} send={send} />
      <p class="typing" aria-live="polite">
        {state.typing.length > 0 && `${state.typing.map(({ displayName }) => displayName).join(", ")} is typing…`}
      </p>
      <Composer id={id} send={send} />
    </section>
  );
}

/** Says how far somebody has read, once they see it: up to the newest message, while the page is not hidden. */
function useMarking(id: string, newest: number, readBefore: number | undefined): void {
  const { ask, changed } = useShared();
  const marked = useRef(0);
  useEffect(() => {
    const mark = (): void => {
      const isRead = newest <= Math.max(marked.current, readBefore ?? newest);
      if (document.visibilityState !== "visible" || isRead) return;
      marked.current = newest;
      ask(MarkReadDocument, { input: { conversationId: id, upTo: newest } }).then(
        () => changed("messages"),
        () => (marked.current = 0),
      );
    };
    mark();
    document.addEventListener("visibilitychange", mark);
    return () => document.removeEventListener("visibilitychange", mark);
  }, [ask, changed, id, newest, readBefore]);
}

function Bubbles({
  conversation: { participants, shop },
  state,
  showEarlier,
  send,
}: {
  conversation: Conversation;
  state: TalkState;
  showEarlier: () => void;
  send: (pending: Pending) => Promise<void>;
}) {
  const mine = useMe().user?.id;
  const log = useRef<HTMLDivElement>(null);
  const newest = state.messages.at(-1)?.number ?? 0;
  useEffect(() => log.current?.scrollTo(0, log.current.scrollHeight), [newest, state.pending.length]);
  // Who takes part as a person is one side; whoever else writes does so for the shop.
  const isPerson = (user: string | undefined): boolean => participants.some(({ user: { id } }) => id === user);
  const isOurs = ({ author }: SaidFragment): boolean =>
    author?.id === mine || (shop !== null && author !== null && !isPerson(mine) && !isPerson(author.id));
  const readers = state.markers.filter(({ user }) => user.id !== mine);
  const readUpTo = (message: SaidFragment) =>
    readers.filter(({ lastReadNumber }) => (lastReadNumber ?? 0) >= message.number);
  const lastRead = state.messages.findLast((message) => isOurs(message) && readUpTo(message).length > 0);
  return (
    <div ref={log} class="log" role="log" aria-label="Messages" tabIndex={0}>
      <ol class="bubbles">
        {state.earlier !== null && (
          <li class="step">
            <button type="button" class="plain" onClick={showEarlier}>
              Show what was written earlier
            </button>
          </li>
        )}
        {state.messages.map((message) => {
          const { id, author, content, createdAt } = message;
          const at = <time dateTime={createdAt}>{time(createdAt)}</time>;
          if (content.__typename !== "TextContent") {
            return (
              <li key={id} class="step">
                {said(content)} {at}
              </li>
            );
          }
          const isShops = shop !== null && author !== null && !isPerson(author.id);
          return (
            <li key={message.clientKey ?? id} class={isOurs(message) ? "bubble ours" : "bubble"}>
              <span class="author">{author?.id === mine ? <span class="unseen">You</span> : author?.displayName}</span>
              {isShops && author?.id !== mine && <span class="author"> · {shop.name}</span>}
              <p>{content.text}</p>
              <small>
                {at}
                {message === lastRead && (
                  <span class="receipt">
                    {" "}
                    ✓✓ Read by {readUpTo(message).map(({ user }) => user.displayName).join(", ")}
                  </span>
                )}
              </small>
            </li>
          );
        })}
        {state.pending.map((pending) => (
          <li key={pending.clientKey} class={pending.failure ? "bubble ours failed" : "bubble ours pending"}>
            <span class="unseen">You</span>
            <p>{pending.text}</p>
            <small>
              {pending.failure ?? "Sending…"}
              {pending.failure && (
                <button type="button" class="plain" onClick={() => void send(pending)}>
                  Send again
                </button>
              )}
            </small>
          </li>
        ))}
      </ol>
    </div>
  );
}

function Composer({ id, send }: { id: string; send: (pending: Pending) => Promise<void> }) {
  const { ask } = useShared();
  const [text, setText] = useState("");
  const toldAt = useRef(0);
  const write = (typed: string): void => {
    setText(typed);
    if (typed.trim() === "" || Date.now() - toldAt.current < TYPING_EVERY) return;
    toldAt.current = Date.now();
    // Whether it arrives does not matter.
    ask(SendTypingDocument, { input: { conversationId: id } }).catch(() => {});
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === "") return;
    void send({ clientKey: newKey(), text: text.trim() });
    setText("");
    toldAt.current = 0;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  };
  return (
    <form class="composer" onSubmit={submit}>
      <label>
        <span class="unseen">Message</span>
        <textarea
          rows={1}
          maxLength={4000}
          placeholder="Write a message"
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </label>
      <button type="submit" class="main" disabled={text.trim() === ""}>
        Send
      </button>
    </form>
  );
}
