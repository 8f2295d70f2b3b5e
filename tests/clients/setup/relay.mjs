import { Environment, Network, Observable, RecordSource, Store } from "relay-runtime";
import { withRetries } from "./retry.mjs";

/** `socket` comes from `openSocket`. */
export function openRelay({ url, session, socket }) {
  const send = withRetries(session.fetch);

  // The compiler leaves the hash instead of the text where `persistConfig` asks for it.
  const documentOf = ({ id, text }) =>
    text ? { query: text } : { extensions: { persistedQuery: { version: 1, sha256Hash: id } } };

  async function ask(request, variables) {
    const answer = await send(url, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json;q=0.9",
        "content-type": "application/json",
      },
      body: JSON.stringify({ ...documentOf(request), operationName: request.name, variables }),
    });
    return answer.json();
  }

  const subscribe = (request, variables) =>
    Observable.create((sink) =>
      socket.subscribe({ ...documentOf(request), operationName: request.name, variables }, sink),
    );

  return new Environment({ network: Network.create(ask, subscribe), store: new Store(new RecordSource()) });
}
