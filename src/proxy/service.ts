import { computeAddress, SigningKey } from "ethers";

import { DataError } from "../data/errors.ts";
import { proxyDomain, signerOfProxySession } from "../eip712/proxy.ts";
import { EnclaveError } from "../enclave/errors.ts";
import { Turns } from "../turns.ts";
import { toHex, type Hex } from "../sgx/bytes.ts";
import { ViewError } from "../view/errors.ts";
import { ChannelOffers, type EnclaveChannel } from "./channel/enclave.ts";
import type { Content } from "./channel/frames.ts";
import {
  encodeEnclaveMessage,
  parseClientMessage,
  type ClientMessage,
  type EnclaveMessage,
} from "./channel/messages.ts";
import { ProxyError } from "./errors.ts";
import { OWN_PROGRAMS, type ProxyProgram } from "./program.ts";
import type { ProxyChain } from "./proxyChain.ts";
import { questionForm, type Answers, type Question } from "./protocol.ts";
import { Session, type SessionTools } from "./session.ts";
import type { HostStore } from "./vault/hostStore.ts";
import { OwnerVault } from "./vault/ownerVault.ts";
import { Sealer } from "./vault/sealer.ts";

/** What a proxy is made of. */
export interface ProxyOptions {
  /** The enclave's private key. */
  readonly key: Uint8Array;
  /** Where the host keeps what is sealed. */
  readonly store: HostStore;
  /** The accounts whose data the proxy keeps. Whom they give capabilities needs no place here. */
  readonly owners: readonly string[];
  /** What it runs; the enclave's own programs unless given. */
  readonly programs?: readonly ProxyProgram[];
  /** The chain that it believes; without one it serves no capability that the chain can revoke. */
  readonly chain?: ProxyChain | undefined;
  /** The host's clock, in Unix milliseconds. */
  readonly now?: () => number;
}

/** The most sessions of one owner that are open at once: its own that was silent longest ends for one more, and never another owner's. */
const MAX_OWN_SESSIONS = 8;

/** The most sessions of all others together: the one that was silent longest ends for one more. */
const MAX_OTHER_SESSIONS = 32;

/** The most owners whose datasets come at once, one of each: it is held in memory until it is whole. */
const MAX_UPLOADS = 4;

interface Opened {
  readonly account: string;
  readonly channel: EnclaveChannel;
  readonly session: Session;
}

/** What is disclosed of an error: what the typed ones say, and nothing of any other. */
function disclosed(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error;
  if (error instanceof DataError || error instanceof EnclaveError || error instanceof ViewError) {
    return new ProxyError(error.code, error.problem, { remedy: error.remedy });
  }
  return new ProxyError("INTERNAL", "The proxy failed at this", { remedy: "Ask whoever runs the node." });
}

const errorContent = ({ code, problem, remedy }: ProxyError): Content => ({
  head: { error: { code, problem, remedy } },
  body: new Uint8Array(),
});

/**
 * Serves owners, and whom they let, by messages that a host carries. What is asked is done one after the other. It has no clock of its own, and may
 * know no chain: it is told the place by what both sides sign, and the time by the host, by owners and by the blocks that it believes.
 */
export class ProxyService {
  readonly #offers: ChannelOffers;
  readonly #enclaveKey: string;
  readonly #options: ProxyOptions;
  readonly #sealer: Sealer;
  readonly #programs: readonly ProxyProgram[];
  readonly #turns = new Turns();
  /** Read once: a host that puts back an older state has to end the program. */
  readonly #vaults = new Map<string, OwnerVault>();
  /** In the order in which they were last heard of. */
  readonly #sessions = { owners: new Map<string, Opened>(), others: new Map<string, Opened>() };

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#offers = new ChannelOffers(options.key);
    this.#enclaveKey = computeAddress(new SigningKey(options.key));
    this.#sealer = new Sealer(options.key);
    this.#programs = options.programs ?? OWN_PROGRAMS;
  }

  /** Answers a message. Never fails: a refusal is an answer. */
  async answer(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#turns.take(async () => {
      try {
        return encodeEnclaveMessage(await this.#take(parseClientMessage(bytes)));
      } catch (error) {
        const { code, problem } = disclosed(error);
        return encodeEnclaveMessage({ kind: "refusal", refusal: { code, problem } });
      }
    });
  }

  async #take(message: ClientMessage): Promise<EnclaveMessage> {
    switch (message.kind) {
      case "hello":
        return { kind: "offer", offer: await this.#offers.offer(message.hello) };
      case "begin":
        return { kind: "sealed", frame: await this.#begin(message) };
      case "next":
        return { kind: "sealed", frame: await this.#next(message) };
    }
  }

  /** Opens a session by its first message; who is refused there is told so within the channel, and has none. */
  async #begin({ session: name, encapsulated, frame }: Extract<ClientMessage, { kind: "begin" }>): Promise<Uint8Array> {
    const channel = await this.#offers.begin(name, encapsulated);
    const content = channel.open(frame);
    try {
      const { head, account, session, isOwner } = this.#opened(channel, questionOf(content));
      this.#keep(toHex(name), { account, channel, session }, isOwner);
      return channel.seal({ head, body: new Uint8Array() });
    } catch (error) {
      return channel.seal(errorContent(disclosed(error)));
    }
  }

  #opened(
    { place, transcript }: EnclaveChannel,
    question: Question,
  ): Omit<Opened, "channel"> & { readonly head: Answers["open"]; readonly isOwner: boolean } {
    if (question.ask !== "open") throw new ProxyError("MESSAGE_FORM", "A session begins with its signature");
    const { account, signature, time, known } = question;
    const domain = proxyDomain(place.chainId, place.registry);
    const signed = { account, nodeId: place.nodeId, enclaveKey: this.#enclaveKey, transcript };
    if (signerOfProxySession(domain, signed, signature) !== account) {
      throw new ProxyError("NOT_SIGNED", `The session does not have the signature of ${account}`);
    }
    const isOwner = this.#options.owners.includes(account);
    const session = new Session(this.#tools, { place, enclaveKey: this.#enclaveKey, holder: account }, isOwner);
    if (!isOwner) return { account, session, isOwner, head: { isOwner, head: null, goesOn: true } };
    const vault = this.#vault(account);
    const goesOn = known === null || vault.extends(known);
    vault.learnTime(time);
    return { account, session, isOwner, head: { isOwner, head: vault.head, goesOn } };
  }

  async #next({ session: bytes, frame }: Extract<ClientMessage, { kind: "next" }>): Promise<Uint8Array> {
    const name = toHex(bytes);
    const pool = [this.#sessions.owners, this.#sessions.others].find((each) => each.has(name));
    const opened = pool?.get(name);
    if (pool === undefined || opened === undefined) {
      throw new ProxyError("UNKNOWN_SESSION", `There is no session ${name}, or it has ended`);
    }
    const { account, channel, session } = opened;
    // It comes last in its pool again, unless its message is none of it: then it has ended.
    pool.delete(name);
    let content: Content;
    try {
      content = channel.open(frame);
    } catch (error) {
      session.close();
      throw error;
    }
    pool.set(name, opened);
    return channel.seal(await this.#answered(account, session, content), leastOf(content));
  }

  async #answered(account: string, session: Session, content: Content): Promise<Content> {
    try {
      const question = questionOf(content);
      if (question.ask === "open") throw new ProxyError("MESSAGE_FORM", "The session is open already");
      return await session.answer(question, content.body, question.ask === "upload" && this.#mayUpload(account));
    } catch (error) {
      return errorContent(disclosed(error));
    }
  }

  /** Whether there is memory for a dataset of an owner's: another one of its own that was coming ends. */
  #mayUpload(account: string): boolean {
    const uploading = [...this.#sessions.owners.values()].filter(({ session }) => session.isUploading);
    for (const own of uploading) if (own.account === account) own.session.close();
    return uploading.filter((each) => each.account !== account).length < MAX_UPLOADS;
  }

  #keep(name: string, opened: Opened, isOwner: boolean): void {
    const pool = isOwner ? this.#sessions.owners : this.#sessions.others;
    const rivals = [...pool].filter(([, { account }]) => !isOwner || account === opened.account);
    const [oldest] = rivals;
    if (oldest !== undefined && rivals.length >= (isOwner ? MAX_OWN_SESSIONS : MAX_OTHER_SESSIONS)) {
      oldest[1].session.close();
      pool.delete(oldest[0]);
    }
    pool.set(name, opened);
  }

  #vault(owner: string): OwnerVault {
    if (!this.#options.owners.includes(owner)) {
      throw new ProxyError("NOT_SERVED", `The proxy keeps no data of ${owner}`);
    }
    const vault = this.#vaults.get(owner) ?? new OwnerVault(this.#options.store, this.#sealer, owner);
    this.#vaults.set(owner, vault);
    return vault;
  }

  get #tools(): SessionTools {
    const { now = Date.now, chain, key } = this.#options;
    return {
      vaultOf: (owner) => this.#vault(owner),
      program: (hash) => this.#program(hash),
      programs: this.#programs,
      key: { scheme: "Secp256k1", key },
      chain,
      clock: () => Math.floor(now() / 1_000),
    };
  }

  #program(hash: Hex): ProxyProgram {
    const program = this.#programs.find((each) => each.hash === hash);
    if (program !== undefined) return program;
    throw new ProxyError("NO_PROGRAM", `The proxy runs no program ${hash}`);
  }
}

/**
 * What answers are filled up to, results and failures alike, so that a host does not see which it was; each is the size of a usual result.
 */
const LEAST_ANSWERS: Partial<Record<string, number>> = { query: 2 ** 14, use: 2 ** 14, lend: 2 ** 16 };

function leastOf({ head }: Content): number | undefined {
  const { success, data } = questionForm.safeParse(head);
  return success ? LEAST_ANSWERS[data.ask] : undefined;
}

function questionOf({ head }: Content): Question {
  const { success, data, error } = questionForm.safeParse(head);
  if (success) return data;
  throw new ProxyError("MESSAGE_FORM", `The question is wrong at "${error.issues[0]?.path.join(".") ?? ""}"`);
}
