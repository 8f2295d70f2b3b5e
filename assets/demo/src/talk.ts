// A conversation as it stands: what was read first, and what has been told of it since.
import type { MarkerFragment, SaidFragment, TalkChangesSubscription, ThreadQuery } from "../__generated__/graphql.js";

/** A message that was written here, and of which the market has not said yet that it is there. */
export interface Pending {
  clientKey: string;
  text: string;
  /** Why it did not go, where it did not. */
  failure?: string;
}

export interface TalkState {
  messages: SaidFragment[];
  pending: Pending[];
  markers: MarkerFragment[];
  typing: { id: string; displayName: string; until: number }[];
  /** The cursor of what was written earlier; null where there is nothing. */
  earlier: string | null;
}

type Read = NonNullable<NonNullable<ThreadQuery["viewer"]>["conversation"]>;

export type Happening =
  | { kind: "read"; conversation: Read }
  | { kind: "earlier"; conversation: Read }
  | { kind: "told"; event: TalkChangesSubscription["conversationEvents"]; me: string | undefined }
  | { kind: "wrote"; pending: Pending }
  | { kind: "sent"; message: SaidFragment }
  | { kind: "failed"; clientKey: string; failure: string }
  | { kind: "quiet" };

export const begun: TalkState = { messages: [], pending: [], markers: [], typing: [], earlier: null };

/** Each message once, by its number, as it is in its newest version. What was pending under its key is there. */
function withMessages(state: TalkState, said: SaidFragment[]): TalkState {
  const all = new Map(state.messages.map((message) => [message.id, message]));
  for (const message of said) {
    const known = all.get(message.id);
    if (!known || known.version <= message.version) all.set(message.id, message);
  }
  const keys = new Set(said.map(({ clientKey }) => clientKey));
  return {
    ...state,
    messages: [...all.values()].sort((one, other) => one.number - other.number),
    pending: state.pending.filter(({ clientKey }) => !keys.has(clientKey)),
  };
}

function told(state: TalkState, event: TalkChangesSubscription["conversationEvents"], me: string | undefined): TalkState {
  switch (event.__typename) {
    case "MessageSent": {
      const typing = state.typing.filter(({ id }) => id !== event.message.author?.id);
      return withMessages({ ...state, typing }, [event.message]);
    }
    case "MessageChanged":
      return withMessages(state, [event.message]);
    case "ParticipantChanged": {
      const others = state.markers.filter(({ user }) => user.id !== event.participant.user.id);
      return { ...state, markers: [...others, event.participant] };
    }
    case "Typing": {
      const { user, until } = event;
      if (!user || user.id === me) return state;
      const others = state.typing.filter(({ id }) => id !== user.id);
      return { ...state, typing: [...others, { ...user, until: Date.parse(until) }] };
    }
    default:
      return state;
  }
}

export function next(state: TalkState, happening: Happening): TalkState {
  switch (happening.kind) {
    case "read":
    case "earlier": {
      const { messages, participants } = happening.conversation;
      const { hasPreviousPage, startCursor } = messages.pageInfo;
      const earlier = hasPreviousPage ? startCursor : null;
      return withMessages({ ...state, markers: participants, earlier }, messages.nodes);
    }
    case "told":
      return told(state, happening.event, happening.me);
    case "wrote": {
      const others = state.pending.filter(({ clientKey }) => clientKey !== happening.pending.clientKey);
      return { ...state, pending: [...others, happening.pending] };
    }
    case "sent":
      return withMessages(state, [happening.message]);
    case "failed":
      return {
        ...state,
        pending: state.pending.map((pending) =>
          pending.clientKey === happening.clientKey ? { ...pending, failure: happening.failure } : pending,
        ),
      };
    case "quiet":
      return { ...state, typing: state.typing.filter(({ until }) => until > Date.now()) };
  }
}
