import { ZeroAddress } from "ethers";

import type { PrivateKey } from "../data/keys.ts";
import { toJson } from "../json.ts";
import { utf8, type Hex } from "../sgx/bytes.ts";
import { ViewError } from "../view/errors.ts";
import { hashOf, isPaid, requireLeft, requireShown, requireStanding, type Presented } from "./capability.ts";
import type { Content } from "./channel/frames.ts";
import { ProxyError } from "./errors.ts";
import type { GrantEvidence } from "./grantEvidence.ts";
import { openLendingInputs, sealLoan } from "./lending.ts";
import { attempt, toldOf, type Outcome, type ProxyProgram } from "./program.ts";
import { answered, type Of, type SignedCapability } from "./protocol.ts";
import type { ProxyChain } from "./proxyChain.ts";
import type { Act, OwnerVault } from "./vault/ownerVault.ts";

/** What holders of capabilities are served with. */
export interface UseTools {
  /** The vault of an owner that the proxy serves. @throws {ProxyError} NOT_SERVED, STATE_BROKEN. */
  vaultOf(owner: string): OwnerVault;
  /** @throws {ProxyError} NO_PROGRAM. */
  program(hash: Hex): ProxyProgram;
  /** The enclave's. */
  readonly key: PrivateKey;
  /** Undefined where the program believes no chain. */
  readonly chain: ProxyChain | undefined;
  /** The host's clock, in Unix seconds: as late as it is at least, unless the host lies. */
  clock(): number;
}

/** What a holder asks, whichever way it is answered. */
interface Asked {
  readonly capability: SignedCapability;
  readonly evidence: GrantEvidence | null;
  readonly parameters: unknown;
  /** The hash of a task's inputs, where the dataset is lent for one. */
  readonly inputs?: Hex;
}

/** What a use has come to. */
interface Counted {
  readonly result: Uint8Array;
  readonly left: { readonly usesLeft: bigint; readonly budgetLeft: bigint };
  /** The block that has shown that the capability stands; 0 where nothing on chain revokes it. */
  readonly height: bigint;
}

/** Whether something on chain revokes a capability. */
const isOnChain = ({ grants }: SignedCapability): boolean => grants !== ZeroAddress;

/**
 * Answers who shows a capability. A use counts, and is in the log, before anybody gets what comes of it; also one at which the program failed, since
 * that too says something.
 */
export class CapabilityUses {
  readonly #tools: UseTools;
  readonly #presented: Presented;

  constructor(tools: UseTools, presented: Presented) {
    this.#tools = tools;
    this.#presented = presented;
  }

  /**
   * Gives the program's result.
   *
   * @throws {ProxyError | EnclaveError | ViewError} As their codes say.
   */
  async use({ capability, evidence, parameters }: Of<"use">): Promise<Content> {
    requireShown(capability, this.#presented);
    if (isPaid(capability)) {
      throw new ProxyError("NOT_FREE", `Each use has to be a task of ${capability.escrow}, for which the data is lent`);
    }
    const { left, result } = await this.#counted({ capability, evidence, parameters });
    return answered("use", left, result);
  }

  /**
   * Lends the dataset to a task with certain inputs, by its key sealed to the enclave itself. The program is run for it too: so the result's bytes
   * count, and whoever publishes the task knows that there is one.
   *
   * @throws {ProxyError | EnclaveError | ViewError} As their codes say.
   */
  async lend({ capability, evidence }: Of<"lend">, sealed: Uint8Array): Promise<Content> {
    requireShown(capability, this.#presented);
    if (!isPaid(capability) || !isOnChain(capability)) {
      throw new ProxyError("CAPABILITY_REFUSED", "The capability is for no tasks: its holder asks the proxy itself");
    }
    const { key } = this.#tools;
    const { inputHash: inputs, parameters } = openLendingInputs(key, capability, sealed);
    const { left, height } = await this.#counted({ capability, evidence, parameters, inputs });
    const dataKey = this.#tools.vaultOf(capability.owner).dataKey(capability.contentHash);
    try {
      const document = sealLoan(key, capability, { inputHash: inputs, height, dataKey });
      return answered("lend", { ...left, inputHash: inputs }, utf8(toJson(document, 0)));
    } finally {
      dataKey.fill(0);
    }
  }

  async #counted({ capability, evidence, parameters, inputs }: Asked): Promise<Counted> {
    const vault = this.#tools.vaultOf(capability.owner);
    const hash = hashOf(capability);
    const used = vault.used(hash);
    const clock = this.#tools.clock();
    requireStanding(capability, used, vault.timeBy(clock));
    const program = this.#tools.program(capability.program);
    const checked = program.parametersOf(parameters);
    const shown = await this.#shown(capability, evidence, vault.timeBy(clock));
    const time = Math.max(clock, shown.time);
    requireStanding(capability, used, vault.timeBy(time));
    requireLeft(capability, used);
    const outcome = await attempt(program, vault.openDataset(capability.contentHash), checked);
    const bytes = used.bytes + ("failure" in outcome ? 0 : outcome.result.length);
    const final = BigInt(bytes) > capability.budget ? tooMany(capability) : outcome;
    const after = { ...used, uses: used.uses + 1, bytes: "failure" in final ? used.bytes : bytes };
    vault.setUsed(hash, after, actOf(capability, { hash: hash as Hex, inputs, outcome: final }), time);
    if ("failure" in final) throw final.failure;
    const left = {
      usesLeft: capability.uses - BigInt(after.uses),
      budgetLeft: capability.budget - BigInt(after.bytes),
    };
    return { result: final.result, left, height: shown.number };
  }

  /** The block that shows that the capability was not revoked on chain, where something there revokes it. */
  async #shown(
    capability: SignedCapability,
    evidence: GrantEvidence | null,
    clock: number,
  ): Promise<{ readonly number: bigint; readonly time: number }> {
    if (!isOnChain(capability)) return { number: 0n, time: 0 };
    const { chain } = this.#tools;
    if (chain === undefined) {
      const problem = "The chain can revoke the capability, and this program believes no chain";
      throw new ProxyError("NO_CHAIN_VIEW", problem);
    }
    if (evidence !== null) return chain.requireGranted(capability, evidence, clock);
    throw new ViewError("NO_EVIDENCE", "Nothing shows that the capability was not revoked on chain");
  }
}

function tooMany({ budget }: SignedCapability): Outcome {
  const what = `With this result the uses would have given more than the ${budget.toString()} bytes of the capability`;
  return { failure: new ProxyError("CAPABILITY_USED_UP", what) };
}

function actOf(
  { holder: account, contentHash, program }: SignedCapability,
  { hash: capability, inputs, outcome }: { hash: Hex; inputs: Hex | undefined; outcome: Outcome },
): Act {
  return {
    ...{ act: inputs === undefined ? "use" : "lend", account, contentHash, program, capability },
    ...(inputs === undefined ? {} : { inputs }),
    ...toldOf(outcome),
  };
}
