import { expect } from "chai";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { claimsOfView, Journal } from "../../../src/journal/index.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { shortEpochs } from "../../fixtures/hardhatCli.ts";

const { validators: VALIDATORS, provider: PROVIDER, user: USER, stranger: STRANGER } = ACCOUNTS;
const EPOCH = BigInt(shortEpochs.epochLength);
const token = (count: number): bigint => BigInt(count) * 10n ** 18n;

describe("what each role can do, in tasks", () => {
  let cli: PlatformCli;

  beforeEach(async () => {
    cli = await openPlatformCli();
  });
  afterEach(async () => cli.hardhat.close());

  describe("a provider", () => {
    it("changes a node's price and gateway, and is told from what to what", async () => {
      const { node } = await cli.quoted("set");
      const set = { node, price: "2.5", url: "https://elsewhere.example", account: PROVIDER };
      expect(await cli.run("node set", { ...set, dryRun: true })).to.include({ dryRun: true });
      expect(await cli.protocol.nodeRegistry.urlOf(node)).to.equal("https://set.example");
      const { stdout, document } = await cli.hardhat.run("node set", set);
      expect(document["transactions"]).to.have.lengthOf(2);
      expect(stdout).to.match(/^Price of a unit +1\/h \w+ -> 2\.5\/h \w+$/m);
      expect(await cli.protocol.nodeRegistry.urlOf(node)).to.equal(set.url);
      const { ratePerUnit } = await cli.protocol.nodeRegistry.getNode(node);
      expect(ratePerUnit).to.equal((token(1) * 10n ** 12n * 25n) / 36_000n);

      await cli.refuses("node set", set, "is like that already");
      const both = await cli.run("node set", { ...set, price: "3" });
      expect(both["transactions"], "only what changes is sent").to.have.lengthOf(1);
      await cli.refuses("node set", { node, account: PROVIDER }, "Nothing to set was given");
      await cli.refuses("node set", { ...set, account: STRANGER }, "belongs to", "--account");
      await cli.refuses("node set", { ...set, url: "elsewhere" }, "is not an absolute URL");
    });

    it("carries the answers of many nodes in one transaction, of which a bad one stops no other", async () => {
      const nodes = [await cli.attested("one"), await cli.attested("two"), await cli.attested("three")];
      await cli.hardhat.moveTo(((await cli.now()) / EPOCH + 1n) * EPOCH + 5n);
      await cli.run("validator challenge", { account: VALIDATORS[0] });
      const files = nodes.map(({ node }) => cli.file(`answer-${node}.json`));
      for (const [i, { node, key }] of nodes.entries()) {
        await cli.run("proof solve", { node, key, threads: "1", out: files[i] });
      }
      const [first = "", , third = ""] = files;
      const bad = JSON.parse(readFileSync(third, "utf8")) as { signature: string };
      writeFileSync(third, toJson({ ...bad, signature: `0x${"11".repeat(65)}` }));
      await cli.refuses("proof submit", { answer: [first, first] }, "has two answers");

      const { document, exitCode, stdout } = await cli.hardhat.run("proof submit", {
        answer: files,
        account: STRANGER,
      });
      expect(exitCode).to.equal(3);
      expect(document["transactions"]).to.have.lengthOf(1);
      const answers = document["answers"] as { hashRate?: bigint; refused?: { name: string } }[];
      expect(answers.map(({ hashRate }) => hashRate !== undefined)).to.deep.equal([true, true, false]);
      expect(answers[2]?.refused?.name).to.equal("ChallengeManagerInvalidSignature");
      expect(stdout).to.match(/^Node 3 +refused: /m);
      expect((await cli.run("proof status", { node: nodes[1]?.node }))["proven"]).to.equal(true);
    });
  });

  describe("anybody", () => {
    it("demands to see a quote that a quorum vouched for, and gets the bond back if nobody shows it", async () => {
      const { node, quote, root, signatures } = await cli.quoted("hidden");
      for (const account of VALIDATORS) await cli.run("validator attest", { quote, root, account });
      await cli.run("node register", { quote, signatures, account: PROVIDER });
      const bond = await cli.protocol.quorumVerifier.demandBond();
      await cli.run("stake deposit", { amount: "100", account: USER });
      await cli.refuses("node demand", { node, account: USER }, "Refused: StakeVaultCapExceeded");
      await cli.run("stake allow", { module: "quotes", cap: "max", account: USER });
      const { document, stdout } = await cli.hardhat.run("node demand", { node, account: USER });
      expect(document).to.include({ nodeId: BigInt(node), bond });
      expect(document["answerBy"]).to.equal((await cli.now()) + 86_400n);
      expect(stdout).to.include(`npx hardhat node dispute ${node}`);
      await cli.refuses("node demand", { node, account: USER }, "Refused: QuorumVerifierDemandOpen");
      expect((await cli.run("stake show", { account: USER }))["free"]).to.equal(token(100) - bond);

      await cli.hardhat.moveTo((document["answerBy"] as bigint) + 1n);
      expect(await cli.run("node dispute", { node })).to.include({ standing: "Withheld" });
      expect((await cli.run("stake show", { account: USER }))["free"]).to.equal(token(100));
    });

    it("has nothing to demand of a node that the chain itself has verified", async () => {
      const { node } = await cli.attested("open");
      await cli.refuses("node demand", { node, account: USER }, "No quorum vouched for the quote", "calldata");
    });

    it("passes on the pot of a period without points, and sees when a period ends", async () => {
      const { validatorRewards, token: erc20, challengeManager } = cli.protocol;
      await cli.refuses("rewards roll-over", {}, "None of the latest");
      const signer = (await cli.hardhat.connection.ethers.getSigners())[Number(USER)]!;
      await erc20.connect(signer).approve(validatorRewards, token(3));
      await validatorRewards.connect(signer).fund(token(3));
      const { endsAt, running } = await cli.run("rewards show");
      expect(running).to.equal(await challengeManager.currentPeriod());
      expect(endsAt).to.equal(((running as bigint) + 1n) * 24n * EPOCH);
      await cli.hardhat.moveTo(endsAt as bigint);
      const rolled = await cli.run("rewards roll-over", { account: STRANGER });
      expect(rolled).to.deep.include({ amount: token(3), periods: [running], to: (running as bigint) + 1n });
      expect(await validatorRewards.potOf((running as bigint) + 1n)).to.equal(token(3));
    });
  });

  describe("a user", () => {
    it("registers a key that results are sealed to, replaces it, and takes it back", async () => {
      const { userRegistry } = cli.protocol;
      const key = cli.file("user.key.json");
      const registered = await cli.run("user register-key", { key, account: USER });
      const { key: made } = registered["key"] as { key: string };
      expect((await userRegistry.getKey(cli.addressOf(USER))).key).to.equal(made);
      expect(statSync(key).mode & 0o777).to.equal(0o600);
      await cli.refuses("user register-key", { key, account: USER }, "has registered this key already");

      const x25519 = `0x${"07".repeat(32)}`;
      const replaced = await cli.hardhat.run("user register-key", { key: x25519, account: USER });
      expect(replaced.stdout.replace(/\s+/g, "")).to.include(`${made}(Secp256k1)->${x25519}(X25519)`);
      expect(await cli.run("user show-key", { account: USER })).to.deep.include({
        key: { scheme: "X25519", key: x25519 },
      });
      await cli.run("user remove-key", { account: USER });
      expect(await cli.run("user show-key", { account: USER })).to.deep.include({ key: null });
      await cli.refuses("user remove-key", { account: USER }, "Refused: UserRegistryNoKey");
      await cli.refuses("user register-key", { key: "0x1234", account: USER }, "key");
      const planned = cli.file("planned.key.json");
      await cli.run("user register-key", { key: planned, account: USER, dryRun: true });
      expect(() => statSync(planned), "a dry run makes no key").to.throw();
    });
  });

  describe("a validator", () => {
    it("takes its journal to another machine, which refuses there what it has signed here", async () => {
      const { quote, root } = await cli.quoted("moved");
      const account = VALIDATORS[0];
      await cli.refuses("validator journal export", { file: cli.file("none.json") }, "Nobody has signed anything here");
      await cli.run("validator attest", { quote, root, account });
      const file = cli.file("journal.json");
      const exported = await cli.run("validator journal export", { file });
      expect(exported).to.deep.include({ entries: 3, validators: [cli.addressOf(account)] });
      expect(statSync(file).mode & 0o777).to.equal(0o600);
      await cli.refuses("validator journal export", { file }, "already exists");
      const counts = { verdicts: 0, registrations: 1, quotes: 1, judgements: 1, views: 0 };
      const { journals } = await cli.run("validator journal show");
      expect(journals).to.have.lengthOf(1);
      expect((journals as object[])[0]).to.deep.include(counts);
      expect(await cli.run("validator journal import", { file })).to.include({ added: 0, known: 3 });

      const signer = { chainId: "31337", contract: cli.addressOf(VALIDATORS[1]), validator: cli.addressOf(account) };
      new Journal(join(cli.file("state"), "signed")).record(signer, [
        ...claimsOfView({ number: 7n, blockHash: `0x${"11".repeat(32)}` }),
        ...claimsOfView({ number: 8n, blockHash: `0x${"22".repeat(32)}` }),
      ]);
      const { journals: all } = await cli.run("validator journal show");
      expect((all as { views: number }[]).map(({ views }) => views).sort()).to.deep.equal([0, 2]);

      const moved = JSON.parse(readFileSync(file, "utf8")) as {
        entries: { kind: string; says: Record<string, string> }[];
      };
      const entries = moved.entries.map((entry) =>
        entry.kind === "quote" ? { ...entry, says: { reportData: "0x00" } } : entry,
      );
      writeFileSync(cli.file("other.json"), toJson({ ...moved, entries }));
      const contradicting = await cli.hardhat.run("validator journal import", { file: cli.file("other.json") });
      expect(contradicting.exitCode).to.equal(1);
      expect(contradicting.stdout).to.include("Contradictions  1");
      rmSync(cli.file("state"), { recursive: true });
      await cli.run("validator journal import", { file: cli.file("other.json") });
      await cli.refuses("validator attest", { quote, root, account }, "signed reportData", "Nothing was signed");
      await cli.refuses("validator attest", { quote, root, account, dryRun: true }, "signed reportData");
      await cli.run("validator attest", { quote, root, account: VALIDATORS[1] });
      writeFileSync(cli.file("bad.json"), "{}");
      await cli.refuses("validator journal import", { file: cli.file("bad.json") }, "is invalid");
    });
  });
});
