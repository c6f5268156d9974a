import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";

import { parseAddressBook } from "../../../src/deployments.ts";
import { connectProtocol, type Protocol } from "../../../src/protocol.ts";
import { testNetworks } from "../../../tasks/support/deployment/testNetworks.ts";
import { toJson } from "../../../tasks/support/outcome.ts";
import { answering } from "../../fixtures/cli/answering.ts";
import { ACCOUNTS } from "../../fixtures/cli/platformCli.ts";
import { does, openHardhatCli, shortEpochs, type HardhatCli } from "../../fixtures/hardhatCli.ts";

const { validators, provider, user } = ACCOUNTS;

describe("an order on a chain where somebody is asked", () => {
  let hardhat: HardhatCli;
  let protocol: Protocol;
  let offer: string;

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
    offer = hardhat.file("offer.json");
    await does(hardhat, "offer sign", { node: "1", price: "3.6", lock: "100", account: provider, out: offer });
  });
  after(async () => hardhat.close());

  for (const [words, args, terms] of [
    [
      "order open",
      () => ({ offer }),
      /^1\. Open the order: pays 6 \w+, 1 unit of node 1 for 3\.6\/h \w+ in all, which lasts 1h40m if all is proven, backed by a stake of 100 \w+$/m,
    ],
    [
      "order request",
      () => ({ node: "1", units: "2", price: "1.8", lock: "7" }),
      /^1\. Request the order: pays 6 \w+, 2 units of node 1 for 3\.6\/h \w+ in all, backed by a stake of 7 \w+, to be accepted until \S+Z$/m,
    ],
  ] as const) {
    it(`is told with all that ${words} binds to, and nothing is sent unless the answer is yes`, async () => {
      const { provider: node } = hardhat.connection.ethers;
      const account = (await hardhat.connection.ethers.getSigners())[Number(user)]!.address;
      const sent = async () => node.getTransactionCount(account, "pending");
      const before = [await sent(), await protocol.orderEscrow.orderCount()] as const;
      const asked = async (answer: string) =>
        answering(answer, async () => hardhat.run(words, { deposit: "6", account: user, ...args() }));
      for (const answer of ["n", "", "yes please"]) {
        const refused = await asked(answer);
        expect(refused.stderr).to.match(terms).and.to.include("Send? [y/N]").and.to.include("Nothing was sent");
        expect([refused.exitCode, refused.stdout], answer).to.deep.equal([1, ""]);
        expect([await sent(), await protocol.orderEscrow.orderCount()], answer).to.deep.equal(before);
      }
      const agreed = await asked("y");
      expect(agreed.exitCode, agreed.stderr).to.equal(0);
      expect(agreed.stderr).to.match(terms);
      expect(await protocol.orderEscrow.orderCount()).to.equal(before[1] + 1n);
    });
  }
});
