/** Prints how long a step of a program takes on this machine, in nanoseconds: where a program does what engines are slowest at, and where it does not. */
import createWabt from "wabt";

import { compiled, execute } from "../../src/enclave/programs/execution.ts";

const STEPS = 2n * 10n ** 8n;

/** Bodies of loops that never end but by their steps. */
const LOOPS = {
  "adds whole numbers": "(local.set $i (i64.add (local.get $i) (i64.const 3)))",
  "multiplies numbers": "(local.set $x (f64.mul (local.get $x) (f64.const 1.0000001)))",
  "divides numbers": "(local.set $x (f64.div (local.get $x) (f64.const 1.0000001)))",
  calls: "(call $nothing)",
  "asks the platform": "(drop (call $tables))",
  "reads all over its memory": `(local.set $i (i64.add (i64.mul (local.get $i) (i64.const 6364136223846793005)) (i64.const 1)))
    (local.set $i (i64.xor (local.get $i) (i64.load (i32.and (i32.wrap_i64 (i64.shr_u (local.get $i) (i64.const 32))) (i32.const 0x3fffff8)))))`,
  "multiplies the smallest numbers": "(local.set $small (f64.mul (local.get $small) (f64.const 0.9999999)))",
};

const wabt = await createWabt();
for (const [what, body] of Object.entries(LOOPS)) {
  const text = `(module
    (import "platform" "declare" (func $declare (param i32 i32)))
    (import "platform" "tables" (func $tables (result i32)))
    (memory (export "memory") 1024 1024)
    (func $nothing)
    (func (export "prepare") (call $declare (i32.const 1) (i32.const 0)))
    (func (export "run") (local $i i64) (local $x f64) (local $small f64)
      (local.set $x (f64.const 1)) (local.set $small (f64.const 4e-320))
      (loop $again ${body.repeat(16)} (br $again))))`;
  const code = new Uint8Array(wabt.parseWat("loop.wat", text).toBinary({}).buffer);
  const program = compiled(code, { steps: STEPS });
  const started = performance.now();
  execute(program, { tables: [], parameters: {}, leastRows: 1 }, "run");
  const nanoseconds = ((performance.now() - started) * 1e6) / Number(STEPS);
  console.log(`${what.padEnd(34)}${nanoseconds.toFixed(2).padStart(8)} ns a step`);
}
