import { expect } from "chai";

import { measureHashRates } from "../../../src/pow/hashRate.ts";
import { createWasmEngine } from "../../../src/pow/index.ts";
import { kindOf } from "../../fixtures/pow/engines.ts";
import { errorOf, scriptedEngine } from "../../fixtures/pow/proofSearch.ts";

describe("The rates of all engines", () => {
  const right = kindOf("right", async () => createWasmEngine({ threads: 1 }));

  it("are measured also where one of them fails, of which they say why", async () => {
    const broken = kindOf("broken", () =>
      Promise.resolve(scriptedEngine(() => Promise.reject(new Error("the device is lost")))),
    );
    const gone = kindOf("gone", () => Promise.reject(new Error("a defect")));
    const { measurements, unusable } = await measureHashRates({ seconds: 0.1, threads: [1] }, [broken, gone, right]);
    expect(measurements.map(({ engine }) => engine)).to.deep.equal(["ethers", "wasm-simd"]);
    expect(unusable[0]?.reason).to.match(/the device is lost$/);
    expect(unusable[1]).to.deep.equal({ engine: "gone", reason: "It failed: a defect" });
  });

  it("are not measured with options that make no sense", async () => {
    const error = await errorOf(
      measureHashRates({ seconds: 0.1, threads: [0] }, [kindOf("wasm", async () => createWasmEngine({ threads: 0 }))]),
    );
    expect(error).to.have.property("code", "INVALID_OPTION");
  });
});
