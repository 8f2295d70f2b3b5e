// A TCP proxy that cuts each connection in the middle of what the server tells.
import { createServer, connect } from "node:net";

/** Cuts after some hundred bytes, each time after another number of them, until `stop` is called. */
export async function startCutter(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let isCutting = true;
  let cuts = 0;

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    // From amid the handshake to a few events; the modulus is prime, so that the places differ.
    let allowance = 100 + ((cuts * 389) % 1499);
    const cut = () => {
      cuts += 1;
      // A reset loses what is on its way; an end does not.
      if (cuts % 2) client.resetAndDestroy();
      else client.end();
      upstream.destroy();
    };
    upstream.on("data", (bytes) => {
      if (!isCutting || bytes.length <= allowance) {
        allowance -= bytes.length;
        client.write(bytes);
      } else if (!client.destroyed) {
        client.write(bytes.subarray(0, allowance), cut);
        allowance = 0;
        upstream.pause();
      }
    });
    client.pipe(upstream);
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      open.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

  const url = new URL(target);
  url.port = server.address().port;
  return {
    url: url.href,
    cuts: () => cuts,
    /** From now on connections hold. */
    stop: () => (isCutting = false),
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
