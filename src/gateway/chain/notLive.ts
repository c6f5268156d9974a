import type { OrderView } from "./orders.ts";
import { Problem } from "../problems/problem.ts";

const ANOTHER = "open another one: `market list`";

/** What to do about an order that does not stream. */
function hintOf({ id, status }: OrderView): string {
  switch (status) {
    case "Requested":
      return `Wait until the provider accepts it: \`order show ${String(id)}\`.`;
    case "Active":
    case "Stopped":
      return `Its deposit is used up: \`order top-up ${String(id)}\` restarts it.`;
    case "Closing":
    case "Closed":
      return `It cannot be restarted: ${ANOTHER}. For a week its user can read what is kept of it, and have its application removed.`;
    default:
      return `It will not stream: ${ANOTHER}.`;
  }
}

/** The problem of an order that does not stream, with what its user can do about it. */
export function notLive(view: OrderView): Problem {
  const { id, status } = view;
  const detail = status === "Active" ? "has run dry" : `is ${status}`;
  return new Problem("order-not-live", `Order ${String(id)} ${detail}`, { hint: hintOf(view) });
}
