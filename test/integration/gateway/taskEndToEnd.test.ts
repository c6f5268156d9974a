import { expect } from "chai";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { JsonRpcProvider } from "ethers";

import { fencesOf } from "../../../scripts/checks/docs/markdown.ts";
import { root } from "../../../scripts/checks/files.ts";
import { parseAddressBook } from "../../../src/deployments.ts";
import { connectProtocol, type Protocol } from "../../../src/protocol.ts";
import { keccak256 } from "../../../src/sgx/bytes.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { Market, PROVIDER } from "../../fixtures/gateway/endToEnd/market.ts";
import type { Document, Party } from "../../fixtures/gateway/endToEnd/party.ts";
import { moduleOf } from "../../fixtures/enclave/webAssembly.ts";
import { startPodman } from "../../fixtures/gateway/orchestrator/podman.ts";

const TOKEN = 10n ** 18n;
const [VALIDATOR, REQUESTER, OWNER, OTHER_OWNER, STRANGER] = ["5", "6", "7", "8", "9"] as const;
const LOOPBACK = "--allow-loopback";

/** A table of numbers as docs/private-data.md makes it. */
function table(from: number): string {
  const rows = Array.from({ length: 60 }, (_, i) => [(i + from) % 7, (5 * i + from) % 11] as const);
  return rows.map(([a, b]) => [a, b, a + b > 8 ? 1 : 0].join(",")).join("\n");
}

/** What docs/private-data.md says to type for tasks over the network, block by block. */
function documentedBlocks(): string[][] {
  const [, section = ""] = readFileSync(join(root, "docs/private-data.md"), "utf8").split("## Over the network\n");
  const [own = ""] = section.split("\n## ");
  return fencesOf(own).map(({ text }) => text.trim().split("\n"));
}

describe("a task over the network: no file goes from hand to hand, and each party is its own process", () => {
  /** What is to be closed, in the opposite order. */
  const closers: (() => Promise<void>)[] = [];
  const parties = new Map<string, Party>();
  let market: Market;
  let protocol: Protocol;
  let addresses: string[];
  let blocks: string[][];

  before(async function () {
    const started = await startPodman();
    if (started === undefined) this.skip();
    const { podman } = started;
    market = new Market();
    closers.push(
      async () => market.close(),
      async () => podman.close("one"),
      async () => market.kill(),
    );
    await market.open();
    // Processes start side by side.
    for (const account of [VALIDATOR, REQUESTER, OWNER, OTHER_OWNER, STRANGER]) {
      parties.set(account, market.newParty(`account-${account}`));
    }
    const tasks = { minNodeFee: "1", maxStakeLock: "1000" };
    await Promise.all([
      market.openNode(`${podman.gatewayFolder("one")}/podman.sock`, { tasks }),
      joinAs(parties.get(VALIDATOR)!),
    ]);
    // One of three endpoints does not answer: two that do are enough for everything.
    const { chain } = JSON.parse(readFileSync(market.file("gateway.json5"), "utf8")) as { chain: object };
    market.reconfigure({ chain: { ...chain, rpc: [market.chainUrl, "http://127.0.0.1:9", market.chainUrl] } });
    const book = parseAddressBook(readFileSync(market.file("deployments/localhost/addresses.json"), "utf8"));
    const provider = new JsonRpcProvider(market.chainUrl);
    closers.push(async () => {
      provider.destroy();
      return Promise.resolve();
    });
    protocol = connectProtocol(book, provider);
    addresses = market.accounts(10);
    blocks = documentedBlocks();
    writeFileSync(party(OWNER).file("one.csv"), table(0));
    writeFileSync(party(OTHER_OWNER).file("two.csv"), table(60));
    const parameters = { epochs: 200, learningRate: 0.5, l2: 0 };
    writeFileSync(party(REQUESTER).file("parameters.json"), JSON.stringify(parameters));
  });

  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  const party = (account: string): Party => parties.get(account)!;

  async function joinAs(validator: Party): Promise<void> {
    const by = ["--account", VALIDATOR];
    await validator.does("stake", "deposit", "5000", ...by);
    await validator.does("stake", "allow", "validators", "max", ...by);
    await validator.does("validator", "join", "5000", ...by);
  }

  /** Runs the next block of the document as it stands there, in the process and the folder of the account that it names. */
  async function runBlock(): Promise<Document[]> {
    const lines = blocks.shift() ?? [];
    const account = /--account (\d+)/.exec(lines.join("\n"))?.[1] ?? "";
    const documents: Document[] = [];
    for (const line of lines) {
      const words = line
        .replace(/^\$ npx hardhat /, "")
        .replace(" --network localhost", "")
        .split(" ");
      documents.push(await (account === PROVIDER ? market : party(account)).does(...words));
    }
    return documents;
  }

  const statusOf = async (task: number): Promise<string> => {
    const names = ["None", "Published", "Accepted", "Submitted", "Valid"];
    return names[Number((await protocol.taskEscrow.getTask(task)).status)] ?? "another";
  };

  it("the provider lets tasks lock stake, of which the gateway's check says, and starts the gateway", async () => {
    const found = async (): Promise<Document | undefined> => {
      const { findings } = await market.does("gateway", "check", "--config-file", market.file("gateway.json5"));
      return (findings as Document[]).find(({ subject }) => subject === "tasks");
    };
    expect(await found()).to.include({ state: "warning", remedy: "Allow it: `stake allow tasks`." });
    await runBlock();
    expect(await found()).to.include({ state: "warning", remedy: "Stake more: `stake deposit`." });
    await market.does("stake", "deposit", "1000", "--account", PROVIDER);
    expect(await found()).to.include({ state: "ok" });
    await market.startByProgram();
  });

  it("refuses to be led to this machine by what the chain says, unless that is allowed", async () => {
    const named = ["--node", "1", "--parameters", "parameters.json", "--measurement", simulatedEnclave().mrEnclave];
    const refused = await party(REQUESTER).run("task", "seal", ...named);
    expect(refused.exitCode).to.equal(1);
    expect(refused.output).to.include("which is not https");
  });

  it("owners encrypt, grant and send their data, and the keys sealed to the enclave", async () => {
    expect((await runBlock()).at(-1)).to.include({ datasetId: "1" });
    for (const datasetId of ["2", "1"]) {
      const documents = await runBlock();
      expect(documents.at(-1)).to.include({ datasetId, sent: true, gateway: market.origin });
    }
    const again = ["--file", "one.csv.enc", "--key", "one.csv.key.json", LOOPBACK, "--account", OWNER];
    expect(await party(OWNER).does("dataset", "send", "1", "1", ...again)).to.include({ sent: false });
  });

  it("a requester publishes a task and sends its inputs, and the gateway is killed while it accepts, runs and submits", async () => {
    const [published, status] = await runBlock();
    expect(published).to.deep.include({ taskId: "1", obstacles: [], gateway: market.origin });
    expect(status).to.include({ gateway: market.origin });
    await market.restart();
    await until("the task is accepted", async () => (await statusOf(1)) !== "Published");
    await market.restart();
    await until("the task is submitted", async () => (await statusOf(1)) === "Submitted");
    const { taskEscrow } = protocol;
    expect(await taskEscrow.queryFilter(taskEscrow.filters.TaskAccepted(1n))).to.have.lengthOf(1);
    const stage = await party(REQUESTER).does("task", "status", "1", LOOPBACK, "--account", REQUESTER);
    expect(stage).to.include({ status: "Submitted", stage: "over" });
  });

  it("a validator fetches the result, judges it and sends its verdict", async () => {
    const [verdict] = await runBlock();
    expect(verdict).to.include({ verdict: "Valid", gateway: market.origin, verdicts: 1 });
    expect(existsSync(party(VALIDATOR).file("task-1.result.sealed"))).to.equal(true);
  });

  it("the requester fetches the verdicts, ends the task, fetches the result and opens it", async () => {
    const [verdicts, ended, fetched, opened] = await runBlock();
    expect(verdicts).to.include({ added: 1 });
    expect(ended).to.include({ status: "Valid", escrowed: "0" });
    expect(fetched).to.include({ part: "result", fetched: true });
    expect(opened).to.include({ status: "Valid" });
    const { datasets, values } = JSON.parse(readFileSync(party(REQUESTER).file("task-1.opened"), "utf8")) as {
      datasets: string[];
      values: number[];
    };
    expect(datasets).to.have.lengthOf(2);
    expect(values.some((weight) => Math.abs(weight) > 0.01)).to.equal(true);
    expect(blocks, "all that the document says was run").to.deep.equal([]);
  });

  it("everybody is paid on the chain, to the unit", async () => {
    const owed = async (account: string): Promise<bigint> =>
      protocol.taskEscrow.balanceOf(addresses[Number(account)] ?? "");
    expect(await owed(OWNER)).to.equal(5n * TOKEN);
    expect(await owed(OTHER_OWNER)).to.equal((5n * TOKEN) / 2n);
    expect(await owed(PROVIDER)).to.equal(10n * TOKEN);
    expect(await owed(VALIDATOR)).to.equal(3n * TOKEN);
    expect(await owed(REQUESTER)).to.equal(0n);
  });

  it("the enclave's statement is fetched too, and who has no part in the task gets nothing", async () => {
    const by = [LOOPBACK, "--account", REQUESTER];
    const { statement } = await party(REQUESTER).does("task", "fetch", "1", "statement", ...by);
    expect(statement).to.include({ kind: "task-result", taskId: "1" });
    const refused = await party(STRANGER).run("task", "fetch", "1", LOOPBACK, "--account", STRANGER);
    expect([refused.exitCode, readdirSync(party(STRANGER).folder)]).to.deep.equal([3, ["deployments"]]);
    expect(refused.output).to.include("not-yours");
  });

  it("nothing of the data lies at the gateway in the clear", () => {
    const folder = market.file("gateway/files");
    const files = readdirSync(folder);
    expect(files.length).to.be.greaterThan(5);
    const row = table(0).slice(0, 60);
    for (const name of files) expect(readFileSync(join(folder, name)).includes(row), name).to.equal(false);
  });

  it("a task that the provider's policy refuses is told to its requester", async () => {
    const requester = party(REQUESTER);
    const by = [LOOPBACK, "--account", REQUESTER];
    const offer = ["--datasets", "1", "--parameters", "parameters.json", "--node-fee", "0.5", "--send"];
    const reviewed = ["--measurement", simulatedEnclave().mrEnclave];
    await requester.does("task", "publish", "--node", "1", ...offer, ...reviewed, ...by);
    const status = async (): Promise<Document> => requester.does("task", "status", "2", ...by);
    await until("the gateway has looked at it", async () => (await status())["stage"] !== "unseen");
    expect(await status()).to.deep.include({
      ...{ status: "Published", stage: "refused" },
      reasons: [{ subject: "node fee", detail: "it pays the node 0.5 tokens, and the provider takes tasks from 1 on" }],
    });
  });

  it("a task of a program that the provider does not take is not accepted, and its requester is told why", async () => {
    const requester = party(REQUESTER);
    const by = [LOOPBACK, "--account", REQUESTER];
    const code = moduleOf("(loop $again (br $again))", "");
    writeFileSync(requester.file("endless.wasm"), code);
    writeFileSync(requester.file("none.json"), "{}");
    const offer = [
      "--datasets",
      "1",
      "--wasm",
      "endless.wasm",
      "--parameters",
      "none.json",
      "--node-fee",
      "5",
      "--send",
    ];
    const reviewed = ["--measurement", simulatedEnclave().mrEnclave];
    await requester.does("task", "publish", "--node", "1", ...offer, ...reviewed, ...by);
    const status = async (): Promise<Document> => requester.does("task", "status", "3", ...by);
    await until("the enclave has looked at it", async () => (await status())["stage"] === "waiting");
    const detail = `The provider takes no tasks of the program ${keccak256(code)}`;
    expect(await status()).to.deep.include({ status: "Published" });
    expect((await status())["reasons"]).to.deep.include({ subject: "inputs", detail });
  });

  it("another node's gateway gets nothing", async () => {
    const requester = party(REQUESTER);
    const other = market.publish(
      "v1/info",
      JSON.stringify({ chainId: 31_337, orderEscrow: addresses[0], node: 2, origin: "x" }),
    );
    const words = ["task", "fetch", "2", "inputs", "--gateway", new URL(other).origin, "--account", REQUESTER];
    const refused = await requester.run(...words);
    expect(refused.exitCode).to.equal(1);
    expect(refused.output).to.include("serves node 2 of chain 31337");
  });
});
