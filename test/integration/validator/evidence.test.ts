import { expect } from "chai";
import { hexlify, keccak256 } from "ethers";

import { deployAttestedPlatform, type AttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { directChain } from "../../fixtures/provider/directChain.ts";
import { openSeat, type Seat } from "../../fixtures/validator/seat.ts";
import { quoteDocument, type QuoteDocument } from "../../../src/documents/nodes.ts";
import { plainJson } from "../../../src/json.ts";
import { PeerClient } from "../../../src/validator/client.ts";
import { Evidence } from "../../../src/validator/disputes/evidence.ts";
import { Peers } from "../../../src/validator/peers.ts";

describe("The evidence that validators look for", () => {
  let platform: AttestedPlatform;
  let seats: Seat[];
  let kept: { readonly document: QuoteDocument; readonly hash: string };
  const url = async (): Promise<string> => Promise.resolve("https://node.example");

  before(async () => {
    platform = await deployAttestedPlatform({ validators: 3 });
    const collateral = platform.simulator.platform().collateral();
    seats = await Promise.all(platform.validators.map(async (actor) => openSeat(platform, actor, collateral)));
    const [, second] = seats;
    const document = await quoteOf(await platform.declare());
    await second!.desk.take(document);
    kept = { document, hash: keccak256(document.quote) };
  });
  after(async () => {
    for (const seat of seats) await seat.close();
    await platform.connection.close();
  });

  async function quoteOf(nodeId: bigint): Promise<QuoteDocument> {
    const { book, chainId, provider, enclave, simulator } = platform;
    const { binding, reportData } = await platform.bind(nodeId);
    const quote = hexlify(simulator.platform().quote({ reportData }));
    const bound = { nodeId, enclaveKey: enclave.address, provider: provider.address, reportData, quote };
    const place = { kind: "sgx-quote", chainId: Number(chainId), registry: book.contracts.nodeRegistry };
    return quoteDocument.parse(
      plainJson({ ...place, ...bound, binding: { ...binding, blockNumber: BigInt(binding.blockNumber) } }),
    );
  }
  /** What the first seat finds, where a node's gateway shows this and the others are asked at these places. */
  function evidence(
    shown: QuoteDocument | undefined,
    others: readonly { readonly url: string; readonly own: string }[],
  ) {
    const [first] = seats;
    const { book, connection } = platform;
    const { quotes, vouches, identity } = first!;
    const gateways = {
      quote: async () => Promise.resolve(shown),
      collateral: async () => Promise.resolve(undefined),
    };
    const feed = { sync: async () => Promise.resolve(), events: () => [] };
    const clients = others.map(
      (each) => new PeerClient({ url: each.url, address: each.own, timeout: 2_000 }, identity),
    );
    const chain = directChain(book, connection.ethers.provider);
    return new Evidence({ chain, feed, quotes, vouches, gateways, peers: new Peers(clients) });
  }

  it("is a quote that another validator has, where the node's gateway shows none or another one, and some are gone", async () => {
    const [, second, third] = seats as [Seat, Seat, Seat];
    const { nodeId } = kept.document;
    const gone = { url: "http://127.0.0.1:9", own: third.own };
    const wanted = { nodeId, quoteHash: kept.hash };
    expect(await evidence(undefined, [third, gone]).quote(wanted, url)).to.equal(undefined);
    expect(await evidence(undefined, [gone, second]).quote(wanted, url)).to.equal(kept.document.quote);
    const other = await quoteOf(await platform.declare());
    expect(await evidence(other, [third, second]).quote(wanted, url)).to.equal(kept.document.quote);
    expect(await evidence(other, [third]).quote(wanted, url)).to.equal(undefined);
    expect(await evidence(other, [second]).quote({ ...wanted, nodeId: nodeId + 1n }, url)).to.equal(undefined);
  });

  it("is nothing that only claims to be what was asked for", async () => {
    const [first, second] = seats as [Seat, Seat, Seat];
    const { nodeId, quote } = kept.document;
    const asked = (fetcher: typeof fetch) =>
      new PeerClient({ url: second.url, address: second.own, fetch: fetcher }, first.identity).quote(nodeId, kept.hash);
    expect(await asked(fetch)).to.equal(quote);
    const lying: typeof fetch = async () => Promise.resolve(Response.json({ quote: `${quote}00` }));
    const failure = await asked(lying).catch((error: unknown) => error);
    expect(failure).to.include({ code: "not-a-validator" });
  });

  it("is refused with a stable code where it is not kept or not named", async () => {
    const [, second] = seats as [Seat, Seat, Seat];
    const codeAt = async (path: string): Promise<unknown> =>
      ((await (await fetch(`${second.url}${path}`)).json()) as { readonly code: unknown }).code;
    const node = kept.document.nodeId.toString();
    expect(await codeAt(`/v1/nodes/${node}/quotes/0x${"77".repeat(32)}`)).to.equal("not-kept");
    expect(await codeAt(`/v1/nodes/x/quotes/${kept.hash}`)).to.equal("invalid-request");
    expect(await codeAt(`/v1/nodes/${node}/quotes/0x12`)).to.equal("invalid-request");
  });
});
