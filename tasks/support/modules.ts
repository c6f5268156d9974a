import type { PlatformContext } from "./context.ts";
import { parseAddress } from "./inputs.ts";
import { stakeModules } from "../../src/facts/stake.ts";

/** Reads a module's word or address. */
export function parseModule({ book }: PlatformContext, text: string): string {
  return Object.hasOwn(stakeModules, text)
    ? book.contracts[stakeModules[text as keyof typeof stakeModules]]
    : parseAddress(text);
}

/** The words for the modules of a platform, by their addresses. */
export function moduleWords({ book }: Pick<PlatformContext, "book">): ReadonlyMap<string, string> {
  return new Map(Object.entries(stakeModules).map(([word, name]) => [book.contracts[name], word]));
}
