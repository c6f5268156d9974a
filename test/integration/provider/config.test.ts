import { expect } from "chai";
import json5 from "json5";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { completeProviderConfig, loadProviderConfig } from "../../../src/provider/config/load.ts";
import { providerConfig } from "../../../src/provider/config/schema.ts";
import { overridesOf } from "../../../src/service/config/environment.ts";
import { InputError } from "../../../src/inputError.ts";

const EXAMPLE = join(import.meta.dirname, "../../../docs/provider.json5");
const LEAST = {
  chain: { rpc: ["http://127.0.0.1:8545"], addresses: "addresses.json" },
  signer: { env: "KEY" },
  nodes: [{ id: 1 }],
};

const complete = (changes: object, environment: Record<string, string> = {}) =>
  completeProviderConfig({ fields: { ...LEAST, ...changes }, origin: "the test", environment });

/** The fields of a value, and of what is in it, by their names. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
}

describe("The provider service's configuration", () => {
  it("takes nodes that share the machine's prover, and none where there is no such prover", () => {
    const nodes = [
      { id: 1, prover: "shared" },
      { id: 2, prover: "shared" },
    ];
    expect(complete({ nodes, prover: { threads: 2 } }).prover?.threads).to.equal(2);
    expect(() => complete({ nodes })).to.throw(InputError, "name the `prover` that nodes share");
    const workers = { servers: "tls://nats.example:4222" };
    expect(() => complete({ nodes, prover: { workers } })).to.throw(InputError, "workers are of one node");
  });

  it("has an example that is one, and that explains every field", () => {
    expect(loadProviderConfig({ file: EXAMPLE, environment: {} }).nodes[0]?.id).to.equal(1);
    const text = readFileSync(EXAMPLE, "utf8");
    const known = new Set(fieldsOf(json5.parse(text)));
    const missing = overridesOf(providerConfig, "provider")
      .map(({ path }) => path)
      // Alternatives exclude each other, so some stand in a comment.
      .filter((path) => !known.has(path.at(-1) ?? "") && !new RegExp(`//.*\\b${path.at(-1) ?? ""}\\b`).test(text));
    expect(missing.map((path) => path.join("."))).to.deep.equal([]);
  });

  it("moves no money, sends no collateral and accepts no request unless it says so", () => {
    const { orders, stake, collateral, proofs } = complete({});
    const moving = [orders.accept, orders.withdraw, orders.releaseAbove, stake.topUp, stake.ordersCap];
    expect(moving.every((each) => each === undefined)).to.equal(true);
    expect(collateral).to.equal(undefined);
    expect(proofs.proveIdle).to.equal(false);
    const { accept } = complete({ orders: { accept: {} } }).orders;
    expect(accept).to.deep.equal({ minDeposit: "0", maxStakeLockPerUnit: "0", maxFeeBps: 1_000, deny: [] });
  });

  it("takes a variable in place of a field", () => {
    const environment = { COMPUTING_POWER_PROVIDER_PROOFS_PROVE_IDLE: "true" };
    expect(complete({}, environment).proofs.proveIdle).to.equal(true);
  });

  for (const [what, changes] of [
    ["an enclave at two places", { nodes: [{ id: 1, enclave: { socket: "a", keyFile: "b" } }] }],
    ["no node", { nodes: [] }],
    ["a quorum of nobody", { attestation: { by: "quorum" } }],
    ["an amount with a sign", { stake: { alarmBelow: "-1" } }],
    ["a receiver that is no address", { orders: { withdraw: { above: "1", to: "0x12" } } }],
    ["a secret in the place of its place", { signer: "0x12" }],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => complete(changes)).to.throw(InputError);
    });
  }
});
