import { expect } from "chai";
import { concat, encodeRlp, id, keccak256, toBeHex, type RlpStructuredData } from "ethers";

import { faultOf, openViewStage, type ViewStage } from "../../fixtures/view/viewStage.ts";
import type { Hex } from "../../../src/sgx/bytes.ts";
import { collectViews, type ViewSource } from "../../../src/view/collect.ts";
import type { ContractProof, Trust } from "../../../src/view/forms.ts";
import { readHeader } from "../../../src/view/header.ts";
import { ProvenStorage } from "../../../src/view/proof.ts";
import { firstBelief, SignedViews } from "../../../src/view/signedViews.ts";

/** Sets that are remembered at most. */
const MOST_PASSED = 1_024;
const CONTRACT = `0x${"c0".repeat(20)}`;
const NO_CODE = keccak256("0x");

/** The one node of a trie in which one key has a value. */
const soleLeaf = (key: string, value: string): Hex => encodeRlp([concat(["0x20", keccak256(key)]), value]) as Hex;

/** A state in which one contract has an account of some fields, and its storage one slot. */
function stateOf(account: (root: string) => RlpStructuredData, slotValue: string): { root: Hex; proof: ContractProof } {
  const storage = soleLeaf(toBeHex(0, 32), slotValue);
  const leaf = soleLeaf(CONTRACT, encodeRlp(account(keccak256(storage))));
  return { root: keccak256(leaf) as Hex, proof: { account: [leaf], storage: [storage] } };
}

const contractWith = (root: string): RlpStructuredData => ["0x01", "0x", root, id("code")];

describe("what a program takes of a chain, at most", () => {
  it("reads an account and a word of a slot, and nothing that has another form", async () => {
    const read = async (account: (root: string) => RlpStructuredData, value: string): Promise<bigint> => {
      const { root, proof } = stateOf(account, value);
      return (await ProvenStorage.open(root, CONTRACT, proof)).word(0n);
    };
    expect(await read(contractWith, encodeRlp("0x2a"))).to.equal(42n);
    expect(await read(contractWith, encodeRlp(`0x${"ff".repeat(32)}`))).to.equal(2n ** 256n - 1n);
    for (const value of [encodeRlp(`0x${"ff".repeat(33)}`), encodeRlp("0x"), encodeRlp(["0x2a"]), "0xb8"]) {
      expect(await faultOf(read(contractWith, value)), value).to.equal("PROOF_INVALID");
    }
    for (const account of [
      (root: string): RlpStructuredData => ["0x01", "0x", root],
      (root: string): RlpStructuredData => ["0x01", "0x", root, id("code"), "0x01"],
      (root: string): RlpStructuredData => ["0x01", "0x", root, "0x12"],
      (): RlpStructuredData => ["0x01", "0x", "0x12", id("code")],
      (): RlpStructuredData => "0x01",
    ]) {
      expect(await faultOf(read(account, encodeRlp("0x2a")))).to.equal("PROOF_INVALID");
    }
    const coins = (root: string): RlpStructuredData => ["0x01", "0x01", root, NO_CODE];
    expect(await faultOf(read(coins, encodeRlp("0x2a")))).to.equal("NO_CONTRACT");
  });

  it("reads headers of as many fields as there are, and numbers as RLP has them", async () => {
    const headerOf = (count: number, change: Record<number, string> = {}): [string, Hex] => {
      const fields = Array.from({ length: count }, (_, place) => {
        if (place === 3) return id("state");
        return place === 8 ? toBeHex(77) : toBeHex(5);
      });
      for (const [place, value] of Object.entries(change)) fields[Number(place)] = value;
      const header = encodeRlp(fields);
      return [header, keccak256(header) as Hex];
    };
    const faultIn = async ([header, blockHash]: [string, Hex], number = 77n): Promise<string> =>
      faultOf(Promise.resolve().then(() => readHeader(header, { number, blockHash })));
    const [header, blockHash] = headerOf(21);
    expect(readHeader(header, { number: 77n, blockHash })).to.deep.include({ number: 77n, time: 5n });
    for (const count of [12, 14, 33])
      expect(await faultIn(headerOf(count)), String(count)).to.equal("HEADER_MALFORMED");
    for (const change of [{ 3: "0x12" }, { 8: "0x004d" }, { 8: `0x${"01".repeat(9)}` }, { 11: "0x0005" }]) {
      expect(await faultIn(headerOf(21, change))).to.equal("HEADER_MALFORMED");
    }
    expect(await faultIn(headerOf(21), 78n)).to.equal("HEADER_MISMATCH");
  });

  describe("of signed blocks", () => {
    let stage: ViewStage;
    let trust: Trust;
    before(async () => {
      stage = await openViewStage();
      trust = await stage.trust();
      await stage.platform.connection.networkHelpers.mine();
    });

    const partsWith = (...sources: ViewSource[]) => ({
      ...{ network: stage.network, trust, belief: new SignedViews(trust).belief },
      sources,
    });

    it("looks at no more views than it has to", async () => {
      const view = await stage.viewOf(await stage.signed(await stage.height()));
      const views = (count: number) => Array.from({ length: count }, () => view);
      await new SignedViews(trust).believe(views(64));
      expect(await faultOf(new SignedViews(trust).believe(views(65)))).to.equal("EVIDENCE_FORM");
    });

    it("remembers a set once while it stays, and the pinned one for good", async () => {
      const shown = await stage.viewOf(await stage.signed(await stage.height()), true);
      const same = new SignedViews(trust);
      await same.believe([shown, shown]);
      expect(same.belief.passed).to.have.lengthOf(1);

      const first = firstBelief(trust);
      const others = Array.from({ length: MOST_PASSED - 1 }, (_, i) => ({
        from: trust.height,
        validators: id(`set ${String(i)}`) as Hex,
      }));
      const full = new SignedViews(trust, { ...first, passed: [...first.passed, ...others] });
      await full.believe([shown]);
      const { passed } = full.belief;
      expect(passed).to.have.lengthOf(MOST_PASSED);
      expect(passed[0]).to.deep.equal(first.passed[0]);
      expect(passed[1]).to.deep.equal(others[1]);
      expect(passed.at(-1)).to.deep.equal({ from: shown.number, validators: first.passed[0]!.validators });
    });

    it("collects what is signed, whatever some source offers instead", async () => {
      const height = await stage.height();
      const { validators } = stage.platform;
      const honest: ViewSource = {
        newest: async () => Promise.resolve(undefined),
        sign: async (number) => stage.signed(number),
      };
      const lone = await stage.signed(height, validators.slice(0, 1));
      const madeUp = await stage.signedAs({ number: height + 5n, blockHash: id("made up") as Hex }, validators);
      for (const offered of [lone, madeUp]) {
        const liar: ViewSource = {
          newest: async () => Promise.resolve(offered),
          sign: async () => Promise.resolve(lone),
        };
        const collected = await collectViews(partsWith(liar, honest), height);
        expect(collected.map(({ number }) => number)).to.deep.equal([height]);
        await new SignedViews(trust).believe(collected);
      }
      const older: ViewSource = { ...honest, sign: async (number) => stage.signed(number - 1n) };
      expect(await faultOf(collectViews(partsWith(older), height))).to.equal("UNDER_SIGNED");
    });
  });
});
