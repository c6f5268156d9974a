import { AbiCoder, keccak256, solidityPackedKeccak256, type BigNumberish } from "ethers";

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

/** What requester and node agreed on, as `TaskEscrow.getTask` gives it: what names a task beside its inputs and datasets. */
export interface TaskIdentity {
  readonly requester: string;
  readonly nodeId: BigNumberish;
  readonly nodeFee: BigNumberish;
  readonly validatorFee: BigNumberish;
  readonly stakeLock: BigNumberish;
  readonly acceptBy: BigNumberish;
  readonly leastDuration: BigNumberish;
  readonly resultBy: BigNumberish;
  readonly demand: BigNumberish;
}

/** A dataset of a task, and what names it: whoever copies its content is another owner. */
export interface UsedDataset {
  readonly datasetId: BigNumberish;
  readonly price: BigNumberish;
  readonly owner: string;
  readonly contentHash: string;
}

/** What a task is over, beside its deal. */
export interface TaskSubject {
  /** See {@link taskDealHash}. */
  readonly dealHash: string;
  /** keccak256 of the sealed inputs. */
  readonly inputHash: string;
  readonly datasets: readonly Omit<UsedDataset, "price">[];
}

/** The hash of what requester and node agreed on, 32 bytes in hex: everything of the terms that never changes, but for inputs and datasets. */
export function taskDealHash(task: TaskIdentity, datasetCount: number): string {
  return packedHash([
    ["uint32", 0],
    ["uint64", task.nodeId],
    ["address", task.requester],
    ["uint24", task.leastDuration],
    ["uint40", task.acceptBy],
    ["uint96", task.validatorFee],
    ["uint96", task.nodeFee],
    ["uint8", datasetCount],
    ["uint8", task.demand],
    ["uint104", 0],
    ["uint40", task.resultBy],
    ["uint96", task.stakeLock],
  ]);
}

/**
 * The hash by which everything that is signed about a task names it, 32 bytes in hex, as `TaskEscrow.fixedTermsHashOf` gives it. It never
 * changes, and has the inputs and the datasets in it: the word of whoever used others counts for no task.
 *
 * @param subject Its datasets by ascending id.
 */
export function fixedTermsHash({ dealHash, inputHash, datasets }: TaskSubject): string {
  return packedHash([
    ["bytes32", dealHash],
    ["bytes32", inputHash],
    ...datasets.flatMap(({ datasetId, owner, contentHash }) => [
      ["uint256", datasetId] as const,
      ["uint96", 0] as const,
      ["address", owner] as const,
      ["bytes32", contentHash] as const,
    ]),
  ]);
}

/**
 * The hash by which transactions name a task that is not accepted yet, 32 bytes in hex, as `TaskEscrow.termsHashOf` gives it; to be made
 * from what was read and shown, like {@link orderTermsHash}.
 *
 * @param fixed See {@link fixedTermsHash}.
 * @param verdictBy Unix seconds.
 * @param uses The datasets that it uses, as `TaskEscrow.datasetsOf` gives them.
 */
export function taskTermsHash(
  fixed: string,
  verdictBy: BigNumberish,
  uses: readonly Pick<UsedDataset, "datasetId" | "price">[],
): string {
  const prices = uses.map(({ datasetId, price }) => [datasetId, price]);
  const types = ["bytes32", "uint40", "tuple(uint64,uint96)[]"];
  return keccak256(AbiCoder.defaultAbiCoder().encode(types, [fixed, verdictBy, prices]));
}

function packedHash(fields: readonly (readonly [type: string, value: BigNumberish])[]): string {
  return solidityPackedKeccak256(
    fields.map(([type]) => type),
    fields.map(([, value]) => value),
  );
}
