import { parseQuantity } from "./quantity.ts";
import { InputError } from "../../inputError.ts";
import type { Unit } from "../config/schema.ts";
import type { Application, Container, Resources, Workload } from "../orchestrator/application.ts";

/** What an order may use in all. */
export interface Capacity {
  /** Thousandths of a CPU core. */
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes of volumes and scratch folders. */
  readonly disk: number;
  readonly gpus: number;
}

/** What an application needs, or what an order may use, resource by resource. */
export const RESOURCES = ["milliCpu", "memory", "disk", "gpus"] as const;

/**
 * What an order of some units may use, as the provider's configuration says what one unit of its model holds.
 *
 * @throws {InputError} For a quantity that is not a whole number of thousandths of a core or of bytes.
 */
export function capacityOf(unit: Unit, units: number): Capacity {
  const read = (text: string, scale: 1 | 1000): number => {
    const quantity = parseQuantity(text, scale);
    if (quantity.kind === "value") return quantity.value * units;
    throw new InputError(`A unit cannot hold "${text}"`, "Write CPU such as 500m or 2, memory and disk such as 512Mi.");
  };
  return {
    milliCpu: read(unit.cpu, 1000),
    memory: read(unit.memory, 1),
    disk: read(unit.disk, 1),
    gpus: unit.gpus * units,
  };
}

const RUNNING = ["milliCpu", "memory", "gpus"] as const;

function combine(all: readonly Resources[], by: (a: number, b: number) => number): Resources {
  const [milliCpu, memory, gpus] = RUNNING.map((name) => all.map((each) => each[name]).reduce((a, b) => by(a, b), 0));
  return { milliCpu: milliCpu ?? 0, memory: memory ?? 0, gpus: gpus ?? 0 };
}

const add = (a: number, b: number): number => a + b;

/** Bytes of a container's scratch folders. Two containers that share one are told apart by nothing here: each counts. */
function scratchOf({ mounts }: Container): number {
  return mounts.map(({ source }) => (source.kind === "scratch" ? source.sizeLimit : 0)).reduce(add, 0);
}

/** What one workload needs with all its replicas: containers run at once, those that only begin it one after another. */
export function needOf({ replicas, initContainers, containers }: Workload): Capacity {
  const running = combine(
    containers.map(({ resources }) => resources),
    add,
  );
  const beginning = initContainers.map(({ resources }) => resources);
  const { milliCpu, memory, gpus } = combine([running, ...beginning], Math.max);
  const scratch = [...initContainers, ...containers].map(scratchOf).reduce(add, 0);
  return { milliCpu: milliCpu * replicas, memory: memory * replicas, gpus: gpus * replicas, disk: scratch * replicas };
}

/** What an application needs in all. */
export function totalNeed({ workloads, volumes }: Pick<Application, "workloads" | "volumes">): Capacity {
  const needs = workloads.map(needOf);
  const sum = (name: keyof Capacity): number => needs.map((need) => need[name]).reduce(add, 0);
  return {
    milliCpu: sum("milliCpu"),
    memory: sum("memory"),
    disk: sum("disk") + volumes.map(({ size }) => size).reduce(add, 0),
    gpus: sum("gpus"),
  };
}
