import { createHash } from "node:crypto";

import { ZeroHash } from "ethers";
import { z } from "zod";

import { forms } from "../../forms.ts";
import { parsedJson, toJson } from "../../json.ts";
import { bytesOfDigits, toHex, utf8, type Hex } from "../../sgx/bytes.ts";
import { ProxyError } from "../errors.ts";
import type { HostStore } from "./hostStore.ts";
import { SEAL_OVERHEAD, type Sealer } from "./sealer.ts";

/** What a proxy has done for an owner. */
export const auditEntryForm = z.strictObject({
  /** Counts from 0. */
  index: z.int().min(0),
  /** Unix seconds as the proxy knew them: no earlier than any that it knew before. */
  time: z.int().min(0),
  act: z.enum(["upload", "replace", "query", "use", "lend", "revoke"]),
  /** Who asked. */
  account: forms.address,
  contentHash: forms.hash.optional(),
  /** The dataset that was replaced. */
  replaced: forms.hash.optional(),
  program: forms.hash.optional(),
  capability: forms.hash.optional(),
  /** The hash of the sealed inputs of the task that a dataset was lent for. */
  inputs: forms.hash.optional(),
  /** How many bytes of results were given. */
  bytes: z.int().min(0).optional(),
  /** Why the program gave no result. */
  failure: z.string().max(64).optional(),
});
export type AuditEntry = z.infer<typeof auditEntryForm>;

/** How far a log goes. An owner who keeps the newest one sees when a host puts back an older state. */
export const logHeadForm = z.strictObject({ count: z.int().min(0), hash: forms.hash });
export type LogHead = z.infer<typeof logHeadForm>;

/** The head of an empty log. */
export const EMPTY_LOG: LogHead = { count: 0, hash: ZeroHash as Hex };

/** The most entries of a log. */
export const MAX_ENTRIES = 32_768;

/** How many more it takes of what only takes away: an owner can always revoke. */
const RESERVED = 32_768;

const ENTRY_SIZE = 1_024;
const RECORD_SIZE = ENTRY_SIZE + SEAL_OVERHEAD;

const linked = (hash: Hex, record: Uint8Array): Hex =>
  toHex(createHash("sha256").update(bytesOfDigits(hash)).update(record).digest());

/**
 * A log at a host's: sealed records of one size, and a hash that each is added to. The hash runs over the sealed bytes, which have a random part,
 * so two logs that once parted never have the same head again.
 */
export class AuditLog {
  readonly #store: HostStore;
  readonly #sealer: Sealer;
  readonly #name: string;

  constructor(store: HostStore, sealer: Sealer, name: string) {
    this.#store = store;
    this.#sealer = sealer;
    this.#name = name;
  }

  /**
   * Adds an entry behind a head. It counts once the new head is kept; until then another takes its place.
   *
   * @throws {ProxyError} FULL.
   */
  append(head: LogHead, entry: Omit<AuditEntry, "index">): LogHead {
    const most = entry.act === "revoke" ? MAX_ENTRIES + RESERVED : MAX_ENTRIES;
    if (head.count >= most) throw new ProxyError("FULL", `The audit log has ${head.count} entries, and takes no more`);
    const plain = new Uint8Array(ENTRY_SIZE).fill(0x20);
    plain.set(utf8(toJson({ index: head.count, ...entry }, 0)));
    const record = this.#sealer.seal(this.#record(head.count), plain);
    this.#store.writeAt(this.#name, head.count * RECORD_SIZE, record);
    return { count: head.count + 1, hash: linked(head.hash, record) };
  }

  /**
   * The hash that the log had when it had so many entries.
   *
   * @param head Its head now, by which the host's records are checked.
   * @throws {ProxyError} STATE_BROKEN.
   */
  hashAt(head: LogHead, count: number): Hex {
    return this.#checked(head).hashes[count] ?? (ZeroHash as Hex);
  }

  /**
   * Entries in their order.
   *
   * @param head As {@link AuditLog.hashAt}.
   * @throws {ProxyError} STATE_BROKEN.
   */
  entries(head: LogHead, from: number, most: number): AuditEntry[] {
    const { records } = this.#checked(head);
    return records.slice(from, from + most).map((record, i) => {
      const text = Buffer.from(this.#sealer.open(this.#record(from + i), record)).toString("utf8");
      const { data } = auditEntryForm.safeParse(parsedJson(text));
      if (data === undefined)
        throw new ProxyError("STATE_BROKEN", `Entry ${from + i} of the log does not have its form`);
      return data;
    });
  }

  #checked(head: LogHead): { readonly records: Uint8Array[]; readonly hashes: Hex[] } {
    const bytes = this.#store.read(this.#name) ?? new Uint8Array();
    const records: Uint8Array[] = [];
    const hashes = [EMPTY_LOG.hash];
    let { hash } = EMPTY_LOG;
    for (let i = 0; i < head.count; i++) {
      const record = bytes.subarray(i * RECORD_SIZE, (i + 1) * RECORD_SIZE);
      hash = linked(hash, record);
      records.push(record);
      hashes.push(hash);
    }
    if (hash === head.hash) return { records, hashes };
    throw new ProxyError("STATE_BROKEN", "The audit log at the host is not the one that the proxy has written");
  }

  #record(index: number): string {
    return `${this.#name} ${index}`;
  }
}
