import { z } from "zod";

import { parseForm } from "../../documents/parse.ts";
import { forms } from "../../forms.ts";
import { toJson } from "../../json.ts";
import type { Database } from "../../service/store/database.ts";
import { number, text, type Row } from "../../service/store/rows.ts";

/** What a verdict says of which result. */
export const verdictStatement = z.strictObject({
  taskId: forms.uint,
  termsHash: forms.hash,
  resultHash: forms.hash,
  vouchedAttestation: forms.uint,
  verdict: z.enum(["Valid", "Invalid"]),
  deadline: forms.uint,
});
export type VerdictStatement = z.infer<typeof verdictStatement>;

/** A validator's verdict with its signature. */
export interface SignedVerdict extends VerdictStatement {
  readonly validator: string;
  readonly signature: string;
}

/** So many verdicts of one validator on one task are kept, and so many of one validator; the oldest go first. */
const [MOST_OF_TASK, MOST_OF_VALIDATOR] = [6, 20_000] as const;

const verdictOf = (row: Row): SignedVerdict => ({
  ...parseForm(text(row, "statement"), verdictStatement, "a kept verdict", "a verdict"),
  validator: text(row, "validator"),
  signature: text(row, "signature"),
});

/** Verdicts on tasks' results, this validator's own and others'. Only what was checked comes here. */
export class VerdictStore {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    [this.#database, this.#now] = [database, now];
  }

  /** Keeps a verdict, if there is room for it; whether it is new. */
  add({ validator, signature, ...statement }: SignedVerdict): boolean {
    const task = statement.taskId.toString();
    // In one order of its fields, so that the same statement is not kept twice.
    const said = toJson(parseForm(toJson(statement, 0), verdictStatement, "a verdict", "a verdict"), 0);
    return this.#database.transaction(() => {
      const held = this.#database.get(
        "SELECT count(*) AS n FROM verdicts WHERE task = ? AND validator = ?",
        ...([task, validator] as const),
      );
      if (held !== undefined && number(held, "n") >= MOST_OF_TASK) return false;
      const added = this.#database.run(
        "INSERT INTO verdicts (task, result, statement, validator, verdict, signature, received_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        ...([task, statement.resultHash, said, validator, statement.verdict, signature] as const),
        this.#now(),
      );
      this.#database.run(
        "DELETE FROM verdicts WHERE id IN (SELECT id FROM verdicts WHERE validator = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
        ...([validator, MOST_OF_VALIDATOR] as const),
      );
      return added === 1;
    });
  }

  /** All verdicts on a task, whatever its result was when they were signed. */
  of(taskId: bigint): SignedVerdict[] {
    return this.#database.all("SELECT * FROM verdicts WHERE task = ? ORDER BY id", taskId.toString()).map(verdictOf);
  }

  /** A page of what a validator has signed, in the order in which it came. */
  by(validator: string, after: number, limit: number): { readonly id: number; readonly verdict: SignedVerdict }[] {
    const statement = "SELECT * FROM verdicts WHERE validator = ? AND id > ? ORDER BY id LIMIT ?";
    return this.#database
      .all(statement, validator, after, limit)
      .map((row) => ({ id: number(row, "id"), verdict: verdictOf(row) }));
  }

  /** The tasks on whose one result one validator has given both verdicts. */
  contradicted(): bigint[] {
    const statement =
      "SELECT DISTINCT a.task FROM verdicts a WHERE a.verdict = 'Invalid' AND EXISTS (SELECT 1 FROM verdicts b WHERE b.verdict = 'Valid' AND b.task = a.task AND b.result = a.result AND +b.validator = a.validator) LIMIT 100";
    return this.#database.all(statement).map((row) => BigInt(text(row, "task")));
  }
}
