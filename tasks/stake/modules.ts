import type { PlatformContext } from "../support/context.ts";
import { parseAddress } from "../support/inputs.ts";

/** The contracts that lock stake, by the words for what they guard. */
export const modules = {
  nodes: "nodeRegistry",
  orders: "orderEscrow",
  tasks: "taskEscrow",
  validators: "validatorSet",
  quotes: "quorumVerifier",
} as const;

/** Reads a module's word or address. */
export function parseModule({ book }: PlatformContext, text: string): string {
  return Object.hasOwn(modules, text) ? book.contracts[modules[text as keyof typeof modules]] : parseAddress(text);
}
