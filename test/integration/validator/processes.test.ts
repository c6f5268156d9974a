import { expect } from "chai";

import { readdirSync, readFileSync } from "node:fs";

import { freePort } from "../../fixtures/freePort.ts";
import { until } from "../../fixtures/gateway/condition.ts";
import { epochsOf } from "../../fixtures/story/epochs.ts";
import { readHistory } from "../../fixtures/story/history.ts";
import { ROLES, Stage } from "../../fixtures/story/stage.ts";
import { closeSeat, openSeatProcess, openTrio, type SeatProcess } from "../../fixtures/validator/trio.ts";
import { quoteDocument } from "../../../src/documents/nodes.ts";
import { domainOf } from "../../../src/eip712/domain.ts";
import { gatherSignatures, ValidatorClient } from "../../../src/validator/client.ts";
import { SEAT_TAKEN } from "../../../src/validator/guard/seatTaken.ts";

describe("Three validators as processes", function () {
  this.timeout(400_000);
  let stage: Stage;
  let trio: Awaited<ReturnType<typeof openTrio>>;
  before(async () => {
    stage = await Stage.open("hardhat");
    trio = await openTrio(stage);
    await Promise.all(trio.seats.map(async ({ service }) => service.start()));
  });
  after(async () => {
    await trio.close();
    await stage.close();
  });
  const epochNow = async (): Promise<number> => Number(await stage.protocol.challengeManager.currentEpoch());

  const running = (): boolean[] => trio.seats.map(({ service }) => service.isRunning);
  const signs = async ({ tells }: SeatProcess): Promise<boolean> =>
    ((await tells("/v1/status")) as { readonly isSigning: boolean }).isSigning;
  const alarmsOf = async ({ tells }: SeatProcess): Promise<string[]> =>
    ((await tells("/v1/alarms")) as { readonly alarms: readonly { readonly code: string }[] }).alarms.map(
      ({ code }) => code,
    );

  it("leave alone whoever only tries what it would do: it decides, and signs, sends and writes nothing", async () => {
    await Promise.all(trio.seats.map(async (seat) => until("it signs", async () => signs(seat), 60_000)));
    const dry = await openSeatProcess(stage, { which: 0, ports: trio.ports }, { args: ["--dry-run"], name: "dry" });
    try {
      await dry.service.start();
      // Most often it sees that the real ones were quicker.
      const decides = (): boolean =>
        dry.service.log.some(({ msg, move, isDry }) => {
          const { kind } = (move ?? {}) as { readonly kind?: unknown };
          return (/issued/.test(String(msg)) && isDry === true) || (msg === "lottery" && kind === "wait");
        });
      await until("it decides whether to issue a challenge", decides, 240_000);
      const [first] = trio.seats;
      const looks = first!.service.log.length;
      await until("the real one goes on", () => first!.service.log.length > looks + 20, 60_000);
      expect(dry.endpoint.asked.get("eth_sendRawTransaction")).to.equal(undefined);
      expect(readdirSync(dry.folder).sort()).to.deep.equal(["config.json5", "dry.log"]);
      expect(running()).to.deep.equal([true, true, true]);
      expect(await signs(first!)).to.equal(true);
    } finally {
      await closeSeat(dry);
    }
  });

  it("end, both of them, when two have one key, with what to do and an exit code that nothing restarts", async () => {
    const [, original] = trio.seats;
    await Promise.all(trio.seats.map(async (seat) => until("it signs", async () => signs(seat), 60_000)));
    const own = [...trio.ports];
    own[1] = await freePort();
    const config = { doppelganger: { seconds: 60 } };
    const twin = await openSeatProcess(stage, { which: 1, ports: own }, { config, name: "twin" });
    try {
      await twin.service.start();
      await until(
        "both have ended",
        () => twin.service.ends.length === 1 && original!.service.ends.length === 1,
        90_000,
      );
      for (const { service } of [twin, original!]) {
        expect(service.ends).to.deep.equal([{ code: SEAT_TAKEN, signal: null }]);
        expect(service.output).to.match(
          /Another process acts with this validator's key: .*\n?.*Stop the other process/,
        );
      }
      expect(twin.service.output).not.to.include("so it is signed and sent now");
      await original!.service.start();
      await until("it signs again", async () => signs(original!), 60_000);
    } finally {
      await closeSeat(twin);
    }
  });

  it("tell that the chain or other validators are gone, and that they are back", async () => {
    const [first, , third] = trio.seats;
    first!.endpoint.fail({ kind: "reset" });
    await until("it tells of the chain", async () => (await alarmsOf(first!)).includes("chain-unreachable"), 120_000);
    first!.endpoint.mend();
    await third!.service.kill();
    const isBack = async (): Promise<boolean> => !(await alarmsOf(first!)).includes("chain-unreachable");
    await until("the chain is back", isBack, 60_000);
    await until("it tells of the peer", async () => (await alarmsOf(first!)).includes("peers-unreachable"), 120_000);
    await third!.service.start();
    const isWell = async (): Promise<boolean> => !(await alarmsOf(first!)).includes("peers-unreachable");
    await until("the peer is back", isWell, 60_000);
  });

  it("give a provider its quorum though one is gone and though two cannot hear each other", async () => {
    const [first, second, third] = trio.seats;
    await Promise.all(trio.seats.map(async (seat) => until("it signs", async () => signs(seat), 60_000)));
    const clients = (seats: readonly (SeatProcess | undefined)[]): ValidatorClient[] =>
      seats.map((seat) => new ValidatorClient({ url: seat!.url }));
    const gathered = async (node: number, seats: readonly (SeatProcess | undefined)[]): Promise<void> => {
      const [place, provider] = [stage.nodes[node - 1]!, stage.book];
      await stage.doesAs(ROLES.providers[place.provider]!, "node", "quote", String(node));
      const quote = quoteDocument.parse(
        JSON.parse(readFileSync(stage.file(`node-${String(node)}.quote.json`), "utf8")),
      );
      const { chainId, contracts } = provider;
      const domain = domainOf("QuorumVerifier", BigInt(chainId), contracts.quorumVerifier);
      const addresses = await stage.protocol.validatorSet.activeValidators();
      const stakes = new Map(addresses.map((address) => [address, 1n]));
      const has = async (): Promise<boolean> =>
        (await gatherSignatures(clients(seats), quote, { domain, stakes })).quorum !== undefined;
      await until(`node ${String(node)} has its quorum`, has, 90_000);
    };
    await third!.service.kill();
    await gathered(1, [first, second]);
    await third!.service.start();
    await until("it signs", async () => signs(third!), 60_000);
    for (const link of [first!.links.get(1), second!.links.get(0)]) link!.cut();
    // Brought to one alone, which hears of the others' signatures by the third.
    await gathered(3, [first]);
    for (const link of [first!.links.get(1), second!.links.get(0)]) link!.mend();
  });

  it("issue every epoch's challenge once and earn points, though one of them is killed", async () => {
    const first = (await epochNow()) + 1;
    const passes = async (epoch: number): Promise<void> =>
      until(`epoch ${String(epoch)} comes`, async () => (await epochNow()) >= epoch, 90_000);
    await passes(first + 2);
    await trio.seats[0]!.service.kill();
    await passes(first + 4);
    await trio.seats[0]!.service.start();
    await passes(first + 6);
    const { provider, book, chain } = stage;
    const history = await readHistory(provider, book, { from: 0, to: (await chain.head()).number });
    const epochs = epochsOf(history).filter(({ epoch }) => epoch >= first && epoch < first + 6);
    expect(epochs.map(({ epoch }) => epoch)).to.deep.equal(Array.from({ length: 6 }, (_, i) => first + i));
    const addresses = trio.seats.map(({ address }) => address);
    for (const { issuer, rewarded } of epochs)
      expect([addresses.includes(issuer), rewarded]).to.deep.equal([true, true]);
  });
});
