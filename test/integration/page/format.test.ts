import { expect } from "chai";

import { parseRate } from "../../../src/amounts.ts";
import { spaced, writeAmount, writeRate } from "../../../page/src/parts/format.ts";

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
  });
});
