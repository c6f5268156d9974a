import type { Call, Given, Operation } from "./operation.ts";
import type { PlatformContext } from "../support/context.ts";
import { InputError } from "../../src/inputError.ts";

const tell = (paused: boolean): string => (paused ? "paused" : "running");

/** What can be paused, by the contract, and whether it is. */
const pausables = {
  nodes: {
    contract: "nodeRegistry",
    what: "declaring nodes and first attestations",
    isPaused: async ({ protocol }: PlatformContext) => (await protocol.nodeRegistry.policy()).paused,
  },
  orders: {
    contract: "orderEscrow",
    what: "opening, requesting, accepting and restarting orders",
    isPaused: async ({ protocol }: PlatformContext) => protocol.orderEscrow.paused(),
  },
  tasks: {
    contract: "taskEscrow",
    what: "publishing and accepting tasks",
    isPaused: async ({ protocol }: PlatformContext) => protocol.taskEscrow.paused(),
  },
} as const;

/** Pausing or resuming one of the contracts. */
function pausing(word: keyof typeof pausables): Operation {
  const { contract, isPaused } = pausables[word];
  return {
    contract,
    method: "setPaused(bool)",
    title: `Pause or resume ${word}`,
    changes: async (context, values) => {
      const [paused] = values as unknown as [boolean];
      return [{ what: word, from: tell(await isPaused(context)), to: tell(paused) }];
    },
  };
}

const operations = {
  nodes: pausing("nodes"),
  orders: pausing("orders"),
  tasks: pausing("tasks"),
} as const;

export const pausingOperations = Object.values(operations);

/** Whether what can be paused is, in words. */
export async function tellPausing(context: PlatformContext): Promise<(readonly [string, string])[]> {
  return Promise.all(
    Object.entries(pausables).map(async ([word, { what, isPaused }]) => {
      return [word, `${what}: ${tell(await isPaused(context))}`] as const;
    }),
  );
}

function callsFor(what: string, paused: boolean): Call[] {
  if (what === "all") return pausingOperations.map((operation) => ({ operation, values: [paused] }));
  if (Object.hasOwn(operations, what)) {
    return [{ operation: operations[what as keyof typeof operations], values: [paused] }];
  }
  throw new InputError(`"${what}" cannot be paused`, `Give ${Object.keys(operations).join(", ")} or all.`);
}

/** What `govern pause` and `govern resume` ask for. */
export const pausingCommands = {
  pause: ({ what = "" }: Given): Call[] => callsFor(what, true),
  resume: ({ what = "" }: Given): Call[] => callsFor(what, false),
};
