import type { KernelVariant } from "../../src/pow/kernel/compile.ts";
import { HITS_OFFSET, MASK_OFFSET, MAX_CHUNK, PREFIX_OFFSET, TARGET_OFFSET } from "../../src/pow/kernel/layout.ts";
import { NONCE_INPUT, PREFIX_INPUTS, stateOfAttempt } from "./attempt.ts";
import { Circuit, type Lane } from "./circuit.ts";
import { type Dialect, type EmittedCircuit, emitCircuit } from "./emit.ts";
import { keccakF1600 } from "./keccak.ts";

const WASM_PAGE = 65_536;

/**
 * Writes the search kernel as WebAssembly text.
 *
 * The module exports `memory` (laid out as src/pow/kernel/layout.ts says) and
 * `search(first: i64, count: i32) -> i32`, which hashes `prefix ‖ nonce` for the `count` nonces from `first` up, stores
 * those whose hash may be at most the target, and returns how many it stored. `count` must be even and at most
 * MAX_CHUNK. Only the top 64 bits of hash and target are compared: what is stored is to be checked exactly.
 */
export function kernelText(variant: KernelVariant): string {
  const result = firstLaneOfHash();
  const loop = variant === "simd" ? simdLoop(emitCircuit(result, simd)) : scalarLoop(emitCircuit(result, scalar));
  const pages = Math.ceil((HITS_OFFSET + 8 * MAX_CHUNK) / WASM_PAGE);
  return `(module
(memory (export "memory") ${pages})
(global $stored (mut i32) (i32.const 0))
${OFFER}
${loop})
`;
}

/** The hash's first eight bytes, the first one lowest. */
function firstLaneOfHash(): Lane {
  const circuit = new Circuit();
  const [first] = keccakF1600(circuit, stateOfAttempt(circuit));
  if (first === undefined) throw new RangeError("A permuted state has no lanes");
  return first;
}

/** Reverses the bytes of the i64 local `name`: nonces and hashes are big-endian, lanes little-endian. */
function reverseBytes(name: string): string {
  const swap = (mask: string, shift: number): string => `
local.get ${name} i64.const ${mask} i64.and i64.const ${shift} i64.shl
local.get ${name} i64.const ${shift} i64.shr_u i64.const ${mask} i64.and
i64.or local.set ${name}`;
  return `${swap("0x00ff00ff00ff00ff", 8)}${swap("0x0000ffff0000ffff", 16)}
local.get ${name} i64.const 32 i64.rotl local.set ${name}`;
}

/** Stores the nonce if the hash's first 64 bits are at most the target's. Called for about the hits alone. */
const OFFER = `(func $offer (param $lane i64) (param $nonce i64)
${reverseBytes("$lane")}
local.get $lane (i64.load (i32.const ${TARGET_OFFSET})) i64.le_u
if
  (i32.mul (global.get $stored) (i32.const 8)) local.get $nonce i64.store offset=${HITS_OFFSET}
  (global.set $stored (i32.add (global.get $stored) (i32.const 1)))
end)`;

const hex = (value: bigint): string => `0x${value.toString(16)}`;

function prefixOffset(input: string): number {
  return PREFIX_OFFSET + 8 * PREFIX_INPUTS.indexOf(input);
}

const scalar: Dialect = {
  type: "i64",
  constant: (value) => `i64.const ${hex(value)}`,
  input: (name) => (name === NONCE_INPUT ? "local.get $word" : `(i64.load (i32.const ${prefixOffset(name)}))`),
  operation({ operation, immediate }) {
    if (operation === "andnot") return "i64.const -1 i64.xor i64.and";
    if (operation === "rotl") return `i64.const ${immediate} i64.rotl`;
    return `i64.${operation}`;
  },
};

const simd: Dialect = {
  type: "v128",
  constant: (value) => `v128.const i64x2 ${hex(value)} ${hex(value)}`,
  input: (name) => (name === NONCE_INPUT ? "local.get $word" : `(v128.load64_splat (i32.const ${prefixOffset(name)}))`),
  operation({ operation, immediate }) {
    if (operation !== "rotl") return `v128.${operation}`;
    // There is no vector rotation: the operand is shifted both ways.
    return (
      `local.tee $turned i32.const ${immediate} i64x2.shl ` +
      `local.get $turned i32.const ${64n - immediate} i64x2.shr_u v128.or`
    );
  },
};

/** The mask has a one wherever a hit's first lane must be zero: most hashes are refused by it alone. */
function scalarLoop({ locals, prologue, body }: EmittedCircuit): string {
  return `(func (export "search") (param $nonce i64) (param $count i32) (result i32)
(local $end i64) (local $word i64) (local $mask i64) (local $result i64) ${locals}
(global.set $stored (i32.const 0))
(local.set $mask (i64.load (i32.const ${MASK_OFFSET})))
(local.set $end (i64.add (local.get $nonce) (i64.extend_i32_u (local.get $count))))
${prologue}
loop $next
local.get $nonce local.set $word
${reverseBytes("$word")}
${body}
local.tee $result local.get $mask i64.and i64.eqz
if (call $offer (local.get $result) (local.get $nonce)) end
(local.tee $nonce (i64.add (local.get $nonce) (i64.const 1)))
local.get $end i64.ne br_if $next
end
global.get $stored)`;
}

function simdLoop({ locals, prologue, body }: EmittedCircuit): string {
  const offer = (half: number): string =>
    `(call $offer (i64x2.extract_lane ${half} (local.get $result)) (i64x2.extract_lane ${half} (local.get $nonces)))`;
  return `(func (export "search") (param $nonce i64) (param $count i32) (result i32)
(local $nonces v128) (local $word v128) (local $mask v128) (local $result v128) (local $turned v128) ${locals}
(global.set $stored (i32.const 0))
(local.set $mask (v128.load64_splat (i32.const ${MASK_OFFSET})))
(local.set $nonces (i64x2.add (i64x2.splat (local.get $nonce)) (v128.const i64x2 0 1)))
${prologue}
loop $next
(local.set $word
  (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8 (local.get $nonces) (local.get $nonces)))
${body}
local.tee $result local.get $mask v128.and v128.const i64x2 0 0 i64x2.eq v128.any_true
if ${offer(0)} ${offer(1)} end
(local.set $nonces (i64x2.add (local.get $nonces) (v128.const i64x2 2 2)))
(local.tee $count (i32.sub (local.get $count) (i32.const 2)))
br_if $next
end
global.get $stored)`;
}
