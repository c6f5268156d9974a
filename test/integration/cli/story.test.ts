import { expect } from "chai";
import { id, Wallet } from "ethers";
import { readFileSync, writeFileSync } from "node:fs";

import { DOCUMENT_NAMES } from "../../../src/collateral/documents.ts";
import { parseAddressBook } from "../../../src/deployments.ts";
import { connectProtocol, type Protocol } from "../../../src/protocol.ts";
import { domainOf, signVouch } from "../../../src/eip712/index.ts";
import { serializeCollateral, TcbStatus, type Attestation, type Hex } from "../../../src/sgx/index.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { big, does, openHardhatCli, shortEpochs, shortParameters, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const [VALIDATORS, PROVIDER, USER] = [["4", "5", "6"], "7", "8"] as const;
const EPOCH = BigInt(shortEpochs.epochLength);
const token = (count: number): bigint => BigInt(count) * 10n ** 18n;

describe("tasks", () => {
  let hardhat: HardhatCli;
  let protocol: Protocol;
  const quoteFile = (): string => hardhat.file("one.quote.json");
  const offerFile = (): string => hardhat.file("offer.json");

  const now = async (): Promise<bigint> =>
    BigInt((await hardhat.connection.ethers.provider.getBlock("latest"))?.timestamp ?? 0);
  /** Moves into the next epoch, a few seconds after its start. */
  const nextEpoch = async (): Promise<void> => hardhat.moveTo(((await now()) / EPOCH + 1n) * EPOCH + 5n);
  const addressOf = async (index: string): Promise<string> =>
    (await hardhat.connection.ethers.getSigners())[Number(index)]?.address ?? "";
  const proveEpoch = async (): Promise<void> => {
    await does(hardhat, "validator challenge", { account: VALIDATORS[0] });
    await does(hardhat, "proof solve", {
      node: "1",
      key: hardhat.file("one.enclave.json"),
      threads: "1",
      out: hardhat.file("answer.json"),
    });
    await does(hardhat, "proof submit", { answer: hardhat.file("answer.json"), account: "9" });
  };

  before(async function () {
    this.timeout(60_000);
    hardhat = await openHardhatCli();
    writeFileSync(hardhat.file("parameters.json5"), shortParameters());
  });
  after(async () => hardhat.close());

  describe("the whole story", function () {
    this.timeout(120_000);

    it("refuses to work before anything is deployed", async () => {
      const { exitCode, stderr } = await hardhat.run("platform status");
      expect(exitCode).to.equal(1);
      expect(stderr).to.include('Nothing is deployed on the network "story"').and.to.include("platform deploy");
    });

    it("deploys, after saying what that costs", async () => {
      const parameters = hardhat.file("parameters.json5");
      const plan = await does(hardhat, "platform deploy", { parameters, dryRun: true });
      expect(Number(plan["gas"])).to.be.greaterThan(10_000_000);
      expect(await hardhat.connection.ethers.provider.getBlockNumber(), "a dry run changes nothing").to.equal(0);

      await does(hardhat, "platform deploy", { parameters });
      const book = parseAddressBook(readFileSync(hardhat.file("deployments/story/addresses.json"), "utf8"));
      const [deployer] = await hardhat.connection.ethers.getSigners();
      protocol = connectProtocol(book, deployer!);
      for (const index of [...VALIDATORS, PROVIDER, USER]) {
        await protocol.token.transfer(await addressOf(index), token(5_000));
      }
      expect((await does(hardhat, "platform addresses"))["contracts"]).to.deep.equal(book.contracts);
      expect((await does(hardhat, "platform status"))["nodes"]).to.equal(0n);
    });

    it("has validators stake and join", async () => {
      for (const account of VALIDATORS) {
        await does(hardhat, "stake deposit", { amount: "1000", account });
        await does(hardhat, "stake allow", { module: "validators", cap: "max", account });
        await does(hardhat, "validator join", { amount: "1000", account });
      }
      const shown = await does(hardhat, "validator show", { account: VALIDATORS[1] });
      expect(shown["activeStake"]).to.equal(token(3_000));
      expect(shown["validators"]).to.have.lengthOf(3);
    });

    it("has the provider stake, declare, quote and be attested", async () => {
      await does(hardhat, "stake deposit", { amount: "500", account: PROVIDER });
      await does(hardhat, "stake allow", { module: "nodes", cap: "100", account: PROVIDER });
      await does(hardhat, "stake allow", { module: "orders", cap: "400", account: PROVIDER });
      const declared = await does(hardhat, "node register", {
        model: "1",
        units: "2",
        price: "3.6",
        url: "https://node.example",
        account: PROVIDER,
      });
      expect(declared["nodeId"]).to.equal(1n);
      await does(hardhat, "node quote", { node: "1", out: quoteFile(), account: PROVIDER });
      const trusting = await hardhat.run("validator attest", { quote: quoteFile(), account: VALIDATORS[0] });
      expect(trusting.exitCode, "a simulated quote under Intel's root").to.equal(1);
      expect(trusting.stderr).to.match(/^Error: (Ca|Crl)Signature: /);
      const planned = await does(hardhat, "node register", { quote: quoteFile(), account: PROVIDER, dryRun: true });
      expect(planned["submitted"]).to.deep.equal(DOCUMENT_NAMES);
      expect(await does(hardhat, "collateral status", { quote: quoteFile(), number: "17" })).to.include({
        usable: false,
      });
      const attested = await does(hardhat, "node register", { quote: quoteFile(), account: PROVIDER });
      expect(attested).to.deep.include({ verifier: "OnChain", evidence: "New", submitted: DOCUMENT_NAMES });
      const node = await does(hardhat, "node show", { node: "1" });
      expect(node).to.include({ state: "live", open: true, tcbStatus: "UpToDate", verifier: "OnChain" });
      expect(await does(hardhat, "node recheck", { node: "1" })).to.include({
        standing: "Holds",
        tcbStatus: "UpToDate",
      });
      expect(await does(hardhat, "collateral status", { quote: quoteFile() })).to.include({ usable: true, number: 17 });
    });

    it("plans an order before any allowance exists, and changes nothing", async () => {
      await does(hardhat, "offer sign", { node: "1", price: "3.6", lock: "100", account: PROVIDER, out: offerFile() });
      const { provider } = hardhat.connection.ethers;
      const [block, user] = [await provider.getBlockNumber(), await addressOf(USER)];
      const nonces = await protocol.token.nonces(user);
      const args = { deposit: "6", offer: offerFile(), account: USER };
      const plan = await does(hardhat, "order open", { ...args, dryRun: true });
      const [transaction] = plan["transactions"] as { gas: bigint }[];
      expect(Number(transaction?.gas)).to.be.within(100_000, 400_000);
      expect([await provider.getBlockNumber(), await protocol.token.nonces(user)]).to.deep.equal([block, nonces]);
      expect(await protocol.orderEscrow.orderCount()).to.equal(0n);

      const poor = await hardhat.run("order open", { ...args, deposit: "6000", dryRun: true });
      expect(poor.exitCode).to.equal(3);
      expect(poor.stderr).to.match(/^Refused: ERC20InsufficientBalance /);
    });

    it("opens the order, proves epochs, and streams", async () => {
      const opened = await does(hardhat, "order open", { deposit: "6", offer: offerFile(), account: USER });
      expect(opened["orderId"]).to.equal(1n);
      await nextEpoch();
      await proveEpoch();
      expect(await does(hardhat, "proof status", { node: "1" })).to.include({ proven: true, open: false });
      await nextEpoch();
      const settled = await does(hardhat, "order settle", { orders: "1" });
      // 3.6 tokens an hour are a thousandth of a token a second, and one whole epoch was proven.
      expect(settled["paid"]).to.equal((token(1) * EPOCH) / 1000n);
      expect(settled["payableSeconds"]).to.equal(EPOCH);
      await does(hardhat, "order top-up", { order: "1", amount: "1", account: USER });
      expect((await does(hardhat, "order show", { order: "1" }))["deposited"]).to.equal(token(7));
    });

    it("closes, finalizes, and pays out to the unit", async () => {
      await does(hardhat, "order close", { order: "1", account: USER });
      await nextEpoch();
      await does(hardhat, "order settle", { orders: "1" });
      expect((await does(hardhat, "order show", { order: "1" }))["status"]).to.equal("Closed");
      const { fees } = await protocol.orderEscrow.earningsOf(1);
      const earned = big((await does(hardhat, "order withdraw", { account: PROVIDER }))["earnings"]);
      const stolen = await hardhat.run("order withdraw", { nodes: "1", account: USER });
      expect(stolen.exitCode, "another's earnings").to.equal(3);
      expect(stolen.stderr).to.include("Refused: OrderEscrowNotProvider");
      const refunded = big((await does(hardhat, "order withdraw", { account: USER }))["refunds"]);
      expect(earned + refunded + fees).to.equal(token(7));
      expect(earned).to.equal(((token(6) / 10n) * 98n) / 100n);
      expect(await protocol.token.balanceOf(await protocol.orderEscrow.getAddress())).to.equal(fees);
    });

    it("takes a request back, and accepts another", async () => {
      const wanted = { node: "1", deposit: "5", account: USER };
      expect((await does(hardhat, "order request", wanted))["orderId"]).to.equal(2n);
      await does(hardhat, "order close", { order: "2", account: USER });
      await does(hardhat, "order request", wanted);
      await does(hardhat, "order accept", { order: "3", account: PROVIDER });
      const orders = (await does(hardhat, "order list", { user: USER }))["orders"] as { status: string }[];
      expect(orders.map(({ status }) => status)).to.deep.equal(["Closed", "Cancelled", "Active"]);
      await does(hardhat, "order close", { order: "3", account: USER });
    });

    it("pays validators out of the fees when their period is over", async () => {
      await nextEpoch();
      await does(hardhat, "validator challenge", { account: VALIDATORS[0] });
      await does(hardhat, "rewards withdraw", { account: VALIDATORS[0], collect: true });
      await hardhat.moveTo((await now()) + 24n * EPOCH);
      const due = big((await does(hardhat, "rewards show", { account: VALIDATORS[0] }))["due"]);
      expect(due).to.equal(((token(6) / 10n) * 2n) / 100n);
      expect((await does(hardhat, "rewards withdraw", { account: VALIDATORS[0] }))["amount"]).to.equal(due);
    });

    it("cancels an offer, renews and ends the node, and lets everyone leave", async () => {
      const another = await hardhat.run("offer cancel", { offer: offerFile(), account: USER });
      expect(another.exitCode, "another's offer").to.equal(1);
      expect(another.stderr).to.include("Cancel with the provider's account");
      await does(hardhat, "offer cancel", { offer: offerFile(), account: PROVIDER });
      const refused = await hardhat.run("order open", {
        deposit: "6",
        offer: offerFile(),
        account: USER,
        dryRun: true,
      });
      expect(refused.exitCode).to.equal(3);
      const second = hardhat.file("two.quote.json");
      const key = hardhat.file("one.enclave.json");
      await does(hardhat, "node quote", { node: "1", out: second, key, account: PROVIDER });
      for (const [named, text] of [
        [{}, "No quote was given"],
        [{ file: second, quote: second }, "The quote was given twice"],
      ] as const) {
        expect((await hardhat.run("node renew", { ...named, account: PROVIDER })).stderr).to.include(text);
      }
      const renewed = await does(hardhat, "node renew", { file: second, account: PROVIDER });
      expect(renewed, "the contents are the same, with a later date").to.deep.include({
        evidence: "Cached",
        submitted: [],
      });
      const again = await hardhat.run("node renew", { quote: second, account: PROVIDER });
      expect(again.exitCode).to.equal(1);
      expect(again.stderr).to.include("was used before; the node's next nonce is");
      const dispute = await hardhat.run("node dispute", { node: "1", quote: second, account: "9" });
      expect(dispute.stderr).to.include("The chain itself verified the quote");
      expect(await does(hardhat, "node recheck", { node: "1", account: "9" })).to.include({ standing: "Holds" });
      await does(hardhat, "node exit", { node: "1", account: PROVIDER });
      await does(hardhat, "validator leave", { account: VALIDATORS[2] });
      await hardhat.moveTo((await now()) + 30n * 86_400n);
      expect(await does(hardhat, "node exit", { node: "1", account: PROVIDER })).to.include({ released: true });
      expect(await does(hardhat, "validator leave", { account: VALIDATORS[2] })).to.include({ released: true });
      await does(hardhat, "stake withdraw", { amount: "all", account: VALIDATORS[2] });
      expect(await does(hardhat, "stake show", { account: VALIDATORS[2] })).to.include({ stake: 0n });
      expect((await does(hardhat, "node list", { live: true }))["nodes"]).to.deep.equal([]);
    });
  });

  /** Declares a node and has its quote made: the words for its files begin with `name`. */
  async function quoted(name: string): Promise<{ node: string; quote: string; root: string; signatures: string }> {
    const declared = { model: "1", price: "1", url: `https://${name}.example`, account: PROVIDER };
    const node = String((await does(hardhat, "node register", declared))["nodeId"]);
    const [quote, root] = [hardhat.file(`${name}.quote.json`), hardhat.file(`${name}.root.txt`)];
    await does(hardhat, "node quote", { node, out: quote, account: PROVIDER });
    return { node, quote, root, signatures: hardhat.file(`${name}.signatures.json`) };
  }

  describe("newer collateral", function () {
    this.timeout(60_000);

    /** Collateral of the usual platform family that begins now, by which the usual platforms have a status. */
    async function collateralBy(status: TcbStatus): Promise<string> {
      const time = await now();
      const tcbLevels = USUAL_TCB_LEVELS.map((level) =>
        level.status === TcbStatus.UpToDate ? { ...level, status } : level,
      );
      const collateral = createSimulator({ time }).platform().collateral({ issueDate: time, tcbLevels });
      const file = hardhat.file("newer.json");
      writeFileSync(file, serializeCollateral(collateral));
      return file;
    }

    it("stops new orders of a node whose status is worse, and ends one whose level is revoked, slashing nobody", async () => {
      const { node, quote } = await quoted("later");
      await does(hardhat, "node register", { quote, account: PROVIDER });
      const { stake } = await protocol.nodeRegistry.getNode(node);
      const worse = await collateralBy(TcbStatus.OutOfDate);
      const found = await does(hardhat, "node recheck", { node, collateral: worse, account: "9" });
      expect(found).to.deep.include({ standing: "Holds", tcbStatus: "OutOfDate", submitted: ["tcbInfo"] });
      expect(await does(hardhat, "node show", { node })).to.include({ state: "live", open: false });
      const revoked = await collateralBy(TcbStatus.Revoked);
      const ended = await does(hardhat, "node recheck", { node, collateral: revoked, account: "9" });
      expect(ended).to.include({ standing: "Revoked" });
      expect(await does(hardhat, "node show", { node })).to.include({ state: "ended", endReason: "Revoked", stake });
      await does(hardhat, "collateral submit", { source: await collateralBy(TcbStatus.UpToDate) });
    });
  });

  describe("a quorum", function () {
    this.timeout(60_000);

    it("attests a node by its signatures, and nobody disproves what was true", async () => {
      const { node, quote, root, signatures } = await quoted("voted");
      for (const account of VALIDATORS.slice(0, 2)) await does(hardhat, "validator attest", { quote, root, account });
      const attested = await does(hardhat, "node register", { quote, signatures, account: PROVIDER });
      expect(attested).to.include({ verifier: "Quorum" });
      expect(await does(hardhat, "node show", { node })).to.include({ state: "live", verifier: "Quorum" });
      expect(await does(hardhat, "node dispute", { node })).to.include({ standing: "Holds" });
      expect(await does(hardhat, "node dispute", { node, quote, account: "9" })).to.include({ standing: "Holds" });
      expect(await does(hardhat, "node recheck", { node, quote })).to.include({ standing: "Holds" });
      expect((await does(hardhat, "validator show", {}))["validators"]).to.have.lengthOf(2);
    });

    it("that vouched for what was never true is slashed, and its node ended", async () => {
      const { node, quote, root, signatures } = await quoted("bad");
      await does(hardhat, "validator attest", { quote, root, account: VALIDATORS[0] });
      await forge(signatures);
      await does(hardhat, "node register", { quote, signatures, account: PROVIDER });
      expect(await does(hardhat, "node dispute", { node, quote, account: "9" })).to.include({ standing: "Disproven" });
      expect(await does(hardhat, "node show", { node })).to.include({ state: "ended", endReason: "Disproven" });
      expect((await does(hardhat, "validator show", {}))["validators"]).to.deep.equal([]);
    });

    /** Has all validators sign another platform than the quote's. */
    async function forge(file: string): Promise<void> {
      const document = JSON.parse(readFileSync(file, "utf8")) as {
        reportData: string;
        attestation: Attestation;
        collateralHash: string;
      };
      const { reportData, collateralHash } = document;
      const attestation = { ...document.attestation, platformId: id("another platform") as Hex };
      const { quorumVerifier, nodeRegistry } = protocol;
      const domain = domainOf("QuorumVerifier", 31_337n, await quorumVerifier.getAddress());
      const vouch = { consumer: await nodeRegistry.getAddress(), reportData, attestation, collateralHash };
      const signers = await hardhat.connection.ethers.getSigners();
      const signatures = await Promise.all(
        VALIDATORS.slice(0, 2).map(async (index) => {
          const signer = signers[Number(index)]!;
          return { validator: signer.address, signature: await signVouch(signer, domain, vouch) };
        }),
      );
      writeFileSync(file, toJson({ ...document, attestation, signatures }));
    }
  });

  describe("a real enclave", function () {
    this.timeout(60_000);

    it("gets the binding to quote, and its quote is wrapped for the validators", async () => {
      const declared = { model: "1", price: "1", url: "https://three.example", account: PROVIDER };
      const node = String((await does(hardhat, "node register", declared))["nodeId"]);
      const enclave = Wallet.createRandom().address;
      const bound = await does(hardhat, "node quote", { node, enclave, account: PROVIDER });
      expect(bound).to.include({ enclaveKey: enclave }).and.to.not.have.property("files");
      const simulator = createSimulator({ time: await now() });
      const raw = hardhat.file("raw.bin");
      writeFileSync(raw, simulator.platform().quote({ reportData: bound["reportData"] as Hex }));
      const out = hardhat.file("real.quote.json");
      const wrapped = await does(hardhat, "node quote", { node, enclave, raw, out, account: PROVIDER });
      expect(wrapped).to.deep.include({ simulated: false, files: { quote: out } });
    });
  });

  describe("output", function () {
    this.timeout(60_000);

    it("is exactly one JSON document with --json, of success and of failure", async () => {
      for (const [words, args] of [
        ["platform status", {}],
        ["stake deposit", { amount: "1", account: USER }],
        ["order show", { order: "99" }],
        ["stake deposit", { amount: "none" }],
      ] as const) {
        const { stdout } = await hardhat.run(words, { ...args, json: true });
        expect(() => JSON.parse(stdout) as unknown, `${words}: ${stdout}`).not.to.throw();
      }
    });

    it("ends with what to do next, for people", async () => {
      for (const words of ["platform status", "node list", "order list", "stake show", "rewards show"]) {
        expect((await hardhat.run(words)).stdout.trimEnd().split("\n").at(-1)).to.match(/^Next: /);
      }
    });

    it("tells a contract's refusal by name, cause and remedy, with exit code 3", async () => {
      const { exitCode, stdout, stderr } = await hardhat.run("order show", { order: "99" });
      expect([exitCode, stdout]).to.deep.equal([3, ""]);
      expect(stderr).to.equal(
        "Refused: OrderEscrowUnknownOrder (orderId 99)\nCause: There is no order 99.\nRemedy: Look up the id with `order list`.\n",
      );
    });

    it("predicts in a dry run what would be refused", async () => {
      const { exitCode, document } = await hardhat.run("validator join", {
        amount: "1000",
        account: "9",
        dryRun: true,
        json: true,
      });
      expect(exitCode).to.equal(3);
      expect((document["error"] as { name: string }).name).to.equal("StakeVaultCapExceeded");
    });
  });

  describe("bad input", function () {
    this.timeout(60_000);

    const cases: readonly (readonly [string, Record<string, unknown>, string])[] = [
      ["stake deposit", { amount: "1,5" }, '"1,5" is not an amount'],
      ["stake deposit", { amount: "-1" }, '"-1" is not an amount'],
      ["stake deposit", { amount: "1", account: "77" }, 'has no account "77"'],
      ["stake allow", { module: "0x12", cap: "1" }, '"0x12" is not an address'],
      ["stake withdraw", { amount: "1", to: "0x52908400098527886E0F7030069857D2E4169Ee7" }, "is not an address"],
      ["node show", { node: "0" }, '"0" is not a valid node id'],
      ["node show", { node: "1e3" }, '"1e3" is not a valid node id'],
      ["node register", { model: "1" }, "--price is missing"],
      ["node register", { model: "1", price: "1", url: "node.example" }, '"node.example" is not an absolute URL'],
      ["node register", { quote: "/nowhere.json" }, "cannot be read"],
      ["validator challenge", { wait: "soon" }, '"soon" is not a duration'],
      ["order request", { node: "1", deposit: "1", price: "free" }, '"free" is not a price'],
      ["order settle", { orders: "1,x" }, '"x" is not a valid order id'],
      ["proof submit", { answer: "/nowhere.json" }, "cannot be read"],
      ["platform deploy", { parameters: "/nowhere.json5" }, "cannot be read"],
      ["stake deposit", { amount: "1", confirmations: 0 }, "Cannot wait for 0 confirmations"],
    ];
    for (const [words, args, message] of cases) {
      it(`refuses ${words} ${toJson(args).replace(/\s+/g, " ")}`, async () => {
        const { exitCode, stderr, stdout } = await hardhat.run(words, args);
        expect([exitCode, stdout]).to.deep.equal([1, ""]);
        expect(stderr)
          .to.include(message)
          .and.to.not.match(/\n\s+at /);
      });
    }

    it("refuses documents that are garbled, of another kind, or of another place", async () => {
      const good = JSON.parse(readFileSync(offerFile(), "utf8")) as { offer: object };
      const elsewhere = Wallet.createRandom().address;
      const documents: readonly (readonly [string, string])[] = [
        ["{", "is not JSON"],
        ["[]", "is invalid"],
        [JSON.stringify({ ...good, kind: "sgx-quote" }), 'invalid at "kind"'],
        [JSON.stringify({ ...good, signature: "0x1" }), 'invalid at "signature"'],
        [JSON.stringify({ ...good, extra: 1 }), "is invalid"],
        [
          JSON.stringify({ ...good, offer: { ...good.offer, ratePerSecond: "-5" } }),
          'invalid at "offer.ratePerSecond"',
        ],
        [JSON.stringify({ ...good, chainId: 1 }), "not for this deployment"],
        [JSON.stringify({ ...good, escrow: elsewhere }), "not for this deployment"],
      ];
      for (const [text, message] of documents) {
        writeFileSync(hardhat.file("bad.json"), text);
        const { exitCode, stderr } = await hardhat.run("order open", {
          deposit: "6",
          offer: hardhat.file("bad.json"),
          account: USER,
        });
        expect(exitCode).to.equal(1);
        expect(stderr).to.include(message);
      }
    });

    it("refuses a quote whose nonce was used", async () => {
      const { exitCode, stderr } = await hardhat.run("validator attest", {
        quote: quoteFile(),
        account: VALIDATORS[0],
      });
      expect(exitCode).to.equal(1);
      expect(stderr).to.include("used before");
    });
  });
});
