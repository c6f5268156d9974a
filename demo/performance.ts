import type { Verified } from "./acts/attesting.ts";
import type { Refused } from "./acts/cheating.ts";
import type { OrderAccount } from "./acts/closing.ts";
import type { Disputed } from "./acts/lying.ts";
import type { Settlement } from "./acts/streaming.ts";
import type { SimulatedIntel } from "./acts/supplying.ts";
import type { Balances } from "./balances.ts";
import type { Act } from "./narrator.ts";
import type { GasUse } from "./sender.ts";
import type { TaskStory } from "./taskPlay.ts";

/** What was played, and what came of it. */
export interface Performance {
  readonly acts: readonly Act[];
  readonly chainId: bigint;
  readonly token: { readonly symbol: string; readonly decimals: number };
  /** Everybody's, before the first stake was deposited. */
  readonly before: Balances;
  readonly after: Balances;
  readonly gas: readonly GasUse[];
  readonly hashes: number;
  /** Hashes a second, while searching. */
  readonly rate: number;
  readonly machine: { readonly engine: string; readonly threads: number };
  /** How quotes were verified: what they are judged by, and one node's two attestations. */
  readonly intel: SimulatedIntel;
  readonly verified: readonly Verified[];
  readonly refused: readonly Refused[];
  readonly missed: Settlement;
  readonly fault: Required<Settlement>;
  readonly account: OrderAccount;
  /** The second act: tasks over private data. */
  readonly tasks: TaskStory;
  readonly disputes: { readonly honest: Disputed; readonly false: Disputed };
}
