import type { Database } from "../../service/store/database.ts";
import { bytes, number, optional, text, type Row } from "../../service/store/rows.ts";

/** What names an answer: a reorganisation gives the same epoch another seed, and endpoints may say other terms of a node. */
export interface AnswerName {
  readonly epoch: bigint;
  readonly seed: string;
  readonly nodeId: bigint;
  /** What it answers, by its name. */
  readonly terms: string;
}

/** What is known of a node's answer to a challenge. */
export interface KnownAnswer {
  readonly nodeId: bigint;
  readonly terms: string;
  /** Packed; undefined where the search failed. */
  readonly nonces: Uint8Array | undefined;
  /** The enclave's, in hex; undefined before it has signed. */
  readonly signature: string | undefined;
  /** The key of the intention that it was last given to; undefined before. */
  readonly sentAs: string | undefined;
  /** Intentions that came to nothing. */
  readonly attempts: number;
  /** Why there is none, or why it was refused for good; undefined where neither is so. */
  readonly failure: string | undefined;
}

/** Epochs for which answers are kept. */
const KEPT = 48n;

const OF_ONE = "WHERE epoch = ? AND seed = ? AND node = ? AND terms = ?";
const namesOf = ({ epoch, seed, nodeId, terms }: AnswerName) => [Number(epoch), seed, Number(nodeId), terms] as const;

function answerOf(row: Row): KnownAnswer {
  return {
    nodeId: BigInt(number(row, "node")),
    terms: text(row, "terms"),
    nonces: optional(bytes, row, "nonces"),
    signature: optional(text, row, "signature"),
    sentAs: optional(text, row, "sent_as"),
    attempts: number(row, "attempts"),
    failure: optional(text, row, "failure"),
  };
}

/** The answers that were found, so that a restarted service sends what it has and searches nothing twice. */
export class Answers {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All that is known of a challenge, by node and terms. */
  of(epoch: bigint, seed: string): KnownAnswer[] {
    return this.#database
      .all("SELECT * FROM answers WHERE epoch = ? AND seed = ? ORDER BY node, terms", Number(epoch), seed)
      .map(answerOf);
  }

  /** The nodes that had no answer when they last had to have one, before an epoch. */
  withoutAnswer(epoch: bigint): ReadonlySet<bigint> {
    const rows = this.#database.all(
      "SELECT node, MAX(epoch), failure FROM answers WHERE epoch < ? GROUP BY node",
      Number(epoch),
    );
    const failed = rows.filter((row) => optional(text, row, "failure") !== undefined);
    return new Set(failed.map((row) => BigInt(number(row, "node"))));
  }

  /** Keeps what a search has found, and forgets what is old. */
  found(name: AnswerName, nonces: Uint8Array): void {
    this.#database.run("DELETE FROM answers WHERE epoch < ?", Number(name.epoch - KEPT));
    this.#database.run(
      "INSERT OR REPLACE INTO answers (epoch, seed, node, terms, nonces) VALUES (?, ?, ?, ?, ?)",
      ...namesOf(name),
      nonces,
    );
  }

  signed(name: AnswerName, signature: string): void {
    this.#database.run(`UPDATE answers SET signature = ? ${OF_ONE}`, signature, ...namesOf(name));
  }

  /** Notes, before it is sent, under which key it goes. */
  given(names: readonly AnswerName[], key: string): void {
    this.#database.transaction(() => {
      for (const name of names) {
        this.#database.run(`UPDATE answers SET sent_as = ? ${OF_ONE}`, key, ...namesOf(name));
      }
    });
  }

  /** Notes that an intention came to nothing: the answers may go under another key. */
  cameBack(names: readonly AnswerName[]): void {
    this.#database.transaction(() => {
      for (const name of names) {
        this.#database.run(`UPDATE answers SET sent_as = NULL, attempts = attempts + 1 ${OF_ONE}`, ...namesOf(name));
      }
    });
  }

  /** Notes that there is no answer, or that the chain will never take it. */
  failed(name: AnswerName, failure: string): void {
    this.#database.run(
      "INSERT OR IGNORE INTO answers (epoch, seed, node, terms) VALUES (?, ?, ?, ?)",
      ...namesOf(name),
    );
    this.#database.run(`UPDATE answers SET failure = ? ${OF_ONE}`, failure, ...namesOf(name));
  }
}
