import { signal } from "@preact/signals";

import { connected } from "./connected.ts";
import type { Plan } from "./plan.ts";
import { forAccount } from "./undertaking.ts";

/** What is being reviewed now; each review is an object of its own. */
export const reviewed = signal<Plan | undefined>(undefined);

/** Shows people what a transaction would do and cost; they sign it or leave it. It is for whoever is connected now, and for no other account. */
export function review(plan: Plan): void {
  reviewed.value = forAccount(plan, connected.value?.account);
}
