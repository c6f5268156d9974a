import { expect } from "chai";

import { explain } from "../../../tasks/support/failure.ts";

describe("a network on which nobody answers", () => {
  const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED", syscall: "connect" });
  /** What Hardhat throws then. */
  const unreached = (network: string): Error =>
    Object.assign(new Error("unreached"), {
      ...{ number: 703, errorCode: "HHE703", formattedMessage: "unreached", messageArguments: { network } },
    });

  it("is said to need a chain of one's own where it is that of local ones", () => {
    for (const error of [refused, unreached("localhost")]) {
      expect(explain(error, "localhost")?.remedy).to.match(/^Start a chain there with `npx hardhat devnet`/);
    }
  });

  it("is said to be looked at where it is any other, and where it is late", () => {
    expect(explain(refused, "sepolia")?.remedy).to.match(/^Check the connection/);
    expect(explain(unreached("sepolia"), "sepolia")?.remedy).to.match(/^Check that the node runs/);
    const late = Object.assign(new Error("late"), { code: "ETIMEDOUT", syscall: "connect" });
    expect(explain(late, "localhost")?.remedy).to.not.include("devnet");
  });
});
