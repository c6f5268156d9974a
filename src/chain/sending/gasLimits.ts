import { functionOf } from "./functions.ts";

/** What a transaction may take beyond its estimate: gas that it does not take costs nothing. */
interface Margin {
  /** Percent of the estimate. */
  readonly percent: bigint;
  /** And so much gas, for each order, node, period or answer that is named. */
  readonly each: bigint;
}

/** For work that is the same whenever it is done: nodes' estimates differ a little. */
const USUAL: Margin = { percent: 20n, each: 0n };

/** A deadline or a checkpoint may pass between the estimate and the block: some slots more are read and written. */
const DATED: Margin = { percent: 30n, each: 60_000n };

/**
 * An epoch or a reward period may end between the estimate and the block, and is settled too: three slots that nobody has written
 * before, 22,100 each, the node's end looked up, 8,500, stake freed or slashed by the vault, some 40,000, and the events.
 */
const SETTLING: Margin = { percent: 30n, each: 150_000n };

/** Functions whose work depends on when it is done. */
const margins: Readonly<Partial<Record<string, Margin>>> = {
  // Orders
  settle: SETTLING,
  settleMany: SETTLING,
  close: SETTLING,
  topUp: SETTLING,
  topUpWithPermit: SETTLING,
  open: DATED,
  openWithPermit: DATED,
  collectFees: DATED,
  withdrawEarnings: DATED,
  // Orders and tasks
  accept: DATED,
  // Challenges and rewards
  issue: DATED,
  prove: SETTLING,
  proveMany: SETTLING,
  withdraw: DATED,
  rollOver: DATED,
  // Nodes and validators
  attest: DATED,
  recheck: DATED,
  dispute: DATED,
  checkpoint: DATED,
  exit: DATED,
  release: DATED,
  activate: DATED,
  // Tasks
  submit: DATED,
  finalize: SETTLING,
  expire: SETTLING,
  abort: SETTLING,
};

/** The most that a transaction may ask for where EIP-7825 is in force. */
export const MOST_GAS = 2n ** 24n;

/** How many things a call names: the length of its first argument where that is a list. */
function countIn(args: readonly unknown[]): bigint {
  const [first] = args;
  return Array.isArray(first) ? BigInt(first.length) : 1n;
}

/** The gas that a transaction is given, by what was estimated for it. */
export function gasLimitOf(data: string, estimate: bigint): bigint {
  const call = functionOf(data);
  const { percent, each } = (call === undefined ? undefined : margins[call.name]) ?? USUAL;
  const limit = (estimate * (100n + percent)) / 100n + each * countIn(call?.args ?? []);
  return estimate <= MOST_GAS && limit > MOST_GAS ? MOST_GAS : limit;
}
