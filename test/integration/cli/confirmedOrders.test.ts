import { expect } from "chai";
import { toBeHex, toQuantity } from "ethers";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import { parseAddressBook } from "../../../src/deployments.ts";
import { simulatedEnclave } from "../../../src/sgx/simulator/enclave.ts";
import { connectProtocol, type Protocol } from "../../../src/protocol.ts";
import { testNetworks } from "../../../tasks/support/deployment/testNetworks.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { answering } from "../../fixtures/cli/answering.ts";
import { changes, openFaultyRpc } from "../../fixtures/cli/faultyRpc.ts";
import { ACCOUNTS } from "../../fixtures/cli/platformCli.ts";
import { does, openHardhatCli, shortEpochs, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const { validators, provider, user } = ACCOUNTS;

/** A block as a network shows it that says another time. */
function movedBy(seconds: number, block: unknown): unknown {
  const { timestamp } = block as { timestamp: string };
  return { ...(block as object), timestamp: toQuantity(Number(timestamp) + seconds) };
}

/** A node as the chain has it, in words. */
const NODE = String.raw`node 1 with the measurement 0x\w{64} and the enclave key 0x\w{40}`;

describe("what is agreed to on a chain where somebody is asked", () => {
  let hardhat: HardhatCli;
  let protocol: Protocol;
  let offer: string;
  let inputs: string;

  before(async () => {
    hardhat = await openHardhatCli({ chainId: Number(testNetworks["Sepolia"]) });
    const signers = await hardhat.connection.ethers.getSigners();
    const [, governor, guardian, treasury] = signers.map(({ address }) => address);
    const parameters = hardhat.file("parameters.json5");
    const founders = validators.map((account) => signers[Number(account)]?.address);
    const changed = { lotteryOdds: 2, governanceDelay: 2 * shortEpochs.epochLength };
    const values = { governor, guardian, treasury, ...shortEpochs, ...changed };
    writeFileSync(parameters, toJson({ Protocol: values, founders }));
    const sends = async (words: string, args: Record<string, unknown>) =>
      does(hardhat, words, { yes: true, account: provider, ...args });
    await sends("platform deploy", { parameters, simulated: true, account: "0" });
    const book = parseAddressBook(readFileSync(hardhat.file("deployments/story/addresses.json"), "utf8"));
    protocol = connectProtocol(book, signers[0]!);
    for (const account of [provider, user])
      await protocol.token.transfer(signers[Number(account)]!.address, 5_000n * 10n ** 18n);
    await sends("stake deposit", { amount: "500" });
    await sends("stake allow", { module: "nodes", cap: "100" });
    await sends("stake allow", { module: "orders", cap: "400" });
    await sends("node register", { model: "1", price: "3.6", url: "https://node.example" });
    const quote = hardhat.file("node.quote.json");
    await does(hardhat, "node quote", { node: "1", out: quote, account: provider });
    await sends("node register", { quote });
    inputs = hardhat.file("inputs.sealed");
    writeFileSync(inputs, "sealed");
    const hash = `0x${"5a".repeat(32)}`;
    await does(hardhat, "dataset register", { hash, price: "2", yes: true, account: user });
    offer = hardhat.file("offer.json");
    await does(hardhat, "offer sign", { node: "1", price: "3.6", lock: "100", account: provider, out: offer });
  });
  after(async () => hardhat.close());

  for (const [words, args, terms] of [
    [
      "order open",
      () => ({ offer, deposit: "6" }),
      /^1\. Open the order: pays 6 \w+, 1 unit of node 1 for 3\.6\/h \w+ in all, which lasts 1h40m if all is proven, backed by a stake of 100 \w+$/m,
    ],
    [
      "order request",
      () => ({ node: "1", deposit: "6", units: "2", price: "1.8", lock: "7" }),
      /^1\. Request the order: pays 6 \w+, 2 units of node 1 for 3\.6\/h \w+ in all, backed by a stake of 7 \w+, to be accepted until \S+Z$/m,
    ],
    [
      "task publish",
      () => ({ node: "1", inputs, nodeFee: "3", validatorFee: "1", lock: "7" }),
      new RegExp(
        String.raw`^1\. Publish the task: pays 4 \w+, ${NODE}, datasets none, 3 \w+ to the node and 1 \w+ to the signers of the verdict, backed by a stake of 7 \w+, to be accepted until \S+Z, result by \S+Z, verdict by \S+Z, inputs 0x\w{64}$`,
        "m",
      ),
    ],
    [
      "dataset grant",
      () => ({ dataset: "1", node: "1", measurement: simulatedEnclave().mrEnclave, until: "7d", joining: "1" }),
      new RegExp(
        String.raw`^1\. Grant the dataset: dataset 1 with the content 0x5a\w{62}, to ${NODE}, until \S+Z, demand \w+, a use costs the dataset's price, programs: 0x\w{64}, requesters: anybody, beside: 0x5a\w{62}, fewest rows: 16, results: .*, migrated: nowhere$`,
        "m",
      ),
    ],
  ] as const) {
    it(`is told with all that ${words} binds to, and nothing is sent unless the answer is yes`, async () => {
      const { provider: node } = hardhat.connection.ethers;
      const account = (await hardhat.connection.ethers.getSigners())[Number(user)]!.address;
      const sent = async () => node.getTransactionCount(account, "pending");
      const before = [await sent(), await made()] as const;
      const asked = async (answer: string) =>
        answering(answer, async () => hardhat.run(words, { account: user, ...args() }));
      for (const answer of ["n", "", "yes please"]) {
        const refused = await asked(answer);
        expect(refused.stderr).to.match(terms).and.to.include("Send? [y/N]").and.to.include("Nothing was sent");
        expect([refused.exitCode, refused.stdout], answer).to.deep.equal([1, ""]);
        expect([await sent(), await made()], answer).to.deep.equal(before);
      }
      const agreed = await asked("y");
      expect(agreed.exitCode, agreed.stderr).to.equal(0);
      expect(agreed.stderr).to.match(terms);
      expect(await made()).to.equal(before[1] + 1n);
    });
  }

  it("is counted from no time but this machine's, whatever the network says, and nothing is signed otherwise", async () => {
    const rpc = await openFaultyRpc(hardhat.url);
    const lied = await hardhat.through(rpc.url);
    const out = hardhat.file("never.json");
    const grant = { dataset: "1", node: "1", measurement: simulatedEnclave().mrEnclave, until: "7d" };
    const signed = [
      ["order request", { node: "1", deposit: "6", account: user }],
      ["task publish", { node: "1", inputs, nodeFee: "3", lock: "7", account: user }],
      ["dataset grant", { ...grant, account: user }],
      ["dataset grant", { ...grant, account: user, sign: true, out }],
      ["offer sign", { node: "1", price: "3.6", lock: "100", account: provider, out }],
    ] as const;
    const before = await made();
    try {
      for (const [seconds, said] of [
        [86_400, "ahead of this machine's clock"],
        [-86_400, "seconds old"],
      ] as const) {
        rpc.clear();
        rpc.on(
          "eth_getBlockByNumber",
          changes((block) => movedBy(seconds, block)),
        );
        for (const [words, args] of signed) {
          const { exitCode, stderr } = await lied.run(words, { yes: true, ...args });
          expect(exitCode, `${words}: ${stderr}`).to.equal(1);
          expect(stderr, words).to.include(said);
        }
      }
      expect(await made()).to.equal(before);
      expect(existsSync(out)).to.equal(false);
    } finally {
      await lied.connection.close();
      await rpc.close();
    }
  });

  it("is an amount of the token as it was deployed, however many decimals the network says that it has", async () => {
    const rpc = await openFaultyRpc(hardhat.url);
    const lied = await hardhat.through(rpc.url);
    const word = (value: number): string => toBeHex(value, 32).slice(2);
    const before = await made();
    try {
      const decimals = "313ce567";
      rpc.on(
        (call) => JSON.stringify(call).includes(decimals),
        changes((result) => String(result).replace(word(18), word(19))),
      );
      const args = { node: "1", inputs, nodeFee: "3", lock: "7", account: user, yes: true };
      const { exitCode, stderr } = await lied.run("task publish", args);
      expect(exitCode, stderr).to.equal(1);
      expect(stderr).to.match(/has 19 decimals, and the address book 18/);
      expect(await made()).to.equal(before);
    } finally {
      await lied.connection.close();
      await rpc.close();
    }
  });

  /** How many orders, tasks and grants there are. */
  async function made(): Promise<bigint> {
    const { orderEscrow, taskEscrow, dataGrants } = protocol;
    const { nonce } = await dataGrants.getGrant(1n, 1n);
    return (await orderEscrow.orderCount()) + (await taskEscrow.taskCount()) + nonce;
  }
});
