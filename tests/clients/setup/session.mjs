const REFRESH = `mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    signedIn { accessToken accessTokenExpiresAt refreshToken }
    userErrors { code }
  }
}`;

/** A session begins with the tokens of `confirmEmail` or `signIn`. `store` keeps new ones before they are used. */
export function openSession({ url, tokens, store = async () => {} }) {
  let refreshing;

  async function trade() {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: REFRESH, variables: { input: { refreshToken: tokens.refreshToken } } }),
    });
    const { data, errors } = await answer.json();
    if (errors) throw new Error(errors[0].message);
    const { signedIn, userErrors } = data.refreshSession;
    if (!signedIn) throw new Error(`sign in again: ${userErrors[0].code}`);
    await store(signedIn);
    tokens = signedIn;
  }

  // Whoever asks meanwhile waits for the same trade: a refresh token is good once.
  const refresh = () => (refreshing ??= trade().finally(() => (refreshing = undefined)));

  async function authorization() {
    const secondsLeft = (Date.parse(tokens.accessTokenExpiresAt) - Date.now()) / 1000;
    if (secondsLeft < 30) await refresh();
    return `Bearer ${tokens.accessToken}`;
  }

  /** `fetch` in the name of the session. A clock may be wrong: 401 has the last word. */
  async function signedFetch(input, init) {
    const send = async () => {
      const headers = new Headers(init.headers);
      headers.set("authorization", await authorization());
      return { sent: tokens, answer: await fetch(input, { ...init, headers }) };
    };
    const { sent, answer } = await send();
    if (answer.status !== 401) return answer;
    if (sent === tokens) await refresh();
    return (await send()).answer;
  }

  return { authorization, refresh, fetch: signedFetch };
}
