// Who is signed in, the way around, and what all pages stand in.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ChangesDocument, MeDocument, type ChangesSubscription } from "../__generated__/graphql.js";
import { guest, signIn, type Market } from "./api.js";
import { DeskPage } from "./desk.js";
import { InboxPage } from "./inbox.js";
import { listen, openSocket, type Connection } from "./live.js";
import { MarketPage } from "./market.js";
import { OrderPage, OrdersPage } from "./orders.js";
import { Badge } from "./parts.js";
import { ProductPage } from "./product.js";
import { SignInPage } from "./signin.js";
import { createTopics, goTo, SharedContext, usePlace, useShared, type Shared, type Viewer } from "./state.js";
import { ThreadPage } from "./thread.js";
import { createVisits, type Visitor } from "./visits.js";
import { words } from "./words.js";

export function App() {
  const [inside, setInside] = useState<{ market: Market; me: Viewer | undefined }>();
  const [isOver, setOver] = useState(false);
  const visitor = useRef<Visitor>({ token: null });
  const over = (): void => {
    setInside(undefined);
    setOver(true);
  };
  const enter = async (email: string): Promise<void> => {
    const market = await signIn(email, over);
    const { viewer } = await market.ask(MeDocument, {});
    if (!viewer) throw new Error("Nobody is signed in.");
    setOver(false);
    setInside({ market, me: viewer });
  };
  const look = (): void => setInside({ market: guest(), me: undefined });
  const leave = (): void => {
    inside?.market.signOut().catch(() => {});
    setInside(undefined);
    goTo("");
  };
  return inside ? (
    <Inside {...inside} visitor={visitor.current} leave={leave} />
  ) : (
    <SignInPage enter={enter} look={look} isOver={isOver} />
  );
}

/** For how long a word is shown. */
const SHOWN = 6_000;

interface Props {
  market: Market;
  me: Viewer | undefined;
  visitor: Visitor;
  leave: () => void;
}

function Inside({ market, me, visitor, leave }: Props) {
  const [connection, setConnection] = useState<Connection>("connecting");
  const [word, setWord] = useState("");
  const shared = useMemo<Shared>(() => {
    const topics = createTopics();
    const visits = createVisits(market.ask, visitor, () => topics.changed("personal"));
    return { ...market, ...topics, me, visits, socket: openSocket(market.session, setConnection), say: setWord };
  }, [market, me, visitor]);
  useEffect(() => {
    const leaving = (): void => {
      shared.visits.stop();
      void shared.socket.dispose();
    };
    if (!me) return leaving;
    const end = listen(shared.socket, ChangesDocument, { after: me.eventCursor }, ({ events }) => {
      switch (events.__typename) {
        case "MessageSent":
        case "MessageChanged":
          shared.changed("messages");
          break;
        case "OrderChanged":
          shared.changed("orders");
          setWord(whatChanged(events));
          break;
        case "Gap":
          shared.changed("messages");
          shared.changed("orders");
          break;
        default:
        // A heartbeat, or what is newer than this page.
      }
    });
    return () => {
      end();
      leaving();
    };
  }, [shared, me]);
  useEffect(() => {
    const timer = setTimeout(() => setWord(""), SHOWN);
    return () => clearTimeout(timer);
  }, [word]);
  return (
    <SharedContext.Provider value={shared}>
      <a class="skip" href="#content" onClick={skip}>
        To the content
      </a>
      {me ? <Head shared={shared} first={me} connection={connection} leave={leave} /> : <GuestHead leave={leave} />}
      <main id="content" tabIndex={-1}>
        <Place />
      </main>
      <p class="word" role="status">
        {word}
      </p>
    </SharedContext.Provider>
  );
}

/** What an order has come to, as its buyer or one of its shops is told. Of what buyers just did, they need no word. */
function whatChanged({ order, parts }: Extract<ChangesSubscription["events"], { __typename: "OrderChanged" }>): string {
  const [part] = parts;
  const number = order?.number ?? part?.orderNumber;
  if (number === undefined) return "";
  const isCancelled = (order?.lifecycle ?? part?.orderLifecycle) === "CANCELLED";
  const sent = parts.find(({ fulfillmentState }) => fulfillmentState !== "UNFULFILLED")?.fulfillmentState;
  const state = isCancelled ? "CANCELLED" : (sent ?? order?.paymentState ?? part?.orderPaymentState ?? "");
  if (state === "UNPAID") return order ? "" : `New order ${number}`;
  return `Order ${number}: ${words(state)}`;
}

/** The address names the page, so a link within it only moves the focus. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("content")?.focus();
}

const CONNECTIONS: Record<Connection, string> = {
  connecting: "Connecting…",
  live: "Live",
  lost: "Connecting again…",
};

interface HeadProps {
  shared: Shared;
  first: Viewer;
  connection: Connection;
  leave: () => void;
}

function Head({ shared, first, connection, leave }: HeadProps) {
  const [me, setMe] = useState(first);
  const [here = ""] = usePlace();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        shared.ask(MeDocument, {}).then(({ viewer }) => viewer && setMe(viewer), () => {});
      }, 80);
    };
    return shared.onChanged("messages", look);
  }, [shared]);
  const unreadOfShops = me.shops.flatMap(({ conversations }) => conversations?.nodes ?? []);
  const unread = unreadOfShops.reduce((sum, { unreadCount }) => sum + unreadCount, me.badges.unreadMessages);
  const link = (place: string, text: string, children?: preact.ComponentChildren) => (
    <a href={`#/${place}`} aria-current={here === place || (place === "" && here === "products") ? "page" : undefined}>
      {text}
      {children}
    </a>
  );
  return (
    <header>
      <a class="brand" href="#/">
        Agora
      </a>
      <nav aria-label="Main">
        {link("", "Market")}
        {link("inbox", "Inbox", <Badge count={unread} of="unread" />)}
        {link("orders", "Orders")}
        {me.shops.length > 0 && link("desk", "Shop desk")}
      </nav>
      <div class="person">
        <span class={`connection ${connection}`} role="status">
          {CONNECTIONS[connection]}
        </span>
        <span class="name">{me.user?.displayName}</span>
        <button type="button" class="plain" onClick={leave}>
          Sign out
        </button>
      </div>
    </header>
  );
}

const GuestHead = ({ leave }: { leave: () => void }) => (
  <header>
    <a class="brand" href="#/">
      Agora
    </a>
    <nav aria-label="Main">
      <a href="#/">Market</a>
    </nav>
    <div class="person">
      <span class="name">Guest</span>
      <button type="button" class="plain" onClick={leave}>
        Sign in
      </button>
    </div>
  </header>
);

function Place() {
  const { me } = useShared();
  const [page, id] = usePlace();
  const title = useRef(document.title);
  useEffect(() => {
    const heading = document.querySelector("main h1")?.textContent;
    document.title = heading ? `${heading} · Agora` : title.current;
  });
  // Another page: whoever reads on goes on from its beginning.
  const isFirst = useRef(true);
  useEffect(() => {
    if (!isFirst.current) document.getElementById("content")?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [page, id]);
  if (page === "products" && id) return <ProductPage key={id} id={id} />;
  if (!me) return <MarketPage />;
  switch (page) {
    case "inbox":
      return id ? <ThreadPage key={id} id={id} /> : <InboxPage />;
    case "orders":
      return id ? <OrderPage key={id} id={id} /> : <OrdersPage />;
    case "desk":
      return <DeskPage />;
    default:
      return <MarketPage />;
  }
}
