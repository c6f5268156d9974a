import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";

import { answerFailure, applicationFailure } from "./failure.ts";
import { Preliminaries, watchInformation } from "./informational.ts";
import { applicationFields, trailersOf, type Asker } from "./requestHeaders.ts";
import { clientFields, type AnswerContext } from "./responseHeaders.ts";
import { hasBody } from "../http/bodyPace.ts";
import type { Endpoint } from "../orchestrator/orchestrator.ts";
import { Problem } from "../problems/problem.ts";

/** Milliseconds of patience with an application. */
export interface ProxyPatience {
  /** For the head of an answer, from the end of the request on. */
  readonly headers: number;
  /** For a connection on which nothing moves, in either direction. */
  readonly idle: number;
}

/** A request that was let in. */
export interface ProxyOptions extends Asker, AnswerContext {
  /** What the application is asked for: path and query. */
  readonly target: string;
  /** Keeps connections to applications open between requests. */
  readonly agent: Agent;
  readonly patience: ProxyPatience;
  /** Called when the answer has begun. */
  readonly answered?: () => void;
  /** Called once with the status that the client got, when the exchange is over; undefined where the client went first. */
  readonly done?: (status: number | undefined, error: unknown) => void;
}

/** Methods that may be repeated where a connection was closed just as it was used again. */
const REPEATABLE: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Hands a request on to an application and its answer back, bodies as they come: each side is read only as fast as the other takes it, and
 * whoever goes takes the other along. Answers with a problem where the application does not answer.
 *
 * @returns Ends it before its time, for a reason: the client is answered with that, or cut off where an answer has begun.
 */
export function proxyRequest(
  request: IncomingMessage,
  response: ServerResponse,
  endpoint: Endpoint,
  options: ProxyOptions,
): (reason: Problem) => void {
  const exchange = new Exchange(request, response, endpoint, options);
  exchange.start();
  return (reason) => {
    exchange.stop(reason);
  };
}

class Exchange {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #endpoint: Endpoint;
  readonly #options: ProxyOptions;
  readonly #preliminaries: Preliminaries;
  #upstream: ClientRequest | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #isAnswered = false;

  constructor(request: IncomingMessage, response: ServerResponse, endpoint: Endpoint, options: ProxyOptions) {
    this.#request = request;
    this.#response = response;
    this.#endpoint = endpoint;
    this.#options = options;
    this.#preliminaries = new Preliminaries(response, options.awaitsContinue === true);
  }

  start(): void {
    // Both ways a client can go: before and while it is answered.
    this.#response.once("close", () => {
      this.#upstream?.destroy();
      this.#end(this.#response.writableFinished ? this.#response.statusCode : undefined, undefined);
    });
    this.#request.once("error", (error) => {
      this.#upstream?.destroy(error);
    });
    try {
      this.#send(true);
    } catch (error) {
      this.#fail(error);
    }
  }

  stop(reason: Problem): void {
    if (!this.#isAnswered) {
      this.#fail(reason);
      return;
    }
    this.#end(this.#response.statusCode, undefined);
    this.#cut();
  }

  #send(mayRepeat: boolean): void {
    const { agent, target } = this.#options;
    const headers = applicationFields(this.#request, this.#options);
    // Said again for this hop, because a body without it would be read as the next request.
    if (this.#request.headers["transfer-encoding"] !== undefined) headers.push("transfer-encoding", "chunked");
    const { host, hostPort: port } = this.#endpoint;
    const { method } = this.#request;
    const options = { host, port, method, path: target, agent, setHost: false, headers };
    const upstream = httpRequest(options);
    this.#upstream = upstream;
    upstream.on("response", (answer) => {
      this.#answer(answer);
    });
    watchInformation(
      upstream,
      (information) => {
        if (!this.#isOver && !this.#isAnswered) this.#preliminaries.handOn(information);
      },
      (problem) => {
        this.#fail(problem);
      },
    );
    upstream.on("upgrade", (_answer, socket) => {
      socket.destroy();
      this.#fail(
        new Problem("application-unreachable", "The application upgraded a connection that nobody wanted upgraded"),
      );
    });
    upstream.on("error", (error) => {
      if (this.#isOver || this.#isAnswered) return;
      const mayTryAgain = mayRepeat && upstream.reusedSocket && REPEATABLE.has(method) && !hasBody(this.#request);
      if (mayTryAgain && !this.#response.destroyed) this.#send(false);
      else this.#fail(applicationFailure(error));
    });
    this.#sendBody(upstream);
  }

  /** Hands the request's body on, and what stands behind it. */
  #sendBody(upstream: ClientRequest): void {
    const request = this.#request;
    if (!hasBody(request)) {
      upstream.end();
      this.#awaitAnswer();
      return;
    }
    this.#awaitMore();
    request.on("data", () => this.#timer?.refresh());
    request.once("end", () => {
      const trailers = trailersOf(request.rawTrailers);
      if (trailers.length > 0 && request.headers["transfer-encoding"] !== undefined) upstream.addTrailers(trailers);
      upstream.end();
      this.#awaitAnswer();
    });
    request.pipe(upstream, { end: false });
  }

  #awaitAnswer(): void {
    if (this.#isAnswered || this.#isOver) return;
    this.#wait(this.#options.patience.headers, "The application has not begun to answer");
  }

  #awaitMore(): void {
    this.#wait(this.#options.patience.idle, "Nothing has moved between client and application");
  }

  /** Waits for what comes next, and for nothing else any more. */
  #wait(patience: number, otherwise: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#late(otherwise);
    }, patience);
  }

  #answer(answer: IncomingMessage): void {
    this.#isAnswered = true;
    const response = this.#response;
    const failed = (): void => {
      this.#cut();
    };
    answer.once("error", failed);
    answer.once("close", () => {
      if (!answer.complete) failed();
    });
    if (response.destroyed) {
      answer.destroy();
      return;
    }
    const { statusCode = 502, statusMessage = "", rawHeaders } = answer;
    response.sendDate = false;
    // Whether a body follows that was not asked for, nobody knows: the connection can carry no other request.
    if (this.#preliminaries.isUndecided) response.shouldKeepAlive = false;
    try {
      response.writeHead(statusCode, statusMessage, clientFields(rawHeaders, this.#options));
    } catch (error) {
      answer.destroy();
      this.#fail(
        new Problem("application-unreachable", "The application's answer cannot be handed on", { cause: error }),
      );
      return;
    }
    this.#options.answered?.();
    this.#handBack(answer);
  }

  /** Hands the answer's body back, and what stands behind it. */
  #handBack(answer: IncomingMessage): void {
    const response = this.#response;
    this.#awaitMore();
    answer.on("data", (chunk: Buffer) => {
      this.#timer?.refresh();
      if (!response.write(chunk)) answer.pause();
    });
    response.on("drain", () => answer.resume());
    answer.once("end", () => {
      clearTimeout(this.#timer);
      const trailers = trailersOf(answer.rawTrailers);
      if (trailers.length > 0) response.addTrailers(trailers);
      response.end();
    });
    // Whoever waits for events learns at once that there will be some. Mostly the body begins with the head, and goes with it.
    setImmediate(() => {
      if (!response.destroyed && !response.writableEnded) response.flushHeaders();
    });
  }

  #late(detail: string): void {
    if (this.#isAnswered) this.#cut();
    else this.#fail(new Problem("application-timeout", detail));
  }

  /** Ends an answer that has begun and will not be whole. */
  #cut(): void {
    this.#response.destroy();
    this.#upstream?.destroy();
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#request.unpipe();
    const status = answerFailure(this.#response, error, this.#options.requestId);
    this.#end(status, error);
    this.#upstream?.destroy();
  }

  #end(status: number | undefined, error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#options.done?.(status, error);
  }
}
