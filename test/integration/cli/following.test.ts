import { expect } from "chai";
import type { Provider, TransactionReceipt } from "ethers";

import { follow, type Followed, type Patience, type Underway } from "../../../tasks/support/sending/follow.ts";

const FROM = `0x${"a1".repeat(20)}`;
const TO = `0x${"b2".repeat(20)}`;

/** A transaction in a block, as ethers gives it. */
interface Mined {
  readonly hash: string;
  readonly from: string;
  readonly nonce: number;
  readonly to: string;
  readonly data: string;
  readonly value: bigint;
  readonly blockNumber: number;
}

/** What a network says at one look. */
interface Moment {
  /** The newest block. */
  readonly latest: number;
  readonly mined: readonly Mined[];
  /** Hashes that the pool has. */
  readonly pool?: readonly string[];
  /** Transactions of the account that the network knows. */
  readonly known?: number;
}

const OURS: Underway = { hash: "0x01", from: FROM, nonce: 7, to: TO, data: "0xda", value: 0n, since: 11 };
const mined = (blockNumber: number, changes: Partial<Mined> = {}): Mined => {
  const { from, nonce, to, data, value } = OURS;
  return { hash: "0x01", from, nonce, to, data, value, blockNumber, ...changes };
};

/** A network that says other things at each look; the last of them for ever. Each look begins with the receipt or the account's count. */
function network(...moments: readonly Moment[]): { readonly provider: Provider; readonly looks: () => number } {
  let looks = 0;
  const now = (): Moment => moments[Math.min(looks, moments.length) - 1] ?? moments[0]!;
  const receiptOf = (hash: string): TransactionReceipt | null => {
    const found = now().mined.find((tx) => tx.hash === hash);
    return found === undefined ? null : ({ ...found, status: 1 } as unknown as TransactionReceipt);
  };
  const provider = {
    getTransactionReceipt: (hash: string) => {
      if (hash === OURS.hash) looks += 1;
      return Promise.resolve(receiptOf(hash));
    },
    getTransactionCount: (_from: string, tag: string) => {
      const count = now().mined.length > 0 ? OURS.nonce + 1 : OURS.nonce;
      return Promise.resolve(tag === "pending" ? Math.max(count, now().known ?? 0) : count);
    },
    getBlockNumber: () => Promise.resolve(now().latest),
    getBlock: (number: number) =>
      Promise.resolve({ prefetchedTransactions: now().mined.filter((tx) => tx.blockNumber === number) }),
    getTransaction: (hash: string) => Promise.resolve((now().pool ?? []).includes(hash) ? {} : null),
  };
  return { provider: provider as unknown as Provider, looks: () => looks };
}

async function followed(
  moments: readonly Moment[],
  { patience = {}, underway = OURS }: { patience?: Partial<Patience>; underway?: Underway } = {},
): Promise<{ end: Followed; looks: number }> {
  const { provider, looks } = network(...moments);
  const signal = AbortSignal.timeout(300);
  const end = await follow(provider, underway, { confirmations: 1, signal, every: 5, grace: 10_000, ...patience });
  return { end, looks: looks() };
}

describe("following a transaction", () => {
  const other = mined(12, { hash: "0x02", to: FROM, data: "0x" });

  it("believes that another came in its place only once that is confirmed as often as wanted", async () => {
    const { end, looks } = await followed(
      [
        { latest: 12, mined: [other] },
        { latest: 13, mined: [other] },
        { latest: 14, mined: [other] },
      ],
      { patience: { confirmations: 3 } },
    );
    expect([end, looks]).to.deep.equal([{ kind: "replaced", hash: "0x02", cancelled: true }, 3]);
  });

  it("sees it mined after all where the block of the other was given up", async () => {
    const { end } = await followed(
      [
        { latest: 12, mined: [other] },
        { latest: 13, mined: [mined(13)] },
        { latest: 15, mined: [mined(13)] },
      ],
      { patience: { confirmations: 3 } },
    );
    expect(end).to.deep.include({ kind: "mined" });
  });

  it("looks again through blocks that were given up since it had looked at them", async () => {
    const faster = mined(12, { hash: "0x03" });
    // Block 12 was without it when it was seen, although the account's count was up already.
    const { end } = await followed([
      { latest: 12, mined: [mined(99, { hash: "0x04" })] },
      { latest: 13, mined: [faster] },
    ]);
    expect(end).to.have.nested.property("receipt.hash", "0x03");
  });

  it("takes a block for confirmed only with as many blocks as wanted, its own among them", async () => {
    const { end, looks } = await followed(
      [
        { latest: 12, mined: [mined(12)] },
        { latest: 13, mined: [mined(12)] },
      ],
      { patience: { confirmations: 2 } },
    );
    expect([end.kind, looks]).to.deep.equal(["mined", 2]);
    const { end: open } = await followed([{ latest: 12, mined: [mined(12)] }], { patience: { confirmations: 2 } });
    expect(open).to.deep.equal({ kind: "pending", block: 12 });
  });

  it("tells what differs from what does the same with other fees", async () => {
    for (const [changes, kind] of [
      [{}, "mined"],
      [{ to: FROM }, "replaced"],
      [{ data: "0xdb" }, "replaced"],
      [{ value: 1n }, "replaced"],
      [{ from: TO }, "unknown"],
      [{ nonce: 8 }, "unknown"],
    ] as const) {
      const { end } = await followed([{ latest: 12, mined: [mined(12, { hash: "0x02", ...changes })] }]);
      expect(end.kind, JSON.stringify(Object.keys(changes))).to.equal(kind);
    }
  });

  it("calls cancelled only what does nothing: no value, no data, to its sender", async () => {
    for (const [changes, cancelled] of [
      [{ to: FROM, data: "0x" }, true],
      [{ to: FROM, data: "0x", value: 1n }, false],
      [{ to: FROM, data: "0xdb" }, false],
      [{ to: TO, data: "0x" }, false],
    ] as const) {
      const { end } = await followed([{ latest: 12, mined: [mined(12, { hash: "0x02", ...changes })] }]);
      expect(end).to.deep.include({ kind: "replaced", cancelled });
    }
  });

  it("calls it dropped only when the network was without it for a while, and not since it was seen again", async () => {
    const without: Moment = { latest: 12, mined: [] };
    const { end: dropped } = await followed([without], { patience: { grace: 50 } });
    expect(dropped).to.deep.equal({ kind: "dropped" });
    const seen: Moment = { latest: 12, mined: [], pool: ["0x01"] };
    const { end: pending } = await followed([without, seen], { patience: { grace: 50 } });
    expect(pending).to.deep.equal({ kind: "pending" });
    const blinking = [without, ...Array.from({ length: 5 }, () => seen), without, seen];
    const { end: again } = await followed(blinking, { patience: { grace: 50 } });
    expect(again, "counted anew since it was seen").to.deep.equal({ kind: "pending" });
  });

  it("without a hash, knows by the account's count whether something waits, and finds it by the nonce", async () => {
    const underway = { ...OURS, hash: undefined };
    const { end: pending } = await followed([{ latest: 12, mined: [], known: 8 }], { underway });
    expect(pending).to.deep.equal({ kind: "pending" });
    const { end: none } = await followed([{ latest: 12, mined: [] }], { underway, patience: { grace: 50 } });
    expect(none).to.deep.equal({ kind: "dropped" });
    const { end: found } = await followed([{ latest: 12, mined: [mined(12, { hash: "0x09" })] }], { underway });
    expect(found).to.deep.include({ kind: "mined" });
  });
});
