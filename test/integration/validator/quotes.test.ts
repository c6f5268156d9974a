import { expect } from "chai";
import { hexlify, Wallet } from "ethers";

import { deployAttestedPlatform, type AttestedPlatform } from "../../fixtures/dcap/attestedPlatform.ts";
import { openSeat, type Seat } from "../../fixtures/validator/seat.ts";
import { quoteDocument, type QuoteDocument } from "../../../src/documents/nodes.ts";
import { encodeVouching } from "../../../src/eip712/index.ts";
import { plainJson } from "../../../src/json.ts";
import { gatherSignatures, PeerClient, ValidatorClient, ValidatorError } from "../../../src/validator/client.ts";

describe("validators that sign quotes for each other", () => {
  let platform: AttestedPlatform;
  let seats: Seat[];
  const signal = new AbortController().signal;

  before(async () => {
    platform = await deployAttestedPlatform({ validators: 3 });
  });
  after(async () => {
    await platform.connection.close();
  });
  beforeEach(async () => {
    const collateral = platform.simulator.platform().collateral();
    seats = await Promise.all(platform.validators.map(async (actor) => openSeat(platform, actor, collateral)));
  });
  afterEach(async () => {
    for (const seat of seats) await seat.close();
  });

  /** A node's quote, as its provider has it, of a platform that Intel knows or of one that it does not. */
  async function quoteOf(change: (quote: Uint8Array) => void = () => undefined): Promise<QuoteDocument> {
    const { book, chainId, provider, enclave, simulator } = platform;
    const nodeId = await platform.declare();
    const { binding, reportData } = await platform.bind(nodeId);
    const quote = simulator.platform().quote({ reportData });
    change(quote);
    const bound = { nodeId, enclaveKey: enclave.address, provider: provider.address, reportData };
    const place = { chainId: Number(chainId), registry: book.contracts.nodeRegistry };
    return quoteDocument.parse(
      plainJson({
        kind: "sgx-quote",
        ...place,
        ...bound,
        binding: { ...binding, blockNumber: BigInt(binding.blockNumber) },
        quote: hexlify(quote),
      }),
    );
  }
  const clientsOf = (some: readonly Seat[]): ValidatorClient[] =>
    some.map(({ url }) => new ValidatorClient({ url, timeout: 5_000 }));
  const gather = async (quote: QuoteDocument, clients = clientsOf(seats)) =>
    gatherSignatures(clients, quote, { domain: seats[0]!.domains.quotes, stakes: await seats[0]!.stakes() });
  const codeOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => "done",
      (error: unknown) => (error instanceof ValidatorError ? error.code : String(error)),
    );

  it("give a provider its quorum though one of them is gone, and the chain takes it from any of them", async () => {
    const [first, second, gone] = seats as [Seat, Seat, Seat];
    const quote = await quoteOf();
    const unreachable = { own: gone.own, url: "http://127.0.0.1:9" };
    expect((await gather(quote, clientsOf([first]))).quorum).to.equal(undefined);
    await first.dutiesWith([second, unreachable]).signing.run(signal);
    await second.dutiesWith([first, unreachable]).signing.run(signal);
    const { quorum } = await gather(quote, [...clientsOf([second]), new ValidatorClient({ url: unreachable.url })]);
    expect(quorum?.signatures.map(({ validator }) => validator)).to.have.members([first.own, second.own]);
    const { nodeRegistry, quorumVerifier } = platform.protocol;
    const evidence = encodeVouching(quorum!, quorum!.signatures);
    const { nodeId, enclaveKey, binding } = quote;
    await nodeRegistry
      .connect(platform.provider)
      .attest(nodeId, quorumVerifier, enclaveKey, binding.blockNumber, evidence);
    expect((await nodeRegistry.getNode(nodeId)).attestations).to.equal(1n);
  });

  it("find each other's signatures once they can hear each other again", async () => {
    const [first, second, third] = seats as [Seat, Seat, Seat];
    const quote = await quoteOf();
    await gather(quote);
    const cut = { url: "http://127.0.0.1:9" };
    for (const seat of seats) {
      const others = seats.filter((each) => each !== seat).map(({ own }) => ({ own, ...cut }));
      await seat.dutiesWith(others).signing.run(signal);
    }
    expect((await gather(quote, clientsOf([first]))).quorum, "cut").to.equal(undefined);
    await first.dutiesWith([second, third]).exchange.run(signal);
    expect((await gather(quote, clientsOf([first]))).quorum?.signatures).to.have.lengthOf(3);
  });

  it("refuse a quote that is not good, and one that is bound to nothing", async () => {
    const [first, second] = seats as [Seat, Seat, Seat];
    const bad = await quoteOf((quote) => {
      quote[200] = quote[200]! ^ 1;
    });
    await gather(bad);
    await first.dutiesWith([second]).signing.run(signal);
    const [client] = clientsOf(seats);
    const status = await client!.quoteStatus(bad.reportData);
    expect(status.state).to.equal("refused");
    expect(status.signatures).to.have.lengthOf(0);
    const good = await quoteOf();
    const old = { ...good, binding: { ...good.binding, nonce: good.binding.nonce + 1n } };
    expect(await codeOf(client!.sendQuote(old))).to.equal("not-bound");
    expect(await codeOf(client!.sendQuote({ ...good, chainId: 1 }))).to.equal("wrong-place");
  });

  it("show which processes spoke for a seat by its own signatures, so that nothing that they make up stops it", async () => {
    const [first, second] = seats as [Seat, Seat, Seat];
    const [one, other, invented] = ["22", "33", "44"].map((byte) => `0x${byte.repeat(32)}`) as [string, string, string];
    const present = async (instance: string, fetcher?: typeof fetch) => {
      const options = { url: second.url, address: second.own, fetch: fetcher };
      return (await new PeerClient(options, first.identity).present(instance)).instances;
    };
    await present(one);
    expect((await present(other)).map(({ instance }) => instance)).to.include(one);
    const lying: typeof fetch = async (url, init) => {
      const said = (await (await fetch(url, init)).json()) as { instances: { sentAt: number }[] };
      const [real] = said.instances;
      const instances = [
        { ...real, instance: invented },
        { ...real, sentAt: real!.sentAt + 60 },
        { ...real, signature: "0x" },
      ];
      return Response.json({ ...said, instances });
    };
    expect(await present(other, lying)).to.deep.equal([]);
  });

  it("take requests of seats alone, for themselves alone, once, and not without end", async () => {
    const [first, second] = seats as [Seat, Seat, Seat];
    const instance = `0x${"11".repeat(32)}`;
    const to = (seat: Seat, identity = first.identity, fetcher?: typeof fetch) =>
      new PeerClient({ url: second.url, address: seat.own, fetch: fetcher }, identity).present(instance);
    expect(await codeOf(to(second))).to.equal("done");
    expect(await codeOf(to(first)), "for another seat").to.equal("invalid-signature");
    const stranger = Wallet.createRandom();
    expect(await codeOf(to(second, { ...first.identity, address: stranger.address, signer: stranger }))).to.equal(
      "not-a-validator",
    );
    expect(await codeOf(to(second, { ...first.identity, signer: stranger })), "a foreign key").to.equal(
      "invalid-signature",
    );
    const late = { ...first.identity, now: () => Date.now() - 600_000 };
    expect(await codeOf(to(second, late))).to.equal("wrong-time");
    const early = { ...first.identity, now: () => Date.now() + 600_000 };
    expect(await codeOf(to(second, early)), "of the future").to.equal("wrong-time");
    const sent: [string, RequestInit][] = [];
    const recording: typeof fetch = async (url, init) => {
      sent.push([url as string, init!]);
      return fetch(url, init);
    };
    await to(second, first.identity, recording);
    const again = await fetch(...sent[0]!);
    expect(((await again.json()) as { code: string }).code, "sent again").to.equal("nonce-used");
    const huge = await fetch(`${second.url}/v1/quotes`, { method: "POST", body: "x".repeat(200_000) });
    expect(huge.status).to.equal(413);
    const flood = await Promise.all(
      Array.from({ length: 10 }, async () => fetch(`${second.url}/v1/quotes`, { method: "POST", body: "{}" })),
    );
    expect(flood.map(({ status }) => status)).to.include(429);
  });
});
