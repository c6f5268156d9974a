import { MAX_FILE_SIZE } from "../data/cipher.ts";
import { DataError } from "../data/errors.ts";
import type { Hex } from "../sgx/bytes.ts";
import { hashOf, requireGenuine, type Presented } from "./capability.ts";
import type { Content } from "./channel/frames.ts";
import { ProxyError } from "./errors.ts";
import { attempt, toldOf, type ProxyProgram } from "./program.ts";
import { answered, LOG_PAGE, type Ask, type Of } from "./protocol.ts";
import { Upload } from "./upload.ts";
import { CapabilityUses, type UseTools } from "./uses.ts";
import type { OwnerVault } from "./vault/ownerVault.ts";

/** What sessions are served with. */
export interface SessionTools extends UseTools {
  readonly programs: readonly ProxyProgram[];
}

/** What an owner alone may ask. */
type OwnersAsk = Exclude<Ask, { ask: "list" | "chain" | "believe" | "use" | "lend" }>;

/** What one account asks, once its signature was seen. */
export class Session {
  readonly #tools: SessionTools;
  readonly #presented: Presented;
  readonly #uses: CapabilityUses;
  /** Whether the proxy keeps data of the account. */
  readonly #isOwner: boolean;
  #upload: Upload | undefined;

  constructor(tools: SessionTools, presented: Presented, isOwner: boolean) {
    this.#tools = tools;
    this.#presented = presented;
    this.#uses = new CapabilityUses(tools, presented);
    this.#isOwner = isOwner;
  }

  /** Whether chunks are awaited, which are held in memory. */
  get isUploading(): boolean {
    return this.#upload !== undefined;
  }

  /**
   * Answers a question.
   *
   * @param mayUpload Whether there is memory for one more upload.
   * @throws {ProxyError | DataError | ViewError} As their codes say.
   */
  async answer(question: Ask, body: Uint8Array, mayUpload: boolean): Promise<Content> {
    switch (question.ask) {
      case "list":
        return this.#list();
      case "chain":
        return this.#chain();
      case "believe":
        return this.#believe(question);
      case "use":
        return this.#uses.use(question);
      case "lend":
        return this.#uses.lend(question, body);
      default:
        return this.#answerOwner(question, body, mayUpload);
    }
  }

  async #answerOwner(question: OwnersAsk, body: Uint8Array, mayUpload: boolean): Promise<Content> {
    switch (question.ask) {
      case "upload":
        return this.#begin(question, body, mayUpload);
      case "chunk":
        this.#requireUpload().take(question.offset, body);
        return answered("chunk", {});
      case "finish":
        return this.#finish();
      case "query":
        return this.#query(question);
      case "log":
        return this.#log(question);
      case "revoke":
        return this.#revoke(question);
    }
  }

  /** Forgets what is under way. */
  close(): void {
    this.#upload?.wipe();
    this.#upload = undefined;
  }

  #own(): OwnerVault {
    if (this.#isOwner) return this.#tools.vaultOf(this.#presented.holder);
    throw new ProxyError("NOT_SERVED", `The proxy keeps no data of ${this.#presented.holder}`);
  }

  #list(): Content {
    const programs = this.#tools.programs.map(({ hash, name }) => ({ hash, name }));
    return answered("list", { datasets: this.#isOwner ? this.#own().datasets : [], programs });
  }

  #chain(): Content {
    const { chain } = this.#tools;
    return answered("chain", { trust: chain?.trust ?? null, belief: chain?.belief ?? null });
  }

  async #believe({ views }: Of<"believe">): Promise<Content> {
    const { chain } = this.#tools;
    if (chain === undefined) throw new ProxyError("NO_CHAIN_VIEW", "This program believes no chain");
    await chain.believe(views);
    return answered("believe", {});
  }

  #begin({ contentHash, size, replaces }: Of<"upload">, body: Uint8Array, mayUpload: boolean): Content {
    this.close();
    const own = this.#own();
    if (size > MAX_FILE_SIZE) throw new ProxyError("FULL", `An encrypted dataset has at most ${MAX_FILE_SIZE} bytes`);
    own.requireRoom(size, contentHash, replaces ?? undefined);
    if (!mayUpload) throw new ProxyError("BUSY", "As many datasets come as the proxy takes at once");
    this.#upload = new Upload(contentHash, size, replaces ?? undefined, body);
    return answered("upload", {});
  }

  #requireUpload(): Upload {
    if (this.#upload !== undefined) return this.#upload;
    throw new ProxyError("UPLOAD_ORDER", "No upload was begun in this session");
  }

  #finish(): Content {
    const upload = this.#requireUpload();
    const { contentHash, replaces, dataKey } = upload;
    const own = this.#own();
    try {
      const content = { file: upload.finish(), dataKey, contentHash, replaces };
      const act =
        replaces === undefined ? ({ act: "upload" } as const) : ({ act: "replace", replaced: replaces } as const);
      own.putDataset(content, { ...act, account: this.#presented.holder, contentHash }, this.#tools.clock());
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new ProxyError("UPLOAD_REFUSED", error.problem, { cause: error });
    } finally {
      this.close();
    }
    return answered("finish", { head: own.head });
  }

  async #query({ contentHash, program: hash, parameters }: Of<"query">): Promise<Content> {
    const own = this.#own();
    const program = this.#tools.program(hash);
    const checked = program.parametersOf(parameters);
    const outcome = await attempt(program, own.openDataset(contentHash), checked);
    const act = { act: "query", account: this.#presented.holder, contentHash, program: hash } as const;
    own.note({ ...act, ...toldOf(outcome) }, this.#tools.clock());
    if ("failure" in outcome) throw outcome.failure;
    return answered("query", { head: own.head }, outcome.result);
  }

  #log({ from }: Of<"log">): Content {
    const own = this.#own();
    return answered("log", { entries: own.entries(from, LOG_PAGE), head: own.head });
  }

  #revoke({ capability }: Of<"revoke">): Content {
    const own = this.#own();
    const { holder: account } = this.#presented;
    requireGenuine(capability, this.#presented);
    if (capability.owner !== account) {
      throw new ProxyError("CAPABILITY_REFUSED", `The capability is one of ${capability.owner}, not of ${account}`);
    }
    const hash = hashOf(capability);
    const act = { act: "revoke", account, contentHash: capability.contentHash, capability: hash as Hex } as const;
    const used = own.used(hash);
    if (!used.isRevoked) own.setUsed(hash, { ...used, isRevoked: true }, act, this.#tools.clock());
    return answered("revoke", { head: own.head });
  }
}
