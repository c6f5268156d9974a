import { enclaveKeyOf, publicKeyOf, type PrivateKey } from "../data/keys.ts";
import { ViewError } from "../view/errors.ts";
import type { SignedView, Trust } from "../view/forms.ts";
import { readGrants, readStandingGrants, standingNow, type ProvenGrant, type StandingGrant } from "../view/grant.ts";
import { readNodes, type ProvenNode } from "../view/node.ts";
import { SignedViews } from "../view/signedViews.ts";
import { requireAccepted } from "../view/task.ts";
import { BeliefFile } from "./belief.ts";
import type { SeenOfChain } from "./conditions.ts";
import { EnclaveError } from "./errors.ts";
import type { ShownMigration } from "./migration.ts";
import { isOfContent } from "./opening.ts";
import type { EnclaveProgram } from "./program.ts";
import type { BelieveAnswer, CheckAnswer, MigrateAnswer, MigrateRequest, Request } from "./protocol.ts";
import { checkSealed } from "./sealedCheck.ts";

/** Whom a program believes that a task was accepted: whoever runs it, or the chain alone. */
export type Believed =
  | { readonly host: true }
  | {
      readonly trust: Trust;
      /** The file in which what it believes is kept. */
      readonly state: string;
    };

/** What takes minutes, and is about owners' data. */
export type GatedRequest = Extract<Request, { request: "believe" | "check" | "run" | "migrate" }>;

type Run = Extract<Request, { request: "run" }>;

type GatedProgram = Pick<EnclaveProgram, "answer" | "giveUpOn" | "migrate">;

/** What the program does with owners' data, as far as what it believes of the chain allows it: the only way to owners' data. */
export class TaskGate {
  readonly #program: GatedProgram;
  readonly #key: PrivateKey;
  readonly #chain: BelievedChain | undefined;

  /** @throws {ViewError} STATE_UNUSABLE. */
  constructor(program: GatedProgram, key: PrivateKey, believed: Believed) {
    [this.#program, this.#key] = [program, key];
    this.#chain = "host" in believed ? undefined : new BelievedChain(key, believed.trust, believed.state);
  }

  /**
   * Answers a request about owners' data.
   *
   * @throws {ViewError} For what is not shown to be so; then no data was opened.
   * @throws {EnclaveError | DataError} As the program says.
   */
  async answer(request: GatedRequest): Promise<unknown> {
    if (request.request === "believe") return this.#believe(request.views);
    if (request.request === "check") return this.#check(request);
    if (request.request === "migrate") return this.#migrate(request);
    if (this.#chain === undefined) return this.#program.answer(request);
    return this.#run(request, await this.#admit(this.#chain, request));
  }

  /** Nobody could say before the acceptance that the datasets are no tables, so the node does not answer for it. */
  #run(request: Run, seen: SeenOfChain): unknown {
    try {
      return this.#program.answer(request, seen);
    } catch (error) {
      if (!isOfContent(error)) throw error;
      return this.#program.giveUpOn(request.task);
    }
  }

  async #believe(views: readonly SignedView[]): Promise<BelieveAnswer> {
    const chain = this.#chain;
    if (chain === undefined) return { trust: null, belief: null };
    if (views.length > 0) await chain.believe(views);
    return { trust: chain.views.trust, belief: chain.views.belief };
  }

  /**
   * Before a task is accepted nothing is said of its datasets, not even whether they are tables, but whether they have the rows that owners demand.
   * Which grants there are is believed of whoever asks: who says so falsely accepts a task that he cannot do.
   */
  #check(request: Extract<Request, { request: "check" }>): CheckAnswer {
    if (this.#chain === undefined) return this.#program.answer(request) as CheckAnswer;
    const { task, grantNonces = [] } = request;
    const grants = task.datasets.map(({ datasetId }, i) => [datasetId, standingNow(grantNonces[i] ?? 0n)] as const);
    return checkSealed(this.#key, request, this.#chain.seen(new Map(grants)));
  }

  /** Has a data key migrated, as far as the chain shows that it may be. */
  async #migrate(request: MigrateRequest): Promise<MigrateAnswer> {
    if (this.#chain === undefined) {
      const problem = "A program that believes whoever runs it migrates no data keys";
      const remedy = "Run it with --trust; or ask the dataset's owner to deliver the key to the new enclave.";
      throw new EnclaveError("CHAIN_NOT_ALLOWED", problem, { remedy });
    }
    return { sealedKey: this.#program.migrate(request, await shownMigration(this.#chain, request)) };
  }

  /** What is seen of the chain, if it shows that the task was accepted. */
  async #admit(chain: BelievedChain, { task, evidence }: Run): Promise<SeenOfChain> {
    if (evidence === undefined)
      throw new ViewError("NO_EVIDENCE", `Nothing shows that task ${task.taskId} was accepted`);
    const block = await chain.believe(evidence.views);
    const enclaveKey = enclaveKeyOf(publicKeyOf(this.#key));
    const { publishedIn } = await requireAccepted(block, chain.views.trust, task, evidence, enclaveKey);
    const shown = { proof: evidence.grants, eras: evidence.eras };
    return chain.seen(await readStandingGrants(block, task.grants, { ...task, publishedIn }, shown));
  }
}

/** What the chain shows of a migration at the newest block that is believed. */
async function shownMigration(
  chain: BelievedChain,
  { dataset, successor, evidence }: MigrateRequest,
): Promise<ShownMigration> {
  const { chainId, contracts } = chain.views.trust;
  if (dataset.chainId !== chainId || evidence.chainId !== chainId) {
    const found = dataset.chainId === chainId ? evidence.chainId : dataset.chainId;
    throw new ViewError("WRONG_CHAIN", `The migration is of chain ${found}, and chain ${chainId} is believed`);
  }
  const block = await chain.believe(evidence.views);
  const nodeIds = [dataset.nodeId, successor.nodeId] as const;
  const nodes = await readNodes(block, contracts.nodeRegistry, nodeIds, evidence.nodes);
  const { grants: address, datasetId } = dataset;
  const grants = await readGrants(block, address, { datasetId, nodeIds }, evidence.grants);
  const seen = chain.seen(new Map(grants.slice(0, 1).map(({ nonce }) => [datasetId, standingNow(nonce)])));
  return { chainId, block, seen, nodes: nodes as Pair<ProvenNode>, grants: grants as Pair<ProvenGrant> };
}

type Pair<T> = [T, T];

/** What the program believes of the chain, kept before anything rests on it. */
class BelievedChain {
  readonly views: SignedViews;
  readonly #file: BeliefFile;
  /** Whether what is believed is written down. */
  #isKept = true;

  constructor(key: PrivateKey, trust: Trust, state: string) {
    this.#file = new BeliefFile(state, key, trust);
    this.views = new SignedViews(trust, this.#file.read(trust));
  }

  /** What owners' conditions are about. */
  seen(grants: ReadonlyMap<bigint, StandingGrant>): SeenOfChain {
    const { nodeRegistry: registry } = this.views.trust.contracts;
    const descendsFrom = (validators: string): boolean => this.views.descendsFrom(validators);
    return { registry, descendsFrom, grants };
  }

  async believe(views: readonly SignedView[]) {
    if (views.length > 0) this.#isKept = false;
    const block = await this.views.believe(views);
    if (!this.#isKept) this.#file.write(this.views.belief);
    this.#isKept = true;
    return block;
  }
}
