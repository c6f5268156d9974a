import type { z } from "zod";

import { chunksOf } from "./chunks.ts";
import { taskProgressForm, uploadForm } from "./forms.ts";
import { askGateway, askJson, GatewayError, type Ask } from "./request.ts";
import type { Audience } from "../../eip712/access.ts";
import type { TypedDataSigner } from "../../eip712/domain.ts";
import { gatewayDomain } from "../../eip712/gateway.ts";
import { signTransfer } from "../../eip712/transfer.ts";
import { Notice } from "../../service/notice.ts";

/** Whose client it is, of which gateway. */
export interface TransferClientOptions {
  /** Chain, escrow, node and origin, as the chain and the user know them: never as the gateway says. */
  readonly audience: Audience;
  readonly account: string;
  readonly wallet: TypedDataSigner;
  /** Asks instead of the system's `fetch`, such as one that connects to public addresses alone. */
  readonly fetch?: typeof fetch | undefined;
  /** Unix milliseconds. */
  readonly now?: () => number;
  /** Milliseconds to wait before the first attempt to go on after a failure; twice as long before each further one. 500 by default. */
  readonly pause?: number;
  /** Ends whatever is under way, and every attempt after it. */
  readonly signal?: AbortSignal | undefined;
}

/** A file to be sent, read piece by piece. */
export interface FileSource {
  /** In bytes. */
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A dataset or a task, as tokens name it. */
export type Resource = `datasets/${bigint}` | `tasks/${bigint}`;

/** What of a dataset or a task is sent as a file: it is sent in pieces, and goes on where it stopped. */
export type SentFile = "content" | "inputs";

/** What can be fetched of a task. */
export type FetchedPart = "inputs" | "result" | "statement" | "verdicts";

const [TOKEN_LIFE, TOKEN_REST] = [600, 120];
/** Bytes of one request, so that little is lost with a connection. */
const PIECE = 4 * 2 ** 20;
/** Milliseconds in which a piece must have arrived. */
const PIECE_TIME = 120_000;
/** So many failures in a row end it, and so many bytes must have come between two of them that are not in a row. */
const [ATTEMPTS, PROGRESS] = [6, 2 ** 18] as const;
/** What may be otherwise a moment later. */
const PASSING: ReadonlySet<string> = new Set([
  ...["unreachable", "upload-in-progress", "upload-offset", "rate-limited", "chain-unreachable", "internal"],
]);

/** Whether a gateway says that what was asked for begins behind the end. */
const isBehindTheEnd = (error: unknown): boolean =>
  error instanceof GatewayError && error.code === "range-not-satisfiable";

/** Where sending begins: what is as long as the file, or longer, was not the beginning of it. */
const beginningOf = ({ offset }: { readonly offset: number }, { size }: FileSource): number =>
  offset < size ? offset : 0;

/**
 * Sends and fetches what belongs to datasets and tasks at a node's gateway, in an account's name. The wallet signs a short token for this
 * gateway and one dataset or task; nothing else of it is shown. Every call throws a GatewayError for a refusal.
 */
export class TransferClient {
  readonly #options: TransferClientOptions;
  readonly #tokens = new Map<Resource, { readonly token: string; readonly until: number }>();

  constructor(options: TransferClientOptions) {
    this.#options = options;
  }

  /**
   * Sends a file, from where an earlier attempt has stopped, and goes on after failures that pass.
   *
   * @param tell Is told how many bytes the gateway has.
   * @returns Whether anything was sent: the gateway may have had it already.
   */
  async sendFile(
    resource: Resource,
    part: SentFile,
    source: FileSource,
    tell: (there: number) => void = () => undefined,
  ): Promise<boolean> {
    const path = `${resource}/${part}`;
    let [isSent, begun] = [false, 0];
    for (let failures = 0; ;) {
      try {
        const state = await this.#json(resource, `${path}/upload`, uploadForm);
        if (state.isComplete) return isSent;
        begun = beginningOf(state, source);
        tell(begun);
        for await (const there of this.#pieces(resource, path, source, begun)) {
          isSent = true;
          if (there - begun >= PROGRESS) failures = 0;
          tell(there);
        }
        return true;
      } catch (error) {
        failures += 1;
        // With a beginning that was there before, it is another file: that is deleted then.
        await this.#waitAfter(error, failures, begun > 0 ? "content-mismatch" : undefined);
      }
    }
  }

  /** Sends a sealed key of a dataset, or verdicts on a task's result. */
  async sendDocument(resource: Resource, part: "key" | "verdicts", document: unknown): Promise<void> {
    await this.#ask(resource, `${resource}/${part}`, { method: "PUT", json: document });
  }

  /**
   * Fetches something of a task, and goes on where a connection has broken off. That it is the right thing, whoever asks has to check.
   *
   * @param limit The most bytes that are taken.
   */
  async fetchPart(
    task: bigint,
    part: FetchedPart,
    limit: number,
    tell: (there: number) => void = () => undefined,
  ): Promise<Uint8Array> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    for (let failures = 0; ;) {
      let come = 0;
      try {
        for await (const chunk of this.#bytes(`tasks/${task}`, part, size)) {
          if (chunk === "again") {
            [chunks.length, size] = [0, 0];
            continue;
          }
          chunks.push(chunk);
          size += chunk.length;
          come += chunk.length;
          if (come >= PROGRESS) failures = 0;
          tell(size);
          if (size > limit) throw this.#tooLarge(part, limit);
        }
        return new Uint8Array(await new Blob(chunks).arrayBuffer());
      } catch (error) {
        failures += 1;
        await this.#waitAfter(error, failures);
      }
    }
  }

  /** How far the gateway is with a task: what it waits for, or why it does not accept it. */
  async progress(task: bigint): Promise<z.infer<typeof taskProgressForm>> {
    return this.#json(`tasks/${task}`, `tasks/${task}/progress`, taskProgressForm);
  }

  /** Sends a file's pieces from one byte on; how many bytes the gateway has after each. */
  async *#pieces(resource: Resource, path: string, source: FileSource, from: number): AsyncGenerator<number> {
    for (let [at, isComplete] = [from, false]; !isComplete;) {
      const state = await this.#sendPiece(resource, path, source, at);
      if (!state.isComplete && state.offset <= at) throw this.#stuck(state.offset);
      [at, isComplete] = [state.offset, state.isComplete];
      yield at;
    }
  }

  async #sendPiece(
    resource: Resource,
    path: string,
    source: FileSource,
    at: number,
  ): Promise<z.infer<typeof uploadForm>> {
    const body = await source.read(at, Math.min(source.size, at + PIECE));
    const headers = { "upload-length": String(source.size), "upload-offset": String(at) };
    const method = at === 0 ? "PUT" : "PATCH";
    return this.#json(resource, path, uploadForm, { method, headers, body, timeout: PIECE_TIME });
  }

  /** The bytes of a part from one on; "again" where the gateway sends them all from the first. */
  async *#bytes(resource: Resource, part: string, from: number): AsyncGenerator<Uint8Array<ArrayBuffer> | "again"> {
    const idle = new AbortController();
    let timer = setTimeout(() => undefined);
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        idle.abort();
      }, PIECE_TIME);
    };
    try {
      const headers = { accept: "*/*", ...(from === 0 ? {} : { range: `bytes=${String(from)}-` }) };
      const { status, body } = await this.#ask(resource, `${resource}/${part}`, {
        headers,
        signal: this.#orEnded(idle.signal),
      });
      if (from > 0 && status !== 206) yield "again";
      watch();
      for await (const chunk of chunksOf(body)) {
        watch();
        yield chunk;
      }
    } catch (cause) {
      // Of an answer that broke off at its very end, all is here.
      if (from > 0 && isBehindTheEnd(cause)) return;
      if (cause instanceof GatewayError) throw cause;
      const problem = `The gateway ${this.#options.audience.gateway} broke off in the middle of an answer.`;
      const remedy = "Check the network, and run it again.";
      throw new GatewayError({ code: "unreachable", status: 0, problem, remedy }, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  #stuck(offset: number): GatewayError {
    const { gateway } = this.#options.audience;
    const problem = `The gateway ${gateway} takes a piece of the file, and still has no more than ${String(offset)} bytes.`;
    const remedy = "Tell the provider; nothing that this side can do helps.";
    return new GatewayError({ code: "not-a-gateway", status: 200, problem, remedy });
  }

  #tooLarge(part: FetchedPart, limit: number): GatewayError {
    const { gateway } = this.#options.audience;
    const problem = `The gateway ${gateway} sends more than ${String(limit)} bytes as the task's ${part}.`;
    const remedy = "Do not rely on this gateway: nothing of this kind is so large.";
    return new GatewayError({ code: "not-a-gateway", status: 200, problem, remedy });
  }

  /**
   * Waits before the next attempt.
   *
   * @param passing What else may be otherwise then.
   * @throws The error itself, where another attempt changes nothing, or there were enough.
   */
  async #waitAfter(error: unknown, failures: number, passing?: string): Promise<void> {
    const code = error instanceof GatewayError ? error.code : "";
    const { pause = 500, signal = new AbortController().signal } = this.#options;
    if (signal.aborted || failures >= ATTEMPTS || (!PASSING.has(code) && code !== passing)) throw error;
    await new Notice().wait(pause * 2 ** (failures - 1), signal);
  }

  #orEnded(other: AbortSignal): AbortSignal {
    const { signal } = this.#options;
    return signal === undefined ? other : AbortSignal.any([other, signal]);
  }

  async #authorization(resource: Resource): Promise<string> {
    const { audience, account, wallet, now = Date.now } = this.#options;
    const seconds = Math.floor(now() / 1000);
    const known = this.#tokens.get(resource);
    if (known !== undefined && known.until - seconds > TOKEN_REST) return known.token;
    const { chainId, orderEscrow, node, gateway } = audience;
    const until = seconds + TOKEN_LIFE;
    const domain = gatewayDomain(BigInt(chainId), orderEscrow);
    const token = await signTransfer(wallet, domain, { account, node, gateway, resource, until });
    this.#tokens.set(resource, { token, until });
    return token;
  }

  async #ask(resource: Resource, path: string, ask: Ask): Promise<Response> {
    return askGateway(this.#options.audience.gateway, `/v1/${path}`, await this.#signed(resource, ask));
  }

  async #json<T>(resource: Resource, path: string, form: z.ZodType<T>, ask: Ask = {}): Promise<T> {
    return askJson(this.#options.audience.gateway, `/v1/${path}`, form, await this.#signed(resource, ask));
  }

  async #signed(resource: Resource, ask: Ask): Promise<Ask> {
    const authorization = await this.#authorization(resource);
    const signal = ask.signal ?? this.#options.signal;
    return { ...ask, signal, fetch: this.#options.fetch, headers: { ...ask.headers, authorization } };
  }
}
