/** Reading is done again without harm, and so is what an idempotency key names. */
function isRepeatable({ method, body }) {
  if (method === "GET") return true;
  const { query = "mutation", variables } = JSON.parse(body);
  return variables?.input?.idempotencyKey !== undefined || !/\bmutation\b/.test(query);
}

async function retryAfterSeconds(answer) {
  if (!answer.headers.get("content-type")?.includes("json")) return undefined;
  const { errors } = await answer.clone().json();
  const { isRetryable, retryAfterSeconds = 1 } = errors?.[0].extensions ?? {};
  return isRetryable ? retryAfterSeconds : undefined;
}

/** `fetch` that sends the very same again when the answer is lost, or says that another try may succeed. */
export function withRetries(fetch, attempts = 5) {
  return async (input, init) => {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === attempts || !isRepeatable(init);
      let seconds = 2 ** attempt / 10;
      try {
        const answer = await fetch(input, init);
        const asked = isLast ? undefined : await retryAfterSeconds(answer);
        if (asked === undefined) return answer;
        seconds = Math.max(seconds, asked);
      } catch (error) {
        if (isLast || init.signal?.aborted) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (1 + Math.random())));
    }
  };
}
