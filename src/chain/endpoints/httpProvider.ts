import {
  FetchRequest,
  JsonRpcProvider,
  Network,
  type FetchResponse,
  type JsonRpcPayload,
  type JsonRpcResult,
} from "ethers";

import { EndpointFault } from "./fault.ts";
import { Restraint } from "./restraint.ts";
import { demandOf } from "../failures.ts";

/** Milliseconds in which an endpoint must answer. */
export const TIMEOUT = 5_000;
/** Requests that are sent in one go at most. */
const MOST = 100;
/** Statuses whose `Retry-After` counts. */
const [TOO_MANY, UNAVAILABLE] = [429, 503] as const;

/** Whether one request alone may be answered where several together were not. */
function isTooMuch({ statusCode }: FetchResponse): boolean {
  return statusCode >= 400 && demandOf({ statusCode }) === "less";
}

/** Whether each request has its answer: some endpoints answer a batch by one error, or by the first few. */
function isWhole(answers: unknown, requests: readonly JsonRpcPayload[]): answers is JsonRpcResult[] {
  if (!Array.isArray(answers)) return false;
  const ids = new Set(answers.map((answer: Partial<JsonRpcResult> | null) => answer?.id));
  return requests.every(({ id }) => ids.has(id));
}

/**
 * A provider over HTTP that waits for no answer long, as another endpoint may have it; that leaves the endpoint alone for as long as it asks to be;
 * and that sends fewer requests in one go where it does not take so many.
 */
export class HttpProvider extends JsonRpcProvider {
  readonly #restraint: Restraint;
  /** Learns what the endpoint takes. */
  #most = MOST;

  /** @param now Unix milliseconds. */
  constructor(url: string, chainId: number, now: () => number = Date.now) {
    const request = new FetchRequest(url);
    request.timeout = TIMEOUT;
    request.setThrottleParams({ maxAttempts: 1 });
    request.retryFunc = async () => Promise.resolve(false);
    super(request, Network.from(chainId), { staticNetwork: true, cacheTimeout: -1, batchMaxCount: MOST });
    this.#restraint = new Restraint(now);
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    if (!Array.isArray(payload)) return [(await this.#post(payload)).bodyJson as JsonRpcResult];
    const answers: JsonRpcResult[] = [];
    for (let rest = payload; rest.length > 0;) {
      const some = rest.slice(0, this.#most);
      const taken = await this.#batch(some);
      if (taken !== undefined) answers.push(...taken);
      rest = taken === undefined ? rest : rest.slice(some.length);
    }
    return answers;
  }

  /** Sends requests in one go; undefined where the endpoint does not take so many. */
  async #batch(requests: JsonRpcPayload[]): Promise<JsonRpcResult[] | undefined> {
    const [first] = requests;
    if (first !== undefined && requests.length === 1) return this._send(first);
    const response = await this.#post(requests, isTooMuch);
    const answers: unknown = isTooMuch(response) ? undefined : response.bodyJson;
    if (isWhole(answers, requests)) return answers;
    this.#most = Math.ceil(requests.length / 2);
    return undefined;
  }

  /** @throws {EndpointFault} `rate-limited`. */
  async #post(
    payload: JsonRpcPayload | JsonRpcPayload[],
    isTaken: (response: FetchResponse) => boolean = () => false,
  ): Promise<FetchResponse> {
    this.#restraint.require();
    const request = this._getConnection();
    request.body = JSON.stringify(payload);
    request.setHeader("content-type", "application/json");
    const response = await request.send();
    const { statusCode } = response;
    if (statusCode === TOO_MANY || statusCode === UNAVAILABLE) this.#restraint.heed(response.headers["retry-after"]);
    if (statusCode === TOO_MANY) throw new EndpointFault("rate-limited", "it is asked too often", statusCode);
    if (!isTaken(response)) response.assertOk();
    return response;
  }
}
