import type { Database } from "../../service/store/database.ts";
import { number, text, type Row } from "../../service/store/rows.ts";
import type { Hex } from "../../sgx/bytes.ts";

/** A validator's signature on the block of a height. */
export interface KeptView {
  readonly number: number;
  readonly blockHash: Hex;
  readonly validator: string;
  readonly signature: Hex;
}

/** A block. */
export type ViewedHeight = Pick<KeptView, "number" | "blockHash">;

/** Two blocks of one height that a validator has signed. */
export interface ViewConflict extends Pick<KeptView, "number" | "validator"> {
  readonly first: Pick<KeptView, "blockHash" | "signature">;
  readonly second: Pick<KeptView, "blockHash" | "signature">;
}

/** So many blocks of one height are kept of one validator: a second one is proof enough against it. */
const MOST_OF_HEIGHT = 2;
/** Among so many of the newest heights of a validator it is looked for those that no quorum has signed: how long it takes must not grow with the rest. */
const RECENT = 1_024;

const viewOf = (row: Row): KeptView => ({
  number: number(row, "number"),
  blockHash: text(row, "block_hash") as Hex,
  validator: text(row, "validator"),
  signature: text(row, "signature") as Hex,
});

/** Validators' signatures on blocks, this validator's own and others'. Only what was checked comes here, and all of it stays. */
export class ViewStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a signature; whether it is new. */
  add({ number: height, blockHash, validator, signature }: KeptView): boolean {
    const statement =
      "INSERT INTO views (number, block_hash, validator, signature) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    return this.#database.transaction(() => {
      const held = this.#database.all("SELECT 1 FROM views WHERE number = ? AND validator = ?", height, validator);
      if (held.length >= MOST_OF_HEIGHT) return false;
      if (this.#database.run(statement, height, blockHash, validator, signature) === 0) return false;
      if (held.length > 0) this.#database.run("INSERT INTO view_conflicts VALUES (?, ?)", height, validator);
      return true;
    });
  }

  /** All signatures on the blocks of a height. */
  at(height: number): KeptView[] {
    return this.#database.all("SELECT * FROM views WHERE number = ? ORDER BY id", height).map(viewOf);
  }

  /** Validators that have signed two blocks of one height, the newest heights first. */
  conflicts(limit: number): ViewConflict[] {
    const statement = "SELECT number, validator FROM view_conflicts ORDER BY number DESC LIMIT ?";
    return this.#database.all(statement, limit).flatMap((row) => {
      const conflict = { number: number(row, "number"), validator: text(row, "validator") };
      const [first, second] = this.at(conflict.number).filter(({ validator }) => validator === conflict.validator);
      return first === undefined || second === undefined ? [] : [{ ...conflict, first, second }];
    });
  }

  /** Remembers that a quorum has signed a block. */
  finish({ number: height, blockHash }: ViewedHeight): void {
    const statement = "INSERT INTO signed_heights (number, block_hash) VALUES (?, ?) ON CONFLICT DO NOTHING";
    this.#database.run(statement, height, blockHash);
  }

  /** The newest block of at most a height that a quorum has signed. */
  newestSigned(most: number): ViewedHeight | undefined {
    const row = this.#database.get("SELECT * FROM signed_heights WHERE number <= ? ORDER BY number DESC LIMIT 1", most);
    return row && { number: number(row, "number"), blockHash: text(row, "block_hash") as Hex };
  }

  /** The newest heights that a validator has signed and no quorum yet, the newest first. */
  unfinished(validator: string, limit: number): number[] {
    const statement =
      "SELECT number FROM (SELECT DISTINCT number FROM views WHERE validator = ? ORDER BY number DESC LIMIT ?) WHERE number NOT IN (SELECT number FROM signed_heights) ORDER BY number DESC LIMIT ?";
    return this.#database.all(statement, validator, RECENT, limit).map((row) => number(row, "number"));
  }

  /** The newest heights that a validator has signed, the newest first. */
  newestOf(validator: string, limit: number): number[] {
    const statement = "SELECT DISTINCT number FROM views WHERE validator = ? ORDER BY number DESC LIMIT ?";
    return this.#database.all(statement, validator, limit).map((row) => number(row, "number"));
  }

  /** A page of what a validator has signed, in the order in which it came. */
  by(validator: string, after: number, limit: number): (KeptView & { readonly id: number })[] {
    const statement = "SELECT * FROM views WHERE validator = ? AND id > ? ORDER BY id LIMIT ?";
    return this.#database
      .all(statement, validator, after, limit)
      .map((row) => ({ ...viewOf(row), id: number(row, "id") }));
  }
}
