// Somebody writes to a shop, while what its owner reads is cut again and again.
import assert from "node:assert/strict";
import { startCutter } from "./cutter.mjs";
import { eventually, newKey, productOf, signIn, url } from "./market.mjs";

const ENOUGH_CUTS = 25;
const MOST_MESSAGES = 200;

export const EVENTS = `subscription Events($after: String) {
  events(after: $after) {
    __typename
    ... on MessageSent { cursor message { number conversation { id } } }
    ... on OrderChanged { cursor }
    ... on Heartbeat { cursor }
    ... on Gap { resumeCursor }
  }
}`;

/**
 * Asserts that whatever was sent is told once and in its order. `listen({ url, reader, after, onEvent })` subscribes
 * with a client that reconnects by itself, and answers how to stop.
 */
export async function survive({ buyer, owner, shop, listen }) {
  const [writer, reader, product] = await Promise.all([signIn(buyer), signIn(owner), productOf(shop)]);
  const { viewer: { eventCursor } } = await reader.ask(`{ viewer { eventCursor } }`);
  const { contactShop } = await writer.ask(
    `mutation Ask($input: ContactShopInput!) { contactShop(input: $input) { conversation { id } message { number } } }`,
    { input: { productId: product.id, text: "Is anybody there?", idempotencyKey: newKey() } },
  );
  const conversation = contactShop.conversation.id;
  const sent = [contactShop.message.number];
  const say = async (text) => {
    const { sendMessage } = await writer.ask(
      `mutation Say($input: SendMessageInput!) { sendMessage(input: $input) { message { number } } }`,
      { input: { conversationId: conversation, text, idempotencyKey: newKey() } },
    );
    sent.push(sendMessage.message.number);
  };

  const told = [];
  const cutter = await startCutter(url);
  let failure;
  const stop = await listen({
    url: cutter.url,
    reader,
    after: eventCursor,
    onEvent: (event) => {
      assert.notEqual(event.__typename, "Gap");
      if (event.message?.conversation.id === conversation) told.push(event.message.number);
    },
    onEnd: (error) => (failure = error ?? new Error("the stream ended")),
  });
  try {
    while (cutter.cuts() < ENOUGH_CUTS && sent.length < MOST_MESSAGES && !failure) await say(`Number ${sent.length}`);
    await eventually(() => failure || cutter.cuts() >= ENOUGH_CUTS || told.length >= sent.length);
    cutter.stop();
    await say("The last one");
    await eventually(() => failure || told.at(-1) === sent.at(-1));
    assert.ifError(failure);
    assert.deepEqual(told, sent);
    assert.ok(cutter.cuts() >= ENOUGH_CUTS, `${cutter.cuts()} cuts`);
  } finally {
    await stop();
    await cutter.close();
  }
}
