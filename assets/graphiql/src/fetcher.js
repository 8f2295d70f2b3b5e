import { createGraphiQLFetcher } from "@graphiql/toolkit";

const url = new URL("/graphql", location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol.replace("http", "ws");

// What a sign-in answered last. Kept in memory only, so that closing or reloading the page forgets it.
const credentials = {};

// The tabs run one after the other as one person: an access token that is answered is sent with what
// runs next, unless the headers editor says something else. A token that is refused is forgotten.
// A session is in that header or in cookies, never in both: whoever asks for cookies leaves the token.
async function fetchAsViewer(input, init) {
  if (String(init.body).includes("COOKIES")) {
    delete credentials.Authorization;
  }
  let response = await send(input, init);
  if (response.status === 401 && !credentials.Authorization) {
    // The access cookie has gone. The next one comes, or the cookies of a session that is over are taken back.
    await fetch("/session/refresh", { method: "POST" });
    response = await send(input, init);
  } else if (response.status === 401) {
    delete credentials.Authorization;
  }
  const token = accessToken(await response.clone().json().catch(() => null));
  if (token) {
    credentials.Authorization = `Bearer ${token}`;
  }
  return response;
}

function send(input, init) {
  const headers = new Headers(init.headers);
  if (credentials.Authorization && !headers.has("Authorization")) {
    headers.set("Authorization", credentials.Authorization);
  }
  return fetch(input, { ...init, headers, credentials: headers.has("Authorization") ? "omit" : "same-origin" });
}

function accessToken(value) {
  if (value === null || typeof value !== "object") {
    return undefined;
  }
  if (typeof value.accessToken === "string") {
    return value.accessToken;
  }
  return Object.values(value).map(accessToken).find(Boolean);
}

export const fetcher = createGraphiQLFetcher({
  url: url.href,
  fetch: fetchAsViewer,
  subscriptionUrl: socketUrl.href,
  wsConnectionParams: credentials,
  enableIncrementalDelivery: false,
});
