import type { ClientRequest, ServerResponse } from "node:http";

import { valuesOf } from "./requestHeaders.ts";
import { Problem } from "../problems/problem.ts";

/** Informational answers that an application may give to one request (RFC 9110, section 15.2), and hints that are handed on of them. */
const [MOST, MOST_HINTS] = [100, 8] as const;

/** An answer before the answer, as node gives it. */
export interface Information {
  readonly statusCode: number;
  readonly rawHeaders: readonly string[];
}

/**
 * Watches what an application says before its answer: node reads it as fast as it comes, whoever it is for.
 *
 * @param take Takes one of these answers, such as `102 Processing` or `103 Early Hints`.
 * @param fail Ends the exchange where there are too many.
 */
export function watchInformation(
  upstream: ClientRequest,
  take: (information: Information) => void,
  fail: (problem: Problem) => void,
): void {
  let count = 0;
  upstream.on("information", (information: Information) => {
    count += 1;
    if (count <= MOST) take(information);
    else if (count === MOST + 1) {
      const detail = `The application has given more than ${String(MOST)} informational answers, and no other`;
      fail(new Problem("application-unreachable", detail));
    }
  });
}

/** What is handed on to a client before its answer: `100 Continue` once, where it waits for that, and a few hints. */
export class Preliminaries {
  readonly #response: ServerResponse;
  readonly #awaitsContinue: boolean;
  #hints = 0;
  #isContinued = false;

  constructor(response: ServerResponse, awaitsContinue: boolean) {
    this.#response = response;
    this.#awaitsContinue = awaitsContinue;
  }

  /** Whether it can be that the client was not told to go on, though it waits for that: what it sends next nobody knows. */
  get isUndecided(): boolean {
    return this.#awaitsContinue && !this.#isContinued;
  }

  /** Hands an informational answer on, or not. */
  handOn({ statusCode, rawHeaders }: Information): void {
    if (statusCode === 100 && this.isUndecided) {
      this.#isContinued = true;
      this.#response.writeContinue();
    }
    if (statusCode === 103) this.#hint(valuesOf(rawHeaders, "link"));
  }

  #hint(link: string[]): void {
    // Nobody needs hints, and a client that reads slowly needs them least.
    const { socket } = this.#response;
    const isFree = socket !== null && !socket.writableNeedDrain;
    if (link.length === 0 || !isFree || this.#hints === MOST_HINTS) return;
    this.#hints += 1;
    try {
      this.#response.writeEarlyHints({ link });
    } catch {
      // What an application writes there may be no links.
    }
  }
}
