import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ACCOUNTS, openPlatformCli, type PlatformCli } from "../../fixtures/cli/platformCli.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";

const account = ACCOUNTS.provider;

describe("tasks that use an enclave program at a socket", () => {
  let cli: PlatformCli;
  let folder: string;
  const programs: EnclaveProcess[] = [];

  before(async () => {
    cli = await openPlatformCli();
    folder = mkdtempSync(join(tmpdir(), "enclave-"));
  });
  after(async () => {
    for (const program of programs) await program.end("SIGTERM");
    rmSync(folder, { recursive: true });
    await cli.hardhat.close();
  });

  const listen = async (name: string, ...args: string[]): Promise<string> => {
    const socket = join(folder, `${name}.sock`);
    programs.push(await EnclaveProcess.listen(socket, ...args));
    return socket;
  };

  it("attests a node and proves for it with a key that nobody but the program has", async () => {
    const declared = { model: "1", price: "1", url: "https://socket.example", account };
    const node = String((await cli.run("node register", declared))["nodeId"]);
    const enclave = await listen("own", `--platform=node-${node}`);
    const other = await listen("other", "--seed=elsewhere");
    const out = cli.file("socket.quote.json");
    const mixed = { node, enclave, key: cli.file("key.json"), account };
    await cli.refuses("node quote", mixed, "--enclave and --key name two enclaves");
    await cli.refuses(
      "node quote",
      { node, enclave: other, out, account },
      'not of the simulator with the seed "sgx-simulator"',
    );
    await cli.refuses("node quote", { node, enclave: join(folder, "none"), out, account }, "There is no socket at");

    const made = await cli.run("node quote", { node, enclave, out, account });
    expect(made).to.include({ simulated: true, nodeId: BigInt(node) });
    expect(programs[0]!.log).to.include(made["enclaveKey"]);
    expect(await cli.run("node register", { quote: out, account })).to.include({ verifier: "OnChain" });

    await cli.run("validator challenge", { account: ACCOUNTS.validators[0] });
    const solve = { node, threads: "1", out: cli.file("socket.answer.json") };
    await cli.refuses(
      "proof solve",
      { ...solve, enclave: other },
      `that of node ${node} is ${String(made["enclaveKey"])}`,
    );
    await cli.refuses("proof solve", { ...solve, enclave, key: "key.json" }, "--enclave and --key name two enclaves");
    await cli.run("proof solve", { ...solve, enclave });
    await cli.run("proof submit", { answer: [solve.out] });
    expect(await cli.run("proof status", { node })).to.have.property("nodeId", BigInt(node));
  });
});
