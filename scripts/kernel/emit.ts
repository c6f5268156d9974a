import type { Lane } from "./circuit.ts";

/** How one kind of machine writes the operations of a circuit: operands are on the stack already. */
export interface Dialect {
  /** The WebAssembly type of a lane. */
  readonly type: "i64" | "v128";
  constant(value: bigint): string;
  /** Reads an input lane. */
  input(name: string): string;
  /** The instructions after the operands. */
  operation(lane: Lane): string;
}

/** The text of a circuit: declarations of its locals, what runs once, and what runs for every nonce. */
export interface EmittedCircuit {
  readonly locals: string;
  readonly prologue: string;
  /** Leaves the result on the stack. */
  readonly body: string;
}

/**
 * Writes the lanes that `result` needs, each once. A lane used once is written where it is used; others get a local,
 * and locals of the body are used again as soon as their lane is dead, to keep frames small in V8's baseline compiler.
 */
export function emitCircuit(result: Lane, dialect: Dialect): EmittedCircuit {
  const needed = reachable(result);
  const stored = storedLanes(needed, result);
  const prologueLanes = stored.filter((lane) => !lane.varies);
  const bodyLanes = stored.filter((lane) => lane.varies);

  const names = new Map<Lane, string>(prologueLanes.map((lane, index) => [lane, `$once${index}`]));
  const prologue = prologueLanes.map((lane) => assign(lane, names, dialect));

  const pool = new LocalPool();
  const lastUse = lastUses([...bodyLanes, result], new Set(bodyLanes));
  const body: string[] = [];
  for (const [step, lane] of bodyLanes.entries()) {
    const expression = write(lane, names, dialect, true);
    for (const dead of lastUse.get(step) ?? []) pool.release(names.get(dead));
    const name = pool.take();
    body.push(`${expression} local.set ${name}`);
    names.set(lane, name);
  }
  body.push(write(result, names, dialect, true));

  const declared = [...prologueLanes.map((lane) => names.get(lane) ?? ""), ...pool.names];
  return {
    locals: declared.map((name) => `(local ${name} ${dialect.type})`).join(" "),
    prologue: prologue.join("\n"),
    body: body.join("\n"),
  };
}

/** Names of locals, handed out again after their release. */
class LocalPool {
  readonly names: string[] = [];
  readonly #free: string[] = [];

  take(): string {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const name = `$lane${this.names.length}`;
    this.names.push(name);
    return name;
  }

  release(name: string | undefined): void {
    if (name !== undefined) this.#free.push(name);
  }
}

/** The lanes that some are computed from, and themselves, each after its operands. */
export function reachable(...results: readonly Lane[]): Lane[] {
  const found = new Set<Lane>();
  const visit = (lane: Lane): void => {
    if (found.has(lane)) return;
    found.add(lane);
    lane.operands.forEach(visit);
  };
  results.forEach(visit);
  return [...found].sort((a, b) => a.id - b.id);
}

/** Lanes worth a local: used more than once, or computed once for the loop that uses them. In order of computation. */
function storedLanes(needed: readonly Lane[], result: Lane): Lane[] {
  const uses = new Map<Lane, number>();
  const crossing = new Set<Lane>();
  for (const lane of needed) {
    for (const operand of lane.operands) {
      uses.set(operand, (uses.get(operand) ?? 0) + 1);
      if (lane.varies && !operand.varies) crossing.add(operand);
    }
  }
  return needed.filter(
    (lane) =>
      lane !== result &&
      lane.operation !== "constant" &&
      !(lane.operation === "input" && lane.varies) &&
      ((uses.get(lane) ?? 0) > 1 || crossing.has(lane)),
  );
}

/** For each step, the stored lanes that no later step reads. */
function lastUses(steps: readonly Lane[], stored: ReadonlySet<Lane>): Map<number, Lane[]> {
  const last = new Map<Lane, number>();
  for (const [step, lane] of steps.entries()) {
    const visit = (operand: Lane): void => {
      if (stored.has(operand)) last.set(operand, step);
      else operand.operands.forEach(visit);
    };
    lane.operands.forEach(visit);
  }
  const byStep = new Map<number, Lane[]>();
  for (const [lane, step] of last) byStep.set(step, [...(byStep.get(step) ?? []), lane]);
  return byStep;
}

function assign(lane: Lane, names: ReadonlyMap<Lane, string>, dialect: Dialect): string {
  return `${write(lane, names, dialect, true)} local.set ${names.get(lane) ?? ""}`;
}

/** Instructions that push a lane: a read of its local, or its computation when it has none or is being `defined`. */
function write(lane: Lane, names: ReadonlyMap<Lane, string>, dialect: Dialect, defined = false): string {
  const name = names.get(lane);
  if (name !== undefined && !defined) return `local.get ${name}`;
  if (lane.operation === "constant") return dialect.constant(lane.immediate);
  if (lane.operation === "input") return dialect.input(lane.name);
  const operands = lane.operands.map((operand) => write(operand, names, dialect));
  return [...operands, dialect.operation(lane)].join(" ");
}
