import { expect } from "chai";
import { join } from "node:path";

import { loadValidatorConfig } from "../../../src/validator/config/load.ts";
import { healthOf } from "../../../src/validator/health.ts";

const EXAMPLE = join(import.meta.dirname, "../../../docs/validator.json5");

describe("a validator service's configuration", () => {
  it("is as the example explains it", () => {
    const config = loadValidatorConfig({
      file: EXAMPLE,
      environment: { COMPUTING_POWER_VALIDATOR_LISTEN_PORT: "9000" },
    });
    expect(config.listen.port).to.equal(9_000);
    expect(config.peers).to.have.lengthOf(1);
    expect(() =>
      loadValidatorConfig({ file: EXAMPLE, environment: { COMPUTING_POWER_VALIDATOR_PEERS: "{}" } }),
    ).to.throw("peers");
  });
});

describe("what a validator is alarmed of", () => {
  const well = {
    ...{ hasSeat: true, coins: 2n, leastCoins: 1n, stake: 5n, leastStake: 5n, decimals: 18 },
    ...{
      signingKey: "0x0a",
      registeredKey: "0x0a",
      signingFault: undefined,
      gone: [],
      canReachQuorum: true,
      ahead: 3_000,
      blockMilliseconds: 12_000,
    },
  };
  const codes = (change: object): string[] => healthOf({ ...well, ...change }).wrong.map(({ code }) => code);

  it("names each thing that is wrong, and clears what is well", () => {
    expect(codes({})).to.deep.equal([]);
    expect(healthOf(well).well).to.deep.equal([
      "seat-inactive",
      "signing-key-differs",
      "signing-fails",
      "stake-low",
      "coin-low",
      "peers-unreachable",
      "clock-off",
    ]);
    expect(codes({ hasSeat: false })).to.deep.equal(["seat-inactive"]);
    expect(codes({ registeredKey: "0x0b" })).to.deep.equal(["signing-key-differs"]);
    expect(codes({ signingFault: "ENOSPC: no space left on device, write" })).to.deep.equal(["signing-fails"]);
    expect(codes({ coins: 0n })).to.deep.equal(["coin-low"]);
    expect(codes({ stake: 4n })).to.deep.equal(["stake-low"]);
    expect(codes({ stake: 0n, hasSeat: false })).to.deep.equal(["seat-inactive"]);
    expect(codes({ ahead: -30_000 })).to.deep.equal(["clock-off"]);
    expect(codes({ ahead: 30_000 })).to.deep.equal(["clock-off"]);
    expect(codes({ ahead: 20_000 })).to.deep.equal([]);
    const gone = healthOf({ ...well, gone: ["https://a.example"], canReachQuorum: false }).wrong[0];
    expect(gone).to.include({ code: "peers-unreachable", severity: "critical" });
  });
});
