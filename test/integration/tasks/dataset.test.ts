import { expect } from "chai";
import { keccak256 } from "ethers";
import { readFileSync, statSync, writeFileSync } from "node:fs";

import { tableOf } from "../../fixtures/tasks/table.ts";
import { ACTORS, openTaskCli, REVIEWED, type TaskCli, type CliNode } from "../../fixtures/tasks/taskCli.ts";

const { provider: PROVIDER, owners: OWNERS, stranger: STRANGER } = ACTORS;
const [OWNER, ANOTHER] = OWNERS;
const DAY = 86_400n;
const OTHER_MEASUREMENT = `0x${"12".repeat(32)}`;

interface GrantView {
  readonly nodeId: bigint;
  readonly until: bigint;
  readonly holds: boolean;
  readonly why?: string;
}

describe("datasets", () => {
  let cli: TaskCli;
  let node: CliNode;
  let voted: CliNode;
  const file = (name: string): string => cli.file(name);

  before(async () => {
    cli = await openTaskCli();
    node = await cli.attested("one");
    voted = await cli.vouched("voted");
  });
  after(async () => cli.hardhat.close());

  const grantsOf = async (dataset: string): Promise<readonly GrantView[]> =>
    (await cli.run("dataset show", { dataset }))["grants"] as readonly GrantView[];
  describe("encrypt and register", () => {
    it("encrypts a file beside it, keeps its key to its owner, and never writes over one", async () => {
      const plain = file("plain.csv");
      writeFileSync(plain, tableOf(40, 1));
      const { contentHash, files } = await cli.run("dataset encrypt", { file: plain });
      expect(files).to.deep.equal({ encrypted: `${plain}.enc`, key: `${plain}.key.json` });
      const encrypted = readFileSync(`${plain}.enc`);
      expect(contentHash).to.equal(keccak256(encrypted));
      expect(encrypted.includes("label")).to.equal(false);
      expect(statSync(`${plain}.key.json`).mode & 0o777).to.equal(0o600);
      const before = readFileSync(`${plain}.key.json`, "utf8");
      await cli.refuses("dataset encrypt", { file: plain }, "already exists");
      await cli.refuses("dataset encrypt", { file: plain, out: file("fresh.enc") }, "plain.csv.key.json");
      expect(readFileSync(`${plain}.key.json`, "utf8")).to.equal(before);
    });

    it("registers the encrypted file's hash, a price and a URI, and changes the latter two", async () => {
      const encrypted = file("plain.csv.enc");
      const registered = { file: encrypted, price: "5", uri: "https://a.example", account: OWNER };
      const { datasetId, contentHash } = await cli.run("dataset register", registered);
      expect(contentHash).to.equal(keccak256(readFileSync(encrypted)));
      const dataset = String(datasetId);
      await cli.refuses("dataset set", { dataset, price: "1", account: ANOTHER }, "Refused: DataGrantsUnauthorized");
      await cli.refuses("dataset set", { dataset, account: OWNER }, "nothing to change");
      const set = await cli.run("dataset set", { dataset, price: "0.5", uri: "https://b.example", account: OWNER });
      expect(set).to.include({ price: 5n * 10n ** 17n, uri: "https://b.example" });
      await cli.run("dataset register", { hash: contentHash, price: "0", account: ANOTHER });
      const owned = async (owner?: string) => (await cli.run("dataset list", { owner }))["datasets"];
      expect(await owned()).to.have.lengthOf(2);
      expect(await owned(ANOTHER)).to.have.lengthOf(1);
      expect(await owned(STRANGER)).to.deep.equal([]);
    });

    it("refuses what names no content, or no price", async () => {
      await cli.refuses("dataset register", { price: "1" }, "No content was given");
      await cli.refuses("dataset register", { file: file("plain.csv"), hash: OTHER_MEASUREMENT, price: "1" }, "twice");
      await cli.refuses("dataset register", { hash: "0x12", price: "1" }, '"0x12" is not a valid hash');
      await cli.refuses("dataset register", { hash: OTHER_MEASUREMENT }, "--price is missing");
      await cli.refuses("dataset register", { hash: OTHER_MEASUREMENT, price: "free" }, '"free" is not an amount');
    });
  });

  describe("grant", () => {
    const dataset = "1";

    it("grants to the code that was looked at, and to no other", async () => {
      const args = { dataset, node: node.node, account: OWNER };
      const { mrEnclave: measurement } = await cli.protocol.nodeRegistry.identityOf(node.node);
      await cli.refuses(
        "dataset grant",
        { ...args, measurement: OTHER_MEASUREMENT },
        `runs an enclave with the measurement ${measurement}`,
      );
      await cli.refuses("dataset grant", args, "Nobody has said which code may get what is sealed", "--measurement");
      expect((await cli.protocol.dataGrants.getGrant(dataset, node.node)).nonce, "nothing was sent").to.equal(0n);
      expect(await cli.run("dataset grant", { ...args, measurement, until: "10d" })).to.include({ holds: true });
      // The first grant has kept the measurement, and a later one cannot widen that by the way.
      await cli.refuses(
        "dataset grant",
        { ...args, measurement: OTHER_MEASUREMENT },
        `does not have the measurement ${OTHER_MEASUREMENT}`,
        "add this one to its `measurements`",
      );
      const [grant] = await grantsOf(dataset);
      expect(grant).to.include({ nodeId: 1n, holds: true, demand: "Final", free: false });
      expect(Number((grant?.until ?? 0n) - (await cli.now()))).to.be.closeTo(Number(10n * DAY), 60);
    });

    it("takes a date, and refuses one that is over or none", async () => {
      const args = { dataset, node: node.node, account: OWNER };
      await cli.run("dataset grant", { ...args, until: "2100-01-01" });
      expect((await grantsOf(dataset))[0]?.until).to.equal(4_102_444_800n);
      await cli.refuses(
        "dataset grant",
        { ...args, until: "2001-01-01" },
        "A grant cannot end at 2001-01-01T00:00:00Z",
      );
      await cli.refuses("dataset grant", { ...args, until: "2026-99-99" }, '"2026-99-99" is not a date');
      await cli.refuses("dataset grant", { ...args, until: "soon" }, '"soon" is not a duration');
      await cli.refuses("dataset grant", { ...args, demand: "good" }, '"good" is not a demand');
      await cli.refuses("dataset grant", { account: OWNER }, "No dataset and node were given");
    });

    it("grants for nothing to a node of one's own only", async () => {
      const own = await cli.dataset(PROVIDER, "own", "7");
      await cli.refuses(
        "dataset grant",
        { dataset, node: node.node, free: true, account: OWNER },
        "DataGrantsNotOwnNode",
      );
      const granted = { dataset: own.id, node: node.node, free: true, account: PROVIDER, measurement: REVIEWED };
      expect(await cli.run("dataset grant", granted)).to.include({ holds: true });
      const { stdout } = await cli.hardhat.run("dataset show", { dataset: own.id });
      expect(stdout).to.match(/1 +yes .* Final +free/);
    });

    it("is signed by the owner and carried by anybody, once", async () => {
      const out = file("grant.json");
      const signed = { dataset, node: voted.node, demand: "live", sign: true, out, account: OWNER };
      await cli.refuses("dataset grant", { ...signed, account: ANOTHER }, "Sign with the owner's account");
      await cli.refuses("dataset grant", { ...signed, free: true }, "Leave out --free");
      await cli.refuses(
        "dataset grant",
        { ...signed, measurement: OTHER_MEASUREMENT },
        "does not have the measurement",
      );
      await cli.run("dataset grant", { ...signed, dryRun: true });
      expect(() => statSync(out), "a dry run signs nothing").to.throw();
      await cli.run("dataset grant", signed);
      await cli.refuses("dataset grant", signed, "can be carried until", "dataset revoke", "--out");
      expect(await grantsOf(dataset), "nothing was sent").to.have.lengthOf(1);

      const carried = { grant: out, account: STRANGER };
      await cli.refuses("dataset grant", { ...carried, sign: true }, "either signed or carried");
      await cli.refuses("dataset grant", { ...carried, node: "1" }, "The grant in the file is for node 2, not 1");
      await cli.refuses(
        "dataset grant",
        { ...carried, measurement: OTHER_MEASUREMENT },
        "runs an enclave with the measurement",
      );
      for (const [change, text] of [
        [{ chainId: 1 }, "not for this deployment"],
        [{ grants: cli.addressOf("0") }, "not for this deployment"],
        [{ signature: `0x${"11".repeat(65)}` }, "Refused: DataGrantsInvalidSignature"],
        [{ kind: "order-offer" }, 'invalid at "kind"'],
      ] as const) {
        const document = JSON.parse(readFileSync(out, "utf8")) as object;
        writeFileSync(file("changed.json"), JSON.stringify({ ...document, ...change }));
        await cli.refuses("dataset grant", { ...carried, grant: file("changed.json") }, text);
      }
      expect(await cli.run("dataset grant", carried)).to.include({ holds: true });
      await cli.refuses("dataset grant", carried, "it was carried");
    });

    it("says of each grant whether it holds now, and why not", async () => {
      await cli.run("dataset grant", { dataset, node: voted.node, account: OWNER });
      expect((await grantsOf(dataset))[1]?.why).to.match(
        /^the quorum's vouching for the node becomes final only after /,
      );
      await cli.run("dataset grant", { dataset, node: voted.node, demand: "on-chain", account: OWNER });
      expect((await grantsOf(dataset))[1]?.why).to.match(/^a quorum vouched .* has not verified it$/);
      await cli.run("dataset revoke", { dataset, node: voted.node, account: OWNER });
      expect((await grantsOf(dataset))[1]).to.include({ holds: false, why: "revoked" });
      await cli.run("dataset grant", { dataset, node: voted.node, demand: "live", until: "1h", account: OWNER });
      await cli.hardhat.moveTo((await cli.now()) + 3601n);
      expect((await grantsOf(dataset))[1]?.why).to.match(/^expired at /);
    });

    it("is taken back by revoking, also when nobody has carried it", async () => {
      const out = file("another.json");
      await cli.run("dataset grant", { dataset, node: node.node, sign: true, out, account: OWNER });
      await cli.refuses(
        "dataset revoke",
        { dataset, node: node.node, account: ANOTHER },
        "Refused: DataGrantsUnauthorized",
      );
      await cli.run("dataset revoke", { dataset, node: node.node, account: OWNER });
      await cli.refuses("dataset grant", { grant: out, account: STRANGER }, "revoked since");
    });

    it("is taken back by its file or its key where the node was never attested", async () => {
      const out = file("ahead.json");
      await cli.run("dataset grant", { dataset, node: node.node, sign: true, out, account: OWNER });
      const url = "https://later.example";
      const { nodeId } = await cli.run("node register", { model: "1", price: "1", url, account: PROVIDER });
      const later = String(nodeId);
      const signed = JSON.parse(readFileSync(out, "utf8")) as { terms: { enclaveKey: string } };
      writeFileSync(out, JSON.stringify({ ...signed, terms: { ...signed.terms, nodeId: later } }));

      const nonce = async () => (await cli.protocol.dataGrants.getGrant(dataset, later)).nonce;
      const args = { dataset, node: later, account: OWNER };
      await cli.refuses("dataset revoke", args, `Node ${later} was never attested`, "--grant", "--key");
      await cli.refuses("dataset revoke", { ...args, grant: out, key: cli.addressOf("0") }, "given twice");
      await cli.refuses("dataset revoke", { ...args, node: "1", grant: out }, `is for node ${later}, not 1`);
      await cli.refuses("dataset revoke", { ...args, key: "0x12" }, "is not an address");
      await cli.refuses("dataset revoke", { account: OWNER }, "No dataset and node were given");
      expect(await nonce(), "nothing was sent").to.equal(0n);

      const { enclaveKey } = signed.terms;
      expect(await cli.run("dataset revoke", { grant: out, account: OWNER })).to.include({ enclaveKey });
      expect(await nonce()).to.equal(2n ** 32n);
      expect(await cli.run("dataset revoke", { ...args, key: enclaveKey })).to.include({ enclaveKey });
      expect(await nonce()).to.equal(2n ** 33n);
      const none = { ...args, node: "1000" };
      await cli.refuses("dataset revoke", none, "Node 1000 was never attested");
      expect(await cli.run("dataset revoke", { ...none, key: enclaveKey })).to.include({ enclaveKey });
      const other = { ...args, node: voted.node, key: cli.addressOf("0") };
      await cli.refuses("dataset revoke", other, "Refused: DataGrantsWrongEnclaveKey");
    });
  });

  it("prints one document with --json, of success and of failure", async () => {
    for (const [words, args] of [
      ["dataset show", { dataset: "1" }],
      ["dataset list", {}],
      ["dataset show", { dataset: "99" }],
      ["dataset encrypt", { file: "/nowhere" }],
    ] as const) {
      const { stdout } = await cli.hardhat.run(words, { ...args, json: true });
      expect(() => JSON.parse(stdout) as unknown, `${words}: ${stdout}`).not.to.throw();
    }
  });

  describe("lists", () => {
    it("show the newest, say what they leave out, and choose before they cut", async () => {
      const signers = await cli.hardhat.connection.ethers.getSigners();
      const grants = cli.protocol.dataGrants.connect(signers[Number(STRANGER)]);
      const first = await grants.datasetCount();
      expect(await cli.run("dataset list", {})).to.include({ older: 0, newer: 0 });
      for (let i = 0; i < 12; i += 1) await grants.register(OTHER_MEASUREMENT, 1, "");
      const ids = ({ datasets }: Readonly<Record<string, unknown>>): bigint[] =>
        (datasets as { datasetId: bigint }[]).map(({ datasetId }) => datasetId);

      const owner = STRANGER;
      const page = await cli.hardhat.run("dataset list", { owner, limit: "5" });
      const count = first + 12n;
      expect(page.document).to.include({ count, older: 7 });
      const nextPage = `dataset list --owner ${owner} --limit 5 --before ${(count - 4n).toString()}`;
      expect(page.document).to.include({ nextPage: `npx hardhat ${nextPage} --network story` });
      expect(page.stdout).to.match(/^Left out +7 with lower ids$/m);
      expect(page.stdout).to.include(`Next: \`npx hardhat ${nextPage} --network story\` for what is older; `);
      expect(ids(page.document)).to.deep.equal([4n, 3n, 2n, 1n, 0n].map((back) => count - back));
      const last = await cli.run("dataset list", { owner, limit: "10", before: (count - 4n).toString() });
      expect(last).to.include({ older: 0 });
      expect(ids(last)).to.have.lengthOf(7);

      // Whose are older than everything on the first page.
      const others = await cli.run("dataset list", { owner: ANOTHER, limit: "3" });
      expect(ids(others)).to.have.lengthOf(1);
      await cli.refuses("dataset list", { limit: "0" }, '"0" is not a valid number of rows');
    });
  });
});
