import { signal } from "@preact/signals";
import { JsonRpcApiProvider, Network, type JsonRpcPayload, type JsonRpcResult } from "ethers";

import { textOf } from "../../../src/gateway/client/chunks.ts";
import { isRevert } from "../../../src/revertData.ts";
import type { NetworkConfig } from "./config.ts";
import { pause } from "../parts/pause.ts";

/** How the RPC endpoint answers, for people. `limited` is HTTP 429; `behind` shows older blocks than were seen before. */
export interface Health {
  readonly state: "fine" | "slow" | "limited" | "behind" | "gone" | "wrong-chain";
  readonly url: string;
  readonly detail: string;
}

export const health = signal<Health>({ state: "fine", url: "", detail: "" });

/** Milliseconds after which people are told that an endpoint is slow, and after which the next one is asked. */
const SLOW = 3_000;
const TIMEOUT = 20_000;
/** Bytes that an answer has at most. Several hundred thousand logs fit in. */
const MOST_BYTES = 64 * 2 ** 20;
/** Milliseconds between attempts, when all endpoints have failed. */
const PAUSES = [500, 2_000, 5_000];

/** Refusals too, which the base class tells apart. */
type Answers = JsonRpcResult[];

/** What all endpoints together have given: answers, or with what the last one failed, and how many milliseconds they want to be left alone. */
interface Round {
  readonly answers: Answers | undefined;
  readonly failure: unknown;
  readonly after: number;
}

/** Most milliseconds that are waited because an endpoint asks for it. */
const PATIENCE = 30_000;

/** An endpoint's refusal to answer at all. */
class EndpointError extends Error {
  override readonly name = "EndpointError";
  readonly code = "SERVER_ERROR";
  readonly state: Health["state"];
  /** Milliseconds after which it wants to be asked again, where it says so. */
  readonly after: number;

  constructor(state: Health["state"], message: string, { cause, after = 0 }: { cause?: unknown; after?: number } = {}) {
    super(message, { cause });
    [this.state, this.after] = [state, after];
  }
}

/** Milliseconds that an answer says one should wait; 0 where it does not say, or does not let pages of other origins read it. */
function waitOf({ headers }: Response): number {
  const seconds = Number(headers.get("retry-after") ?? "0");
  return seconds > 0 ? Math.min(seconds * 1_000, PATIENCE) : 0;
}

/** What endpoints of JSON-RPC refuse too many requests with (EIP-1474). */
const LIMIT_EXCEEDED = -32_005;

const isLimit = (answer: JsonRpcResult): boolean =>
  (answer as { readonly error?: { readonly code?: unknown } }).error?.code === LIMIT_EXCEEDED;

/** Whether an endpoint does not do what it was asked to: that a contract refuses is an answer, which the others would give too. */
function isDeclined(answer: JsonRpcResult): boolean {
  const { error } = answer as { readonly error?: unknown };
  return error !== undefined && !isRevert({ error });
}

/** Whether an answer is one, of JSON-RPC: the library believes that it is. */
function isAnswer(value: unknown): value is JsonRpcResult {
  if (typeof value !== "object" || value === null || !("id" in value)) return false;
  const { error } = value as { readonly error?: unknown };
  return "result" in value || (typeof error === "object" && error !== null);
}

async function post(url: string, body: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch (cause) {
    throw new EndpointError("gone", "does not answer", { cause });
  }
  if (response.status === 429) {
    throw new EndpointError("limited", "answers only so many requests (HTTP 429)", { after: waitOf(response) });
  }
  if (!response.ok) throw new EndpointError("gone", `answers with HTTP ${String(response.status)}`);
  try {
    const text = await textOf(response.body, MOST_BYTES);
    if (text !== undefined) return JSON.parse(text);
  } catch (cause) {
    throw new EndpointError("gone", "answers with what is no JSON", { cause });
  }
  throw new EndpointError("gone", `answers with more than ${String(MOST_BYTES / 2 ** 20)} MiB`);
}

/** Reads a chain by several endpoints: the first that answers, in order of preference. */
export class Endpoints extends JsonRpcApiProvider {
  readonly #urls: readonly string[];
  readonly #chainId: bigint;
  /** Endpoints of which it is known that they are of this chain. */
  readonly #checked = new Set<string>();
  #preferred = 0;

  constructor({ rpcUrls, chainId }: NetworkConfig) {
    const network = Network.from(chainId);
    super(network, { staticNetwork: network, cacheTimeout: -1, batchMaxCount: 20 });
    [this.#urls, this.#chainId] = [rpcUrls, chainId];
    this._start();
  }

  /** Asks the next endpoint from now on, such as when this one is behind. */
  passOver(): void {
    this.#preferred = (this.#preferred + 1) % this.#urls.length;
  }

  async askAlone(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
    const [answer] = await this.#ask(url, { jsonrpc: "2.0", id: 1, method, params: [...params] });
    if (answer === undefined || isDeclined(answer)) throw new EndpointError("gone", "refuses what it is asked");
    return answer.result;
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<Answers> {
    let failure: unknown;
    for (const wait of [...PAUSES, undefined]) {
      const round = await this.#askInTurn(payload);
      if (round.answers !== undefined) return round.answers;
      failure = round.failure;
      if (wait !== undefined) await pause(Math.max(wait, round.after));
    }
    throw failure;
  }

  /** Asks each endpoint once until one does what it is asked. Where none does, the answers are those of the first that gave any. */
  async #askInTurn(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<Round> {
    let declined: Answers | undefined;
    let failure: unknown;
    let after = 0;
    for (let i = 0; i < this.#urls.length; i++) {
      const index = (this.#preferred + i) % this.#urls.length;
      try {
        const answers = await this.#ask(this.#urls[index] ?? "", payload);
        if (answers.some(isDeclined)) {
          declined ??= answers;
          continue;
        }
        this.#preferred = index;
        return { answers, failure, after };
      } catch (error) {
        failure = error;
        if (error instanceof EndpointError) after = Math.max(after, error.after);
      }
    }
    return { answers: declined, failure, after };
  }

  async #ask(url: string, payload: JsonRpcPayload | JsonRpcPayload[]): Promise<Answers> {
    const tellSlow = setTimeout(() => {
      health.value = { state: "slow", url, detail: "has not answered for 3 seconds" };
    }, SLOW);
    try {
      // Both at once: what one of another chain answers is not believed, but that a chain was asked does no harm.
      const [answered] = await Promise.all([post(url, payload), this.#check(url)]);
      const answers = [answered].flat();
      if (!answers.every(isAnswer)) throw new EndpointError("gone", "answers with what is no JSON-RPC");
      if (answers.some(isLimit)) throw new EndpointError("limited", "answers only so many requests");
      if (health.value.state !== "behind") health.value = { state: "fine", url, detail: "" };
      return answers;
    } catch (error) {
      if (error instanceof EndpointError) health.value = { state: error.state, url, detail: error.message };
      throw error;
    } finally {
      clearTimeout(tellSlow);
    }
  }

  async #check(url: string): Promise<void> {
    if (this.#checked.has(url)) return;
    const answer = await post(url, { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
    const { result } = isAnswer(answer) ? (answer as { readonly result?: unknown }) : {};
    if (typeof result !== "string" || !/^0x[\da-f]{1,64}$/i.test(result)) {
      throw new EndpointError("gone", "does not say of which chain it is");
    }
    if (BigInt(result) !== this.#chainId) {
      throw new EndpointError(
        "wrong-chain",
        `is of chain ${BigInt(result).toString()}, not of ${this.#chainId.toString()}`,
      );
    }
    this.#checked.add(url);
  }
}
