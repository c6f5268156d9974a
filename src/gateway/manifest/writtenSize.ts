import { MAX_SECRET_SIZE } from "../../data/secrets.ts";
import type { Application, Container, ValueSource } from "../orchestrator/application.ts";

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);

type Values = Readonly<Record<string, ValueSource>>;

/** What is counted for a variable that is a secret: its reference, for its value lies with the engine. */
const REFERENCE = 64;

function valuesSize(values: Values, secretSize: number): number {
  const sizes = Object.entries(values).map(([name, source]) => {
    return name.length + (source.kind === "text" ? source.value.length : secretSize);
  });
  return sum(sizes);
}

/** Counts once what many containers share. */
class Sizes {
  readonly #known = new Map<Values, number>();

  of(container: Container): number {
    const { command = [], args = [], env, mounts } = container;
    const files = mounts.map(({ source }) => (source.kind === "files" ? this.#files(source.files) : 0));
    return valuesSize(env, REFERENCE) + sum(files) + sum([...command, ...args].map((text) => text.length));
  }

  #files(files: Values): number {
    const size = this.#known.get(files) ?? valuesSize(files, MAX_SECRET_SIZE);
    this.#known.set(files, size);
    return size;
  }
}

/**
 * Characters of an application's texts, each counted wherever it is used: what is short in a manifest may be used often. A file that is a
 * secret counts as the largest that there may be, since it is written out for every container.
 */
export function writtenSize({ workloads }: Pick<Application, "workloads">): number {
  const sizes = new Sizes();
  const all = workloads.flatMap(({ initContainers, containers }) => [...initContainers, ...containers]);
  return sum(all.map((container) => sizes.of(container)));
}
