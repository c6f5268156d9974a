import { expect } from "chai";
import { existsSync, writeFileSync } from "node:fs";

import { ACTORS, openTaskCli, shownBy, type TaskCli, type CliNode } from "../../fixtures/tasks/taskCli.ts";
import { big } from "../../fixtures/hardhatCli.ts";
import { waitUntil } from "../../../tasks/task/enclave.ts";

const { provider: PROVIDER, requester: REQUESTER, owners: OWNERS } = ACTORS;
const DAY = 86_400n;

interface Check {
  readonly name: string;
  readonly holds: boolean;
  readonly detail: string;
}

describe("a node's operator", () => {
  let cli: TaskCli;
  let node: CliNode;
  const file = (name: string): string => cli.file(name);

  before(async () => {
    cli = await openTaskCli();
    node = await cli.attested("one");
    const parameters = { epochs: 5, learningRate: 0.5, l2: 0 };
    writeFileSync(file("parameters.json"), JSON.stringify(parameters));
    await cli.deliver(node, await cli.dataset(OWNERS[0], "first", "5"));
  });
  after(async () => cli.hardhat.close());

  async function publish(name: string, options: Record<string, unknown>): Promise<string> {
    const published = await cli.run("task publish", {
      ...{ node: node.node, datasets: "1", nodeFee: "10", validatorFee: "3", account: REQUESTER },
      ...{ parameters: file("parameters.json"), ...shownBy(node) },
      ...{ resultKey: file("result.key.json"), out: file(`${name}.sealed`) },
      ...options,
    });
    return String(published["taskId"]);
  }
  const failing = async (task: string): Promise<Check[]> => {
    const { document } = await cli.hardhat.run("task check", { task });
    return (document["checks"] as Check[]).filter(({ holds }) => !holds);
  };

  it("is told when the attestation lapses before the result is due, and to renew it", async () => {
    const { validUntil } = await cli.protocol.nodeRegistry.getNode(BigInt(node.node));
    const left = (validUntil - (await cli.now())) / DAY;
    expect(await failing(await publish("soon", { resultWithin: `${String(left - 1n)}d` }))).to.deep.equal([]);
    const task = await publish("late", { resultWithin: `${String(left + 1n)}d` });
    const [check, ...others] = await failing(task);
    expect(others).to.deep.equal([]);
    expect(check?.name).to.equal("until");
    expect(check?.detail).to.match(/^attested until .*, result due .*: .*`npx hardhat node renew --network story/);
  });

  it("is told when no time is left for the least duration", async () => {
    const task = await publish("least", { resultWithin: "3h", leastDuration: "2h" });
    expect(await failing(task)).to.deep.equal([]);
    const { resultBy } = await cli.run("task show", { task });
    await cli.hardhat.moveTo(big(resultBy) - 7100n);
    expect((await failing(task)).map(({ name }) => name)).to.deep.equal(["task", "time"]);
  });

  it("waits for the enclave until the result is due, and no longer", async () => {
    const task = await publish("slow", { resultWithin: "2h" });
    await cli.run("task accept", { task, account: PROVIDER });
    const { resultBy, enclaveKey } = await cli.run("task show", { task });
    // A program that says who it is and that it believes its host, and then works for ever.
    const identity = {
      ...{ enclaveKey, publicKey: { scheme: "Secp256k1", key: node.publicKey } },
      simulated: "all",
    };
    const answers = { identify: identity, believe: { trust: null, belief: null } };
    writeFileSync(
      file("slow.cjs"),
      `require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
        const { id, request } = JSON.parse(line);
        const answer = ${JSON.stringify(answers)}[request];
        if (answer !== undefined) console.log(JSON.stringify({ id, answer }));
      });`,
    );
    await cli.hardhat.moveTo(big(resultBy) - 2n);
    const ran = await cli.hardhat.run("task run", {
      ...{ task, inputs: file("slow.sealed"), data: file("data"), out: file("slow.result.sealed") },
      program: `${process.execPath} ${file("slow.cjs")}`,
    });
    expect(ran.exitCode).to.equal(1);
    expect(ran.stderr).to.match(/did not answer "run" within 2000 ms/);
    expect(ran.stderr).to.include("Nobody pays for a result after");
    expect(existsSync(file("slow.result.json"))).to.equal(false);
  });

  it("waits as long as timers can, a second at least", () => {
    expect(waitUntil(7_300n, 100n)).to.equal(7_200_000);
    expect(waitUntil(100n, 100n)).to.equal(1_000);
    expect(waitUntil(100n * DAY, 0n)).to.equal(2 ** 31 - 1);
  });
});
