import { expect } from "chai";

import { decryptDataset } from "../../../src/data/cipher.ts";
import type { Carrier } from "../../../src/proxy/channel/client.ts";
import { encodeEnclaveMessage } from "../../../src/proxy/channel/messages.ts";
import { ALL_FAULTS } from "../../../src/proxy/errors.ts";
import { ASKED, datasetOf, LOGISTIC, proxyFaultOf, ProxyNode } from "../../fixtures/proxy/proxyNode.ts";

/** Messages that a host has seen. */
interface Seen {
  /** Of this session before, in the direction of the lie. */
  readonly before: readonly Uint8Array[];
  /** What stood at this place in another session of the same account. */
  readonly other: Uint8Array;
}

type Lie = (now: Uint8Array, seen: Seen) => Uint8Array;

const turned = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);
const refusal = encodeEnclaveMessage({
  kind: "refusal",
  refusal: { code: "NO_DATASET", problem: "It was never there" },
});

/** What a host can do with a message, in either direction. */
const lies: Readonly<Record<string, Lie>> = {
  "its last byte changed": (now) => turned(now, now.length - 1),
  "a byte in the middle changed": (now) => turned(now, now.length >> 1),
  "its kind changed": (now) => turned(now, 0),
  "cut in half": (now) => now.subarray(0, now.length >> 1),
  "a byte longer": (now) => new Uint8Array([...now, 0]),
  nothing: () => new Uint8Array(),
  "the one before": (now, { before }) => before.at(-1) ?? turned(now, now.length - 1),
  "the first one": (now, { before }) => before[0] ?? turned(now, now.length - 1),
  "another session's": (_now, { other }) => other,
  "a refusal": () => refusal,
};

describe("a host that lies in every message of a proxy", function () {
  this.timeout(300_000);
  const dataset = datasetOf(70);
  const plain = Buffer.from(decryptDataset(dataset.file, dataset.dataKey, dataset.contentHash)).toString("latin1");

  /** What an owner does: six messages. */
  async function visit(node: ProxyNode, carry: Carrier): Promise<Uint8Array> {
    const client = await node.open(node.owner, { carry });
    await client.upload(dataset);
    return client.query(dataset.contentHash, LOGISTIC.hash, ASKED);
  }

  /** All messages of an honest visit. */
  async function recorded(node: ProxyNode): Promise<{ readonly sent: Uint8Array[]; readonly given: Uint8Array[] }> {
    const [sent, given]: [Uint8Array[], Uint8Array[]] = [[], []];
    await visit(node, async (message) => {
      const answer = await node.carry(message);
      sent.push(message);
      given.push(answer);
      return answer;
    });
    return { sent, given };
  }

  it("says what a visit is: six messages, each with its answer", async () => {
    const { sent, given } = await recorded(new ProxyNode());
    expect(sent.map(([kind]) => kind)).to.deep.equal([1, 2, 3, 3, 3, 3]);
    expect(given.map(([kind]) => kind)).to.deep.equal([4, 5, 5, 5, 5, 5]);
  });

  for (const direction of ["to the enclave", "to the client"] as const) {
    for (const [name, lie] of Object.entries(lies)) {
      it(`gets a typed refusal and no byte of data: ${name}, ${direction}`, async () => {
        const honest = new ProxyNode();
        const others = await recorded(honest);
        for (let place = 0; place < 6; place++) {
          honest.store.files.clear();
          honest.start();
          const [passed, answers]: [Uint8Array[], Uint8Array[]] = [[], []];
          const carry: Carrier = async (message) => {
            const isHere = passed.length === place;
            const seen = direction === "to the enclave" ? passed : answers;
            const all = direction === "to the enclave" ? others.sent : others.given;
            const lied = (now: Uint8Array): Uint8Array => lie(now, { before: [...seen], other: all[place]! });
            const answer = await honest.carry(isHere && direction === "to the enclave" ? lied(message) : message);
            const given = isHere && direction === "to the client" ? lied(answer) : answer;
            passed.push(message);
            answers.push(answer);
            return given;
          };
          const code = await proxyFaultOf(visit(honest, carry));
          expect(ALL_FAULTS, `message ${place}`).to.include(code);
          expect(passed.length, "the client went on").to.equal(place + 1);
          // Before the last chunk was confirmed nothing is kept; what is kept is sealed.
          if (direction === "to the enclave" && place < 5) {
            expect([...honest.store.files.keys()].filter((file) => file.endsWith(".enc"))).to.deep.equal([]);
          }
          for (const bytes of [...passed, ...answers, ...honest.store.files.values()]) {
            const text = Buffer.from(bytes).toString("latin1");
            expect(text.includes(plain.slice(0, 24)) || text.includes("weights")).to.equal(false);
          }
        }
      });
    }
  }

  it("cannot have a whole visit done again", async () => {
    const node = new ProxyNode();
    const { sent } = await recorded(node);
    node.store.files.clear();
    const kinds: (number | undefined)[] = [];
    for (const message of sent) kinds.push((await node.carry(message))[0]);
    // The hello is answered with an offer for another session; all else is refused in the clear.
    expect(kinds).to.deep.equal([4, 6, 6, 6, 6, 6]);
    expect(node.store.files.size).to.equal(0);
  });
});
