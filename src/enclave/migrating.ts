import { hexlify, randomBytes } from "ethers";

import type { EnclaveClient, Migration } from "./client.ts";
import type { SealedDataKey } from "../data/documents.ts";
import { InputError } from "../inputError.ts";
import { bytesOfDigits, type Hex } from "../sgx/bytes.ts";
import { serializeCollateral, type Collateral } from "../sgx/collateral.ts";
import { collectViews, type ViewSource } from "../view/collect.ts";
import { collectMigrationEvidence } from "../view/migration.ts";
import type { ProofNetwork } from "../view/network.ts";
import type { BelievedBlock } from "../view/chainView.ts";
import type { Trust } from "../view/forms.ts";

/** The programs between which a key is migrated, and what shows the first one that it may be. */
export interface MigrationParts {
  /** The program that has the key. */
  readonly enclave: Pick<EnclaveClient, "believe" | "migrate">;
  /** The one that is to get it. */
  readonly successor: Pick<EnclaveClient, "identity" | "freshQuote">;
  /** A network that gives proofs. */
  readonly network: ProofNetwork;
  /** The validators that are asked. */
  readonly validators: readonly ViewSource[];
  /** Gives the collateral that a quote is judged by. */
  readonly collateralFor: (quote: Uint8Array) => Promise<Collateral>;
}

/** Which key is migrated, and to which node's enclave. */
export interface MigratedKey extends Pick<Migration, "dataset" | "files"> {
  readonly successorId: bigint;
  /** A block that has the successor's attestation and the grants, and enough confirmations for validators to sign it. */
  readonly height: bigint;
}

/**
 * Has one enclave program seal a dataset's key to another: shows it a block, has the other quote that block, and collects what is proven there.
 *
 * @throws {ViewError} UNDER_SIGNED until validators have signed a block that is new enough; and what is wrong with what the network gives.
 * @throws {EnclaveError} As {@link EnclaveClient.migrate}.
 * @throws {InputError} For a program that believes whoever runs it, and where no validators are named.
 */
export async function migrateDataKey(
  parts: MigrationParts,
  { dataset, files, successorId, height }: MigratedKey,
  signal?: AbortSignal,
): Promise<SealedDataKey> {
  const { enclave, successor, network, collateralFor } = parts;
  const { trust, block } = await shownBlock(parts, height, signal);
  const terms = { chainId: trust.chainId, registry: trust.contracts.nodeRegistry, nodeId: successorId };
  const [nonce, { publicKey }] = [hexlify(randomBytes(32)) as Hex, successor.identity];
  const bound = { ...terms, nonce, blockNumber: block.number, blockHash: block.hash };
  const quote = (await successor.freshQuote(bound)).quote as Hex;
  const collateral = serializeCollateral(await collateralFor(bytesOfDigits(quote)));
  const { grants, datasetId } = dataset;
  const named = { grants, datasetId, nodeIds: [dataset.nodeId, successorId] } as const;
  const evidence = await collectMigrationEvidence({ network, trust }, named, block.number);
  const shown = { nodeId: successorId, publicKey, nonce, quote, collateral };
  return enclave.migrate({ dataset, files, successor: shown, evidence });
}

/** The newest block that the program believes once it was shown one of a height or more. */
async function shownBlock(
  { enclave, network, validators }: MigrationParts,
  height: bigint,
  signal?: AbortSignal,
): Promise<{ readonly trust: Trust; readonly block: BelievedBlock }> {
  const { trust, belief } = await enclave.believe();
  if (trust === null || belief === null) {
    const problem = "The enclave program believes whoever runs it, and such a program migrates no data keys";
    throw new InputError(
      problem,
      "Run it with --trust; or ask the dataset's owner to deliver the key to the new node.",
    );
  }
  if (validators.length === 0) {
    const problem = "The enclave program believes the chain alone, and no validators are named that show it";
    throw new InputError(problem, "Name the URLs of the validators' APIs.");
  }
  const views = await collectViews({ network, sources: validators, trust, belief }, height, signal);
  const newest = (await enclave.believe(views)).belief?.newest;
  if (newest) return { trust, block: newest };
  throw new InputError(
    "The enclave program believes no block after it was shown one",
    "Use a program of this version.",
  );
}
