import { expect } from "chai";
import { id } from "ethers";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";

import { quoteDomain, taskDomain, validator, verdictOn } from "../../../fixtures/journal/statements.ts";
import { recordedAlarms } from "../../../fixtures/provider/recordedAlarms.ts";
import { verdictDigest } from "../../../../src/eip712/task.ts";
import { InputError } from "../../../../src/inputError.ts";
import { Journal } from "../../../../src/journal/index.ts";
import { InstanceWatch } from "../../../../src/validator/guard/doppelganger.ts";
import { SigningGate } from "../../../../src/validator/guard/gate.ts";
import { SeatWatch } from "../../../../src/validator/guard/start.ts";
import { Peers } from "../../../../src/validator/peers.ts";

const domains = { quotes: quoteDomain, tasks: taskDomain };

describe("what peers tell of a seat", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "seat-watch-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("shows no process by a peer's first answer, whatever time that says: it may have ended", () => {
    const [own, other] = [id("own"), id("other")];
    const watch = new InstanceWatch(own, 104);
    const see = (sentAt: number) => watch.see({ peer: "a", instances: [{ instance: other, sentAt }] });
    expect(see(110)).to.equal(undefined);
    expect(see(110), "no more than before").to.equal(undefined);
    expect(see(111)?.where).to.include(other.slice(0, 10));
  });

  it("is of the past at first, and one signature more is another process's", async () => {
    const journal = new Journal(join(folder, "signed"));
    const gate = new SigningGate({ journal, signer: validator, domains });
    const signedOn = (taskId: bigint, which: "Valid" | "Invalid" = "Valid") => {
      const verdict = verdictOn(taskId, which);
      const { termsHash, resultHash, vouchedAttestation, deadline } = verdict;
      const signature = validator.signingKey.sign(verdictDigest(taskDomain, verdict)).serialized;
      return { taskId, termsHash, resultHash, vouchedAttestation, verdict: which, deadline, signature };
    };
    const peers = ["a", "b"].map((address) => ({
      ...{ address, url: address, verdicts: [signedOn(1n), signedOn(2n)] },
      present: async () => Promise.resolve({ kind: "presences", instances: [] }),
      async statements(_: string, after: number) {
        const verdicts = this.verdicts.slice(after, after + 1);
        return Promise.resolve({ kind: "statements", vouches: [], verdicts, next: after + verdicts.length });
      },
    }));
    const watch = new SeatWatch({
      ...{ peers: new Peers(peers as never), journal, seat: { address: validator.address, domains }, gate },
      ...{ instance: id("own"), startedAt: 0, alarms: recordedAlarms().alarms, end: () => undefined },
      log: pino({ level: "silent" }),
    });
    const { signal } = new AbortController();
    expect(await watch.look(signal)).to.equal(undefined);
    expect(await watch.look(signal)).to.equal(undefined);
    peers[1]!.verdicts.push(signedOn(3n));
    expect((await watch.look(signal))?.where).to.equal("peers have 1 signatures of it that this process did not make");
    peers[0]!.verdicts.push(signedOn(3n, "Invalid"));
    const error = await watch.look(signal).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(InputError);
    expect((error as InputError).message).to.include("Nothing is signed.");
  });
});
