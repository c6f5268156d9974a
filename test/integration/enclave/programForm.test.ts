import { expect } from "chai";
import fc from "fast-check";

import { EnclaveError } from "../../../src/enclave/errors.ts";
import { shippedPrograms } from "../../../src/enclave/programs/catalogue.ts";
import { compiled, execute } from "../../../src/enclave/programs/execution.ts";
import { prepared } from "../../../src/enclave/programs/preparing.ts";
import { api } from "../../../src/enclave/programs/webAssembly.ts";
import {
  DECLARE,
  isOfFirstVersion,
  moduleOf,
  rawModule,
  rawName,
  rawSection,
  READ,
  WRITE,
} from "../../fixtures/enclave/webAssembly.ts";

const isValid = (code: Uint8Array): boolean => api.validate(new Uint8Array(code));

/** The metered form of a module; undefined where it is refused, as only one that is no program is. */
function meteredOf(code: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  try {
    return prepared(code, { steps: 10_000n, pages: 1 });
  } catch (error) {
    expect((error as EnclaveError).code, String(error)).to.equal("PROGRAM_FORMAT");
    return undefined;
  }
}

describe("the form of programs", () => {
  const BLOCK = 0x02;
  const [FUNCTION, END] = [0x60, 0x0b];

  it("is that of WebAssembly's first version, of which the engine takes many more", () => {
    expect(isValid(rawModule())).to.equal(true);
    expect(meteredOf(rawModule())).to.not.equal(undefined);
    const I32 = 0x7f;
    const types = (more: readonly number[]) => [3, FUNCTION, 0, 0, FUNCTION, 2, I32, I32, 0, ...more];
    const exported = [...rawName("memory"), 2, 0, ...rawName("prepare"), 0, 1, ...rawName("run"), 0, 2];
    const cases: Record<string, Uint8Array> = {
      // What follows each of these means something else to a reader that does not know it.
      "a load that names its memory": rawModule({ run: [0, 0x41, 0, 0x28, 0x42, 0, 0, 0x1a, END] }),
      "a store that names its memory": rawModule({ run: [0, 0x41, 0, 0x41, 0, 0x36, 0x42, 0, 0, END] }),
      "a block of a reference, in two bytes": rawModule({ run: [0, BLOCK, 0x63, 0x70, 0x00, END, 0x1a, END] }),
      "a block of a function's type": rawModule({ run: [0, BLOCK, 0, END, END] }),
      "a local that is a reference, in two bytes": rawModule({ run: [1, 1, 0x63, 0x70, END] }),
      "a local that is a vector": rawModule({ run: [1, 1, 0x7b, END] }),
      "a local that is a function": rawModule({ run: [1, 1, 0x70, END] }),
      "a select with a type": rawModule({ run: [0, 0x41, 1, 0x41, 2, 0x41, 0, 0x1c, 1, I32, 0x1a, END] }),
      "a call in place of its own function": rawModule({ run: [0, 0x12, 1, END] }),
      "a number that is added up before anything runs": rawModule({
        more: rawSection(6, [1, I32, 0, 0x41, 1, 0x41, 2, 0x6a, END]),
      }),
      "a global that is a reference": rawModule({ more: rawSection(6, [1, 0x70, 0, 0xd0, 0x70, END]) }),
      "a type that is a structure": rawModule({ types: types([0x5f, 0]) }),
      "a group of types": rawModule({ types: types([0x4e, 1, FUNCTION, 0, 0]) }),
      "a function with two results": rawModule({ types: types([FUNCTION, 0, 2, I32, I32]) }),
      "content that is for no place": rawModule({ behindCode: rawSection(11, [1, 1, 1, 65]) }),
      "content for a memory by its number": rawModule({ behindCode: rawSection(11, [1, 2, 0, 0x41, 0, END, 1, 65]) }),
      "a count of content before the code": rawModule({
        ...{ behindExports: rawSection(12, [0]), behindCode: rawSection(11, [0]) },
      }),
      "a tag": rawModule({ more: rawSection(13, [1, 0, 0]) }),
      "functions that are for no table": rawModule({ behindExports: rawSection(9, [1, 1, 0, 1, 1]) }),
      "functions that are only declared": rawModule({ behindExports: rawSection(9, [1, 3, 0, 1, 1]) }),
      "a memory of 64 bits": rawModule({ memory: [1, 5, 1, 1] }),
      "two memories": rawModule({ memory: [2, 1, 1, 1, 1, 1, 1] }),
      "an import that takes what it does not have": rawModule({
        types: [2, FUNCTION, 0, 0, FUNCTION, 2, I32, 0x7e, 0],
      }),
      "a prepare that takes something": rawModule({
        exports: [3, ...rawName("memory"), 2, 0, ...rawName("prepare"), 0, 0, ...rawName("run"), 0, 2],
      }),
      "a tail of its exports": rawModule({ exports: [3, ...exported, 0] }),
    };
    for (const [name, code] of Object.entries(cases)) expect(meteredOf(code), name).to.equal(undefined);
    const unknown = Object.entries(cases).flatMap(([name, code]) => (isValid(code) ? [] : [name]));
    // The others are refused whatever the engine says of them.
    expect(unknown).to.deep.equal(["an import that takes what it does not have", "a tail of its exports"]);
  });

  const small = [
    moduleOf(
      DECLARE,
      `(local i32 f64) (loop $again (block (br_if 0 (i32.gt_u (local.get 0) (i32.const 9)))
        (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $again)))
        (f64.store (i32.const 64) (f64.div (local.get 1) (f64.const 0))) ${WRITE}`,
    ),
    moduleOf(DECLARE, `${READ} (call_indirect (i32.const 0)) (call $f (i32.const 3)) ${WRITE}`, {
      more: `(table 1 1 funcref) (elem (i32.const 0) $g) (data (i32.const 8) "data") (global $x (mut f32) (f32.const 1))
        (func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))))))
        (func $g (local i64) (global.set $x (f32.copysign (global.get $x) (f32.neg (global.get $x))))
          (drop (memory.grow (i32.const 0))) (block $a (block $b (br_table $a $b (i32.const 1)))))`,
    }),
    rawModule(),
  ];

  /** Changes of some bytes of a module. */
  const mutations = (code: Uint8Array) =>
    fc
      .array(fc.tuple(fc.nat(code.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 })
      .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), code));

  /** That a module which is taken is one of the first version to whoever reads it, and stays valid when it is metered. */
  function expectMeant(code: Uint8Array): Uint8Array | undefined {
    const metered = meteredOf(code);
    if (metered === undefined || !isValid(code)) return undefined;
    expect(isOfFirstVersion(code), Buffer.from(code).toString("hex")).to.equal(true);
    expect(api.validate(metered), Buffer.from(code).toString("hex")).to.equal(true);
    return metered;
  }

  it("is the same to the engine, to another reader and to what meters it, whatever bytes are changed", () => {
    let taken = 0;
    for (const code of [...small, ...shippedPrograms.map((each) => each.code)]) {
      expect(expectMeant(code)).to.not.equal(undefined);
      const check = (mutated: Uint8Array): void => {
        if (expectMeant(mutated) !== undefined) taken += 1;
      };
      fc.assert(fc.property(mutations(code), check), { numRuns: 1_500 });
    }
    expect(taken).to.be.greaterThan(500);
  });

  it("has every program that is taken end, by its steps or before, in the same way each time", () => {
    const tables = [{ rows: 2, columns: 2, values: Float64Array.of(1, 0, 2.5, 1) }];
    let ran = 0;
    for (const code of small) {
      const check = (mutated: Uint8Array): void => {
        if (expectMeant(mutated) === undefined) return;
        const ends = [1, 2].map(() =>
          execute(
            compiled(mutated, { steps: 20_000n, pages: 1 }),
            { tables, parameters: { rate: 1 }, leastRows: 16 },
            "run",
          ),
        );
        expect(ends[0]).to.deep.equal(ends[1]);
        ran += 1;
      };
      fc.assert(fc.property(mutations(code), check), { numRuns: 1_500 });
    }
    expect(ran).to.be.greaterThan(40);
  });
});
