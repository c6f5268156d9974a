import { expect } from "chai";
import fc from "fast-check";

import type { ProxyProgram } from "../../../src/proxy/program.ts";
import { ProxyError, type AnyFault } from "../../../src/proxy/errors.ts";
import type { SignedCapability } from "../../../src/proxy/protocol.ts";
import type { LogHead } from "../../../src/proxy/vault/auditLog.ts";
import { datasetOf, ProxyNode } from "../../fixtures/proxy/proxyNode.ts";

/** A program whose result has as many bytes as it is asked for. */
const BYTES: ProxyProgram<number> = {
  hash: `0x${"b7".repeat(32)}`,
  name: "bytes",
  parametersOf: (value) => Number(value),
  run: (_dataset, count) => new Uint8Array(count).fill(7),
};

const [USES, BUDGET] = [3, 100] as const;
const programs = [BYTES];
const dataset = datasetOf(80);

/** What a capability has come to, as the model knows it. */
interface Standing {
  readonly uses: number;
  readonly bytes: number;
  readonly isRevoked: boolean;
}

/** What a state of the proxy is to the model. */
interface Model {
  readonly standing: Standing;
  readonly entries: number;
  /** Tells apart logs that have parted. */
  readonly branch: readonly number[];
}

type Step =
  | { readonly kind: "use"; readonly bytes: number }
  | { readonly kind: "revoke" | "restart" | "visit" | "keep" | "putBack" };

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("use" as const), bytes: fc.integer({ min: 0, max: 60 }) }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom("revoke", "restart", "visit", "keep", "putBack") }),
    },
  ),
  { minLength: 4, maxLength: 14 },
) as fc.Arbitrary<Step[]>;

/** A proxy and a host that puts back older states, beside a model of both. */
class Walk {
  readonly #node: ProxyNode;
  readonly #capability: SignedCapability;
  #model: Model;
  #kept: { readonly files: Map<string, Uint8Array>; readonly model: Model };
  #known: { readonly head: LogHead; readonly model: Model };
  #acts = 1;

  private constructor(node: ProxyNode, capability: SignedCapability, head: LogHead) {
    this.#node = node;
    this.#capability = capability;
    this.#model = { standing: { uses: 0, bytes: 0, isRevoked: false }, entries: 1, branch: [0] };
    this.#kept = { files: node.store.copy(), model: this.#model };
    this.#known = { head, model: this.#model };
  }

  static async begin(): Promise<Walk> {
    const node = new ProxyNode({ programs });
    const { head } = await node.keep(dataset);
    const terms = { program: BYTES.hash, uses: BigInt(USES), budget: BigInt(BUDGET) };
    return new Walk(node, await node.capability(dataset.contentHash, terms), head);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "use":
        return this.#use(step.bytes);
      case "revoke":
        return this.#revoke();
      case "visit":
        return this.#visit();
      case "restart":
        this.#node.start({ programs });
        return;
      case "keep":
        this.#kept = { files: this.#node.store.copy(), model: this.#model };
        return;
      case "putBack":
        this.#node.store.files = new Map(this.#kept.files);
        this.#node.start({ programs });
        this.#model = this.#kept.model;
    }
  }

  #act(standing: Standing): void {
    const { entries, branch } = this.#model;
    this.#model = { standing, entries: entries + 1, branch: [...branch, this.#acts++] };
  }

  async #use(bytes: number): Promise<void> {
    const { standing } = this.#model;
    const friend = await this.#node.open(this.#node.friend);
    const outcome = await friend.use(this.#capability, bytes).catch((error: unknown) => error as ProxyError);
    const due = dueFor(standing, bytes);
    expect(outcome instanceof ProxyError ? outcome.code : "given").to.equal(due.outcome);
    if (due.counts) this.#act({ ...standing, uses: standing.uses + 1, bytes: standing.bytes + due.given });
  }

  async #revoke(): Promise<void> {
    const { standing } = this.#model;
    const owner = await this.#node.open(this.#node.owner);
    await owner.revoke(this.#capability);
    if (!standing.isRevoked) this.#act({ ...standing, isRevoked: true });
  }

  /** The owner comes back with the newest head that it has seen. */
  async #visit(): Promise<void> {
    const { branch } = this.#known.model;
    const goesOn = branch.every((act, i) => this.#model.branch[i] === act);
    const opened = await this.#node
      .open(this.#node.owner, { known: this.#known.head })
      .catch((error: unknown) => error as ProxyError);
    expect(opened instanceof ProxyError ? opened.code : "open").to.equal(goesOn ? "open" : "ROLLED_BACK");
    if (opened instanceof ProxyError) return;
    expect(opened.head.count).to.equal(this.#model.entries);
    this.#known = { head: opened.head, model: this.#model };
  }
}

/** What a use comes to: counted also where its result has more bytes than are left. */
function dueFor(
  { uses, bytes, isRevoked }: Standing,
  asked: number,
): { readonly outcome: AnyFault | "given"; readonly counts: boolean; readonly given: number } {
  if (isRevoked) return { outcome: "CAPABILITY_REVOKED", counts: false, given: 0 };
  if (uses >= USES || bytes >= BUDGET) return { outcome: "CAPABILITY_USED_UP", counts: false, given: 0 };
  if (bytes + asked > BUDGET) return { outcome: "CAPABILITY_USED_UP", counts: true, given: 0 };
  return { outcome: "given", counts: true, given: asked };
}

describe("a proxy, in any order of uses, revocations, restarts and states put back", function () {
  this.timeout(300_000);

  it("gives what a model of it gives, and its owner sees each state put back that undoes what it has seen", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const walk = await Walk.begin();
        for (const step of taken) await walk.take(step);
        await walk.take({ kind: "visit" });
      }),
      { numRuns: 40 },
    );
  });
});
