import { expect } from "chai";
import { Wallet } from "ethers";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

import { until } from "../../fixtures/gateway/condition.ts";
import { prepareTasks, runsByHand } from "../../fixtures/story/commissions.ts";
import { ROLES, Stage } from "../../fixtures/story/stage.ts";
import { openTrio, type SeatProcess } from "../../fixtures/validator/trio.ts";
import { quoteDocument } from "../../../src/documents/nodes.ts";
import { domainOf } from "../../../src/eip712/domain.ts";
import { enumName } from "../../../src/enums.ts";
import { Journal } from "../../../src/journal/index.ts";
import { toJson } from "../../../src/json.ts";
import { gatherSignatures, ValidatorClient } from "../../../src/validator/client.ts";

describe("A validator that signs by a key of its choice, as a process", function () {
  this.timeout(400_000);
  const key = Wallet.createRandom();
  let stage: Stage;
  let trio: Awaited<ReturnType<typeof openTrio>>;
  let seats: readonly SeatProcess[];
  let accounts: readonly string[];
  before(async () => {
    stage = await Stage.open("hardhat", async (opening) => {
      await prepareTasks(opening);
      writeFileSync(opening.file("signing.key"), key.privateKey, { mode: 0o600 });
      await opening.doesAs(ROLES.validators[0], "validator", "set-key", "signing.key");
    });
    const signingKey = { file: stage.file("signing.key") };
    trio = await openTrio(stage, (which) => ({
      config: { views: { every: 3 }, ...(which === 0 ? { signingKey } : {}) },
    }));
    // The third one does not run: a quorum is those two.
    seats = trio.seats.slice(0, 2);
    accounts = seats.map(({ address }) => address).sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
    await Promise.all(seats.map(async ({ service }) => service.start()));
  });
  after(async () => {
    await trio.close();
    await stage.close();
  });

  /** The signatures of both on a node's quote, in a file. */
  async function gathered(node: number): Promise<string> {
    const { chainId, contracts } = stage.book;
    const quote = quoteDocument.parse(JSON.parse(readFileSync(stage.file(`node-${String(node)}.quote.json`), "utf8")));
    const domain = domainOf("QuorumVerifier", BigInt(chainId), contracts.quorumVerifier);
    const active = await stage.protocol.validatorSet.activeValidators();
    const chosenKeys = new Map([[seats[0]!.address, key.address]]);
    const stakes = Object.assign(new Map(active.map((account) => [account, 1n])), { chosenKeys });
    const clients = seats.map(({ url }) => new ValidatorClient({ url }));
    const file = stage.file(`node-${String(node)}.gathered.json`);
    const has = async (): Promise<boolean> => {
      const { quorum } = await gatherSignatures(clients, quote, { domain, stakes });
      if (quorum !== undefined) writeFileSync(file, toJson(quorum));
      return quorum !== undefined;
    };
    await until("both have signed the quote", has, 120_000);
    return file;
  }

  it("vouches for a quote, and the chain takes its signature", async () => {
    const vouch = async (node: number): Promise<string[]> => ["--signatures", await gathered(node)];
    await stage.registers(ROLES.providers[1], true, vouch);
    const { quorumVerifier } = stage.protocol;
    const vouched = await quorumVerifier.queryFilter(quorumVerifier.filters.QuoteVouched());
    expect(vouched.at(-1)?.args.signers).to.deep.equal(accounts);
  });

  it("judges a result, and the chain ends the task by its verdict", async () => {
    const { taskEscrow, nodeRegistry } = stage.protocol;
    const { id, node, result } = await runsByHand(stage, "a task");
    const gateway = createServer(({ url }, response) => {
      response.statusCode = url === `/v1/tasks/${id.toString()}/result` ? 200 : 404;
      response.end(response.statusCode === 200 ? readFileSync(result) : undefined);
    });
    const { hostname, port } = new URL(await nodeRegistry.urlOf(node));
    await once(gateway.listen(Number(port), hostname), "listening");
    try {
      const isOver = async (): Promise<boolean> =>
        enumName("TaskStatus", (await taskEscrow.getTask(id)).status) !== "Submitted";
      await until("the task has ended", isOver, 150_000);
      const [given] = await taskEscrow.queryFilter(taskEscrow.filters.VerdictGiven(id));
      expect(enumName("TaskStatus", given!.args.verdict)).to.equal("Valid");
      expect(given!.args.signers).to.deep.equal(accounts);
    } finally {
      gateway.closeAllConnections();
      gateway.close();
    }
  });

  it("recovers what it has signed by a former key from the others, before it signs by the next one", async () => {
    const [{ service, folder, tells }] = seats as [SeatProcess];
    const next = Wallet.createRandom();
    await service.stop();
    for (const lost of ["signed", "anchor"]) rmSync(join(folder, lost), { recursive: true });
    writeFileSync(stage.file("signing.key"), next.privateKey, { mode: 0o600 });
    await stage.doesAs(ROLES.validators[0], "validator", "set-key", "signing.key");
    const before = service.log.length;
    await service.start();
    const signs = async (): Promise<boolean> => ((await tells("/v1/status")) as { isSigning: boolean }).isSigning;
    await until("it signs", signs, 60_000);
    const placeOf = (text: RegExp): number => service.log.slice(before).findIndex(({ msg }) => text.test(String(msg)));
    const opened = (): number => placeOf(/so it is signed and sent now/);
    // What it logs is written a moment later than it answers.
    await until("it has logged that it signs", () => opened() >= 0, 60_000);
    expect(placeOf(/^peers had signatures of this seat/)).to.be.within(0, opened());
    const journal = new Journal(join(folder, "signed"));
    // What is on no chain, and was signed by the former key alone.
    expect(journal.entries().some(({ kind }) => kind === "view")).to.equal(true);
  });
});
