import { expect } from "chai";
import fc from "fast-check";

import {
  decideProofs,
  keyOf,
  lateNodes,
  timesOf,
  type ProofPolicy,
  type ProofStep,
} from "../../../src/provider/proofs/decide.ts";
import type { KnownAnswer } from "../../../src/provider/proofs/answers.ts";
import { termsName, type NodeTerms, type Round } from "../../../src/provider/proofs/round.ts";

const CONSTANTS = { blockMilliseconds: 2_000n };
const TERMS = termsName({ prefix: "0x", target: 1n });
const POLICY: ProofPolicy = { proveIdle: false, search: "window" };

const node = (nodeId: bigint, terms: Partial<NodeTerms> = {}): NodeTerms => ({
  ...{
    nodeId,
    isLive: true,
    unitsInUse: 1n,
    isProven: false,
    enclaveKey: "0x",
    requiredRate: 1n,
    prefix: "0x",
    target: 1n,
    sayers: 1,
    ...terms,
  },
});
const answer = (nodeId: bigint, known: Partial<KnownAnswer> = {}): KnownAnswer => ({
  ...{
    nodeId,
    terms: TERMS,
    nonces: new Uint8Array(8),
    signature: "0x",
    sentAs: undefined,
    attempts: 0,
    failure: undefined,
  },
  ...known,
});
const round = (nodes: readonly NodeTerms[]): Round => ({
  ...{ epoch: 7n, seed: `0x${"ab".repeat(32)}`, searchUntil: 1_108n, answerBy: 1_120n, nodes },
});

function decide(
  nodes: readonly NodeTerms[],
  known: readonly KnownAnswer[],
  seconds: number,
  policy = POLICY,
): ProofStep[] {
  const here = round(nodes);
  return decideProofs(here, { known, now: seconds * 1000 }, policy, timesOf(here, CONSTANTS, policy));
}
const kinds = (steps: readonly ProofStep[]): string[] => steps.map(({ kind }) => kind);

describe("the provider service's decisions about proofs", () => {
  it("gives an answer what rates are not counted over, and three blocks at the least", () => {
    expect(timesOf(round([]), CONSTANTS, {}).gatherUntil).to.equal(1_108n);
    expect(timesOf(round([]), { blockMilliseconds: 12_000n }, {}).gatherUntil).to.equal(1_120n - 41n);
    expect(timesOf(round([]), CONSTANTS, { margin: 30 }).gatherUntil).to.equal(1_090n);
  });

  it("searches, then has it signed, then sends", () => {
    expect(kinds(decide([node(1n)], [], 1_000))).to.deep.equal(["search"]);
    expect(kinds(decide([node(1n)], [answer(1n, { signature: undefined })], 1_000))).to.deep.equal(["sign"]);
    expect(kinds(decide([node(1n)], [answer(1n)], 1_000))).to.deep.equal(["submit"]);
  });

  for (const [why, terms] of [
    ["is proven", { isProven: true }],
    ["is not live", { isLive: false }],
    ["no order uses", { unitsInUse: 0n }],
  ] as const) {
    it(`does nothing for a node that ${why}`, () => {
      expect(decide([node(1n, terms)], [], 1_000)).to.deep.equal([]);
      expect(decide([node(1n, terms)], [answer(1n)], 1_000)).to.deep.equal([]);
    });
  }

  it("lets an answer wait for a slow node, but not beyond the time that it needs itself", () => {
    const nodes = [node(1n), node(2n)];
    expect(kinds(decide(nodes, [answer(1n)], 1_000))).to.deep.equal(["search"]);
    expect(kinds(decide(nodes, [answer(1n)], 1_108))).to.deep.equal(["search", "submit"]);
    expect(kinds(decide(nodes, [answer(1n), answer(2n)], 1_000))).to.deep.equal(["submit"]);
  });

  it("sends one answer of a node in a transaction, and lets it wait for no other terms that are said of the node", () => {
    const other = { target: 2n };
    const nodes = [node(1n), node(1n, other)];
    expect(kinds(decide(nodes, [answer(1n)], 1_000))).to.deep.equal(["search", "submit"]);
    const both = [answer(1n), answer(1n, { terms: termsName({ prefix: "0x", ...other }) })];
    const sent = decide(nodes, both, 1_000).map((step) => (step.kind === "submit" ? step.answers : []));
    expect(sent).to.deep.equal([[answer(1n)]]);
    const begun = [{ ...both[0]!, sentAs: "begun" }, both[1]!];
    expect(kinds(decide(nodes, begun, 1_000)), "the other goes by itself").to.deep.equal(["submit", "submit"]);
  });

  it("sends no more answers in one transaction than nodes of the network pass on", () => {
    const ids = Array.from({ length: 130 }, (_, i) => BigInt(i + 1));
    const steps = decide(
      ids.map((id) => node(id)),
      ids.map((id) => answer(id)),
      1_000,
    );
    const sent = steps.map((step) => (step.kind === "submit" ? step.answers.map(({ nodeId }) => nodeId) : []));
    expect(sent.map(({ length }) => length)).to.deep.equal([64, 64, 2]);
    expect(sent.flat()).to.deep.equal(ids);
  });

  it("goes on under the same key with what was begun", () => {
    const [step] = decide([node(1n), node(2n)], [answer(1n, { sentAs: "prove 7 x 1,3" })], 1_000).filter(
      ({ kind }) => kind === "submit",
    );
    expect(step).to.include({ key: "prove 7 x 1,3", again: true });
  });

  it("begins no search that comes into no block, and none again that has failed", () => {
    expect(decide([node(1n)], [], 1_118)).to.deep.equal([]);
    expect(decide([node(1n)], [answer(1n, { nonces: undefined, failure: "too slow" })], 1_000)).to.deep.equal([]);
  });

  it("gives up an answer that came back five times", () => {
    expect(kinds(decide([node(1n)], [answer(1n, { attempts: 4 })], 1_000))).to.deep.equal(["submit"]);
    expect(decide([node(1n)], [answer(1n, { attempts: 5 })], 1_000)).to.deep.equal([]);
  });

  it("never has two steps for a node, never one for a node that need not prove, and never holds a ready answer too long", () => {
    const known = fc.option(
      fc.record({
        nonces: fc.option(fc.constant(new Uint8Array(8)), { nil: undefined }),
        signature: fc.option(fc.constant("0x"), { nil: undefined }),
        sentAs: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
        attempts: fc.nat(4),
        failure: fc.option(fc.constant("no"), { nil: undefined }),
      }),
    );
    const one = fc.record({ isLive: fc.boolean(), isProven: fc.boolean(), unitsInUse: fc.bigInt(0n, 2n), known });
    fc.assert(
      fc.property(
        fc.array(one, { maxLength: 80 }),
        fc.integer({ min: 1_000, max: 1_119 }),
        fc.boolean(),
        (all, now, idle) => {
          const nodes = all.map((each, i) => node(BigInt(i + 1), each));
          const answers = all.flatMap((each, i) => (each.known === null ? [] : [answer(BigInt(i + 1), each.known)]));
          const steps = decide(nodes, answers, now, { ...POLICY, proveIdle: idle });
          const touched = steps.flatMap((step) =>
            step.kind === "submit" ? step.answers.map(({ nodeId }) => nodeId) : [step.node.nodeId],
          );
          expect(new Set(touched).size).to.equal(touched.length);
          for (const id of touched) {
            const { isLive, isProven, unitsInUse } = nodes[Number(id) - 1] ?? node(0n);
            expect(isLive && !isProven && (idle || unitsInUse > 0n)).to.equal(true);
          }
          const isReady = ({ nonces, signature, failure }: KnownAnswer): boolean =>
            nonces !== undefined && signature !== undefined && failure === undefined;
          const due = nodes.filter(({ isLive, isProven, unitsInUse, nodeId }) => {
            const mine = answers.find((each) => each.nodeId === nodeId);
            return isLive && !isProven && (idle || unitsInUse > 0n) && mine !== undefined && isReady(mine);
          });
          if (now >= 1_108) for (const { nodeId } of due) expect(touched).to.include(nodeId);
        },
      ),
    );
  });

  it("calls an answer late that was sent and has used two thirds of its time, and no other", () => {
    const here = round([node(1n), node(2n), node(3n, { isProven: true })]);
    const known = [answer(1n, { sentAs: "a" }), answer(2n), answer(3n, { sentAs: "a" })];
    const late = (seconds: number): bigint[] =>
      lateNodes(here, { known, now: seconds * 1000 }, POLICY, timesOf(here, CONSTANTS, POLICY));
    expect(late(1_115)).to.deep.equal([]);
    expect(late(1_116)).to.deep.equal([1n]);
  });

  it("names what is sent by epoch, seed, nodes, attempts and terms", () => {
    const seed = `0x${"ab".repeat(32)}`;
    const key = keyOf(7n, seed, [
      { nodeId: 1n, attempts: 0, terms: "a" },
      { nodeId: 2n, attempts: 3, terms: "b" },
    ]);
    expect(key).to.match(/^prove 7 ababababab 1,2\.3 [0-9a-f]{10}$/);
    const one = { nodeId: 1n, attempts: 0, terms: "a" };
    const others = [keyOf(7n, `0x${"cd".repeat(32)}`, [one]), keyOf(7n, seed, [{ ...one, terms: "b" }])];
    expect(new Set([...others, keyOf(7n, seed, [one])])).to.have.length(3);
  });
});
