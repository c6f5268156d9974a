import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import type { TrustedProxies } from "../http/addresses.ts";
import { ConnectionLimit } from "../http/connections.ts";
import { InputError } from "../../inputError.ts";

const PATH = "/.well-known/acme-challenge/";
const HOST = /^(?<name>[a-z0-9._-]{1,253})(?::\d{1,5})?$/i;
/** Milliseconds for a request, and how many connections there may be at once. */
const [PATIENCE, MAX_CONNECTIONS] = [10_000, 1_000] as const;
/** Milliseconds between two looks at who is late, of those for a request: nobody has much more time than these. */
const lookEvery = (patience: number): number => Math.ceil(patience / 10);

/** What a CA is answered when it asks whose a name is. */
export class ChallengeAnswers {
  readonly #answers = new Map<string, string>();

  /**
   * Answers a challenge from now on.
   *
   * @returns What has it answered no more.
   */
  give(token: string, answer: string): () => void {
    this.#answers.set(token, answer);
    return () => this.#answers.delete(token);
  }

  find(token: string): string | undefined {
    return this.#answers.get(token);
  }
}

/** How the server of challenges is made. */
export interface ChallengeServerOptions {
  readonly answers: ChallengeAnswers;
  /** Port of the gateway's origin, "" for https's own: where browsers are sent. */
  readonly httpsPort: string;
  readonly trusted: TrustedProxies;
  /** Milliseconds for a request; 10 seconds unless given. */
  readonly patience?: number;
}

/** The server at port 80: answers CAs, and sends everybody else to https. */
export class ChallengeServer {
  readonly #options: ChallengeServerOptions;
  readonly #server: Server;

  constructor(options: ChallengeServerOptions) {
    this.#options = options;
    const { patience = PATIENCE } = options;
    const limits = {
      headersTimeout: patience,
      requestTimeout: patience,
      connectionsCheckingInterval: lookEvery(patience),
      maxHeaderSize: 16_384,
    };
    this.#server = createServer({ ...limits, keepAlive: false }, (incoming, outgoing) => {
      this.#answer(incoming, outgoing);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
    new ConnectionLimit(options.trusted).watch(this.#server);
  }

  /**
   * Listens.
   *
   * @throws {InputError} When the port cannot be listened on.
   */
  async listen(host: string, port: number): Promise<AddressInfo> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once("error", reject);
        this.#server.listen(port, host, resolve);
      });
    } catch (cause) {
      const problem = `The gateway cannot listen for the CA on ${host}, port ${String(port)}`;
      throw new InputError(problem, "Stop what listens there, or have port 80 led to another `acme.httpPort`.", {
        cause,
      });
    }
    return this.#server.address() as AddressInfo;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }

  #answer({ method = "", url = "", headers: { host = "" } }: IncomingMessage, outgoing: ServerResponse): void {
    const headers = { connection: "close", "cache-control": "no-store", "x-content-type-options": "nosniff" };
    const answer = url.startsWith(PATH) ? this.#options.answers.find(url.slice(PATH.length)) : undefined;
    const location = url.startsWith(PATH) ? undefined : this.#secureAddress(method, host, url);
    if (answer !== undefined) {
      const content = { "content-type": "application/octet-stream", "content-length": Buffer.byteLength(answer) };
      outgoing.writeHead(200, { ...headers, ...content }).end(answer);
    } else if (location !== undefined) outgoing.writeHead(308, { ...headers, location }).end();
    else outgoing.writeHead(404, headers).end();
  }

  /** Where a page is by https; undefined for what nobody's browser asks for. */
  #secureAddress(method: string, host: string, url: string): string | undefined {
    const name = HOST.exec(host)?.groups?.["name"];
    if (name === undefined || !url.startsWith("/") || !["GET", "HEAD"].includes(method)) return undefined;
    const { httpsPort } = this.#options;
    return `https://${name}${httpsPort === "" ? "" : `:${httpsPort}`}${url}`;
  }
}
