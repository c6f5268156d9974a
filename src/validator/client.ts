import { hexlify, keccak256, randomBytes, toUtf8Bytes, type TypedDataDomain } from "ethers";
import { z } from "zod";

import type { QuoteDocument, SignaturesDocument } from "../documents/nodes.ts";
import type { VerdictsDocument } from "../documents/tasks.ts";
import type { TypedDataSigner } from "../eip712/domain.ts";
import { signerOfPeerRequest, signPeerRequest } from "../eip712/peer.ts";
import { forms } from "../forms.ts";
import { askJson, GatewayError, type Ask } from "../gateway/client/request.ts";
import { toJson } from "../json.ts";
import { collateralHash, parseCollateral, type Collateral } from "../sgx/collateral.ts";
import {
  PRESENCE,
  presencesForm,
  quoteStatusForm,
  statementsForm,
  statusForm,
  verdictListForm,
  type Presences,
  type QuoteStatus,
  type SharedQuote,
  type Statements,
  type ValidatorStatus,
  type VerdictList,
} from "./api/forms.ts";
import { quorumOf, type Stakes } from "./quorum.ts";
import { signedBlockForm, viewStatementsForm, type SignedBlockDocument, type ViewStatements } from "./views/forms.ts";

/** Why a validator gave no answer that can be used. */
export class ValidatorError extends Error {
  override readonly name = "ValidatorError";
  /** The stable code of its refusal; `unreachable` for no answer, `not-a-validator` for one that no validator gives. */
  readonly code: string;
  /** HTTP status; 0 where there was no answer. */
  readonly status: number;

  constructor(code: string, status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    [this.code, this.status] = [code, status];
  }
}

/** How a validator is reached. */
export interface ValidatorClientOptions {
  /** Its API's URL, without a trailing slash, such as `https://validator.example`. */
  readonly url: string;
  /** Asks instead of the system's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds for a whole answer; 10,000 by default. */
  readonly timeout?: number | undefined;
}

/** Who asks, where a validator asks another one. */
export interface PeerIdentity {
  readonly address: string;
  readonly signer: TypedDataSigner;
  /** See `peerDomain`. */
  readonly domain: TypedDataDomain;
  /** Unix milliseconds. */
  readonly now: () => number;
}

const TIMEOUT = 10_000;

const collateralForm = z.object({ collateral: z.string() });

const quoteForm = z.object({ quote: forms.bytes });

/** Asks a validator over HTTP. Every call fails with a {@link ValidatorError}; nothing that it answers is believed without its signatures. */
export class ValidatorClient {
  readonly url: string;
  readonly #options: ValidatorClientOptions;

  constructor(options: ValidatorClientOptions) {
    this.url = options.url;
    this.#options = options;
  }

  async status(signal?: AbortSignal): Promise<ValidatorStatus> {
    return this.ask("/v1/status", statusForm, { signal });
  }

  /** Brings a quote to be verified and signed; how far the validator is with it. To bring one again does no harm. */
  async sendQuote(quote: QuoteDocument, signal?: AbortSignal): Promise<QuoteStatus> {
    return this.ask("/v1/quotes", quoteStatusForm, { method: "POST", body: bodyOf(quote), signal });
  }

  /** How far it is with a quote, by the first 32 bytes of its report data, and all signatures that it has. */
  async quoteStatus(reportData: string, signal?: AbortSignal): Promise<QuoteStatus> {
    return this.ask(`/v1/quotes/${reportData}/signatures`, quoteStatusForm, { signal });
  }

  /** The collateral of a hash, on which signatures rest. */
  async collateral(hash: string, signal?: AbortSignal): Promise<Collateral> {
    const { collateral } = await this.ask(`/v1/collateral/${hash}`, collateralForm, { signal });
    const parsed = collateralOf(collateral, hash);
    if (parsed !== undefined) return parsed;
    throw new ValidatorError("not-a-validator", 200, `${this.url} gave other collateral than ${hash}`);
  }

  /** A node's quote by its hash, in hex, as somebody brought it there. */
  async quote(nodeId: bigint, hash: string, signal?: AbortSignal): Promise<string> {
    const { quote } = await this.ask(`/v1/nodes/${nodeId.toString()}/quotes/${hash}`, quoteForm, { signal });
    if (keccak256(quote) === hash.toLowerCase()) return quote;
    throw new ValidatorError("not-a-validator", 200, `${this.url} gave another quote than ${hash}`);
  }

  async verdicts(taskId: bigint, signal?: AbortSignal): Promise<VerdictList> {
    return this.ask(`/v1/tasks/${taskId.toString()}/verdicts`, verdictListForm, { signal });
  }

  /** A page of what a seat has signed, as this validator has it. */
  async statements(seat: string, after: number, signal?: AbortSignal): Promise<Statements> {
    return this.ask(`/v1/seats/${seat}/statements?after=${String(after)}`, statementsForm, { signal });
  }

  /**
   * The newest block that a quorum has signed.
   *
   * @param most The most height; any when left out.
   */
  async newestView(most: bigint | undefined, signal?: AbortSignal): Promise<SignedBlockDocument> {
    const query = most === undefined ? "" : `?most=${most.toString()}`;
    return this.ask(`/v1/views/newest${query}`, signedBlockForm, { signal });
  }

  /** Who has signed the block of a height that this validator has signed. */
  async view(number: bigint, signal?: AbortSignal): Promise<SignedBlockDocument> {
    return this.ask(`/v1/views/${number.toString()}`, signedBlockForm, { signal });
  }

  /** Has it sign the block of a height now, and says who has. To ask again does no harm. */
  async signedView(number: bigint, signal?: AbortSignal): Promise<SignedBlockDocument> {
    return this.ask("/v1/views", signedBlockForm, { method: "POST", body: bodyOf({ number }), signal });
  }

  /** A page of the blocks that a seat has signed, as this validator has it. */
  async viewStatements(seat: string, after: number, signal?: AbortSignal): Promise<ViewStatements> {
    return this.ask(`/v1/seats/${seat}/views?after=${String(after)}`, viewStatementsForm, { signal });
  }

  /** @throws {ValidatorError} */
  protected async ask<T>(path: string, form: z.ZodType<T>, ask: Ask): Promise<T> {
    const { url, fetch, timeout = TIMEOUT } = this.#options;
    try {
      return await askJson(url, path, form, { timeout, fetch, ...ask });
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      throw validatorError(url, error);
    }
  }
}

/** Asks a validator in another one's name, which signs its requests. */
export class PeerClient extends ValidatorClient {
  readonly #identity: PeerIdentity;
  /** The validator that is asked. */
  readonly address: string;

  constructor(options: ValidatorClientOptions & { readonly address: string }, identity: PeerIdentity) {
    super(options);
    [this.address, this.#identity] = [options.address, identity];
  }

  /** Hands on what this validator has signed of a quote. */
  async shareQuote(shared: SharedQuote, signal?: AbortSignal): Promise<QuoteStatus> {
    return this.#post(`/v1/quotes/${shared.signed.reportData}/signatures`, quoteStatusForm, shared, signal);
  }

  /** Hands on verdicts on a task's result. */
  async shareVerdicts(verdicts: VerdictsDocument, signal?: AbortSignal): Promise<VerdictList> {
    return this.#post(`/v1/tasks/${verdicts.taskId.toString()}/verdicts`, verdictListForm, verdicts, signal);
  }

  /**
   * Says which process speaks in this validator's name.
   *
   * @returns Which ones did lately, as the other can show by this validator's own signatures: what it only says is left out.
   */
  async present(instance: string, signal?: AbortSignal): Promise<Presences> {
    const said = await this.#post(PRESENCE, presencesForm, { instance }, signal);
    return { ...said, instances: said.instances.filter((each) => this.#isOwn(each)) };
  }

  /** Whether this validator's key has signed a presence for the other one. */
  #isOwn({ instance, sentAt, nonce, signature }: Presences["instances"][number]): boolean {
    const { address: from, domain } = this.#identity;
    const bodyHash = keccak256(bodyOf({ instance }));
    const request = { from, to: this.address, method: "POST", path: PRESENCE, bodyHash, sentAt, nonce };
    return signerOfPeerRequest(domain, request, signature) === from;
  }

  async #post<T>(path: string, form: z.ZodType<T>, value: unknown, signal: AbortSignal | undefined): Promise<T> {
    const { address: from, signer, domain, now } = this.#identity;
    const body = bodyOf(value);
    const sentAt = Math.floor(now() / 1000);
    const [bodyHash, nonce] = [keccak256(body), hexlify(randomBytes(32))];
    const request = { from, to: this.address, method: "POST", path, bodyHash, sentAt, nonce };
    const signature = await signPeerRequest(signer, domain, request);
    const authorization = `Seat ${from} ${String(sentAt)} ${nonce} ${bodyHash} ${signature}`;
    const headers = { authorization, "content-type": "application/json" };
    return this.ask(path, form, { method: "POST", headers, body, signal });
  }
}

/** The collateral that a text holds, if it has this hash. */
export function collateralOf(text: string, hash: string): Collateral | undefined {
  try {
    const collateral = parseCollateral(text);
    return collateralHash(collateral) === hash.toLowerCase() ? collateral : undefined;
  } catch {
    return undefined;
  }
}

function bodyOf(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(toUtf8Bytes(toJson(value, 0)));
}

function validatorError(url: string, error: GatewayError): ValidatorError {
  const { code, status } = error;
  if (code === "unreachable")
    return new ValidatorError(code, 0, `The validator ${url} does not answer`, { cause: error });
  if (code !== "not-a-gateway") return new ValidatorError(code, status, error.problem);
  const message = `${url} answered with status ${String(status)}, and not as a validator of this platform does`;
  return new ValidatorError("not-a-validator", status, message);
}

/** What validators answered to whoever needs a quorum. */
export interface Gathered {
  /** What a quorum has signed; undefined while there is none. */
  readonly quorum: SignaturesDocument | undefined;
  /** What each said by its URL: how far it is, or why it gave no answer. */
  readonly answers: readonly { readonly url: string; readonly state: string; readonly reason: string | undefined }[];
}

/**
 * Asks all validators at once how far they are with a quote, and brings it to those that do not have it. Whoever needs a quorum calls this
 * again until it is there: each call is bounded by the clients' time.
 *
 * @param domain That of QuorumVerifier.
 * @param stakes The active validators, as the chain has them.
 */
export async function gatherSignatures(
  clients: readonly ValidatorClient[],
  quote: QuoteDocument,
  { domain, stakes }: { readonly domain: TypedDataDomain; readonly stakes: Stakes },
  signal?: AbortSignal,
): Promise<Gathered> {
  const asked = await Promise.all(
    clients.map(async (client) => {
      try {
        const status = await client.quoteStatus(quote.reportData, signal);
        return { url: client.url, status: status.state === "unknown" ? await client.sendQuote(quote, signal) : status };
      } catch (error) {
        if (error instanceof ValidatorError) return { url: client.url, error };
        throw error;
      }
    }),
  );
  const documents = asked.flatMap(({ status }) => status?.signatures ?? []);
  const ofQuote = documents.filter(({ reportData }) => reportData.toLowerCase() === quote.reportData.toLowerCase());
  const answers = asked.map(({ url, status, error }) => ({
    url,
    state: status?.state ?? error?.code ?? "unreachable",
    reason: status?.reason ?? error?.message,
  }));
  return { quorum: quorumOf(ofQuote, domain, stakes), answers };
}
