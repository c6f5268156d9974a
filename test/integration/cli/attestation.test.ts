import { expect } from "chai";
import { id, keccak256, Wallet } from "ethers";
import { readFileSync, writeFileSync } from "node:fs";

import { domainOf, signVouch } from "../../../src/eip712/index.ts";
import {
  serializeCollateral,
  TcbStatus,
  type Attestation,
  type CollateralBasis,
  type Hex,
} from "../../../src/sgx/index.ts";
import { USUAL_TCB_LEVELS } from "../../../src/sgx/simulator/documents.ts";
import { createSimulator } from "../../../src/sgx/simulator/simulator.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";

const { validators: VALIDATORS, provider: PROVIDER, stranger: STRANGER } = ACCOUNTS;

describe("the attestation of nodes, in tasks", () => {
  let cli: PlatformCli;

  before(async () => {
    cli = await openPlatformCli();
  });
  after(async () => cli.hardhat.close());

  describe("newer collateral", () => {
    /** Collateral of the usual platform family that begins now, by which the usual platforms have a status. */
    async function collateralBy(status: TcbStatus): Promise<string> {
      const time = await cli.now();
      const tcbLevels = USUAL_TCB_LEVELS.map((level) =>
        level.status === TcbStatus.UpToDate ? { ...level, status } : level,
      );
      const collateral = createSimulator({ time }).platform().collateral({ issueDate: time, tcbLevels });
      const file = cli.file("newer.json");
      writeFileSync(file, serializeCollateral(collateral));
      return file;
    }

    it("stops new orders of a node whose status is worse, and suspends one whose level is revoked, until that is taken back", async () => {
      const { node, quote } = await cli.quoted("later");
      await cli.run("node register", { quote, account: PROVIDER });
      const { stake } = await cli.protocol.nodeRegistry.getNode(node);
      const worse = await collateralBy(TcbStatus.OutOfDate);
      const found = await cli.run("node recheck", { node, collateral: worse, account: STRANGER });
      expect(found).to.deep.include({ standing: "Holds", tcbStatus: "OutOfDate", submitted: ["tcbInfo"] });
      expect(await cli.run("node show", { node })).to.include({ state: "live", open: false });
      const revoked = await collateralBy(TcbStatus.Revoked);
      const suspended = await cli.run("node recheck", { node, collateral: revoked, account: STRANGER });
      expect(suspended).to.include({ standing: "Revoked", suspended: true });
      const { suspendedSince } = await cli.run("node show", { node });
      expect(await cli.run("node show", { node })).to.include({
        ...{ state: "suspended", open: false, endReason: "None", stake },
        endableAt: (suspendedSince as bigint) + (await cli.protocol.nodeRegistry.revocationDelay()),
      });
      const takenBack = await collateralBy(TcbStatus.UpToDate);
      const lifted = await cli.run("node recheck", { node, collateral: takenBack, account: STRANGER });
      expect(lifted).to.include({ standing: "Holds", suspended: false });
      expect(await cli.run("node show", { node })).to.include({ state: "live", open: true, stake });
    });
  });

  describe("a quorum", () => {
    it("attests a node by its signatures, and nobody disproves what was true", async () => {
      const { node, quote, root, signatures } = await cli.quoted("voted");
      for (const account of VALIDATORS) await cli.run("validator attest", { quote, root, account });
      const attested = await cli.run("node register", { quote, signatures, account: PROVIDER });
      expect(attested).to.include({ verifier: "Quorum" });
      expect(await cli.run("node show", { node })).to.include({ state: "live", verifier: "Quorum" });
      expect(await cli.run("node dispute", { node })).to.include({ standing: "Holds" });
      expect(await cli.run("node dispute", { node, quote, account: STRANGER })).to.include({ standing: "Holds" });
      expect(await cli.run("node recheck", { node, quote })).to.include({ standing: "Holds" });
      expect((await cli.run("validator show", {}))["validators"]).to.have.lengthOf(3);
    });

    it("judges by what its validators fetch, and signs nothing that rests on older lists", async () => {
      const { node, quote, root } = await cli.quoted("fetched");
      const time = await cli.now();
      const older = createSimulator({ time }).platform({ name: `node-${node}` });
      const source = cli.file("fetched-older.json");
      writeFileSync(source, serializeCollateral(older.collateral({ issueDate: time - 3n * 86_400n })));
      const first = await cli.run("validator attest", { quote, root, source, account: VALIDATORS[0] });
      const shared = String(first["collateral"]);
      await cli.refuses("validator attest", { quote, root, account: VALIDATORS[1] }, "judged by a list of the");
      // Without the first one's documents nobody can see what it signed for.
      writeFileSync(shared, serializeCollateral(older.collateral()));
      await cli.refuses("validator attest", { quote, root, account: VALIDATORS[1] }, "is not in");

      const signatures = cli.file("fetched-2.signatures.json");
      for (const account of VALIDATORS) await cli.run("validator attest", { quote, root, out: signatures, account });
      expect(await cli.run("node register", { quote, signatures, account: PROVIDER })).to.include({
        verifier: "Quorum",
      });
    });

    it("is answered for by the provider, who keeps every quote and shows the one that is demanded", async () => {
      const { node, quote, root, signatures } = await cli.quoted("demanded");
      for (const account of VALIDATORS) await cli.run("validator attest", { quote, root, account });
      await cli.run("node register", { quote, signatures, account: PROVIDER });
      expect(await cli.run("node demands", { node })).to.deep.equal({ demands: [] });
      await cli.refuses("node show-quote", { node, account: PROVIDER }, "Nobody demands to see a quote");

      const { quorumVerifier, nodeRegistry, stakeVault, token } = cli.protocol;
      const { quoteHash, reportData } = demanded(quote);
      const demander = (await cli.hardhat.connection.ethers.getSigners())[Number(STRANGER)]!;
      const bond = await quorumVerifier.demandBond();
      await token.transfer(demander, bond);
      await token.connect(demander).approve(stakeVault, bond);
      await stakeVault.connect(demander).deposit(bond);
      await stakeVault.connect(demander).allow(quorumVerifier, bond);
      await quorumVerifier.connect(demander).demandQuote(nodeRegistry, quoteHash, reportData);

      const watched = await cli.hardhat.run("node demands", { provider: PROVIDER, json: true });
      expect(watched.exitCode, "a scheduler notices").to.equal(1);
      expect(watched.document["demands"]).to.have.lengthOf(1);
      // The next quote is made before the demand is seen, and overwrites the file.
      await cli.run("node quote", { node, out: quote, account: PROVIDER });
      await cli.refuses("node show-quote", { node, quote, account: PROVIDER }, quoteHash);
      const kept = quote.replace(".quote.json", ".quotes");
      expect(await cli.run("node show-quote", { node, kept, account: PROVIDER })).to.deep.include({
        quotes: [quoteHash],
      });
      expect(await cli.run("node demands", { node })).to.deep.equal({ demands: [] });
      expect(await cli.run("node dispute", { node })).to.include({ standing: "Holds" });
      expect((await stakeVault.stakeOf(demander)).stake).to.equal(0n);
      expect(await stakeVault.freeStakeOf(await quorumVerifier.treasury())).to.equal(bond);
    });

    /** What names the quote in a file. */
    function demanded(file: string): { quoteHash: string; reportData: string } {
      const { quote, reportData } = JSON.parse(readFileSync(file, "utf8")) as { quote: string; reportData: string };
      return { quoteHash: keccak256(quote), reportData };
    }

    it("that vouched for what was never true is slashed, and its node ended", async () => {
      const { node, quote, root, signatures } = await cli.quoted("bad");
      await cli.run("validator attest", { quote, root, account: VALIDATORS[0] });
      await forge(signatures);
      await cli.run("node register", { quote, signatures, account: PROVIDER });
      expect(await cli.run("node dispute", { node, quote, account: STRANGER })).to.include({ standing: "Disproven" });
      expect(await cli.run("node show", { node })).to.include({ state: "ended", endReason: "Disproven" });
      expect((await cli.run("validator show", {}))["validators"]).to.deep.equal([]);
    });

    /** Has all validators sign another platform than the quote's. */
    async function forge(file: string): Promise<void> {
      const document = JSON.parse(readFileSync(file, "utf8")) as {
        reportData: string;
        attestation: Attestation;
        basis: CollateralBasis;
      };
      const { reportData, basis } = document;
      const attestation = { ...document.attestation, platformId: id("another platform") as Hex };
      const { quorumVerifier, nodeRegistry } = cli.protocol;
      const domain = domainOf("QuorumVerifier", 31_337n, await quorumVerifier.getAddress());
      const vouch = { consumer: await nodeRegistry.getAddress(), reportData, attestation, basis };
      const signers = await cli.hardhat.connection.ethers.getSigners();
      const signatures = await Promise.all(
        VALIDATORS.map(async (index) => {
          const signer = signers[Number(index)]!;
          return { validator: signer.address, signature: await signVouch(signer, domain, vouch) };
        }),
      );
      writeFileSync(file, toJson({ ...document, attestation, signatures }));
    }
  });

  describe("a real enclave", () => {
    it("gets the binding to quote, and its quote is wrapped for the validators", async () => {
      const declared = { model: "1", price: "1", url: "https://three.example", account: PROVIDER };
      const node = String((await cli.run("node register", declared))["nodeId"]);
      const enclave = Wallet.createRandom().address;
      const out = cli.file("real.quote.json");
      const bound = await cli.run("node quote", { node, enclave, out, account: PROVIDER });
      expect(bound).to.deep.include({ enclaveKey: enclave, files: { binding: cli.file("real.binding.json") } });
      const simulator = createSimulator({ time: await cli.now() });
      const raw = cli.file("raw.bin");
      const quote = Buffer.from(simulator.platform().quote({ reportData: bound["reportData"] as Hex }));
      writeFileSync(raw, quote.toString("base64"));
      await cli.hardhat.moveTo((await cli.now()) + 60n);
      const wrapped = await cli.run("node quote", { node, enclave, raw, out, account: PROVIDER });
      expect(wrapped).to.deep.include({ simulated: false, files: { quote: out }, binding: bound["binding"] });
      const collateral = cli.file("real.collateral.json");
      writeFileSync(collateral, serializeCollateral(simulator.platform().collateral()));
      const other = Buffer.from(simulator.platform().quote({ reportData: `0x${"11".repeat(32)}` }));
      writeFileSync(raw, other);
      await cli.refuses("node quote", { node, enclave, raw, out, account: PROVIDER }, "has the report data 0x1111");
      await cli.refuses("node quote", { node, raw, account: PROVIDER }, "--raw needs --enclave");
      const attested = await cli.run("node register", { quote: out, collateral, account: PROVIDER });
      expect(attested).to.include({ verifier: "OnChain" });
      await cli.refuses("node quote", { node, enclave, raw, out, account: PROVIDER }, "was attested since");
    });
  });
});
