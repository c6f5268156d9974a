import { readEvents } from "../../../src/chain/history.ts";
import { enumNumber } from "../../../src/enums.ts";
import type { ChainContext } from "../chain/chainContext.ts";

/** What the store has of a platform family, by its newest TCB info. */
export interface FamilyState {
  /** Six and two bytes in hexadecimal, as Intel names a family of platforms. */
  readonly fmspc: string;
  readonly pceId: string;
  readonly evaluationNumber: bigint;
  /** The least number that counts. */
  readonly floor: bigint;
  /** Unix seconds of the last second at which each document holds; 0 for one that is missing. */
  readonly until: Readonly<Record<string, bigint>>;
}

const DOCUMENTS = ["rootCrl", "pckCa", "tcbSigning", "pckCrl", "tcbInfo", "qeIdentity"] as const;

/** Reads how Intel's documents stand for each family of platforms that the chain knows, of the Platform CA's newest key. */
export async function readFamilies({ protocol, history }: ChainContext): Promise<readonly FamilyState[]> {
  const { collateralStore } = protocol;
  const ca = enumNumber("PckCa", "Platform");
  const [events, generation] = await Promise.all([
    readEvents(history, collateralStore, collateralStore.filters.TcbInfoStored()),
    collateralStore.caKeyCount(ca),
  ]);
  const newest = new Map(events.map(({ args }) => [`${args.fmspc} ${args.pceId}`, args]));
  return Promise.all(
    [...newest.values()].map(async ({ fmspc, pceId, evaluationNumber }) => {
      const health = await collateralStore.healthOf(ca, generation, fmspc, pceId, evaluationNumber);
      const until = Object.fromEntries(DOCUMENTS.map((name) => [name, health[name]]));
      return { fmspc, pceId, evaluationNumber, floor: health.floor, until };
    }),
  );
}

/** When the first of a family's documents lapses, in Unix seconds; 0 where one is missing or its number is too low. */
export function lapseOf({ until, evaluationNumber, floor }: FamilyState): bigint {
  if (evaluationNumber < floor) return 0n;
  return Object.values(until).reduce((least, each) => (each < least ? each : least));
}
