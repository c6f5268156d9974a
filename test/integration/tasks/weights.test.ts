import { expect } from "chai";
import { Wallet } from "ethers";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";

import { ACTORS } from "../../fixtures/tasks/taskCli.ts";
import { openTaskStage, type TaskStage } from "../../fixtures/tasks/taskStage.ts";
import { readTask } from "../../../src/chain/taskTerms.ts";
import { publicKeyOf } from "../../../src/data/keys.ts";
import { sealResult } from "../../../src/data/results.ts";
import { domainOf, signResult } from "../../../src/eip712/index.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { readPrivateKey } from "../../../tasks/support/encryptionKeys.ts";

describe("a task with weights in a file of their own", () => {
  let cli: TaskStage;

  before(async () => {
    cli = await openTaskStage();
    const model = Float64Array.from({ length: 5 }, (_, i) => i / 8);
    writeFileSync(cli.file("model.bin"), new Uint8Array(model.buffer));
    const parameters = { hidden: 1, epochs: 5, learningRate: 0.5, means: [0, 0], scales: [1, 1] };
    writeFileSync(cli.file("network.json"), JSON.stringify(parameters));
  });
  after(async () => cli.hardhat.close());

  const network = () => ({ wasm: "two-layer-network", parameters: cli.file("network.json") });

  /** What the check of a task says of its inputs. */
  async function inputsOf(task: string, weights?: string): Promise<{ holds: boolean; detail: string } | undefined> {
    const named = weights === undefined ? {} : { weights };
    const checked = await cli.hardhat.run("task check", { task, ...cli.inHand("network"), ...named, json: true });
    const { checks } = JSON.parse(checked.stdout) as { checks: { name: string; holds: boolean; detail: string }[] };
    return checks.find(({ name }) => name === "inputs");
  }

  it("has them sealed beside its inputs, and the node's operator names the sealed file", async () => {
    const task = await cli.publish("network", { ...network(), weights: cli.file("model.bin") });
    const sealed = cli.file("network.inputs.weights.sealed");
    expect(readFileSync(sealed).includes(readFileSync(cli.file("model.bin")))).to.equal(false);
    expect((await inputsOf(task))?.detail).to.include("The weights that the inputs name are not among the files");
    expect((await inputsOf(task, cli.file("model.bin")))?.detail).to.include("The sealed weights have 40 bytes");
    expect((await inputsOf(task, sealed))?.holds).to.equal(true);
  });

  it("goes on from another task's result, whose numbers are written as weights", async () => {
    const task = await cli.submitted("first");
    const [out, weights] = [cli.file("first.opened"), cli.file("first.weights")];
    const asked = { task, result: cli.resultOf("first"), key: cli.file("result.key.json") };
    expect(await cli.run("task open", { ...asked, out, weights })).to.include({ file: out, weights });
    const { values } = JSON.parse(readFileSync(out, "utf8")) as { values: number[] };
    const bytes = readFileSync(weights);
    const numbers = Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
    expect(values).to.have.length.above(0);
    expect(numbers).to.deep.equal(values);
    expect(statSync(weights).mode & 0o777).to.equal(0o600);
    const both = { ...asked, out: cli.file("both"), weights: cli.file("./both") };
    await cli.refuses("task open", both, "and so are its weights", "another file for one");
    expect(existsSync(both.out)).to.equal(false);
    const again = { ...asked, out: cli.file("again.opened"), weights };
    await cli.refuses("task open", again, "first.weights", "Name another file with --weights");
    expect(existsSync(again.out)).to.equal(false);
  });

  it("goes on from no result without numbers", async () => {
    const { book, protocol, hardhat } = cli;
    const task = await cli.accepted("words");
    const taskId = BigInt(task);
    const { chainId, contracts } = book;
    const { inputHash, task: stored } = await readTask(protocol, taskId);
    const use = { chainId: BigInt(chainId), escrow: contracts.taskEscrow, taskId, inputHash };
    const to = publicKeyOf(readPrivateKey(cli.file("result.key.json")));
    const { sealed, resultHash } = sealResult(to, use, utf8('{"values":[]}'));
    const { privateKey } = JSON.parse(readFileSync(cli.node.key, "utf8")) as { privateKey: string };
    const domain = domainOf("TaskEscrow", use.chainId, use.escrow);
    const statement = { taskId, termsHash: stored.fixedTermsHash, resultHash };
    const signature = await signResult(new Wallet(privateKey), domain, statement);
    const provider = (await hardhat.connection.ethers.getSigners())[Number(ACTORS.provider)]!;
    await protocol.taskEscrow.connect(provider).submit(taskId, resultHash, "", signature);
    writeFileSync(cli.resultOf("words"), sealed);
    const asked = { task, result: cli.resultOf("words"), key: cli.file("result.key.json") };
    const [out, weights] = [cli.file("words.opened"), cli.file("words.weights")];
    await cli.refuses("task open", { ...asked, out, weights }, "no numbers that could be weights", "--weights");
    expect([existsSync(out), existsSync(weights)]).to.deep.equal([false, false]);
    await cli.run("task open", { ...asked, out });
    expect(readFileSync(out, "utf8")).to.equal('{"values":[]}');
  });

  it("is not sealed with weights that are no file", async () => {
    const asked = { node: cli.node.node, datasets: "1", account: ACTORS.requester, ...network() };
    await cli.refuses("task seal", { ...asked, weights: cli.file("none.bin") }, 'none.bin" is not a file', "--weights");
  });
});
