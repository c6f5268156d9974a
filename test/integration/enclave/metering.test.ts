import { expect } from "chai";

import { compiled, execute, type Outcome } from "../../../src/enclave/programs/execution.ts";
import type { Parameters } from "../../../src/enclave/programs/platform.ts";
import { runProgram } from "../../../src/enclave/programs/running.ts";
import { numbersOf } from "../../fixtures/enclave/programs.ts";
import { assembled, DECLARE, IMPORTS, moduleOf, READ, WRITE } from "../../fixtures/enclave/webAssembly.ts";

const tables = [{ rows: 2, columns: 2, values: Float64Array.of(1, 0, 2.5, 1) }];
const FAILED = { ended: "failed", reason: "PROGRAM_FAILED", declared: { values: 2, metrics: 0 } };

describe("programs, which are the same on every machine,", () => {
  const outcomeOf = (code: Uint8Array, parameters: Parameters = {}, steps = 10n ** 9n): Outcome =>
    execute(compiled(code, { steps, pages: 16 }), { tables, parameters, leastRows: 16 }, "run");
  const ran = (run: string, more = "", parameters: Parameters = {}, steps?: bigint): Outcome =>
    outcomeOf(moduleOf(DECLARE, run, { more }), parameters, steps);

  describe("see one form of what is no number,", () => {
    /** Expressions that give one, in the bits of which machines and compilers differ; and some that a program makes itself. */
    const nans = (type: string, bits: readonly string[]): string[] => {
      const [zero, one] = [`(${type}.const 0)`, `(${type}.const 1)`];
      const infinite = `(${type}.const inf)`;
      const integer = type === "f64" ? "i64" : "i32";
      const given = bits.map((each) => `(${type}.reinterpret_${integer} (${integer}.const ${each}))`);
      const made = [
        `(${type}.div ${zero} ${zero})`,
        `(${type}.sub ${infinite} ${infinite})`,
        `(${type}.mul ${zero} (${type}.neg ${infinite}))`,
        `(${type}.sqrt (${type}.neg ${one}))`,
        `(${type}.neg (${type}.div ${zero} ${zero}))`,
      ];
      const sums = given.flatMap((a) => given.map((b) => `(${type}.add ${a} ${b})`));
      return [...made, ...given, ...sums, ...given.map((each) => `(${type}.min ${one} ${each})`)];
    };
    const DOUBLES = nans("f64", ["0x7ff8000000000000", "0xfff8000000000001", "0x7ff4deadbeef0001"]);
    const SINGLES = nans("f32", ["0x7fc00000", "0xffc00001", "0x7fa12345"]);

    /** Two halves of 32 bits that stand at the place 0, as numbers. */
    const SHOW = `(f64.store (i32.const 64) (f64.convert_i32_u (i32.load (i32.const 0))))
      (f64.store (i32.const 72) (f64.convert_i32_u (i32.load (i32.const 4)))) ${WRITE}`;
    const bitsOf = (run: string): number[] => [...numbersOf(ran(run + SHOW)).values];

    it("where its bits are stored", () => {
      for (const nan of DOUBLES) expect(bitsOf(`(f64.store (i32.const 0) ${nan})`), nan).to.deep.equal([0, 0x7ff80000]);
      for (const nan of SINGLES) expect(bitsOf(`(f32.store (i32.const 0) ${nan})`), nan).to.deep.equal([0x7fc00000, 0]);
    });

    it("where they are taken for a whole number's", () => {
      for (const nan of DOUBLES) {
        expect(bitsOf(`(i64.store (i32.const 0) (i64.reinterpret_f64 ${nan}))`), nan).to.deep.equal([0, 0x7ff80000]);
      }
      for (const nan of SINGLES) {
        expect(bitsOf(`(i32.store (i32.const 0) (i32.reinterpret_f32 ${nan}))`), nan).to.deep.equal([0x7fc00000, 0]);
      }
    });

    it("where its sign is copied", () => {
      for (const nan of DOUBLES) {
        expect(bitsOf(`(f64.store (i32.const 0) (f64.copysign (f64.const 1) ${nan}))`), nan).to.deep.equal([
          0, 0x3ff00000,
        ]);
      }
      for (const nan of SINGLES) {
        expect(bitsOf(`(f32.store (i32.const 0) (f32.copysign (f32.const 1) ${nan}))`), nan).to.deep.equal([
          0x3f800000, 0,
        ]);
      }
    });

    it("and every number as it is, whatever else a function has", () => {
      const locals = "(local i32 f64 i64)";
      const run = `${locals} (local.set 1 (f64.const -0.0)) (f64.store (i32.const 64) (f64.copysign (f64.const 7) (local.get 1)))
        (f64.store (i32.const 72) (f64.const 1e-310)) ${WRITE}`;
      expect([...numbersOf(ran(run)).values]).to.deep.equal([-7, 1e-310]);
    });
  });

  it("call as deep as their frames have room for, wherever they run, and end there", () => {
    const deep = (rounds: number, locals = ""): Uint8Array =>
      moduleOf(DECLARE, `(call $deep (i32.const ${rounds})) ${READ} ${WRITE}`, {
        more: `(func $deep (param i32) ${locals}
          (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))`,
      });
    /** The most rounds with which a program has a result. */
    const deepest = (locals = ""): number => {
      let [fine, tooMany] = [1, 100_000];
      while (tooMany - fine > 1) {
        const middle = (fine + tooMany) >> 1;
        if (outcomeOf(deep(middle, locals)).ended === "result") fine = middle;
        else tooMany = middle;
      }
      return fine;
    };
    const plain = deepest();
    // 16, a parameter, two scratch places and an operand or two at once, of 65,536.
    expect(plain).to.be.within(3_000, 3_900);
    expect(deepest("(local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)")).to.be.within(plain / 2, plain * 0.8);
    expect(outcomeOf(deep(plain + 1))).to.deep.equal(FAILED);
    expect(outcomeOf(deep(10 ** 6))).to.deep.equal(FAILED);
    // What a call took is there again behind it.
    const again = moduleOf(
      DECLARE,
      `(local i32) (loop $again (call $deep (i32.const 3000))
      (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 50)))) ${READ} ${WRITE}`,
      {
        more: "(func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))",
      },
    );
    expect(outcomeOf(again).ended).to.equal("result");
    // The same on a thread of another stack.
    const onThread = (rounds: number) =>
      runProgram(deep(rounds), { tables, parameters: {}, leastRows: 16 }, "run").ended;
    expect([onThread(plain), onThread(plain + 1)]).to.deep.equal(["result", "failed"]);
  });

  it("may call through a table as deep", () => {
    const more = `(type $t (func (param i32))) (table 1 1 funcref) (elem (i32.const 0) $deep)
      (func $deep (param i32) (if (local.get 0) (then
        (call_indirect (type $t) (i32.sub (local.get 0) (i32.const 1)) (i32.const 0)))))`;
    expect(ran(`(call $deep (i32.const 2000)) ${READ} ${WRITE}`, more).ended).to.equal("result");
    expect(ran(`(call $deep (i32.const 1000000)) ${READ} ${WRITE}`, more)).to.deep.equal(FAILED);
  });

  it("take room for what a function keeps at once, and not for what it has let go", () => {
    let nested = "(i32.const 0)";
    for (let i = 0; i < 100; i++) nested = `(if (result i32) (i32.const 1) (then (i32.const 2)) (else ${nested}))`;
    const more = `(func $deep (param i32) (drop ${nested})
      (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))`;
    expect(ran(`(call $deep (i32.const 2500)) ${READ} ${WRITE}`, more).ended).to.equal("result");
  });

  it("have no function that keeps more than all the room", () => {
    const many = moduleOf(DECLARE, WRITE, { more: `(func (local ${"i64 ".repeat(8_200)}))` });
    expect(() => compiled(many)).to.throw("more than 8192 locals and operands");
  });

  it("take more steps for what takes longer", () => {
    const again = (what: string, times = 100): string => `${what.repeat(times)} ${WRITE}`;
    /** How many steps more a program takes for each of an instruction. */
    const stepsOf = (what: string, more = ""): number => {
      const least = (run: string): number => {
        let [short, enough] = [0, 20_000];
        while (enough - short > 1) {
          const middle = (short + enough) >> 1;
          if (ran(run, more, {}, BigInt(middle)).ended === "result") enough = middle;
          else short = middle;
        }
        return enough;
      };
      return (least(again(what)) - least(again(what, 0))) / 100;
    };
    const ONE = "(f64.const 1)";
    expect(stepsOf(`(drop (f64.add ${ONE} ${ONE}))`)).to.equal(4);
    expect(stepsOf(`(drop (f64.div ${ONE} ${ONE}))`)).to.equal(11);
    expect(stepsOf(`(drop (f64.sqrt ${ONE}))`)).to.equal(10);
    expect(stepsOf("(drop (i32.rem_s (i32.const 7) (i32.const 3)))")).to.equal(11);
    // With the end of what is called.
    const more = "(table 1 1 funcref) (elem (i32.const 0) $nothing) (func $nothing)";
    expect(stepsOf("(call $nothing)", more)).to.equal(5);
    expect(stepsOf("(call_indirect (i32.const 0))", more)).to.equal(10);
  });

  it("get nothing that asking does not pay for", () => {
    const copies = {
      read: "(call $read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 64))",
      name: "(drop (call $count (i32.const 0) (i32.const 60000)))",
      parameter: "(drop (call $parameter (i32.const 0) (i32.const 4) (i32.const 0)))",
    };
    const more = '(data (i32.const 0) "rate")';
    const prepare = `${DECLARE} (drop (call $count (i32.const 0) (i32.const 4)))`;
    for (const [name, what] of Object.entries(copies)) {
      const run = `(local i32) (loop $again ${what}
        (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100)))) ${WRITE}`;
      const endOf = (steps: bigint): string => outcomeOf(moduleOf(prepare, run, { more }), { rate: 1 }, steps).ended;
      expect([endOf(49_000n), endOf(70_000n)], name).to.deep.equal(["failed", "result"]);
    }
    const long = moduleOf("(call $declare (i32.const 3000) (i32.const 1000))", WRITE);
    expect([4_400n, 4_600n].map((steps) => outcomeOf(long, {}, steps).ended)).to.deep.equal(["failed", "result"]);
  });

  it("fail in one way where they name what is too long, ask too often, or import what takes other things", () => {
    const more = '(data (i32.const 0) "rate")';
    const long = `(f64.store (i32.const 64) (f64.convert_i32_s (call $count (i32.const 0) (i32.const 65536)))) ${WRITE}`;
    expect([...numbersOf(ran(long)).values].slice(0, 1)).to.deep.equal([-1]);
    expect(ran("(drop (call $count (i32.const 0) (i32.const -1)))", more)).to.deep.equal(FAILED);
    const own = (imported: string): Uint8Array =>
      assembled(`(module ${imported} ${IMPORTS} (memory (export "memory") 1 1)
        (func (export "prepare") ${DECLARE}) (func (export "run") ${WRITE}))`);
    for (const wrong of ["(param i64) (result i32)", "(result i64)", "(param i32) (result f32)", ""]) {
      const code = own(`(import "platform" "rows" (func $rows ${wrong}))`);
      expect(() => compiled(code), wrong).to.throw("imports something that the platform does not have");
    }
    expect(outcomeOf(own('(import "platform" "rows" (func (param i32) (result i32)))')).ended).to.equal("result");
  });

  it("are told what owners demand when they run, and not before: nothing is given up for it", () => {
    const code = (prepare: string): Uint8Array =>
      assembled(`(module (import "platform" "leastRows" (func $least (result i32))) ${IMPORTS}
        (memory (export "memory") 1 1) (func (export "prepare") ${prepare} ${DECLARE})
        (func (export "run") (f64.store (i32.const 64) (f64.convert_i32_s (call $least))) ${WRITE}))`);
    expect([...numbersOf(outcomeOf(code(""))).values]).to.deep.equal([16, 0]);
    expect(outcomeOf(code("(drop (call $least))"))).to.deep.equal({ ended: "given-up", reason: "PROGRAM_FAILED" });
  });

  it("hear at once that memory cannot grow, and that it has grown by nothing", () => {
    const grown = (by: number): string => `(f64.convert_i32_s (memory.grow (i32.const ${by})))`;
    const run = `(f64.store (i32.const 64) ${grown(0)}) (f64.store (i32.const 72) ${grown(1)}) ${WRITE}`;
    expect([...numbersOf(ran(run)).values]).to.deep.equal([1, -1]);
  });

  it("have steps of their own to prepare, and all of them when they run", () => {
    const spend = (rounds: number): string => `(local i32) (loop $again
      (br_if $again (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const ${rounds}))))`;
    const code = moduleOf(spend(1_000) + DECLARE, spend(1_000) + WRITE);
    expect(outcomeOf(code, {}, 9_000n).ended).to.equal("result");
    expect(outcomeOf(code, {}, 7_000n).ended).to.equal("given-up");
    expect(outcomeOf(moduleOf(DECLARE, spend(2_000) + WRITE), {}, 9_000n)).to.deep.equal(FAILED);
  });
});
