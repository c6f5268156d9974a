import { expect } from "chai";
import { pino } from "pino";

import { RefusedError, RevertedError, SenderClosedError } from "../../../src/chain/sending/errors.ts";
import type { Outcome, Sender } from "../../../src/chain/sending/sender.ts";
import { sendAmongOthers } from "../../../src/validator/sendAmongOthers.ts";

describe("what is sent among others that may send it as well", () => {
  const log = pino({ level: "silent" });
  const intention = { key: "key", purpose: "a purpose", transaction: { to: `0x${"11".repeat(20)}`, data: "0x" } };
  const nothing = async (): Promise<void> => Promise.resolve();
  const sent = async (send: Sender["send"]) =>
    sendAmongOthers({ sender: { address: "0x", send, recover: nothing, close: nothing }, log }, intention);

  it("ends in nothing where the chain refuses it, and as it ends otherwise", async () => {
    const outcome = { kind: "mined" } as unknown as Outcome;
    expect(await sent(async () => Promise.resolve(outcome))).to.equal(outcome);
    expect(await sent(async () => Promise.reject(new RefusedError("somebody was first")))).to.equal(undefined);
  });

  it("fails as the sender does where it is not the chain that refuses it", async () => {
    for (const failure of [new RevertedError("paid for"), new SenderClosedError("closed"), new TypeError("a fault")]) {
      const found = await sent(async () => Promise.reject(failure)).catch((error: unknown) => error);
      expect(found).to.equal(failure);
    }
  });
});
