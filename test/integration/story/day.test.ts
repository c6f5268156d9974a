import { expect } from "chai";

import { isPodmanUsable } from "../../fixtures/gateway/orchestrator/podman.ts";
import { isNatsUsable } from "../../fixtures/pow/remote/natsServer.ts";
import type { ChainKind } from "../../fixtures/story/chainProcess.ts";
import { liveDay } from "../../fixtures/story/live.ts";
import { shortDay } from "../../fixtures/story/plan.ts";
import { DAY_LIMITS, shortcomingsOf } from "../../fixtures/story/verdictOnDay.ts";

/** Set it to anvil to have the day there; `npm run story` has the long one on either. */
const kind = (process.env["STORY_CHAIN"] ?? "hardhat") as ChainKind;

describe(`A short day with everything real, on ${kind}`, function () {
  this.timeout(400_000);

  it("falls short in nothing: no proof is missed that could be made, and all money is where the model has it", async () => {
    const diary: string[] = [];
    const surroundings = { hasNats: isNatsUsable(), hasPodman: isPodmanUsable() };
    const report = await liveDay(kind, shortDay, { surroundings, tell: (text) => diary.push(text) });
    expect(shortcomingsOf(report, DAY_LIMITS), diary.join("\n")).to.deep.equal([]);
    expect(report.proofs.due).to.be.at.least(9);
    expect(report.proofs.made).to.be.at.least(8);
    expect(report.tasks.filter(({ expected }) => expected === "Valid")).to.have.length(surroundings.hasPodman ? 2 : 0);
    expect(report.tasks.filter(({ expected }) => expected === "Invalid")).to.have.length(1);
    const planned = shortDay.events.filter(({ kind: each }) => each === "fault").map(({ name }) => name);
    expect(report.faults.map(({ fault }) => fault)).to.have.members(planned);
    const spared = report.faults.filter((each) => each.spared !== undefined);
    expect(spared).to.have.length(surroundings.hasNats ? 0 : 1);
    expect(report.restarts).to.be.at.least(2);
  });
});
