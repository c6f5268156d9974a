import type { Application, Container, ValueSource } from "../orchestrator/application.ts";

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

function valuesSize(values: Readonly<Record<string, ValueSource>>): number {
  return sum(
    Object.entries(values).map(([name, source]) => name.length + (source.kind === "text" ? source.value.length : 64)),
  );
}

function containerSize({ command = [], args = [], env, mounts }: Container): number {
  const files = mounts.map(({ source }) => (source.kind === "files" ? valuesSize(source.files) : 0));
  return valuesSize(env) + sum(files) + sum([...command, ...args].map((text) => text.length));
}

/** Characters of an application's texts, each counted wherever it is used: what is short in a manifest may be used often. */
export function writtenSize({ workloads }: Pick<Application, "workloads">): number {
  return sum(
    workloads.flatMap(({ initContainers, containers }) => [...initContainers, ...containers].map(containerSize)),
  );
}
