import { expect } from "chai";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ACTORS, openTaskCli, REVIEWED, type CliNode, type TaskCli } from "../../fixtures/tasks/taskCli.ts";
import { openTaskGateway, type TaskGateway } from "../../fixtures/tasks/taskGateway.ts";
import { readTask } from "../../../src/chain/taskTerms.ts";
import { sharedFileOf } from "../../../tasks/support/ownCollateral.ts";

const { validators: VALIDATORS, provider: PROVIDER, requester: REQUESTER, owners: OWNERS, stranger: STRANGER } = ACTORS;
const [OWNER] = OWNERS;

describe("datasets and tasks over the network", () => {
  let cli: TaskCli;
  let node: CliNode;
  let gateway: TaskGateway;
  let dataset: Awaited<ReturnType<TaskCli["dataset"]>>;
  let task: string;
  /** The gateway as a user names it, and as the chain does. */
  let named: { gateway: string };
  const chains = { allowLoopback: true };

  before(async () => {
    cli = await openTaskCli();
    node = await cli.vouched("voted");
    const quotes = cli.file("quotes");
    mkdirSync(quotes);
    cpSync(node.quote, join(quotes, "node-1.json"));
    gateway = await openTaskGateway(cli, node, { quotes, collateral: sharedFileOf(node.signatures) });
    named = { gateway: gateway.origin };
    dataset = await cli.dataset(OWNER, "first", "5");
    await cli.run("dataset grant", {
      dataset: dataset.id,
      node: node.node,
      demand: "live",
      account: OWNER,
      measurement: REVIEWED,
    });
    const parameters = { epochs: 5, learningRate: 0.5, l2: 0 };
    writeFileSync(cli.file("parameters.json"), JSON.stringify(parameters));
  });
  after(async () => {
    await gateway.close();
    await cli.hardhat.close();
  });

  const sending = () => ({ dataset: dataset.id, node: node.node, file: dataset.file, key: dataset.key });

  const asked = () => ({ ...sending(), account: OWNER });

  it("ask a gateway where the chain says only over https and on the public internet", async () => {
    const port = new URL(gateway.origin).port;
    const urls = [
      [gateway.origin, "which is not https"],
      ["https://127.0.0.1:" + port, "is not on the public internet"],
      ["https://localhost:" + port, "is not on the public internet"],
      ["https://[::ffff:7f00:1]:" + port, "is not on the public internet"],
    ] as const;
    for (const [url, problem] of urls) {
      await cli.run("node set", { node: node.node, url, account: PROVIDER });
      await cli.refuses("dataset send", asked(), problem);
    }
    await cli.run("node set", { node: node.node, url: "http://10.0.0.1", account: PROVIDER });
    await cli.refuses("dataset send", { ...asked(), ...chains }, "which is not https");
    expect(existsSync(gateway.files)).to.equal(false);
  });

  it("ask a gateway on this machine where that is allowed", async () => {
    await cli.run("node set", { node: node.node, url: gateway.origin, account: PROVIDER });
    const { sent } = await cli.run("dataset send", { ...asked(), ...chains });
    expect(sent).to.equal(true);
  });

  it("give nothing to a gateway that is another node's, or that goes by another name", async () => {
    const other = await cli.attested("other");
    const strange = await openTaskGateway(cli, other);
    try {
      await cli.refuses(
        "dataset send",
        { ...asked(), gateway: strange.origin },
        `serves node ${other.node}, not node ${node.node}`,
        "Nothing was sent",
      );
      const alias = gateway.origin.replace("127.0.0.1", "localhost");
      await cli.refuses("dataset send", { ...asked(), gateway: alias }, `goes by ${gateway.origin}`);
      await cli.refuses("dataset send", { ...asked(), gateway: "ftp://x" }, "is not the URL of a gateway");
    } finally {
      await strange.close();
    }
  });

  it("take an owner's data and key, and nobody else's", async () => {
    const stranger = { ...sending(), ...named, account: STRANGER };
    await cli.refuses("dataset send", stranger, "does not belong to", `--account ${cli.addressOf(OWNER)}`);
    const sent = await cli.run("dataset send", { ...sending(), ...named, account: OWNER });
    expect(sent).to.include({ sent: false, contentHash: dataset.contentHash });
    expect(readdirSync(gateway.files).filter((name) => name.includes("sealed"))).to.have.lengthOf(1);
  });

  it("seal by the key that the gateway hands out, unless one is given, and only to the node's own", async () => {
    const out = cli.file("seal.sealed");
    const seal = {
      node: node.node,
      datasets: dataset.id,
      parameters: cli.file("parameters.json"),
      measurement: REVIEWED,
      account: REQUESTER,
    };
    const resultKey = cli.file("result.key.json");
    await cli.run("task seal", { ...seal, ...named, resultKey, out });
    const other = await cli.attested("third");
    const wrong = { ...seal, ...named, publicKey: other.publicKey, resultKey, out: cli.file("wrong.sealed") };
    await cli.refuses("task seal", wrong, "its quote is about");
    const deliver = { ...sending(), out: cli.file("delivered.json") };
    await cli.refuses("dataset deliver", { ...deliver, gateway: "http://127.0.0.1:1" }, "cannot be reached");
    await cli.run("dataset deliver", { ...deliver, ...named });
  });

  it("publish a task and send its inputs, or say how they are sent later", async () => {
    const offer = { node: node.node, datasets: dataset.id, validatorFee: "3", demand: "live", account: REQUESTER };
    const sealed = {
      parameters: cli.file("parameters.json"),
      resultKey: cli.file("result.key.json"),
      measurement: REVIEWED,
    };
    const inputs = cli.file("inputs.sealed");
    const request = { ...offer, ...sealed, out: inputs, send: true };
    await cli.refuses("task publish", { ...request, gateway: "http://127.0.0.1:1" }, "cannot be reached");
    const sealable = { ...request, publicKey: node.publicKey, quote: node.quote, gateway: "http://127.0.0.1:1" };
    await cli.refuses("task publish", sealable, "cannot be reached");
    expect(await cli.protocol.taskEscrow.taskCount(), "nothing was paid").to.equal(0n);
    const published = await cli.run("task publish", { ...request, ...named });
    task = String(published["taskId"]);
    expect(published["gateway"]).to.equal(gateway.origin);
    expect(await cli.run("task send", { task, inputs, ...named, account: REQUESTER })).to.include({ sent: false });
    await cli.refuses("task send", { task, ...named }, "There is nothing to send");
    const wrong = { task, inputs: cli.file("seal.sealed"), ...named, account: REQUESTER };
    await cli.refuses("task send", wrong, "but task 1 was published with");
    await cli.refuses("task send", { task, inputs, ...named, account: STRANGER }, "The account has no part in this");
    const standing = await cli.run("task status", { task, ...named, account: REQUESTER });
    expect(standing).to.deep.include({ status: "Published", stage: "unattended", reasons: [] });
    await cli.refuses("task fetch", { task, ...named, account: REQUESTER }, "Task 1 has no result: it is Published");
    await cli.refuses(
      "task fetch",
      { task, part: "model", ...named },
      "Give one of result, inputs, statement, verdicts",
    );
  });

  it("run by hand what was fetched, and hand out what was put where the gateway keeps it", async () => {
    const asProvider = { task, ...named, account: PROVIDER };
    const inputs = cli.file("fetched.inputs");
    await cli.run("task fetch", { ...asProvider, part: "inputs", out: inputs });
    expect(readFileSync(inputs).equals(readFileSync(cli.file("inputs.sealed")))).to.equal(true);
    await cli.run("task accept", { task, account: PROVIDER });
    await cli.run("task run", { task, inputs, data: gateway.files, key: node.key, out: cli.file("ran.result.sealed") });
    await cli.run("task submit", { task, result: cli.file("ran.result.json"), account: PROVIDER });
    const { inputHash } = await readTask(cli.protocol, task);
    const name = `task-${task}-${inputHash.slice(2, 18)}`;
    const asRequester = { task, ...named, account: REQUESTER };
    await cli.refuses("task fetch", asRequester, "does not have the result of task 1");

    writeFileSync(join(gateway.files, `${name}.result.sealed`), "garbage");
    const out = cli.file("fetched.result.sealed");
    await cli.refuses("task fetch", { ...asRequester, out }, "but the chain has", "demands it on chain");
    expect(existsSync(out)).to.equal(false);
    cpSync(cli.file("ran.result.sealed"), join(gateway.files, `${name}.result.sealed`));
    expect(await cli.run("task fetch", { ...asRequester, out })).to.include({ fetched: true, file: out });
    expect(await cli.run("task fetch", { ...asRequester, out })).to.include({ fetched: false });
    await cli.refuses(
      "task fetch",
      { ...asRequester, out: cli.file("parameters.json") },
      "is not the result of task 1",
    );

    const statement = JSON.parse(readFileSync(cli.file("ran.result.json"), "utf8")) as Record<string, string>;
    const put = (document: object): void => {
      writeFileSync(join(gateway.files, `${name}.statement.json`), JSON.stringify(document));
    };
    const asked = { ...asRequester, part: "statement", out: cli.file("fetched.statement.json") };
    put({ ...statement, resultHash: `0x${"ab".repeat(32)}` });
    await cli.refuses("task fetch", asked, "but the node's enclave key is");
    put({ ...statement, taskId: "2" });
    await cli.refuses("task fetch", asked, "is the enclave's statement on task 2");
    put(statement);
    await cli.run("task fetch", asked);
    expect(JSON.parse(readFileSync(asked.out, "utf8"))).to.deep.equal(statement);
  });

  it("judge by the result and the quote that the gateway hands out, and collect the verdicts there", async () => {
    const [first, second] = VALIDATORS;
    const [result, out] = [cli.file("judged.result.sealed"), cli.file("mine.verdicts.json")];
    const judge = { task, verdict: "valid", result, out, fetch: true, send: true, ...named };
    await cli.refuses("task verdict", { ...judge, account: STRANGER }, "is not an active validator");
    const here = process.cwd();
    process.chdir(cli.hardhat.folder);
    try {
      const signed = await cli.run("task verdict", { ...judge, account: first });
      expect(signed).to.include({ gateway: gateway.origin });
      expect(signed["grounds"]).to.include("what the quorum vouched for holds");
    } finally {
      process.chdir(here);
    }
    expect(existsSync(cli.file(`task-${task}.quote.json`))).to.equal(true);
    const later = { ...judge, out: cli.file("later.verdicts.json"), send: false, quote: node.quote, account: second };
    await cli.run("task verdict", later);
    await cli.run("task send", { task, verdicts: later.out, ...named, account: second });
    const all = cli.file("all.verdicts.json");
    const fetched = { task, part: "verdicts", out: all, ...named, account: REQUESTER };
    expect(await cli.run("task fetch", fetched)).to.include({ added: 2 });
    expect(await cli.run("task fetch", fetched)).to.include({ added: 0 });
    expect(await cli.run("task finalize", { task, verdicts: all })).to.include({ status: "Valid" });
    rmSync(all);
  });
});
