import { solidityPackedKeccak256, type BigNumberish } from "ethers";

/** What names an order: what never changes of it, as `OrderEscrow.getOrder` gives it. */
export interface OrderIdentity {
  readonly terms: {
    readonly nodeId: BigNumberish;
    readonly ratePerSecond: BigNumberish;
    readonly feeBps: BigNumberish;
    readonly units: BigNumberish;
    readonly onChainOnly: boolean;
    readonly termsUntil: BigNumberish;
  };
  readonly user: string;
  readonly stakeLock: BigNumberish;
}

/**
 * The hash by which transactions name an order, 32 bytes in hex, as `OrderEscrow.termsHashOf` gives it. Made from what was read and
 * shown, it binds a transaction to that: where another order has the number by then, it is refused.
 */
export function orderTermsHash({ terms, user, stakeLock }: OrderIdentity): string {
  return solidityPackedKeccak256(
    ["uint40", "bool", "uint16", "uint16", "uint128", "uint48", "uint96", "address"],
    [
      terms.termsUntil,
      terms.onChainOnly,
      terms.units,
      terms.feeBps,
      terms.ratePerSecond,
      terms.nodeId,
      stakeLock,
      user,
    ],
  );
}

/** What names a task before it is accepted: its terms, as `TaskEscrow.getTask` gives them, and its datasets. */
export interface TaskIdentity {
  readonly requester: string;
  readonly nodeId: BigNumberish;
  readonly nodeFee: BigNumberish;
  readonly validatorFee: BigNumberish;
  readonly stakeLock: BigNumberish;
  readonly acceptBy: BigNumberish;
  readonly leastDuration: BigNumberish;
  readonly resultBy: BigNumberish;
  readonly verdictBy: BigNumberish;
  readonly demand: BigNumberish;
  readonly inputHash: string;
}

/** A dataset of a task, and what names it: whoever copies its content is another owner. */
export interface UsedDataset {
  readonly datasetId: BigNumberish;
  readonly price: BigNumberish;
  readonly owner: string;
  readonly contentHash: string;
}

/**
 * The hash by which transactions name a task that is not accepted yet, 32 bytes in hex, as `TaskEscrow.termsHashOf` gives it; to be made
 * from what was read and shown, like {@link orderTermsHash}.
 *
 * @param uses The datasets that it uses, as `TaskEscrow.datasetsOf` gives them, with their owners and contents, as
 * `DataGrants.getDataset` does.
 */
export function taskTermsHash(task: TaskIdentity, uses: readonly UsedDataset[]): string {
  const terms = [
    ["uint32", 0],
    ["uint64", task.nodeId],
    ["address", task.requester],
    ["uint24", task.leastDuration],
    ["uint40", task.acceptBy],
    ["uint96", task.validatorFee],
    ["uint96", task.nodeFee],
    ["uint8", uses.length],
    ["uint8", task.demand],
    ["uint64", 0],
    ["uint40", task.verdictBy],
    ["uint40", task.resultBy],
    ["uint96", task.stakeLock],
    ["bytes32", task.inputHash],
    ...uses.flatMap(({ datasetId, price, owner, contentHash }) => [
      ["uint96", 0] as const,
      ["uint96", price] as const,
      ["uint64", datasetId] as const,
      ["uint96", 0] as const,
      ["address", owner] as const,
      ["bytes32", contentHash] as const,
    ]),
  ] as const;
  return solidityPackedKeccak256(
    terms.map(([type]) => type),
    terms.map(([, value]) => value),
  );
}
