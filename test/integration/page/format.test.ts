import { expect } from "chai";

import { parseRate } from "../../../src/amounts.ts";
import { attestedBy, said, spaced, writeAmount, writeRate, writeTime } from "../../../page/src/parts/format.ts";

describe("numbers as the page writes them", () => {
  it("are prices as they were typed, though the chain rounds them down, and exact beside that", () => {
    const { text, exact } = writeRate(parseRate("1"), 18, "CPP");
    expect(text).to.equal("1 CPP/h");
    expect(exact).to.match(/^0\.9{18}/);
  });

  it("have few digits after the point where there are thousands before it", () => {
    expect(writeAmount(1_234_567_890n, 6, "CPP").text).to.equal("1 234.56 CPP");
    expect(writeAmount(234_567_890n, 6, "CPP").text).to.equal("234.5678 CPP");
    expect(writeAmount(1n, 6, "CPP")).to.deep.equal({ text: "< 0.0001 CPP", exact: "0.000001 CPP" });
  });

  it("stand beside the contracts' names as words", () => {
    expect(spaced("ConfigurationAndSWHardeningNeeded")).to.equal("Configuration And SW Hardening Needed");
    expect(spaced("UpToDate")).to.equal("Up To Date");
    expect(said("UserClosed")).to.equal("user closed");
  });

  it("say that something has no end where it holds until no moment, and not that it never does", () => {
    expect(writeTime(2n ** 40n - 1n).text).to.equal("no end");
  });

  it("say by whom a node was attested, and nothing of one that never was", () => {
    expect(attestedBy({ verifier: "OnChain", tcbStatus: "UpToDate" })).to.equal("On Chain, Up To Date");
    expect(attestedBy({ verifier: "None", tcbStatus: "None" })).to.equal(undefined);
  });
});
