// Whom to be. Everybody in the demo market has the same password, so a click is enough.
import { Refusal } from "./parts.js";
import { useAction } from "./state.js";

const PEOPLE = [
  { name: "ada", displayName: "Ada Whitfield", what: "A shopper, with orders and a question or two" },
  { name: "grace", displayName: "Grace Okafor", what: "Owns Hearts & Hooks: signs, bags and small things" },
  { name: "nora", displayName: "Nora Berg", what: "Owns Northern Lights: candles and Christmas" },
  { name: "tomas", displayName: "Tomas Lind", what: "Owns The Tin Tray: kitchen, table and toys" },
  { name: "ben", displayName: "Ben Carter", what: "Another shopper" },
  { name: "chloe", displayName: "Chloé Martin", what: "One more, who is cold in winter" },
];

interface Props {
  enter: (email: string) => Promise<void>;
  look: () => void;
  isOver: boolean;
}

export function SignInPage({ enter, look, isOver }: Props) {
  const { isBusy, refusal, run } = useAction();
  return (
    <main class="welcome">
      <h1>Agora</h1>
      <p>
        A small market to try things out in. Open it in two windows, be a shopper in one and a shopkeeper in the other, and see
        them talk.
      </p>
      <h2>Who would you like to be?</h2>
      <ul class="people">
        {PEOPLE.map(({ name, displayName, what }) => (
          <li key={name}>
            <button type="button" disabled={isBusy} onClick={() => run(() => enter(`${name}@demo.example`))}>
              <span class="face" aria-hidden="true">
                {displayName.charAt(0)}
              </span>
              <strong>{displayName}</strong>
              <small>{what}</small>
            </button>
          </li>
        ))}
      </ul>
      <button type="button" disabled={isBusy} onClick={look}>
        Nobody yet: look around as a guest
      </button>
      <Refusal text={refusal ?? (isOver ? "Your session has ended. Sign in again." : undefined)} />
      <p class="quiet">
        No money moves, and no mail leaves. To see what this page asks, use <a href="/graphiql">GraphiQL</a>.
      </p>
    </main>
  );
}
