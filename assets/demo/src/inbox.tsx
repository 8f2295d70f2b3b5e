// All conversations: one's own, and those of the shops that one works for.
import { DeskInboxDocument, InboxDocument, type TalkFragment } from "../__generated__/graphql.js";
import { Badge, Empty, Waiting } from "./parts.js";
import { useAnswer, useMe } from "./state.js";
import { said, time } from "./words.js";

export function InboxPage() {
  const me = useMe();
  const { data, error, again } = useAnswer(InboxDocument, {}, ["messages"]);
  const talks = data?.viewer?.conversations.nodes;
  return (
    <>
      <h1>Inbox</h1>
      {me.shops.map(({ id, shop }) => (
        <DeskTalks key={id} id={id} name={shop.name} />
      ))}
      <section aria-labelledby="own">
        <h2 id="own">Your own</h2>
        {talks ? <Talks talks={talks} isDesk={false} /> : <Waiting error={error} again={again} />}
      </section>
    </>
  );
}

function DeskTalks({ id, name }: { id: string; name: string }) {
  const { data, error, again } = useAnswer(DeskInboxDocument, { id }, ["messages"]);
  const desk = data?.node?.__typename === "ShopDesk" ? data.node : undefined;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      {data ? <Talks talks={desk?.conversations?.nodes ?? []} isDesk /> : <Waiting error={error} again={again} />}
    </section>
  );
}

interface Talking {
  title: string | null;
  shop: { name: string } | null;
  participants: { user: { id: string; displayName: string } }[];
}

/** With whom one talks: a buyer sees the shop, and the shop the buyer. */
export function partner({ title, shop, participants }: Talking, me: string | undefined): string {
  const others = participants.filter(({ user }) => user.id !== me).map(({ user }) => user.displayName);
  const isBuyer = others.length < participants.length;
  return title ?? (isBuyer && shop ? shop.name : others.join(", "));
}

function Talks({ talks, isDesk }: { talks: TalkFragment[]; isDesk: boolean }) {
  const me = useMe();
  if (talks.length === 0) {
    return <Empty>{isDesk ? "Nobody has written yet." : "Nothing yet. Find something, and ask its shop."}</Empty>;
  }
  return (
    <ul class="talks">
      {talks.map((talk) => {
        const newest = talk.lastMessage;
        const what = talk.kind === "ORDER" ? "Order" : talk.product?.title;
        return (
          <li key={talk.id} class={talk.unreadCount > 0 ? "unread" : undefined}>
            <a href={`#/inbox/${talk.id}`}>
              <strong>{partner(talk, me.user?.id)}</strong>
              <Badge count={talk.unreadCount} of="unread" />
              {what && <span class="about">{what}</span>}
              {newest && (
                <span class="newest">
                  <time dateTime={newest.createdAt}>{time(newest.createdAt)}</time>
                  {said(newest.content)}
                </span>
              )}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
