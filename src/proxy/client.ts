import type { AttestedEnclave } from "../data/attestedEnclave.ts";
import { sealedDataKeyDocument, type SealedDataKey } from "../data/documents.ts";
import type { TypedDataSigner } from "../eip712/domain.ts";
import { proxyDomain, signProxySession } from "../eip712/proxy.ts";
import { ClientChannel, type Carrier } from "./channel/client.ts";
import { MAX_BODY } from "./channel/frames.ts";
import { parsedJson } from "../json.ts";
import type { Hex } from "../sgx/bytes.ts";
import { ProxyError } from "./errors.ts";
import type { GrantEvidence } from "./grantEvidence.ts";
import { answerForms, errorForm, LOG_PAGE, type Answers, type Question, type SignedCapability } from "./protocol.ts";
import { EMPTY_LOG, type AuditEntry, type LogHead } from "./vault/auditLog.ts";

/** A session of an account with a node's proxy. */
export interface ProxySessionOptions {
  readonly carry: Carrier;
  /** The node's enclave, whose quote was verified here. */
  readonly enclave: AttestedEnclave;
  readonly account: string;
  /** Signs the session with the account's key. */
  readonly wallet: TypedDataSigner;
  /** Unix seconds by a clock of one's own, which the proxy takes from an owner. */
  readonly time: number;
  /** The newest head of the owner's log that was seen before. */
  readonly known?: LogHead | undefined;
  /** Told of each newer head, to keep. */
  readonly onHead?: (head: LogHead) => void;
}

/** A dataset to be kept, as `encryptDataset` makes it. */
export interface UploadedDataset {
  readonly file: Uint8Array;
  /** 32 secret bytes. */
  readonly dataKey: Uint8Array;
  readonly contentHash: Hex;
  /** The dataset that it takes the place of. */
  readonly replaces?: Hex | undefined;
}

/** A result, and what a capability is good for after it. */
export type DelegatedResult = Answers["use"] & { readonly result: Uint8Array };

/** A dataset's key, sealed for one task, and what a capability is good for after it. */
export type BorrowedDataset = Answers["lend"] & { readonly sealedKey: SealedDataKey };

const EMPTY: Uint8Array = new Uint8Array();

/** Talks to a node's proxy in the name of one account. */
export class ProxyClient {
  /** Whether the proxy keeps data of the account. */
  readonly isOwner: boolean;
  readonly #channel: ClientChannel;
  readonly #onHead: (head: LogHead) => void;
  #head: LogHead;

  private constructor(channel: ClientChannel, { isOwner, head }: Answers["open"], options: ProxySessionOptions) {
    this.#channel = channel;
    this.isOwner = isOwner;
    this.#head = head ?? EMPTY_LOG;
    this.#onHead = options.onHead ?? (() => undefined);
    if (head !== null) this.#onHead(head);
  }

  /**
   * Opens a session: agrees on a channel with the enclave, and signs it with the account.
   *
   * @throws {ProxyError} Those of the channel; NOT_SIGNED; ROLLED_BACK where the proxy's log is not the one that was seen before.
   */
  static async open(options: ProxySessionOptions): Promise<ProxyClient> {
    const { carry, enclave, account, wallet, time, known } = options;
    const channel = await ClientChannel.open(carry, enclave);
    const { nodeId, enclaveKey } = enclave.node;
    const signed = { account, nodeId, enclaveKey, transcript: channel.transcript };
    const signature = (await signProxySession(wallet, proxyDomain(enclave.chainId, enclave.registry), signed)) as Hex;
    const { answer } = await asked(channel, { ask: "open", account, signature, time, known: known ?? null });
    if (known !== undefined && !answer.goesOn) {
      const now = answer.head?.count ?? 0;
      const what = `The proxy's log had ${known.count} entries when it was last seen, and now it has ${now} that do not go on from there`;
      throw new ProxyError("ROLLED_BACK", what);
    }
    return new ProxyClient(channel, answer, options);
  }

  /** The newest head of the owner's log. */
  get head(): LogHead {
    return this.#head;
  }

  /** The owner's datasets, and the programs that the proxy runs. */
  async list(): Promise<Answers["list"]> {
    return (await asked(this.#channel, { ask: "list" })).answer;
  }

  /**
   * Has the proxy keep a dataset, under its key, which opens only inside the enclave.
   *
   * @param tell Told how many bytes have gone.
   * @throws {ProxyError} FULL, BUSY, NO_DATASET, UPLOAD_REFUSED, NOT_SERVED; and those of the channel.
   */
  async upload(
    { file, dataKey, contentHash, replaces }: UploadedDataset,
    tell?: (bytes: number) => void,
  ): Promise<void> {
    const begin = { ask: "upload", contentHash, size: file.length, replaces: replaces ?? null } as const;
    await asked(this.#channel, begin, dataKey);
    for (let offset = 0; offset < file.length; offset += MAX_BODY) {
      const chunk = file.subarray(offset, offset + MAX_BODY);
      await asked(this.#channel, { ask: "chunk", offset }, chunk);
      tell?.(offset + chunk.length);
    }
    this.#took((await asked(this.#channel, { ask: "finish" })).answer);
  }

  /**
   * Runs a program over one of the owner's datasets.
   *
   * @throws {ProxyError} NO_DATASET, NO_PROGRAM, PARAMETERS, and those of programs and the channel.
   */
  async query(contentHash: Hex, program: Hex, parameters: unknown): Promise<Uint8Array> {
    const { answer, body } = await asked(this.#channel, { ask: "query", contentHash, program, parameters });
    this.#took(answer);
    return body;
  }

  /**
   * Runs a capability's program over its owner's dataset.
   *
   * @param evidence What shows that the capability was not revoked on chain, where something there can revoke it.
   * @throws {ProxyError} CAPABILITY_REFUSED, CAPABILITY_REVOKED, CAPABILITY_EXPIRED, CAPABILITY_USED_UP, NOT_FREE, NO_CHAIN_VIEW, those of
   * evidence, and those of {@link ProxyClient.query}.
   */
  async use(capability: SignedCapability, parameters: unknown, evidence?: GrantEvidence): Promise<DelegatedResult> {
    const last = await this.#shown(evidence);
    const { answer, body } = await asked(this.#channel, { ask: "use", capability, parameters, evidence: last });
    return { ...answer, result: body };
  }

  /**
   * Has a capability's dataset lent to a task: its key sealed to the enclave, for the task with these inputs and no other.
   *
   * @param sealed The task's inputs, sealed to the enclave and signed by the account.
   * @throws {ProxyError} INPUTS_REFUSED, and those of {@link ProxyClient.use}.
   */
  async borrow(capability: SignedCapability, sealed: Uint8Array, evidence?: GrantEvidence): Promise<BorrowedDataset> {
    const last = await this.#shown(evidence);
    const { answer, body } = await asked(this.#channel, { ask: "lend", capability, evidence: last }, sealed);
    const { data } = sealedDataKeyDocument.safeParse(parsedJson(Buffer.from(body).toString("utf8")));
    if (data === undefined) throw new ProxyError("MESSAGE_FORM", "What was lent is no sealed data key");
    return { ...answer, sealedKey: data };
  }

  /** What the proxy believes of the chain. */
  async chain(): Promise<Answers["chain"]> {
    return (await asked(this.#channel, { ask: "chain" })).answer;
  }

  /** Shows all views but the last one, each in a message of its own: together they may be longer than a message. */
  async #shown(evidence: GrantEvidence | undefined): Promise<GrantEvidence | null> {
    for (const view of evidence?.views.slice(0, -1) ?? []) {
      await asked(this.#channel, { ask: "believe", views: [view] });
    }
    return evidence === undefined ? null : { ...evidence, views: evidence.views.slice(-1) };
  }

  /** The owner's log from an entry on, the oldest first. @throws {ProxyError} STATE_BROKEN, NOT_SERVED. */
  async log(from = 0): Promise<AuditEntry[]> {
    const entries: AuditEntry[] = [];
    for (let isMore = true; isMore;) {
      const { answer } = await asked(this.#channel, { ask: "log", from: from + entries.length });
      entries.push(...answer.entries);
      this.#took(answer);
      isMore = answer.entries.length === LOG_PAGE;
    }
    return entries;
  }

  /** Has the proxy refuse a capability of the owner's from now on. @throws {ProxyError} CAPABILITY_REFUSED, NOT_SERVED. */
  async revoke(capability: SignedCapability): Promise<void> {
    this.#took((await asked(this.#channel, { ask: "revoke", capability })).answer);
  }

  #took({ head }: { readonly head: LogHead }): void {
    this.#head = head;
    this.#onHead(head);
  }
}

/** An answer of the enclave, or its refusal thrown. */
async function asked<A extends Question["ask"]>(
  channel: ClientChannel,
  question: Extract<Question, { ask: A }> & { readonly ask: A },
  body = EMPTY,
): Promise<{ readonly answer: Answers[A]; readonly body: Uint8Array }> {
  const answer = await channel.ask({ head: question, body });
  const refused = errorForm.safeParse(answer.head);
  if (refused.success) {
    const { code, problem, remedy } = refused.data.error;
    throw new ProxyError(code, problem, { remedy });
  }
  const { success, data } = answerForms[question.ask].safeParse(answer.head);
  if (success) return { answer: data as Answers[A], body: answer.body };
  throw new ProxyError("MESSAGE_FORM", `The answer to "${question.ask}" does not have its form`);
}
