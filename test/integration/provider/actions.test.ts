import { expect } from "chai";
import { setTimeout as pause } from "node:timers/promises";

import { Interface } from "ethers";
import { pino } from "pino";

import { recordedAlarms } from "../../fixtures/provider/recordedAlarms.ts";
import { nodeRegistryAbi } from "../../../src/abi/index.ts";
import { ChainUnreachableError } from "../../../src/chain/access.ts";
import { RefusedError } from "../../../src/chain/sending/errors.ts";
import { looksFor, outcomesFor } from "../../../src/provider/outcomes.ts";
import { Actions, telling, type Action, type Duty } from "../../../src/provider/duty.ts";

describe("what a provider's service has under way", () => {
  function open() {
    let time = 0;
    const done: string[] = [];
    const outcomes = { done: ({ key }: Action) => done.push(key), failed: () => undefined, decided: () => undefined };
    const actions = new Actions(outcomes, () => time);
    return { actions, done, pass: (milliseconds: number) => (time += milliseconds) };
  }
  const action = (key: string, act: Action["act"]): Action => ({ key, what: key, reason: "the test wants it", act });
  const never = async (): Promise<void> => new Promise(() => undefined);
  const atOnce = async (): Promise<void> => Promise.resolve();

  it("keeps no duty from its work when another one's actions wait for ever", async () => {
    const { actions, done } = open();
    for (let i = 0; i < 1_000; i++) actions.begin("orders", action(`accept ${String(i)}`, never));
    expect(actions.underWay).to.have.length(64);
    actions.begin("proofs", action("prove", atOnce));
    await atOnce();
    expect(done).to.deep.equal(["prove"]);
  });

  /** Actions whose outcomes are told, and of which each attempt fails as the chain's refusal with an error. */
  function openRefused(name: string, values: readonly unknown[]) {
    let [time, tries] = [0, 0];
    const recorded = recordedAlarms();
    const logged: object[] = [];
    const log = pino({ level: "warn" }, { write: (line: string) => logged.push(JSON.parse(line) as object) });
    const data = new Interface(nodeRegistryAbi).encodeErrorResult(name, values);
    const refusing = action("attest 7", async () => {
      tries += 1;
      return Promise.reject(new RefusedError("refused", { cause: { code: "CALL_EXCEPTION", data } }));
    });
    const outcomes = outcomesFor({ alarms: recorded.alarms, log, wake: () => undefined });
    const actions = new Actions(outcomes, () => time);
    const take = async (decided: readonly Action[]): Promise<void> => {
      actions.take("attestation", decided);
      await actions.settled();
    };
    /** Takes the action at every second of an hour; how often it was tried. */
    const hour = async (isUrgent = false): Promise<number> => {
      tries = 0;
      for (const end = time + 3_599_000; time < end; time += 1_000) await take([{ ...refusing, isUrgent }]);
      return tries;
    };
    return { ...recorded, logged, take, hour };
  }
  const WEAKER = ["NodeRegistryWeakerVerifier", [7n, "0x00000000000000000000000000000000000000AA"]] as const;

  it("tries what the chain will go on refusing once an hour, and alarms by the contract's error, its values and its remedy", async () => {
    const { hour, alarms, codes, told, take, logged } = openRefused(...WEAKER);
    expect(await hour()).to.equal(1);
    expect(codes()).to.deep.equal(["action-refused attestation: attest 7"]);
    const [alarm] = alarms.standing();
    expect(alarm?.problem).to.match(/Node 7 was last verified on chain.*0x0+AA relies.*NodeRegistryWeakerVerifier/);
    expect(alarm?.remedy).to.include("Attest it through a verifier that verifies quotes on chain");
    expect(told).to.deep.equal([]);
    const args = { nodeId: "7", verifier: WEAKER[1][1] };
    expect(logged[0]).to.deep.include({ attempts: 1 });
    expect((logged[0] as { refusal: object }).refusal).to.deep.include({ name: WEAKER[0], args });
    await take([]);
    expect(codes()).to.deep.equal([]);
  });

  it("tries what the chain refuses as things stand less and less often, and what has a window every minute", async () => {
    const values = [1n, 2n];
    const stale = openRefused("NodeRegistryStaleBlock", values);
    expect(await stale.hour()).to.equal(12);
    expect(stale.codes()).to.deep.equal([]);
    expect(stale.told.map(({ code, about }) => `${code} ${about}`)).to.deep.equal(["action-failing attest 7"]);
    expect(stale.told[0]?.problem).to.include("The quote names block 1; the oldest that is accepted is 2");
    expect(await openRefused("NodeRegistryStaleBlock", values).hour(true)).to.be.within(60, 70);
    expect(await openRefused(...WEAKER).hour(true)).to.be.within(60, 70);
  });

  it("tells in a dry run each thing that would be done once, whatever is decided again", async () => {
    const told: string[] = [];
    const course = telling((duty, { what }) => told.push(`${duty}: ${what}`));
    const duty: Duty = { name: "proofs", every: 0, look: async () => Promise.resolve([]) };
    const undone = async (): Promise<void> => Promise.reject(new Error("It was done"));
    for (let i = 0; i < 3; i++) course.take(duty, [action("search", undone), action("sign", undone)]);
    await atOnce();
    expect(told).to.deep.equal(["proofs: search", "proofs: sign"]);
  });

  it("does not begin again at once what was done, and does so a second later", async () => {
    const { actions, done, pass } = open();
    for (let i = 0; i < 3; i++) {
      actions.begin("proofs", action("prove", atOnce));
      await actions.settled();
    }
    expect(done).to.deep.equal(["prove"]);
    pass(1_000);
    actions.begin("proofs", action("prove", atOnce));
    await actions.settled();
    expect(done).to.deep.equal(["prove", "prove"]);
  });

  it("rests no longer where the machine's clock is set back", async () => {
    const done: string[] = [];
    const actions = new Actions({
      done: ({ key }) => done.push(key),
      failed: () => undefined,
      decided: () => undefined,
    });
    const again = async (): Promise<number> => {
      actions.begin("proofs", action("prove", atOnce));
      await actions.settled();
      return done.length;
    };
    expect(await again()).to.equal(1);
    const told = Date.now.bind(Date);
    Date.now = () => told() - 3_600_000;
    try {
      for (const end = performance.now() + 30_000; performance.now() < end && (await again()) < 2;) await pause(50);
    } finally {
      Date.now = told;
    }
    expect(done).to.have.lengthOf(2);
  });

  it("alarms that the chain cannot be reached at once, a duty that keeps failing the third time, and clears both", () => {
    const { alarms, codes } = recordedAlarms();
    const looks = looksFor(alarms);
    looks.failed("proofs", new ChainUnreachableError("nobody answers"));
    for (let i = 0; i < 2; i++) looks.failed("orders", new Error("a fault"));
    expect(codes()).to.deep.equal(["chain-unreachable"]);
    looks.failed("orders", new Error("a fault"));
    expect(codes()).to.deep.equal(["chain-unreachable", "duty-failing orders"]);
    looks.looked("proofs");
    expect(codes()).to.deep.equal(["duty-failing orders"]);
    looks.looked("orders");
    expect(codes()).to.deep.equal([]);
  });
});
