import { expect } from "chai";
import { hexlify, keccak256, Wallet } from "ethers";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseDocument } from "../../../src/documents/index.ts";
import type { QuoteDocument } from "../../../src/documents/nodes.ts";
import { reportDataOf } from "../../../src/enclave/registration.ts";
import { plainJson } from "../../../src/json.ts";
import { toHex } from "../../../src/sgx/bytes.ts";
import type { QuoteOptions } from "../../../src/sgx/simulator/options.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { changes, openFaultyRpc, type FaultyRpc } from "../../fixtures/cli/faultyRpc.ts";
import type { HardhatCli } from "../../fixtures/hardhatCli.ts";
import { openLyingGateway, type LyingGateway } from "../../fixtures/tasks/lyingGateway.ts";
import { ACTORS, openTaskCli, REVIEWED, type CliNode, type TaskCli } from "../../fixtures/tasks/taskCli.ts";
import { openTaskGateway, type TaskGateway } from "../../fixtures/tasks/taskGateway.ts";

const { requester: REQUESTER, owners: OWNERS } = ACTORS;
const [OWNER] = OWNERS;
const FOREIGN_CODE = `0x${"66".repeat(32)}` as const;

/** The digits of a value, as they stand in what a network answers. */
const digits = (hex: string): string => hex.slice(2).toLowerCase();

describe("whoever seals something, where the network lies", () => {
  let cli: TaskCli;
  let node: CliNode;
  let honest: TaskGateway;
  let gateway: LyingGateway;
  let rpc: FaultyRpc;
  let lied: HardhatCli;
  let quote: QuoteDocument;
  /** What the attacker has: a key of its own, and all of the simulator, so that it can have any enclave quoted. */
  const evil = new Wallet(Wallet.createRandom().privateKey);
  let attacker: string;
  let sealing: readonly (readonly [words: string, args: Record<string, unknown>, out: string])[];

  before(async () => {
    cli = await openTaskCli();
    node = await cli.attested("one");
    attacker = cli.addressOf(ACTORS.stranger);
    quote = parseDocument("sgx-quote", readFileSync(node.quote, "utf8"));
    const quotes = cli.file("quotes");
    mkdirSync(quotes);
    cpSync(node.quote, join(quotes, "1.json"));
    honest = await openTaskGateway(cli, node, { quotes, collateral: cli.file("one.collateral.json") });
    gateway = await openLyingGateway(honest.origin);
    rpc = await openFaultyRpc(cli.hardhat.url);
    lied = await cli.hardhat.through(rpc.url);
    const dataset = await cli.dataset(OWNER, "first", "5");
    await cli.run("dataset grant", { dataset: dataset.id, node: node.node, account: OWNER, measurement: REVIEWED });
    const parameters = { epochs: 5, learningRate: 0.5, l2: 0 };
    writeFileSync(cli.file("parameters.json"), JSON.stringify(parameters));
    const asked = { node: node.node, gateway: gateway.origin, measurement: REVIEWED };
    const inputs = { parameters: cli.file("parameters.json"), resultKey: cli.file("result.key.json") };
    const [key, data] = [cli.file("key.sealed.json"), { key: dataset.key, file: dataset.file }];
    const [seal, publish] = [cli.file("seal.sealed"), cli.file("publish.sealed")];
    sealing = [
      ["dataset deliver", { dataset: dataset.id, ...data, ...asked, out: key }, key],
      ["task seal", { ...asked, ...inputs, out: seal, account: REQUESTER }, seal],
      ["task publish", { ...asked, ...inputs, out: publish, account: REQUESTER }, publish],
    ];
  });
  beforeEach(() => {
    rpc.clear();
    gateway.lies.clear();
    for (const [, , out] of sealing) rmSync(out, { force: true });
  });
  after(async () => {
    await lied.connection.close();
    await rpc.close();
    await gateway.close();
    await honest.close();
    await cli.hardhat.close();
  });

  /** Has the network say these instead of those, wherever they stand in what it answers. */
  function say(lies: Readonly<Record<string, string>>): void {
    const change = changes((result) => {
      let text = JSON.stringify(result);
      for (const [truth, lie] of Object.entries(lies)) {
        // Addresses come with a checksum only from programs, never from a network.
        text = text.replaceAll(digits(truth), digits(lie));
      }
      return JSON.parse(text) as unknown;
    });
    rpc.on(() => true, change);
  }

  /** A quote that the attacker's own enclave made, for a registration that it likes. */
  function quoted(registration: Partial<QuoteDocument>, options: Partial<QuoteOptions> = {}, seed?: string) {
    const time = BigInt(Math.floor(Date.now() / 1000));
    const simulator = createSimulator({ time, ...(seed === undefined ? {} : { seed }) });
    const made = { ...quote, ...registration };
    const { chainId, binding, enclaveKey } = made;
    const reportData = reportDataOf({ ...made, ...binding, chainId: BigInt(chainId) }, enclaveKey);
    const bytes = simulator.platform({ name: "the attacker's" }).quote({ reportData, ...options });
    return { ...made, reportData, quote: toHex(bytes) };
  }

  /** The hash by which the chain knows a quote that it verified itself. */
  const hashOf = ({ quote: bytes }: QuoteDocument): string => keccak256(hexlify(bytes).slice(0, 2 + 2 * 432));

  const answer = (path: "quote" | "key", document: unknown): void => {
    gateway.lies.set(`/v1/node/${path}`, plainJson(document));
  };
  const handOutEvilKey = (): void => {
    const publicKey = { scheme: "Secp256k1", key: evil.signingKey.compressedPublicKey };
    answer("key", { enclaveKey: evil.address, publicKey });
  };

  async function expectRefused(...texts: readonly string[]): Promise<void> {
    for (const [words, args, out] of sealing) {
      const { exitCode, stderr } = await lied.run(words, args);
      expect(exitCode, words).to.not.equal(0);
      for (const text of texts) expect(stderr, words).to.include(text);
      expect(existsSync(out), `${words} has sealed something`).to.equal(false);
    }
    expect(await cli.protocol.taskEscrow.taskCount(), "something was published").to.equal(0n);
  }

  it("refuses another enclave key, which the gateway confirms, for want of a quote", async () => {
    say({ [quote.enclaveKey]: evil.address });
    handOutEvilKey();
    await expectRefused("and its quote is about");
    // Nor does it believe what the document says around the true quote.
    answer("quote", { ...quote, enclaveKey: evil.address });
    await expectRefused("ReportDataMismatch");
  });

  it("refuses a quote that nobody but the attacker vouches for", async () => {
    const own = quoted({ enclaveKey: evil.address }, {}, "the attacker's own root");
    say({ [quote.enclaveKey]: evil.address, [hashOf(quote)]: hashOf(own) });
    handOutEvilKey();
    answer("quote", own);
    await expectRefused("QuoteRoot");
  });

  it("refuses an enclave of other code, whatever the network says that the node runs", async () => {
    const own = quoted({ enclaveKey: evil.address }, { mrEnclave: FOREIGN_CODE });
    say({ [quote.enclaveKey]: evil.address, [hashOf(quote)]: hashOf(own) });
    handOutEvilKey();
    answer("quote", own);
    await expectRefused(`The enclave's measurement is ${FOREIGN_CODE}, and the policy has ${REVIEWED}`);
  });

  it("refuses the quote of another registration, in each of its parts", async () => {
    const { binding } = quote;
    for (const other of [
      { chainId: 1 },
      { registry: attacker },
      { provider: attacker },
      { binding: { ...binding, nonce: binding.nonce + 1n } },
      { binding: { ...binding, blockNumber: binding.blockNumber + 1n } },
      { binding: { ...binding, blockHash: `0x${"77".repeat(32)}` as const } },
    ]) {
      const own = quoted({ enclaveKey: evil.address, ...other });
      rpc.clear();
      say({ [quote.enclaveKey]: evil.address, [hashOf(quote)]: hashOf(own) });
      handOutEvilKey();
      // As it was made, and as if it had been made for this one.
      answer("quote", own);
      await expectRefused();
      answer("quote", { ...quote, enclaveKey: evil.address, quote: own.quote });
      await expectRefused("ReportDataMismatch");
    }
  });

  it("refuses a quote that is not the one of the newest attestation", async () => {
    const again = quoted({ binding: { ...quote.binding, nonce: quote.binding.nonce + 1n } });
    answer("quote", again);
    await expectRefused("is not the one of the newest attestation of node 1");
  });

  it("refuses somebody else's enclave of the reviewed code, where the provider has handed over its own key", async () => {
    const own = quoted({ enclaveKey: evil.address });
    say({ [quote.enclaveKey]: evil.address, [hashOf(quote)]: hashOf(own) });
    answer("quote", own);
    const asked = sealing;
    sealing = asked.map(([words, args, out]) => [words, { ...args, publicKey: node.publicKey }, out]);
    await expectRefused("and its quote is about");
    sealing = asked;
  });

  it("seals to the node's own enclave where nobody lies, and from then on to no other of that number", async () => {
    const [deliver] = sealing;
    const [words, args, out] = deliver!;
    const delivered = await cli.run(words, args);
    expect(delivered).to.include({ enclaveKey: quote.enclaveKey, measurement: REVIEWED });
    const policy = parseDocument("enclave-policy", readFileSync(String(delivered["policy"]), "utf8"));
    expect(policy.nodes).to.have.lengthOf(1);
    rmSync(out);

    // An enclave of the very same code, on a genuine platform, of somebody else.
    const own = quoted({ enclaveKey: evil.address, provider: attacker });
    say({
      [quote.enclaveKey]: evil.address,
      [quote.provider]: attacker,
      [hashOf(quote)]: hashOf(own),
    });
    handOutEvilKey();
    answer("quote", own);
    const { exitCode, stderr } = await lied.run(words, args);
    expect(exitCode).to.not.equal(0);
    expect(stderr).to.include("Node 1 is shown with the provider").and.to.include("Seal nothing to it");
    expect(existsSync(out)).to.equal(false);
  });
});
