import type { PlatformContext } from "./context.ts";
import { parseAddress } from "./inputs.ts";

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

/** The words for the modules of a platform, by their addresses. */
export function moduleWords({ book }: Pick<PlatformContext, "book">): ReadonlyMap<string, string> {
  return new Map(Object.entries(modules).map(([word, name]) => [book.contracts[name], word]));
}
