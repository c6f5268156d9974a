import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../../../fixtures/freePort.ts";
import { until } from "../../../fixtures/gateway/condition.ts";
import { SmallDisk } from "../../../fixtures/story/smallDisk.ts";
import { ROLES, Stage } from "../../../fixtures/story/stage.ts";
import { Attack, Silence } from "../../../fixtures/validator/attack.ts";
import { closeSeat, openSeatProcess, type SeatProcess } from "../../../fixtures/validator/trio.ts";
import { quoteDocument, type QuoteDocument } from "../../../../src/documents/nodes.ts";
import { domainOf } from "../../../../src/eip712/domain.ts";
import { gatherSignatures, ValidatorClient } from "../../../../src/validator/client.ts";

/** Bytes by which the attacked one may grow: each of what is held has its bounds. */
const GROWTH = 250 * 2 ** 20;
/** So many requests at the least it has refused for being too many, beside those of other kinds. */
const OFTEN = 80;

describe("a validator's process that strangers attack, among peers of which one only hangs", function () {
  this.timeout(600_000);
  let stage: Stage;
  let seats: [SeatProcess, SeatProcess, SeatProcess];
  let ports: number[];
  let disk: SmallDisk | undefined;

  before(async () => {
    stage = await Stage.open("hardhat");
    ports = [await freePort(), await freePort(), await freePort()];
    if (SmallDisk.isPossible) disk = SmallDisk.make(stage.file("small-disk"), 4);
    const journal = disk && { folder: join(disk.folder, "signed"), anchor: join(disk.folder, "anchor") };
    const config = { listen: { port: ports[0], trustedProxies: ["127.0.0.1"] }, ...(journal && { journal }) };
    seats = [
      await openSeatProcess(stage, { which: 0, ports }, { config }),
      await openSeatProcess(stage, { which: 1, ports }),
      await openSeatProcess(stage, { which: 2, ports }),
    ];
    await Promise.all(seats.map(async ({ service }) => service.start()));
    for (const { tells } of seats) {
      const signs = async (): Promise<boolean> => ((await tells("/v1/status")) as { isSigning: boolean }).isSigning;
      await until("it signs", signs, 90_000);
    }
  });
  after(async () => {
    await Promise.all(seats.map(async (seat) => closeSeat(seat)));
    disk?.unmount();
    await stage.close();
  });

  const codesOf = async ({ tells }: SeatProcess): Promise<string[]> =>
    ((await tells("/v1/alarms")) as { alarms: { code: string }[] }).alarms.map(({ code }) => code);

  async function quoteOf(node: number): Promise<QuoteDocument> {
    const place = stage.nodes[node - 1]!;
    await stage.doesAs(ROLES.providers[place.provider]!, "node", "quote", String(node));
    return quoteDocument.parse(JSON.parse(readFileSync(stage.file(`node-${String(node)}.quote.json`), "utf8")));
  }

  /** Who has signed a quote, as two of the validators say. */
  async function signersOf(quote: QuoteDocument): Promise<string[]> {
    const { chainId, contracts } = stage.book;
    const domain = domainOf("QuorumVerifier", BigInt(chainId), contracts.quorumVerifier);
    const stakes = new Map(seats.map(({ address }) => [address, 1n]));
    const clients = seats.slice(0, 2).map(({ url }) => new ValidatorClient({ url }));
    const { quorum } = await gatherSignatures(clients, quote, { domain, stakes });
    return (quorum?.signatures ?? []).map(({ validator }) => validator);
  }

  it("goes on signing, exchanging and challenging, grows within bounds, and fills no log", async () => {
    const [first, second, third] = seats;
    await third.service.kill();
    const silence = await Silence.open(ports[2]!);
    const attack = new Attack(ports[0]!, second.address);
    const { challengeManager } = stage.protocol;
    const [memory, lines] = [first.service.memory!, first.service.log.length];
    const epoch = Number(await challengeManager.currentEpoch());
    attack.begin();
    try {
      const quote = await quoteOf(1);
      await until("there is a quorum", async () => (await signersOf(quote)).length >= 2, 120_000);
      expect(await signersOf(quote)).to.have.members([first.address, second.address]);
      await until("it was refused often", () => (attack.statuses.get(429) ?? 0) > OFTEN, 240_000);
      const isPast = async (): Promise<boolean> => Number(await challengeManager.currentEpoch()) > epoch + 2;
      await until("two epochs have passed", isPast, 120_000);
      for (const each of [epoch + 1, epoch + 2]) expect(await challengeManager.isChallenged(each)).to.equal(true);
      expect(await first.tells("/healthz")).to.deep.equal({ isAlive: true });
      expect(first.service.memory! - memory).to.be.lessThan(GROWTH);
    } finally {
      await attack.end();
      await silence.close();
    }
    expect(silence.heard).to.be.greaterThan(0);
    expect(attack.statuses.get(500) ?? 0).to.equal(0);
    const told = first.service.log.slice(lines).filter(({ level }) => Number(level) >= 40);
    // Not a line for each request.
    expect(told.length).to.be.lessThan(OFTEN / 2);
    expect(first.service.crashes).to.deep.equal([]);
    await third.service.start();
  });

  it("signs nothing while its journal's disk is full, says so once, and signs once there is room", async function () {
    if (disk === undefined) this.skip();
    const [first, second] = seats;
    disk.fill();
    const quote = await quoteOf(3);
    expect(await signersOf(quote), "brought to both").to.deep.equal([]);
    await until("it says so", async () => (await codesOf(first)).includes("signing-fails"), 120_000);
    const { alarms } = (await first.tells("/v1/alarms")) as { alarms: { code: string; problem: string }[] };
    expect(alarms.find(({ code }) => code === "signing-fails")?.problem).to.match(/^Nothing can be signed: .*ENOSPC/);
    const status = await new ValidatorClient({ url: first.url }).quoteStatus(quote.reportData);
    const own = status.signatures.flatMap(({ signatures }) => signatures.map(({ validator }) => validator));
    expect(own).to.not.include(first.address);
    const said = (): readonly unknown[] =>
      first.service.log.filter(({ alarm, level }) => alarm === "signing-fails" && level === 50);
    await until("it is logged", () => said().length > 0);
    disk.empty();
    await until("both have signed", async () => (await signersOf(quote)).includes(first.address), 120_000);
    await until("it is well", async () => !(await codesOf(first)).includes("signing-fails"), 60_000);
    expect(await signersOf(quote)).to.include(second.address);
    expect(said()).to.have.lengthOf(1);
    expect(first.service.crashes).to.deep.equal([]);
  });
});
