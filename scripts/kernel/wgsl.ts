import { MIDDLE_ROUNDS } from "../../src/pow/webgpu/layout.ts";
import { NONCE_INPUT, PREFIX_INPUTS, stateOfAttempt } from "./attempt.ts";
import { Circuit, type Lane } from "./circuit.ts";
import { reachable } from "./emit.ts";
import { keccakRound, roundConstants } from "./keccak.ts";

/** Lanes of a state. */
const LANES = 25;

/**
 * Writes the search kernel for GPUs, in WGSL. A lane is a pair of 32-bit words, the low one first, since GPUs have no wider integers.
 *
 * The entry point `search` tries the `count` nonces from `first` up, `stride` of them side by side, and appends to `found` how far
 * each hit is from `first`. `found.count` counts hits for which there was no room as well, and `found.tried` the attempts. As in the
 * other kernels, the top 64 bits of hash and target are compared. src/pow/webgpu/layout.ts says where `Job` and `Found` have what.
 *
 * The first round and the last are written out, since much of them falls away: of the first one's lanes twenty are known, and the last
 * has to give one. The rounds between are a loop. With `unrolled`, the driver's compiler knows how often it runs, and may write it
 * out; without, it cannot, which compiles several times as fast.
 */
export function gpuKernelText(): string {
  const [first = 0n, ...others] = roundConstants();
  const last = others.pop() ?? 0n;
  const circuit = new Circuit();
  const opening = keccakRound(circuit, stateOfAttempt(circuit), circuit.constant(first));
  const state = Array.from({ length: LANES }, (_, index) => circuit.input(`s${index}`, true));
  const middle = keccakRound(circuit, state, circuit.input("constants[round]", true));
  const [result] = keccakRound(circuit, state, circuit.constant(last));
  if (result === undefined) throw new RangeError("A permuted state has no lanes");
  return `struct Job {
  prefix: array<vec4u, 2>,
  first: vec2u,
  target_top: vec2u,
  count: u32,
  stride: u32,
  rounds: u32,
}
struct Found {
  count: atomic<u32>,
  tried: atomic<u32>,
  offsets: array<u32>,
}
@group(0) @binding(0) var<uniform> job: Job;
@group(0) @binding(1) var<storage, read_write> found: Found;
override workgroup: u32;
override unrolled: bool;
const constants = array(${others.map(pairOf).join(", ")});

fn reverse_bytes(v: u32) -> u32 {
  let swapped = ((v & 0x00ff00ffu) << 8u) | ((v >> 8u) & 0x00ff00ffu);
  return (swapped << 16u) | (swapped >> 16u);
}

@compute @workgroup_size(workgroup)
fn search(@builtin(global_invocation_id) id: vec3u) {
${definitions(opening, false)}
let rounds = select(job.rounds, ${MIDDLE_ROUNDS}u, unrolled);
var tried = 0u;
for (var offset = id.x; offset < job.count; offset += job.stride) {
let low = job.first.x + offset;
let high = job.first.y + select(0u, 1u, low < offset);
let ${NONCE_INPUT} = vec2u(reverse_bytes(high), reverse_bytes(low));
${definitions(opening, true)}
${opening.map((lane, index) => `var s${index} = ${nameOf(lane)};`).join("\n")}
for (var round = 0u; round < rounds; round++) {
${definitions(middle, true)}
${middle.map((lane, index) => `s${index} = ${nameOf(lane)};`).join("\n")}
}
${definitions([result], true)}
let top = reverse_bytes(${nameOf(result)}.x);
let next = reverse_bytes(${nameOf(result)}.y);
if (top < job.target_top.y || (top == job.target_top.y && next <= job.target_top.x)) {
let place = atomicAdd(&found.count, 1u);
if (place < arrayLength(&found.offsets)) { found.offsets[place] = offset; }
}
tried++;
}
atomicAdd(&found.tried, tried);
}
`;
}

/** All that some lanes are computed by: what depends on the nonce, or what does not. */
function definitions(results: readonly Lane[], varies: boolean): string {
  return reachable(...results)
    .filter((lane) => lane.operation !== "constant" && lane.operation !== "input" && lane.varies === varies)
    .map((lane) => `let ${nameOf(lane)} = ${expression(lane)};`)
    .join("\n");
}

/** How a lane is read. */
function nameOf({ id, operation, immediate, name }: Lane): string {
  if (operation === "constant") return pairOf(immediate);
  if (operation !== "input") return `l${id}`;
  const index = PREFIX_INPUTS.indexOf(name);
  return index === -1 ? name : `job.prefix[${index >> 1}].${index % 2 === 0 ? "xy" : "zw"}`;
}

/** How a lane is computed of its operands. */
function expression({ operation, operands, immediate }: Lane): string {
  const [a = "", b = ""] = operands.map(nameOf);
  if (operation === "rotl") return rotated(a, Number(immediate));
  return operation === "xor" ? `${a} ^ ${b}` : `${a} & ~${b}`;
}

/** A pair of words rotated left by 1 to 63 bits: by 32 they change places. */
function rotated(pair: string, distance: number): string {
  const [straight, swapped] = [pair, `${pair}.yx`];
  if (distance === 32) return swapped;
  const by = distance % 32;
  const [high, low] = distance < 32 ? [straight, swapped] : [swapped, straight];
  return `(${high} << vec2u(${by}u)) | (${low} >> vec2u(${32 - by}u))`;
}

/** A value of 64 bits as a pair of words. */
function pairOf(value: bigint): string {
  const hex = (word: bigint): string => `0x${word.toString(16)}u`;
  return `vec2u(${hex(value & 0xffffffffn)}, ${hex(value >> 32n)})`;
}
