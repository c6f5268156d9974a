import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { Agent, errors, request } from "undici";

import { clientKey } from "../http/addresses.ts";
import type { Api, ApiEnv } from "../http/api.ts";
import { Tally } from "../http/tally.ts";
import { Problem } from "../problems/problem.ts";

/** Where the node's enclave process takes messages: HTTP on loopback, or on a Unix socket. */
export interface EnclaveDoor {
  /** Such as `http://127.0.0.1:7100/messages`. */
  readonly url: string;
  readonly socketPath: string | undefined;
}

/** The most bytes of a message and of its answer. */
export const MAX_MESSAGE = 2 ** 20;
const TIMEOUT = 30_000;
/** So many messages are under way at once, and so many of them of one client. */
const [AT_ONCE, OF_ONE] = [32, 8] as const;

/** Reads a body of at most {@link MAX_MESSAGE} bytes. */
async function collect(body: AsyncIterable<Uint8Array>, tooLarge: () => Problem): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_MESSAGE) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Hands messages to the enclave process and its answers back, and looks into neither. */
export class EnclaveRelay {
  readonly #door: EnclaveDoor;
  readonly #agent: Agent;

  constructor(door: EnclaveDoor) {
    this.#door = door;
    this.#agent = new Agent(door.socketPath === undefined ? {} : { connect: { socketPath: door.socketPath } });
  }

  /**
   * @throws {Problem} `enclave-unreachable`, when the process does not answer, or not with status 200.
   */
  async send(message: Uint8Array): Promise<Uint8Array> {
    try {
      const answer = await request(this.#door.url, {
        method: "POST",
        dispatcher: this.#agent,
        headers: { "content-type": "application/octet-stream" },
        body: message,
        headersTimeout: TIMEOUT,
        bodyTimeout: TIMEOUT,
      });
      if (answer.statusCode !== 200) {
        await answer.body.dump();
        throw new Problem(
          "enclave-unreachable",
          `The enclave process answered with status ${String(answer.statusCode)}`,
        );
      }
      return await collect(
        answer.body,
        () => new Problem("enclave-unreachable", "The enclave process answered with too much"),
      );
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      const isSlow = cause instanceof errors.HeadersTimeoutError || cause instanceof errors.BodyTimeoutError;
      throw new Problem(
        "enclave-unreachable",
        isSlow ? "The enclave process took too long" : "The enclave process does not answer",
        { cause },
      );
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }
}

/**
 * Adds the door to the enclave. Anybody may knock: what is said there is between the enclave and whoever speaks to it, on a channel that
 * they secure themselves, end to end, by the key that the quote attests.
 */
export function addEnclaveRoute(api: Api, relay: EnclaveRelay | undefined): void {
  const definition = createRoute({
    method: "post",
    path: "/v1/enclave",
    summary: "Hand an opaque message to the node's enclave process",
    responses: { 200: { description: "Its answer" } },
  });
  const knocking = new Tally();
  const knock = async (context: Context<ApiEnv>): Promise<Response> => {
    if (relay === undefined) throw new Problem("enclave-unreachable", "This gateway has no door to an enclave process");
    const tooLarge = (): Problem => new Problem("body-too-large", `A message has at most ${String(MAX_MESSAGE)} bytes`);
    const body = context.req.raw.body as AsyncIterable<Uint8Array> | null;
    // A message that is still coming keeps nobody else's out.
    const message = body === null ? new Uint8Array() : await collect(body, tooLarge);
    const client = clientKey(context.get("clientAddress"));
    if (knocking.count("all") >= AT_ONCE || knocking.count(client) >= OF_ONE)
      throw new Problem("rate-limited", "Too many messages are under way", { retryAfter: 1 });
    const ends = [knocking.add("all"), knocking.add(client)];
    try {
      const answer = await relay.send(message);
      return new Response(Buffer.from(answer), { headers: { "content-type": "application/octet-stream" } });
    } finally {
      for (const end of ends) end();
    }
  };
  api.route({ kind: "open" }, definition, knock, { body: "stream" });
}
