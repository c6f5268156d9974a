import { expect } from "chai";
import { pino } from "pino";
import { Registry } from "prom-client";

import { endpointFailures } from "../../../src/service/endpointFailures.ts";
import { Sparingly } from "../../../src/service/sparingly.ts";

describe("what repeats itself in a log", () => {
  let elapsed = 0;
  const said: string[] = [];
  const say =
    (what: string) =>
    (unsaid: number): void =>
      void said.push(`${what} ${String(unsaid)}`);
  beforeEach(() => {
    [elapsed, said.length] = [0, 0];
  });

  it("is said at once, and then once a minute with how often it was so", () => {
    const sparingly = new Sparingly(() => elapsed);
    for (; elapsed < 130_000; elapsed += 1_000) sparingly.say("full", say("full"));
    expect(said).to.deep.equal(["full 0", "full 59", "full 59"]);
  });

  it("hides nothing else", () => {
    const sparingly = new Sparingly(() => elapsed);
    for (const what of ["a", "b", "a", "b", "c"]) sparingly.say(what, say(what));
    expect(said).to.deep.equal(["a 0", "b 0", "c 0"]);
  });

  it("is remembered of so many things alone, the newest", () => {
    const sparingly = new Sparingly(() => elapsed);
    for (let i = 0; i < 1_001; i++) sparingly.say(String(i), () => undefined);
    for (const what of ["1000", "1", "0"]) sparingly.say(what, say(what));
    expect(said).to.deep.equal(["0 0"]);
  });

  it("of the chain's endpoints is told apart by endpoint and by reason, whatever the numbers in it, and counted", async () => {
    const [registry, lines] = [new Registry(), [] as string[]];
    const passedOver = endpointFailures(registry, pino({ level: "warn" }, { write: (line) => void lines.push(line) }));
    for (let i = 0; i < 50; i++) {
      passedOver(0, `its newest block is ${String(i)} s old`);
      passedOver(1, `its newest block is ${String(i)} s old`);
    }
    passedOver(0, "it did not answer");
    expect(lines).to.have.lengthOf(3);
    expect(await registry.metrics()).to.contain('failures_total{endpoint="0"} 51');
  });
});
