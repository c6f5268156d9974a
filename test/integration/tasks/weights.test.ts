import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";

import { ACTORS } from "../../fixtures/tasks/taskCli.ts";
import { openTaskStage, type TaskStage } from "../../fixtures/tasks/taskStage.ts";

describe("a task with weights in a file of their own", function () {
  this.timeout(120_000);
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

  it("is not sealed with weights that are no file", async () => {
    const asked = { node: cli.node.node, datasets: "1", account: ACTORS.requester, ...network() };
    await cli.refuses("task seal", { ...asked, weights: cli.file("none.bin") }, 'none.bin" is not a file', "--weights");
  });
});
