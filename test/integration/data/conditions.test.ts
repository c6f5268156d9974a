import { expect } from "chai";
import fc from "fast-check";

import {
  decodeKey,
  encodeKey,
  LEAST_KEY_SIZE,
  safeTerms,
  type DataConditions,
  type OwnerTerms,
} from "../../../src/data/conditions.ts";
import { dataConditionsDocument } from "../../../src/documents/conditions.ts";
import { toJson } from "../../../src/json.ts";
import { concatBytes, utf8, type Hex } from "../../../src/sgx/bytes.ts";
import { addressOf, CHAIN_ID, dataFaultOf } from "../../fixtures/data.ts";

const dataKey = new Uint8Array(32).fill(7);
const hashOf = (byte: string): Hex => `0x${byte.repeat(32)}`;
const conditions: DataConditions = {
  ...{ version: 1, registry: addressOf("registry"), escrow: addressOf("escrow"), grantNonce: 3n },
  ...safeTerms,
};
const migration = { measurements: [hashOf("aa")], statuses: ["UpToDate"], advisories: [], evaluationNumber: 0 };
const sealedWith = (changes: object, text = toJson({ ...conditions, ...changes }, 0)): Uint8Array =>
  concatBytes(dataKey, utf8(text));

/** Some terms of every kind, but for where the key may be migrated. */
const anyUse: fc.Arbitrary<OwnerTerms> = fc.record({
  requesters: fc.oneof(fc.constant("all" as const), names(addressOf)),
  joining: fc.oneof(
    fc.constantFrom("all" as const, "none" as const),
    names((name) => hashOf(name)),
  ),
  programs: fc.oneof(
    fc.constant("all" as const),
    names((name) => hashOf(name)),
  ),
  output: fc.record({
    minRows: fc.integer({ min: 16, max: 2 ** 32 }),
    clip: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    digits: fc.integer({ min: 1, max: 17 }),
    epsilon: fc.option(fc.double({ min: 1e-3, max: 1e3, noNaN: true })),
    metrics: fc.boolean(),
  }),
  firstView: fc.option(fc.record({ validators: fc.constant(hashOf("ab")), height: fc.bigInt({ min: 0n }) })),
});

/** Where a key may be migrated. */
const anyMigration: fc.Arbitrary<NonNullable<OwnerTerms["migration"]>> = fc.record({
  measurements: names((name) => hashOf(name)),
  statuses: fc.subarray(["OutOfDate", "SWHardeningNeeded", "UpToDate"], { minLength: 1 }),
  advisories: fc.oneof(
    fc.constant<string[]>([]),
    names((name) => `INTEL-SA-${parseInt(name, 16).toString().padStart(5, "0")}`),
  ),
  evaluationNumber: fc.integer({ min: 0, max: 65_535 }),
});

/** Some terms of every kind. */
const anyTerms: fc.Arbitrary<OwnerTerms> = fc
  .tuple(anyUse, fc.option(anyMigration))
  .map(([terms, migration]) => (migration === null ? terms : { ...terms, migration }));

/** Ascending lists without repetition, as conditions have them. */
function names<T extends string>(valueOf: (name: string) => T): fc.Arbitrary<T[]> {
  const name = fc.integer({ min: 16, max: 255 }).map((value) => value.toString(16));
  return fc.uniqueArray(name, { minLength: 1, maxLength: 32 }).map((list) => list.map(valueOf).sort());
}

describe("a data key's conditions", () => {
  it("come out as they went in, and always fit the one size that keys are filled up to", () => {
    fc.assert(
      fc.property(anyTerms, (terms) => {
        const key = { dataKey, conditions: { ...conditions, ...terms } };
        const bytes = encodeKey(key);
        expect(decodeKey(bytes)).to.deep.equal(key);
        expect(bytes.length).to.be.at.most(LEAST_KEY_SIZE);
      }),
    );
  });

  it("have one form: the same in other bytes is none", async () => {
    const text = toJson(conditions, 0);
    const { registry, ...rest } = conditions;
    const [first, second] = [addressOf("b"), addressOf("a")].sort().reverse();
    const others = [
      sealedWith({}, toJson(conditions)),
      sealedWith({}, `${text} `),
      sealedWith({}, toJson({ ...rest, registry }, 0)),
      sealedWith({ registry: registry.toLowerCase() }),
      sealedWith({ requesters: [first, second] }),
      sealedWith({ requesters: [first, first] }),
      sealedWith({ grantNonce: "03" }),
    ];
    for (const [i, bytes] of others.entries()) {
      expect(await dataFaultOf(() => decodeKey(bytes)), String(i)).to.equal("CONTENT_FORMAT");
    }
    expect(decodeKey(sealedWith({})).conditions).to.deep.equal(conditions);
    expect(decodeKey(sealedWith({ migration })).conditions).to.deep.equal({ ...conditions, migration });
  });

  it("are refused with a field too many, one too few, or one out of bounds", async () => {
    const wrongs = [
      { version: 2 },
      { more: 1 },
      { requesters: [] },
      { requesters: "none" },
      { joining: [] },
      { joining: [addressOf("a")] },
      ...[
        ...[{ minRows: 15 }, { minRows: 16.5 }, { clip: 0 }, { clip: 2e9 }, { digits: 0 }, { digits: 18 }],
        ...[{ epsilon: 0 }, { epsilon: 2e3 }, { epsilon: undefined }, { metrics: 1 }, { more: 1 }],
      ].map((change) => ({ output: { ...safeTerms.output, ...change } })),
      { programs: [] },
      { firstView: {} },
      { migration: null },
      ...[
        ...[{ measurements: [] }, { measurements: ["0x12"] }, { measurements: "all" }, { statuses: ["Revoked"] }],
        ...[
          { statuses: [] },
          { advisories: ["INTEL"] },
          { evaluationNumber: -1 },
          { more: 1 },
          { advisories: undefined },
        ],
        { measurements: Array.from({ length: 33 }, (_, i) => hashOf((i + 16).toString(16))) },
        { measurements: [hashOf("bb"), hashOf("aa")] },
      ].map((change) => ({ migration: { ...migration, ...change } })),
      ...Object.keys(conditions).map((field) => ({ [field]: undefined })),
    ];
    for (const wrong of wrongs) {
      expect(await dataFaultOf(() => decodeKey(sealedWith(wrong))), JSON.stringify(wrong)).to.equal("CONTENT_FORMAT");
    }
    for (const bytes of [new Uint8Array(0), dataKey]) {
      expect(await dataFaultOf(() => decodeKey(bytes))).to.equal("CONTENT_FORMAT");
    }
  });

  it("are kept by their owner in a file that people may order as they like", () => {
    const [first, second] = [hashOf("bb"), hashOf("aa")];
    const kept = dataConditionsDocument.parse({
      ...{ kind: "data-conditions", chainId: Number(CHAIN_ID), grants: addressOf("grants"), datasetId: "1" },
      ...{ ...safeTerms, joining: [first, second, first.toUpperCase().replace("0X", "0x")] },
    });
    expect(kept.joining).to.deep.equal([second, first]);
  });
});
