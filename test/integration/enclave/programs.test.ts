import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { root } from "../../../scripts/checks/files.ts";
import { compileProgram, compileShipped, shippedModule } from "../../../scripts/programs/compile.ts";
import { EnclaveError } from "../../../src/enclave/errors.ts";
import { shippedPrograms } from "../../../src/enclave/programs/catalogue.ts";
import { compiled, execute, type Outcome } from "../../../src/enclave/programs/execution.ts";
import type { Parameters } from "../../../src/enclave/programs/platform.ts";
import { MAX_PAGES } from "../../../src/enclave/programs/preparing.ts";
import { runProgram } from "../../../src/enclave/programs/running.ts";
import { api } from "../../../src/enclave/programs/webAssembly.ts";
import type { Table } from "../../../src/enclave/table.ts";
import { utf8 } from "../../../src/sgx/bytes.ts";
import { numbersOf } from "../../fixtures/enclave/programs.ts";
import { assembled, DECLARE, IMPORTS, moduleOf, READ, WRITE } from "../../fixtures/enclave/webAssembly.ts";

const table: Table = { rows: 2, columns: 2, values: Float64Array.of(1, 0, 2.5, 1) };

describe("programs that an enclave is given", () => {
  const outcomeOf = (code: Uint8Array, parameters: Parameters = {}, steps = 10_000n): Outcome =>
    execute(compiled(code, { steps }), { tables: [table], parameters, leastRows: 16 }, "run");
  const refusalOf = (code: Uint8Array): string => {
    try {
      compiled(code);
    } catch (error) {
      expect(error).to.be.instanceOf(EnclaveError);
      expect((error as EnclaveError).code).to.equal("PROGRAM_FORMAT");
      return (error as EnclaveError).problem;
    }
    expect.fail("nothing was thrown");
  };
  const GIVEN_UP = { ended: "given-up", reason: "PROGRAM_FAILED" };
  const FAILED = { ended: "failed", reason: "PROGRAM_FAILED", declared: { values: 2, metrics: 0 } };

  it("read what they are given and write one result", () => {
    expect([...numbersOf(outcomeOf(moduleOf(DECLARE, READ + WRITE))).values]).to.deep.equal([1, 0]);
  });

  it("are refused for anything that they could reach out with, before they run", () => {
    const more = (text: string): Uint8Array => moduleOf(DECLARE, WRITE, { more: text });
    const imported = (text: string, own = ""): Uint8Array =>
      assembled(`(module ${text} ${IMPORTS} (memory (export "memory") 1 1) ${own}
      (func (export "prepare")) (func (export "run")))`);
    const cases: [Uint8Array, string][] = [
      [utf8("text"), "is not a module of WebAssembly's version 1"],
      // What its steps are counted by is a global that its own module does not have.
      [moduleOf(DECLARE, `(global.set 0 (i64.const 9000000000000000000)) ${WRITE}`), "is not valid WebAssembly"],
      [new Uint8Array(0), "is not a module of WebAssembly's version 1"],
      [moduleOf(DECLARE, WRITE).subarray(0, -3), "ends too early"],
      [new Uint8Array(2 ** 20 + 1), "has more than 1048576 bytes"],
      [imported('(import "env" "now" (func))'), "imports something that the platform does not have"],
      [imported('(import "platform" "random" (func))'), "imports something that the platform does not have"],
      // With a global before its own, what is counted off would be another.
      [imported('(import "platform" "tables" (global i32))'), "imports something that the platform does not have"],
      [
        imported('(import "platform" "tables" (global (mut i64)))', "(global (mut i64) (i64.const 1))"),
        "imports something that the platform does not have",
      ],
      [moduleOf(DECLARE, WRITE, { memory: "1" }), "has a memory without a maximum, or a shared one"],
      [moduleOf(DECLARE, WRITE, { memory: "1 1 shared" }), "has a memory without a maximum, or a shared one"],
      [moduleOf(DECLARE, WRITE, { memory: `1 ${MAX_PAGES + 1}` }), `asks for more than ${MAX_PAGES} pages of memory`],
      [more("(table 65537 funcref)"), "has a table of more than 65536 entries"],
      [more("(func (drop (i32.atomic.load (i32.const 0))))"), "has instructions beyond"],
      [more("(func (drop (v128.const i32x4 0 0 0 0)))"), "has instructions beyond"],
      [more("(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 9)))"), "has instructions beyond"],
      [more('(global (export "$steps") i32 (i32.const 1))'), "is not valid WebAssembly"],
      [assembled('(module (memory (export "memory") 1 1) (func (export "run")))'), "does not export prepare"],
      [assembled('(module (func (export "run")) (func (export "prepare")))'), "has no memory"],
    ];
    for (const [code, problem] of cases) expect(refusalOf(code)).to.include(problem);
  });

  it("are not said to be none where this machine only has too little memory to compile them", () => {
    const { Module } = api;
    const failing = function (): never {
      throw new RangeError("out of memory");
    };
    try {
      Object.assign(api, { Module: failing });
      expect(() => compiled(moduleOf(DECLARE, WRITE)))
        .to.throw(EnclaveError)
        .with.property("code", "PROGRAM_STOPPED");
    } finally {
      Object.assign(api, { Module });
    }
    expect(outcomeOf(moduleOf(DECLARE, WRITE)).ended).to.equal("result");
  });

  it("end when their steps do, wherever they spend them, and just as many always suffice", () => {
    const loops = {
      loop: "(loop $again (br $again))",
      "nested loops": "(loop $outer (loop $inner (br $inner)) (br $outer))",
      recursion: "(call $deep (i32.const 1))",
    };
    const more = "(func $deep (param i32) (if (local.get 0) (then (return (call $deep (local.get 0))))))";
    for (const [name, text] of Object.entries(loops)) {
      expect(outcomeOf(moduleOf(DECLARE, `${text} ${READ} ${WRITE}`, { more })), name).to.deep.equal(FAILED);
      expect(outcomeOf(moduleOf(`${text} ${DECLARE}`, READ + WRITE, { more })), name).to.deep.equal(GIVEN_UP);
    }
    const counted = moduleOf(
      DECLARE,
      `(local i32) (loop $again (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100)))) ${READ} ${WRITE}`,
    );
    const least = Array.from({ length: 3_000 }, (_, steps) => steps).find(
      (steps) => outcomeOf(counted, {}, BigInt(steps)).ended === "result",
    )!;
    // A hundred rounds of eight instructions, what stands around them, and two calls that copy four cells and two numbers.
    expect(least).to.be.within(1_820, 1_840);
    for (const steps of [least - 1, least - 100]) expect(outcomeOf(counted, {}, BigInt(steps))).to.deep.equal(FAILED);
    for (const steps of [least, least + 1]) expect(outcomeOf(counted, {}, BigInt(steps)).ended).to.equal("result");
  });

  it("have all memory that they ask for from the beginning, and never more", () => {
    const grows = "(memory.grow (i32.const 1)) (drop)";
    const stores = "(f64.store (i32.const 64) (f64.convert_i32_s (memory.grow (i32.const 1))))";
    const sizes = "(f64.store (i32.const 72) (f64.convert_i32_s (memory.size)))";
    const code = moduleOf(`${DECLARE} ${grows}`, stores + sizes + WRITE, { memory: "1 3" });
    expect([...numbersOf(outcomeOf(code)).values]).to.deep.equal([-1, 3]);
  });

  it("see no cell before they have said how long their result is, and cannot say it twice", () => {
    const early = [
      READ + DECLARE,
      DECLARE + DECLARE,
      "",
      "(call $declare (i32.const -1) (i32.const 0))",
      DECLARE + WRITE,
    ];
    for (const prepare of early) expect(outcomeOf(moduleOf(prepare, READ + WRITE)), prepare).to.deep.equal(GIVEN_UP);
    const late = [DECLARE + WRITE, READ, WRITE + WRITE, ""];
    for (const run of late) expect(outcomeOf(moduleOf(DECLARE, run)), run).to.deep.equal(FAILED);
  });

  it("reach no cell, number or byte that is not theirs", () => {
    const runs = [
      "(call $read (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 64))",
      "(call $read (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 64))",
      "(call $read (i32.const 0) (i32.const -1) (i32.const 1) (i32.const 64))",
      "(call $read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 65530))",
      "(call $write (i32.const 65530) (i32.const 0))",
      "(call $write (i32.const -8) (i32.const 0))",
      "(drop (call $parameter (i32.const 65530) (i32.const 9) (i32.const 0)))",
      "(drop (call $parameter (i32.const 0) (i32.const 0) (i32.const 0)))",
      "(unreachable)",
      "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
    ];
    for (const run of runs) expect(outcomeOf(moduleOf(DECLARE, run + WRITE)), run).to.deep.equal(FAILED);
  });

  it("read parameters by name, and give up for those that they do not know", () => {
    const more = '(data (i32.const 0) "rate")';
    const NAME = "(i32.const 0) (i32.const 4)";
    const prepare = `${DECLARE} (drop (call $count ${NAME}))`;
    const run = `(f64.store (i32.const 64) (call $parameter ${NAME} (i32.const 1)))
      (f64.store (i32.const 72) (f64.convert_i32_s (call $count ${NAME}))) ${WRITE}`;
    const code = moduleOf(prepare, run, { more });
    expect([...numbersOf(outcomeOf(code, { rate: [5, 7, 9] })).values]).to.deep.equal([7, 3]);
    expect(outcomeOf(code, { rate: 5 })).to.deep.equal(FAILED);
    expect(outcomeOf(code, { rate: [1, 2], other: 1 })).to.deep.equal({ ended: "given-up", reason: "PARAMETERS" });
    const gives = (reason: number): Outcome => outcomeOf(moduleOf(`(call $giveUp (i32.const ${reason}))`, ""));
    const reasons = [0, 1, 2, 3, -1].map((reason) => (gives(reason) as { reason: string }).reason);
    expect(reasons).to.deep.equal([
      ...["PROGRAM_FAILED", "PARAMETERS", "TOO_MUCH_WORK"],
      ...["PROGRAM_FAILED", "PROGRAM_FAILED"],
    ]);
  });

  it("tell nothing by the bits of what is no number", () => {
    const nan = (bits: string): string =>
      `(f64.store (i32.const 64) (f64.reinterpret_i64 (i64.const ${bits}))) ${WRITE}`;
    const written = ["0x7ff8000000000000", "0xfff8000000000000", "0x7ff0deadbeef0001"].map((bits) => {
      const { values } = numbersOf(outcomeOf(moduleOf(DECLARE, nan(bits))));
      return Buffer.from(values.buffer).toString("hex");
    });
    expect(new Set(written).size).to.equal(1);
  });

  it("run on a thread of their own, which ends at its time, and then nothing is said of them", () => {
    const work = { tables: [table], parameters: {}, leastRows: 16 };
    expect([...numbersOf(runProgram(moduleOf(DECLARE, READ + WRITE), work, "run")).values]).to.deep.equal([1, 0]);
    expect(runProgram(utf8("none"), work, "prepare")).to.deep.equal({ ended: "given-up", reason: "PROGRAM" });
    const endless = moduleOf(DECLARE, "(loop $again (br $again))");
    const started = performance.now();
    expect(() => runProgram(endless, work, "run", { longest: 1_500 }))
      .to.throw(EnclaveError)
      .with.property("code", "PROGRAM_STOPPED");
    expect(performance.now() - started).to.be.lessThan(20_000);
  });

  it("end at once, and not when their time is over, where their thread has died", () => {
    const work = { tables: [table], parameters: {}, leastRows: 16 };
    expect(() => runProgram(moduleOf(DECLARE, READ + WRITE), work, "run", { heap: 8, longest: 3_600_000 }))
      .to.throw(EnclaveError)
      .with.property("code", "PROGRAM_STOPPED");
  });

  it("that the package has are what their sources compile to, byte for byte", async () => {
    const shipped = readFileSync(join(root, "src/enclave/programs/shipped.ts"), "utf8");
    const programs = compileShipped();
    expect(await shippedModule(programs)).to.equal(shipped);
    expect(programs.map(({ name }) => name)).to.deep.equal(shippedPrograms.map(({ name }) => name));
  });

  it("can be written as the template is", () => {
    const { code } = compileProgram(join(root, "sdk/template/program.ts"));
    expect([...numbersOf(outcomeOf(code)).values]).to.deep.equal([1.75, 0.5]);
  });
});
