import { z } from "zod";

import { decryptDataset, MAX_FILE_SIZE } from "../../data/cipher.ts";
import { forms } from "../../forms.ts";
import { parsedJson, toJson } from "../../json.ts";
import { bytesOfDigits, keccak256, toHex, utf8, type Hex } from "../../sgx/bytes.ts";
import { ProxyError } from "../errors.ts";
import { AuditLog, EMPTY_LOG, logHeadForm, type AuditEntry, type LogHead } from "./auditLog.ts";
import type { HostStore } from "./hostStore.ts";
import type { Sealer } from "./sealer.ts";

/** The most datasets of an owner, and the most bytes of them together as they are encrypted. */
export const MAX_OWNER_DATASETS = 16;
export const MAX_OWNER_BYTES = 4 * MAX_FILE_SIZE;

/** The most capabilities of an owner that have been used or revoked, before one more is used. Revoking is not limited so. */
const MAX_CAPABILITIES = 1_024;

const datasetForm = z.strictObject({ contentHash: forms.hash, size: z.int().min(0), dataKey: forms.digits });

const usedForm = z.strictObject({
  uses: z.int().min(0),
  bytes: z.int().min(0),
  isRevoked: z.boolean(),
});
/** What was used of a capability. */
export type Used = z.infer<typeof usedForm>;

const stateForm = z.strictObject({
  datasets: z.array(datasetForm),
  capabilities: z.record(z.string(), usedForm),
  /** Unix seconds: the latest that the proxy has known. */
  time: z.int().min(0),
  log: logHeadForm,
});
type State = z.infer<typeof stateForm>;

const UNUSED: Used = { uses: 0, bytes: 0, isRevoked: false };

/** States are filled up to multiples of so many bytes. */
const STATE_UNIT = 4_096;

/** A dataset as it is put into a vault. */
interface KeptContent {
  readonly file: Uint8Array;
  /** 32 secret bytes. */
  readonly dataKey: Uint8Array;
  readonly contentHash: Hex;
  readonly replaces: Hex | undefined;
}

/** What an act leaves behind. */
export type Act = Omit<AuditEntry, "index" | "time">;

/**
 * What a proxy has of one owner: datasets, the uses of capabilities, the log. It is one for all chains and registries that the owner names in its
 * sessions, which the proxy cannot tell from made-up ones: what an owner may have is not multiplied by naming more. All of it is at the
 * host's, sealed; the state is read there once. Before that a host can put back an older one as a whole; it can make none up, and mix none.
 */
export class OwnerVault {
  readonly #store: HostStore;
  readonly #sealer: Sealer;
  readonly #name: string;
  readonly #log: AuditLog;
  #state: State;

  /** @throws {ProxyError} STATE_BROKEN. */
  constructor(store: HostStore, sealer: Sealer, owner: string) {
    this.#store = store;
    this.#sealer = sealer;
    this.#name = keccak256(utf8(owner)).slice(2, 34);
    this.#log = new AuditLog(store, sealer, `${this.#name}.log`);
    this.#state = this.#read();
    this.#sweep();
  }

  get head(): LogHead {
    return this.#state.log;
  }

  get datasets(): { readonly contentHash: Hex; readonly size: number }[] {
    return this.#state.datasets.map(({ contentHash, size }) => ({ contentHash, size }));
  }

  /** Unix seconds that it is at least: by the host's clock, and by what owners have said before. */
  timeBy(clock: number): number {
    return Math.max(clock, this.#state.time);
  }

  /** Remembers that it is as late as the owner says, whatever the host's clock says later. */
  learnTime(time: number): void {
    if (time > this.#state.time) this.#keep({ ...this.#state, time });
  }

  /** Whether the log goes on from a head that it had before. @throws {ProxyError} STATE_BROKEN. */
  extends(known: LogHead): boolean {
    return known.count <= this.head.count && this.#log.hashAt(this.head, known.count) === known.hash;
  }

  /** Entries of the log. @throws {ProxyError} STATE_BROKEN. */
  entries(from: number, most: number): AuditEntry[] {
    return this.#log.entries(this.head, from, most);
  }

  /**
   * Refuses an upload that there is no room for, before its bytes come.
   *
   * @throws {ProxyError} FULL, NO_DATASET.
   */
  requireRoom(size: number, contentHash: Hex, replaces: Hex | undefined): void {
    if (replaces !== undefined) this.#dataset(replaces);
    const others = this.#state.datasets.filter(
      (each) => each.contentHash !== replaces && each.contentHash !== contentHash,
    );
    const bytes = others.reduce((sum, each) => sum + each.size, size);
    if (others.length < MAX_OWNER_DATASETS && bytes <= MAX_OWNER_BYTES) return;
    const what = `With this one the owner would have ${others.length + 1} datasets of ${bytes} bytes, more than ${MAX_OWNER_DATASETS} or ${MAX_OWNER_BYTES}`;
    throw new ProxyError("FULL", what);
  }

  /**
   * Keeps a dataset, after making sure that it is the one of its content hash and opens with its key.
   *
   * @throws {DataError} For a file that is not.
   * @throws {ProxyError} FULL, NO_DATASET.
   */
  putDataset({ file, dataKey, contentHash, replaces }: KeptContent, act: Act, clock: number): void {
    decryptDataset(file, dataKey, contentHash).fill(0);
    this.requireRoom(file.length, contentHash, replaces);
    this.#store.write(this.#file(contentHash), file);
    try {
      this.#commitDataset({ file, dataKey, contentHash, replaces }, act, clock);
    } finally {
      this.#sweep();
    }
  }

  #commitDataset({ file, dataKey, contentHash, replaces }: KeptContent, act: Act, clock: number): void {
    const dataset = { contentHash, size: file.length, dataKey: toHex(dataKey) };
    const others = this.#state.datasets.filter(
      (each) => each.contentHash !== contentHash && each.contentHash !== replaces,
    );
    this.#commit({ ...this.#state, datasets: [...others, dataset] }, act, clock);
  }

  /** Removes encrypted files of which the state knows nothing: replaced ones, and those of an upload that was broken off at its end. */
  #sweep(): void {
    const known = new Set(this.#state.datasets.map(({ contentHash }) => this.#file(contentHash)));
    const isOurs = (name: string): boolean => name.startsWith(`${this.#name}-`);
    for (const name of this.#store.list()) if (isOurs(name) && !known.has(name)) this.#store.remove(name);
  }

  /**
   * A dataset in the clear. Whoever asks overwrites it after use.
   *
   * @throws {ProxyError} NO_DATASET, STATE_BROKEN.
   */
  openDataset(contentHash: Hex): Uint8Array {
    const { dataKey } = this.#dataset(contentHash);
    const file = this.#store.read(this.#file(contentHash));
    try {
      if (file !== undefined) return decryptDataset(file, bytesOfDigits(dataKey), contentHash);
    } catch (cause) {
      throw new ProxyError("STATE_BROKEN", `The host has changed the dataset ${contentHash}`, { cause });
    }
    throw new ProxyError("STATE_BROKEN", `The host has lost the dataset ${contentHash}`);
  }

  /** The key of a dataset. Whoever asks overwrites it after use. @throws {ProxyError} NO_DATASET. */
  dataKey(contentHash: Hex): Uint8Array {
    return bytesOfDigits(this.#dataset(contentHash).dataKey);
  }

  /** What was used of a capability. */
  used(capability: string): Used {
    return this.#state.capabilities[capability] ?? UNUSED;
  }

  /** Keeps what was used of a capability. @throws {ProxyError} FULL. */
  setUsed(capability: string, used: Used, act: Act, clock: number): void {
    const { capabilities } = this.#state;
    const isNew = capabilities[capability] === undefined && !used.isRevoked;
    if (isNew && Object.keys(capabilities).length >= MAX_CAPABILITIES) {
      const what = `${MAX_CAPABILITIES} capabilities of the owner were used or revoked, and the proxy remembers no more`;
      throw new ProxyError("FULL", what);
    }
    this.#commit({ ...this.#state, capabilities: { ...capabilities, [capability]: used } }, act, clock);
  }

  /** Writes an act into the log that changes nothing else. */
  note(act: Act, clock: number): void {
    this.#commit(this.#state, act, clock);
  }

  /** Keeps a state and the entry that says how it came about, both or none of them. */
  #commit(state: State, act: Act, clock: number): void {
    const time = this.timeBy(clock);
    this.#keep({ ...state, time, log: this.#log.append(this.head, { time, ...act }) });
  }

  #keep(state: State): void {
    const text = utf8(toJson(state, 0));
    const plain = new Uint8Array(Math.ceil(text.length / STATE_UNIT) * STATE_UNIT).fill(0x20);
    plain.set(text);
    this.#store.write(this.#stateFile, this.#sealer.seal(this.#stateFile, plain));
    plain.fill(0);
    this.#state = state;
  }

  #read(): State {
    const sealed = this.#store.read(this.#stateFile);
    if (sealed === undefined) return { datasets: [], capabilities: {}, time: 0, log: EMPTY_LOG };
    const plain = this.#sealer.open(this.#stateFile, sealed);
    const { data } = stateForm.safeParse(parsedJson(Buffer.from(plain).toString("utf8")));
    plain.fill(0);
    if (data === undefined) throw new ProxyError("STATE_BROKEN", "The state that the host keeps is of another version");
    return data;
  }

  #dataset(contentHash: Hex): State["datasets"][number] {
    const dataset = this.#state.datasets.find((each) => each.contentHash === contentHash);
    if (dataset !== undefined) return dataset;
    throw new ProxyError("NO_DATASET", `The proxy has no dataset ${contentHash} of this owner`);
  }

  get #stateFile(): string {
    return `${this.#name}.state`;
  }

  #file(contentHash: Hex): string {
    return `${this.#name}-${contentHash.slice(2)}.enc`;
  }
}
