import { expect } from "chai";
import { ZeroAddress } from "ethers";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { parseCommandLine } from "../../../scripts/checks/docs/commandLine.ts";
import { fencesOf } from "../../../scripts/checks/docs/markdown.ts";
import { root } from "../../../scripts/checks/files.ts";
import type { Run } from "../../fixtures/hardhatCli.ts";
import { changes, openFaultyRpc } from "../../fixtures/cli/faultyRpc.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { contentHashOf } from "../../../src/data/cipher.ts";
import { tableOf } from "../../fixtures/tasks/table.ts";
import { openSigningSeats } from "../../fixtures/proxy/signingSeats.ts";
import { ACTORS, openTaskCli, type TaskCli } from "../../fixtures/tasks/taskCli.ts";
import { openTaskGateway, type TaskGateway } from "../../fixtures/tasks/taskGateway.ts";

/** Options that name files. */
const FILES = ["file", "key", "parameters", "out", "capability", "old", "trust", "inputs", "result", "resultKey"];

/** What is written or read, by the option for it, where a line does not say so. */
const USUAL: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "proxy delegate": { out: "proxy-capability.json" },
  "proxy borrow": { out: "borrowed.sealed.json" },
  "task run": { out: "task-1.result.sealed" },
  "task submit": { result: "task-1.result.json" },
  "task seal": { resultKey: "result.key.json" },
};

/** What the provider types, who has another account here. */
const PROVIDERS: ReadonlySet<string> = new Set(["task accept", "task submit"]);

/** What docs/proxy.md says to type. */
const lines = fencesOf(readFileSync(join(root, "docs/proxy.md"), "utf8"))
  .filter(({ language }) => language === "console")
  .flatMap(({ text }) => text.trim().split("\n"));

describe("the document of personal proxies", function () {
  this.timeout(300_000);
  let cli: TaskCli;
  let program: EnclaveProcess;
  let gateway: TaskGateway;
  let validators: Awaited<ReturnType<typeof openSigningSeats>>;
  let socket: string;
  let owner: string;
  /** The quote in a file, so that the gateway is not asked for it more often than it allows. */
  let shown: { readonly quote: string };
  const left = [...lines];

  before(async () => {
    cli = await openTaskCli();
    owner = cli.addressOf("7");
    const node = await cli.attested("one");
    shown = { quote: node.quote };
    validators = await openSigningSeats(cli);
    await next();
    const [door, kept, state] = ["run/door.sock", "kept", "chain.belief"].map((name) => cli.file(name));
    const proxy = ["--proxy", kept!, "--proxy-door", door!, "--proxy-owner", owner];
    const believed = ["--trust", cli.file("chain.trust.json"), "--state", state!];
    socket = cli.file("run/enclave.sock");
    program = await EnclaveProcess.listen(socket, "--key", node.key, ...believed, ...proxy);
    const quotes = cli.file("quotes");
    mkdirSync(quotes);
    cpSync(node.quote, join(quotes, "1.json"));
    gateway = await openTaskGateway(cli, node, { quotes, collateral: cli.file("one.collateral.json"), door: door! });
    for (const name of ["one", "two"]) writeFileSync(cli.file(`${name}.csv`), tableOf(60, name.length));
    const parameters = { epochs: 200, learningRate: 0.5, l2: 0 };
    writeFileSync(cli.file("parameters.json"), JSON.stringify(parameters));
  });
  after(async () => {
    await gateway.close();
    await program.end("SIGTERM");
    await validators.close();
    await cli.hardhat.close();
  });

  /** What a line's options are in the test's folder, and by the test's gateway, validators and enclave. */
  function placed(name: string, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const inFolder = (value: unknown): string => cli.file(String(value));
    const files = Object.entries({ ...USUAL[name], ...args })
      .filter(([option, value]) => FILES.includes(option) && typeof value === "string")
      .map(([option, value]) => [option, inFolder(value)] as const);
    const has = (option: string): boolean => option in args;
    return {
      ...args,
      ...Object.fromEntries(files),
      ...(has("allowLoopback") && { allowLoopback: false, gateway: gateway.origin }),
      ...(has("validators") && { validators: validators.url }),
      ...(has("data") && { data: String(args["data"]).split(",").map(inFolder).join(), enclave: socket }),
      ...(PROVIDERS.has(name) && { account: ACTORS.provider }),
    };
  }

  /** Runs a line as it stands there, in the test's folder. */
  async function typed(line: string, changes: Record<string, unknown> = {}, { hardhat } = cli): Promise<Run> {
    const { task, args } = parseCommandLine(line.split(" ").slice(3), hardhat.hre);
    const name = task.id.join(" ");
    return hardhat.run(name, { ...placed(name, args), ...changes });
  }

  /** Runs the next line of the document, which must succeed. */
  async function next(): Promise<Run["document"]> {
    const run = await typed(left.shift() ?? "");
    expect(run.exitCode, `${run.stderr}${run.stdout}`).to.equal(0);
    return run.document;
  }

  it("has the owner encrypt, upload and query", async () => {
    await next();
    const line = left[0] ?? "";
    const unreviewed = await typed(line, { ...shown, measurement: undefined });
    expect([unreviewed.exitCode, unreviewed.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes("Nobody has said which code"),
    );
    const other = await typed(line, { ...shown, measurement: `0x${"66".repeat(32)}` });
    expect(other.exitCode).to.equal(1);
    expect(other.stderr).to.include("The enclave's measurement is");
    const stranger = await typed(line, { ...shown, account: "6" });
    expect(stranger.exitCode).to.equal(1);
    expect(stranger.stderr).to.include("keeps no data of");
    expect(await next()).to.deep.include({ gateway: gateway.origin });
    await next();
    expect(JSON.parse(readFileSync(cli.file("own.json"), "utf8"))).to.have.keys(["program", "parameters", "values"]);
  });

  it("refuses another node than before under the number, and a log that does not go on from the one seen", async () => {
    const line = lines.find((each) => each.includes("own.json")) ?? "";
    const folder = cli.file("state/proxies");
    const [head, policy] = ["head", "policy"].map((what) => {
      const name = readdirSync(folder).find((each) => each.includes(owner) && each.endsWith(`.${what}.json`)) ?? "";
      return join(folder, name);
    }) as [string, string];
    const other = (digit: string): string => (digit === "f" ? "0" : "f");
    const lies = [
      [policy, /(?<="platformId": "0x)./, other, "is shown with the platformId"],
      [head, /(?<="count": )2/, () => "3", "that do not go on from there"],
      [head, /(?<="hash": "0x)./, other, "that do not go on from there"],
    ] as const;
    for (const [file, from, to, said] of lies) {
      const kept = readFileSync(file, "utf8");
      expect(kept).to.match(from);
      writeFileSync(file, kept.replace(from, to));
      const { exitCode, stderr } = await typed(line, { ...shown, out: cli.file("never.json") });
      expect([exitCode, stderr.includes(said)], stderr).to.deep.equal([1, true]);
      writeFileSync(file, kept);
    }
    expect(existsSync(cli.file("never.json"))).to.equal(false);
  });

  it("has the owner let somebody ask, who gets what the owner gets", async () => {
    expect(await next()).to.include({ datasetId: 1n });
    expect(await next()).to.include({ dryRun: true });
    expect(existsSync(cli.file("proxy-capability.json"))).to.equal(false);
    expect(await next()).to.include({ dryRun: false, holder: cli.addressOf("6"), uses: 3n });
    const delegate = lines.find((each) => each.includes("--dry-run")) ?? "";
    const named = { ...shown, dataset: undefined, trust: undefined, file: cli.file("one.csv.enc"), offChain: true };
    const offChain = await typed(delegate, named);
    expect(offChain.document, offChain.stderr).to.include({ grants: ZeroAddress, datasetId: 0n });
    for (const [changes, said] of [
      [{ ...named, paid: true }, "--off-chain is for no chain"],
      [{ ...shown, file: cli.file("one.csv.enc") }, "named by its id"],
      [{ ...shown, dataset: "2" }, "There is no dataset 2"],
      [{ ...shown, validators: "" }, "no validators are named"],
    ] as const) {
      const refused = await typed(delegate, changes);
      expect([refused.exitCode, refused.stderr.includes(said)], refused.stderr).to.deep.equal([1, true]);
    }
    const line = left[0] ?? "";
    expect(await next()).to.include({ usesLeft: 2n, owner });
    expect(readFileSync(cli.file("lent.json"))).to.deep.equal(readFileSync(cli.file("own.json")));
    const thief = await typed(line, { ...shown, account: "5" });
    expect([thief.exitCode, thief.stderr.includes("has shown it")]).to.deep.equal([1, true]);
    const wide = cli.file("wide.json");
    const capability = JSON.parse(readFileSync(cli.file("proxy-capability.json"), "utf8")) as object;
    writeFileSync(wide, JSON.stringify({ ...capability, uses: "4" }));
    const widened = await typed(line, { ...shown, capability: wide });
    expect([widened.exitCode, widened.stderr.includes("does not have the signature")]).to.deep.equal([1, true]);
  });

  it("has the owner read the log and revoke", async () => {
    const lent = lines.find((line) => line.includes("lent.json")) ?? "";
    const { entries } = await next();
    expect((entries as { act: string }[]).map(({ act }) => act)).to.deep.equal(["upload", "query", "use"]);
    expect(await next()).to.include({ revoked: true });
    const refused = await typed(lent, shown);
    expect([refused.exitCode, refused.stderr.includes("has revoked the capability")]).to.deep.equal([1, true]);
  });

  it("has a task pay for a use, and the enclave do it once the chain has accepted it", async () => {
    await next();
    expect(await next()).to.include({ dryRun: false, holder: cli.addressOf("6") });
    await next();
    const borrow = left[0] ?? "";
    expect(await next()).to.include({ usesLeft: 2n, datasetId: 1n });
    const unshown = await typed(borrow, { ...shown, validators: "", out: cli.file("other.json") });
    expect([unshown.exitCode, unshown.stderr.includes("no validators are named")]).to.deep.equal([1, true]);
    expect(await next()).to.include({ taskId: 1n });
    expect(await next()).to.include({ ready: true });
    await next();
    expect(await next()).to.include({ outcome: "result" });
    await next();
    const { status } = await cli.run("task show", { task: "1" });
    expect(status).to.equal("Submitted");
  });

  it("has the owner end that on chain, and replace the dataset", async () => {
    const borrow = lines.find((line) => line.includes("proxy borrow")) ?? "";
    await next();
    const refused = await typed(borrow, { ...shown, out: cli.file("other.json") });
    expect([refused.exitCode, refused.stderr.includes("the grant of dataset 1 is another one")]).to.deep.equal([
      1,
      true,
    ]);
    await next();
    const { replaced, contentHash } = await next();
    expect(replaced).not.to.equal(contentHash);
    expect(left, "all that the document says was run").to.deep.equal([]);
  });

  it("has the owner let nobody use another dataset than was named, where the network lies", async () => {
    const { contentHash } = await cli.protocol.dataGrants.getDataset(1n);
    const kept = contentHashOf(readFileSync(cli.file("two.csv.enc")));
    const rpc = await openFaultyRpc(cli.hardhat.url);
    const hardhat = await cli.hardhat.through(rpc.url);
    try {
      const lie = (result: unknown): unknown => String(result).replaceAll(contentHash.slice(2), kept.slice(2));
      rpc.on("eth_call", changes(lie));
      const delegate = lines.find((each) => each.startsWith("$ npx hardhat proxy delegate")) ?? "";
      const out = cli.file("other-dataset.json");
      const refused = await typed(delegate, { ...shown, dryRun: false, out }, { ...cli, hardhat });
      expect(refused.exitCode, refused.stdout).to.equal(1);
      expect(refused.stderr).to.include(`By the network dataset 1 is the content ${kept}`).and.to.include(contentHash);
      expect(existsSync(out)).to.equal(false);
    } finally {
      await hardhat.connection.close();
      await rpc.close();
    }
  });
});
