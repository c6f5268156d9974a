import type { ExecutionEventListener } from "@nomicfoundation/ignition-core";

import { Progress } from "./progress.ts";
import { goOnWith, PATIENCE, type DeploymentRequest, type Step } from "./request.ts";
import { SendingError, type Sending } from "../sending/failures.ts";
import { isRpcError } from "../sending/rpc.ts";
import { formatDuration } from "../../../src/amounts.ts";
import { revertDataOf } from "../../../src/errors.ts";

/** What Ignition gives in events, as far as it is looked at. */
interface Seen {
  readonly futureId: string;
  readonly hash?: string;
  readonly batches?: readonly (readonly string[])[];
}

interface Request {
  readonly method: string;
  readonly params?: readonly unknown[] | object;
}

/** A transaction as Ignition has it sent. */
interface Fields {
  readonly from: string;
  readonly nonce: string;
}

/** A receipt, as far as it is looked at. */
interface Receipt {
  readonly transactionHash: string;
  readonly blockNumber: string;
  readonly status: string;
}

/**
 * Stands between Ignition and the network: notes what is sent as soon as it is, sees what contracts refuse, and ends the work where a
 * transaction is waited for too long or somebody interrupts. It does so between two requests only, when Ignition has recorded all.
 */
export class Watch {
  readonly #request: DeploymentRequest;
  readonly #steps: ReadonlySet<string>;
  readonly #tell: (step: Step) => void;
  readonly #timeout: number;
  /** From when on each nonce is waited for, in milliseconds. */
  readonly #since = new Map<number, number>();
  readonly #sent = new Set<string>();
  readonly #told = new Set<string>();
  #expected = 0;
  /** The future that the next requests are for: Ignition tries one after the other. */
  #current = "";
  readonly progress: Progress;
  /** Revert data by the future whose transaction would have reverted. */
  readonly #refused = new Map<string, string>();

  /**
   * @param steps The futures of the module that send something.
   * @param tell Is told of each transaction as soon as it is sent and recorded.
   */
  constructor(request: DeploymentRequest, steps: ReadonlySet<string>, tell: (step: Step) => void) {
    this.#request = request;
    this.#steps = steps;
    this.#tell = tell;
    this.#timeout = request.timeout ?? PATIENCE;
    this.progress = request.progress ?? new Progress();
  }

  /** Notes what an earlier run has sent and nobody has seen mined; it is waited for from now on. */
  resume(earlier: readonly Sending[]): void {
    for (const sending of earlier) {
      this.progress.note(sending);
      this.#since.set(sending.nonce, Date.now());
    }
  }

  /** The hashes of what was sent, as far as they are known. */
  get hashes(): string[] {
    return this.progress.sent.flatMap(({ hash }) => hash ?? []);
  }

  /** With what a contract refused a future's transaction; nothing where none did. */
  refusalOf(futureId: string): string | undefined {
    // A step that an earlier run had begun is not announced again.
    return this.#refused.get(futureId) ?? this.#refused.get("");
  }

  /** The connection's provider, watched. */
  readonly provider = {
    request: async (args: Request): Promise<unknown> => {
      // Ignition has recorded that it is about to be sent: were it not, the next run would have to look for it.
      if (args.method === "eth_sendTransaction") return this.#send(args);
      this.#endInTime();
      try {
        const answer: unknown = await this.#request.connection.provider.request(args);
        if (args.method === "eth_getTransactionReceipt") this.#noteMined(answer as Receipt | null);
        return answer;
      } catch (error) {
        const data = revertDataOf(error);
        if (data !== undefined) this.#refused.set(this.#current, data);
        throw error;
      }
    },
  };

  /** Hears all of Ignition's events by their names, and heeds a few. */
  readonly events = new Proxy({} as ExecutionEventListener, {
    get: (_events, name) => async (event: Seen) => {
      const { futureId, hash = "", batches = [] } = event;
      if (name === "batchInitialize") this.#expect(batches.flat());
      else if (name === "networkInteractionRequest" || name === "transactionPrepareSend") this.#current = futureId;
      else if (name === "transactionSend") this.#tellOf(futureId, hash);
      else if (name === "transactionConfirm") this.#noteConfirmed(hash);
      return Promise.resolve();
    },
  });

  #expect(futures: readonly string[]): void {
    const steps = futures.filter((id) => this.#steps.has(id)).length;
    this.#expected = this.#sent.size + steps - this.progress.open.length;
    this.progress.left = this.#expected - this.#sent.size;
  }

  #tellOf(futureId: string, hash: string): void {
    if (this.#told.has(hash)) return;
    this.#told.add(hash);
    this.#tell({ number: this.#sent.size, of: this.#expected, title: futureId, hash });
  }

  async #send(args: Request): Promise<unknown> {
    const { connection } = this.#request;
    const [fields] = args.params as [Fields];
    const nonce = Number(fields.nonce);
    const earlier = this.progress.sent.findLast((each) => each.nonce === nonce && each.hash !== undefined);
    const sending = { title: earlier?.title ?? this.#current, nonce };
    this.#since.set(nonce, this.#since.get(nonce) ?? Date.now());
    this.progress.note({ ...sending, status: "unknown" });
    try {
      const hash: unknown = await connection.provider.request(args);
      this.progress.note({ ...sending, hash: String(hash), status: "pending" });
      this.#noteStep(this.#current);
      return hash;
    } catch (error) {
      // A higher fee that is refused leaves the transaction as it was: it waits on, or was mined in the meantime.
      if (earlier !== undefined && isRpcError(error)) {
        this.progress.forget({ nonce });
        return earlier.hash;
      }
      if (await this.#isRefused(fields, error)) {
        this.progress.forget({ nonce });
        this.#since.delete(nonce);
        throw error;
      }
      this.#noteStep(this.#current);
      const problem = `The transaction of ${sending.title} with the nonce ${String(nonce)} may have been sent: the network's answer was lost.`;
      throw new SendingError("FateUnknown", problem, goOnWith(this.#request), { cause: error });
    }
  }

  #noteStep(title: string): void {
    this.#sent.add(title);
    this.progress.left = this.#expected - this.#sent.size;
  }

  /** Whether a node has refused a transaction and does not have it, as it has one that it was asked to send twice on the way. */
  async #isRefused({ from, nonce }: Fields, error: unknown): Promise<boolean> {
    if (!isRpcError(error)) return false;
    const { provider } = this.#request.connection.ethers;
    const known = await provider.getTransactionCount(from, "pending").catch(() => Infinity);
    return known <= Number(nonce);
  }

  #noteMined(receipt: Receipt | null): void {
    const sending = this.progress.open.find(({ hash }) => hash !== undefined && hash === receipt?.transactionHash);
    if (receipt === null || sending === undefined) return;
    const status = BigInt(receipt.status) === 0n ? "failed" : "pending";
    this.progress.note({ ...sending, status, block: Number(receipt.blockNumber) });
  }

  #noteConfirmed(hash: string): void {
    const sending = this.progress.sent.find((each) => each.hash === hash);
    if (sending === undefined) return;
    const others = this.progress.open.filter(({ nonce }) => nonce === sending.nonce);
    for (const other of others) this.progress.note({ ...other, status: "replaced" });
    this.progress.note({ ...sending, status: sending.status === "failed" ? "failed" : "mined" });
  }

  /** Ends the work where somebody interrupts, or a transaction is not mined and confirmed in time. */
  #endInTime(): void {
    if (this.#request.interrupted?.aborted === true) {
      throw new SendingError("Interrupted", "Interrupted.", goOnWith(this.#request));
    }
    const late = this.progress.open.find(({ nonce }) => this.#waitedFor(nonce) > this.#timeout);
    if (late !== undefined) throw notMinedInTime(this.#request, this.#timeout, late);
  }

  #waitedFor(nonce: number): number {
    return Date.now() - (this.#since.get(nonce) ?? Date.now());
  }
}

function notMinedInTime(request: DeploymentRequest, timeout: number, { title, hash, block }: Sending): SendingError {
  const which = hash === undefined ? "The transaction" : `The transaction ${hash}`;
  const state = block === undefined ? "not mined" : `in block ${String(block)}, and not confirmed as often as wanted,`;
  const problem = `${which} of ${title} was sent, and is ${state} after ${formatDuration(BigInt(Math.round(timeout / 1000)))}.`;
  const raise = " Its fee is only raised without --max-fee and --priority-fee.";
  return new SendingError("NotYetMined", problem, `${goOnWith(request)}${request.fees === undefined ? "" : raise}`);
}
