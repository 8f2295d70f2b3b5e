import { Environment, Network, Observable, RecordSource, Store } from "relay-runtime";
import { withRetries } from "./retry.mjs";

/** `socket` comes from `openSocket`. */
export function openRelay({ url, session, socket }) {
  const send = withRetries(session.fetch);

  async function ask({ text, name }, variables) {
    const answer = await send(url, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
      },
      body: JSON.stringify({ query: text, operationName: name, variables }),
    });
    return answer.json();
  }

  const subscribe = ({ text, name }, variables) =>
    Observable.create((sink) => socket.subscribe({ query: text, operationName: name, variables }, sink));

  return new Environment({ network: Network.create(ask, subscribe), store: new Store(new RecordSource()) });
}
