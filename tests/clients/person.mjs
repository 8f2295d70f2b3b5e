// A person of the demo market with all that a client library needs, and a count of what it asked for over HTTP.
import WebSocket from "ws";
import { newKey, signIn, url } from "./market.mjs";
import { readSchema } from "./setup/schema.mjs";
import { openSession } from "./setup/session.mjs";
import { openSocket } from "./setup/socket.mjs";

export const schema = await readSchema(new URL("../../schema.graphql", import.meta.url));

export async function openPerson(name) {
  const { tokens, ask } = await signIn(name);
  const session = openSession({ url, tokens });
  let requests = 0;
  const counted = (input, init) => {
    requests += 1;
    return session.fetch(input, init);
  };
  const socket = openSocket({ url, session, webSocketImpl: WebSocket });
  return { url, ask, session: { ...session, fetch: counted }, socket, requests: () => requests };
}

/** Asks a shop about a product, by other means than the client under test. Answers the message. */
export async function contact(person, product, text) {
  const { contactShop } = await person.ask(
    `mutation Ask($input: ContactShopInput!) {
      contactShop(input: $input) { message { id number conversation { id lastNumber } } }
    }`,
    { input: { productId: product.id, text, idempotencyKey: newKey() } },
  );
  return contactShop.message;
}

/** An order that cannot be had, for its errors have types of their own. */
export const tooMany = ({ variants: [{ id, price }] }) => ({
  lines: [{ variantId: id, quantity: 10_000 }],
  expectedTotal: { amount: "1.00", currency: price.currency },
  shippingAddress: { name: "Sam", lines: ["1 High Street"], postalCode: "YO1 7HH", city: "York", country: "GB" },
  idempotencyKey: newKey(),
});
