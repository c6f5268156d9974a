import { Problem } from "../problems/problem.ts";
import type { Database } from "../../service/store/database.ts";
import { number, text } from "../../service/store/rows.ts";

/** An upload: which file, and the dataset or task that it is sent for. */
export interface UploadName {
  readonly name: string;
  /** As `senderName` has it; empty where nobody knows any more. */
  readonly sender: string;
}

/** An upload that is counted. */
export interface CountedUpload extends UploadName {
  /** Unix milliseconds. */
  readonly changedAt: number;
}

/** How much may be sent. */
export interface UploadLimits {
  /** Bytes of all files. */
  readonly total: number;
  /** Bytes of the files of one account. */
  readonly ofAccount: number;
}

/** Counts what data owners and requesters have sent, or are sending. */
export class UploadQuotas {
  readonly #database: Database;
  readonly #limits: UploadLimits;
  readonly #now: () => number;

  /** @param now Unix milliseconds. */
  constructor(database: Database, limits: UploadLimits, now: () => number) {
    [this.#database, this.#limits, this.#now] = [database, limits, now];
  }

  /**
   * Counts an upload before it is taken; again where it goes on.
   *
   * @param account Whose quota it takes.
   * @param bytes What it may become.
   * @throws {Problem} `upload-quota-exceeded`, for the account's; `storage-full`, for that of all.
   */
  reserve({ name, sender }: UploadName, account: string, bytes: number): void {
    this.#database.transaction(() => {
      const others = "FROM upload WHERE NOT (name = ? AND sender = ?)";
      const sum = "SELECT coalesce(sum(bytes), 0) AS n";
      const all = number(this.#database.get(`${sum} ${others}`, name, sender) ?? {}, "n");
      const own = number(this.#database.get(`${sum} ${others} AND account = ?`, name, sender, account) ?? {}, "n");
      const { total, ofAccount } = this.#limits;
      if (own + bytes > ofAccount) {
        const detail = `${account} has ${String(own)} bytes here, and may have ${String(ofAccount)}; this file has up to ${String(bytes)}`;
        throw new Problem("upload-quota-exceeded", detail);
      }
      if (all + bytes > total)
        throw new Problem("storage-full", "The gateway takes no further files now", { retryAfter: 3_600 });
      this.#write({ name, sender }, account, bytes);
    });
  }

  /** Notes what an upload has become. */
  settle(upload: UploadName, account: string, bytes: number): void {
    this.#write(upload, account, bytes);
  }

  /** Counts a file that is there though nobody has counted it, such as after the database was lost. */
  adopt(upload: UploadName, bytes: number): void {
    this.#write(upload, "", bytes);
  }

  /** Forgets an upload that is there no more. */
  forget({ name, sender }: UploadName): void {
    this.#database.run("DELETE FROM upload WHERE name = ? AND sender = ?", name, sender);
  }

  /** Forgets all uploads of a file. */
  forgetFile(name: string): void {
    this.#database.run("DELETE FROM upload WHERE name = ?", name);
  }

  /** All that is counted. */
  all(): CountedUpload[] {
    return this.#database.all("SELECT * FROM upload").map((row) => ({
      ...{ name: text(row, "name"), sender: text(row, "sender"), changedAt: number(row, "changed_at") },
    }));
  }

  #write({ name, sender }: UploadName, account: string, bytes: number): void {
    const statement = "INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?, ?)";
    this.#database.run(statement, name, sender, account, bytes, this.#now());
  }
}
