import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";

import { parseAddressBook } from "../../../src/deployments.ts";
import { connectProtocol } from "../../../src/protocol.ts";
import { testNetworks } from "../../../tasks/support/deployment/testNetworks.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { ACCOUNTS, timeOf } from "../../fixtures/cli/platformCli.ts";
import { EnclaveProcess } from "../../fixtures/enclave/enclaveProcess.ts";
import { does, openHardhatCli, shortEpochs, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const { validators, provider, user, stranger } = ACCOUNTS;
const EPOCH = BigInt(shortEpochs.epochLength);
const [GOVERNOR, GUARDIAN] = ["1", "2"];

describe("a rehearsal on a test network, in tasks", () => {
  let hardhat: HardhatCli;
  let program: EnclaveProcess | undefined;

  before(async () => {
    hardhat = await openHardhatCli({ chainId: Number(testNetworks["Sepolia"]) });
  });
  after(async () => {
    await program?.end("SIGTERM");
    await hardhat.close();
  });

  const reads = async (words: string, args: Record<string, unknown> = {}) => does(hardhat, words, args);
  /** Runs a task that sends; on such a chain it would ask. */
  const sends = async (words: string, args: Record<string, unknown>) => reads(words, { yes: true, ...args });

  it("plays every role to the end, with quotes that anybody can make", async () => {
    const signers = await hardhat.connection.ethers.getSigners();
    const addressOf = (account: string): string => signers[Number(account)]?.address ?? "";
    const parameters = hardhat.file("rehearsal.json5");
    const roles = { governor: addressOf(GOVERNOR), guardian: addressOf(GUARDIAN), treasury: addressOf("3") };
    const founders = validators.map(addressOf);
    const values = { ...roles, ...shortEpochs, lotteryOdds: 2, governanceDelay: 2 * shortEpochs.epochLength };
    writeFileSync(parameters, toJson({ Protocol: values, founders }));
    const refused = await hardhat.run("platform deploy", { parameters, yes: true });
    expect(refused.exitCode, "simulated only by the explicit word").to.equal(1);
    await sends("platform deploy", { parameters, simulated: true });

    const shown = await hardhat.run("platform status");
    expect(shown.stdout).to.match(/^Quotes +SIMULATED ones count: nothing here is real$/m);
    expect(shown.document["policy"]).to.include({ quotes: "simulated", enclaves: 1n });
    const book = parseAddressBook(readFileSync(hardhat.file("deployments/story/addresses.json"), "utf8"));
    const { token } = connectProtocol(book, signers[0]!);
    for (const account of [...validators, provider, user])
      await token.transfer(addressOf(account), 5_000n * 10n ** 18n);

    for (const account of validators) {
      await sends("stake deposit", { amount: "1000", account });
      await sends("stake allow", { module: "validators", cap: "max", account });
      await sends("validator join", { amount: "1000", account });
    }
    await sends("stake deposit", { amount: "500", account: provider });
    await sends("stake allow", { module: "nodes", cap: "100", account: provider });
    await sends("stake allow", { module: "orders", cap: "400", account: provider });
    const declared = { model: "1", price: "3.6", url: "https://node.example", account: provider };
    await sends("node register", declared);
    const quote = hardhat.file("one.quote.json");
    await reads("node quote", { node: "1", out: quote, account: provider });
    await sends("node register", { quote, account: provider });
    expect(await reads("node show", { node: "1" })).to.include({ state: "live", verifier: "OnChain" });

    const offer = hardhat.file("offer.json");
    await reads("offer sign", { node: "1", price: "3.6", lock: "100", account: provider, out: offer });
    await sends("order open", { deposit: "6", offer, account: user });
    await hardhat.moveTo(((await timeOf(hardhat)) / EPOCH + 1n) * EPOCH + 280n);
    await sends("validator challenge", { account: validators[0] });
    const answer = hardhat.file("answer.json");
    const solve = { node: "1", threads: "1", out: answer };
    const byFile = await hardhat.run("proof solve", { ...solve, key: hardhat.file("one.enclave.json") });
    expect(byFile.document["error"]).to.include({
      cause: "A key in a file signs answers on local chains only, and this is chain 11155111.",
    });
    const socket = hardhat.file("run/enclave.sock");
    program = await EnclaveProcess.listen(socket, `--key=${hardhat.file("one.enclave.json")}`);
    await reads("proof solve", { ...solve, enclave: socket });
    await sends("proof submit", { answer: [answer], account: stranger });
    await hardhat.moveTo(((await timeOf(hardhat)) / EPOCH + 1n) * EPOCH + 5n);
    expect(await sends("order settle", { orders: "1" })).to.include({ payableSeconds: EPOCH });
    await sends("order close", { order: "1", account: user });

    const [call] = (await sends("govern fee", { bps: "300", account: GOVERNOR }))["calls"] as {
      operationId: string;
      executableFrom: bigint;
    }[];
    await hardhat.moveTo(call!.executableFrom);
    await sends("govern execute", { operation: call!.operationId, account: GOVERNOR });
    await sends("govern pause", { what: "all", account: GUARDIAN });
    const after = await reads("platform status");
    expect(after).to.deep.include({ feeBps: 300n, paused: { nodes: true, orders: true, tasks: true } });
    await sends("order withdraw", { account: user });
  });
});
