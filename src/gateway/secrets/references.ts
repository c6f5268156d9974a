import type { Application, Container, ValueSource } from "../orchestrator/application.ts";

/** One value of a secret that an application uses. */
export interface Reference {
  readonly secret: string;
  readonly key: string;
}

function sourcesOf({ env, mounts }: Container): ValueSource[] {
  const files = mounts.flatMap(({ source }) => (source.kind === "files" ? Object.values(source.files) : []));
  return [...Object.values(env), ...files];
}

/** The values that an application uses, each once, in the order of their names. */
export function referencesOf({ workloads }: Application): Reference[] {
  const containers = workloads.flatMap((workload) => [...workload.initContainers, ...workload.containers]);
  const references = containers
    .flatMap(sourcesOf)
    .flatMap((source) => (source.kind === "secret" ? [[`${source.secret} ${source.key}`, source] as const] : []));
  const sorted = [...new Map(references)].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([, { secret, key }]) => ({ secret, key }));
}
