#!/usr/bin/env bash
# Runs the README's tour, block by block, against the demo market at $AGORA_URL.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${AGORA_URL:?where the demo market listens, such as http://127.0.0.1:8080}"

tour=$(awk '/^```$/ { inside = 0 } inside; /^```sh$/ { inside = marked } { marked = /^<!-- tour -->$/ }' README.md)
told=$(timeout 120 bash -euo pipefail -c "$tour")
printf '%s\n' "$told"
# A refusal is no failure of curl: at the end there must be a paid order.
grep -q '"paymentState": "PAID"' <<<"$told"
