import { parseForm } from "../../documents/parse.ts";
import { signaturesDocument, type SignaturesDocument } from "../../documents/nodes.ts";
import { toJson } from "../../json.ts";
import type { Database } from "../../service/store/database.ts";
import { number, text } from "../../service/store/rows.ts";
import { serializeCollateral, type Collateral } from "../../sgx/collateral.ts";
import { mergedSignatures } from "../quorum.ts";

/** So many sets of facts of one quote one validator may sign, and so many signatures of one validator are kept; the oldest go first. */
const [MOST_OF_QUOTE, MOST_OF_VALIDATOR] = [6, 20_000] as const;
/** Milliseconds for which collateral is kept that no signature has used since: longer than any quote can be disputed. */
const COLLATERAL_LIFE = 150 * 86_400_000;

/** A signature, and where it is in the order in which they came. */
export interface NumberedVouch {
  readonly id: number;
  readonly document: SignaturesDocument;
}

const documentOf = (facts: string, validator: string, signature: string): SignaturesDocument => ({
  ...parseForm(facts, signaturesDocument, "a kept signature", "validators' signatures"),
  signatures: [{ validator, signature }],
});

/** Signatures on quotes, this validator's own and others'. Only what was checked comes here. */
export class VouchStore {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(database: Database, now: () => number) {
    [this.#database, this.#now] = [database, now];
  }

  /**
   * Keeps the signatures of a document, as far as there is room for them.
   *
   * @returns How many are new.
   */
  add(document: SignaturesDocument): number {
    // In one order of its fields, so that the same signature is not kept twice.
    const said = toJson({ ...document, signatures: [] }, 0);
    const facts = toJson(parseForm(said, signaturesDocument, "signatures", "validators' signatures"), 0);
    const key = document.reportData.toLowerCase();
    return this.#database.transaction(() =>
      document.signatures.reduce((count, each) => count + (this.#addOne(key, facts, each) ? 1 : 0), 0),
    );
  }

  #addOne(key: string, facts: string, { validator, signature }: SignaturesDocument["signatures"][number]): boolean {
    const count = "SELECT count(*) AS n FROM vouches WHERE report_data = ? AND validator = ?";
    const held = this.#database.get(count, key, validator);
    if (held !== undefined && number(held, "n") >= MOST_OF_QUOTE) return false;
    const added = this.#database.run(
      "INSERT INTO vouches (report_data, facts, validator, signature, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      ...([key, facts, validator, signature, this.#now()] as const),
    );
    if (added === 0) return false;
    this.#database.run(
      "DELETE FROM vouches WHERE id IN (SELECT id FROM vouches WHERE validator = ? ORDER BY id DESC LIMIT -1 OFFSET ?)",
      ...([validator, MOST_OF_VALIDATOR] as const),
    );
    return true;
  }

  /** All signatures on a quote, by what they say. */
  of(reportData: string): SignaturesDocument[] {
    const rows = this.#database.all(
      "SELECT * FROM vouches WHERE report_data = ? ORDER BY id",
      reportData.toLowerCase(),
    );
    return mergedSignatures(
      rows.map((row) => documentOf(text(row, "facts"), text(row, "validator"), text(row, "signature"))),
    );
  }

  /** A page of what a validator has signed, in the order in which it came. */
  by(validator: string, after: number, limit: number): NumberedVouch[] {
    const statement = "SELECT * FROM vouches WHERE validator = ? AND id > ? ORDER BY id LIMIT ?";
    return this.#database.all(statement, validator, after, limit).map((row) => ({
      id: number(row, "id"),
      document: documentOf(text(row, "facts"), text(row, "validator"), text(row, "signature")),
    }));
  }

  /** Keeps a set of collateral under its hash. */
  keepCollateral(hash: string, collateral: Collateral): void {
    const statement =
      "INSERT INTO collateral (hash, content, used_at) VALUES (?, ?, ?) ON CONFLICT (hash) DO UPDATE SET used_at = excluded.used_at";
    this.#database.run(statement, hash.toLowerCase(), serializeCollateral(collateral), this.#now());
    this.#database.run("DELETE FROM collateral WHERE used_at < ?", this.#now() - COLLATERAL_LIFE);
  }

  /** The text of a set of collateral. */
  collateral(hash: string): string | undefined {
    const row = this.#database.get("SELECT content FROM collateral WHERE hash = ?", hash.toLowerCase());
    return row && text(row, "content");
  }
}
