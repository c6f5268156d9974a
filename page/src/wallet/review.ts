import { signal } from "@preact/signals";

import type { Plan } from "./plan.ts";

/** What is being reviewed now. */
export const reviewed = signal<Plan | undefined>(undefined);

/** Shows people what a transaction would do and cost; they sign it or leave it. */
export function review(plan: Plan): void {
  reviewed.value = plan;
}
