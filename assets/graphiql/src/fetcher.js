import { createGraphiQLFetcher } from "@graphiql/toolkit";

const url = new URL("/graphql", location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol.replace("http", "ws");

// What a sign-in answered last. Kept in memory only, so that closing or reloading the page forgets it.
const credentials = {};

// The tabs run one after the other as one person: an access token that is answered is sent with what
// runs next, unless the headers editor says something else. A token that is refused is forgotten.
async function fetchAsViewer(input, init) {
  const headers = new Headers(init.headers);
  if (credentials.Authorization && !headers.has("Authorization")) {
    headers.set("Authorization", credentials.Authorization);
  }
  const response = await fetch(input, { ...init, headers, credentials: "same-origin" });
  if (response.status === 401) {
    delete credentials.Authorization;
  }
  const token = accessToken(await response.clone().json().catch(() => null));
  if (token) {
    credentials.Authorization = `Bearer ${token}`;
  }
  return response;
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
