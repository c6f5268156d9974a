import type { Application, Container, OpenedSecrets, ValueSource, Workload } from "../application.ts";
import { OrchestratorError } from "../orchestrator.ts";
import { filesName, variablesName } from "./names.ts";

/** An object of values: a ConfigMap's texts, or a Secret's bytes in base64. */
export interface Values {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly entries: Readonly<Record<string, string>>;
}

/**
 * The ConfigMaps and Secrets that an application's containers get files and variables from. A cluster keeps Secrets as its administrator has
 * set it up; whoever may read Secrets of the order's namespace reads them.
 *
 * @throws {OrchestratorError} `refused`, when a secret is missing.
 */
export function valuesOf({ workloads }: Application, opened: OpenedSecrets): Values[] {
  return workloads.flatMap((workload) =>
    [...workload.initContainers, ...workload.containers].flatMap((container) => [
      ...variables(workload, container, opened),
      ...files(workload, container, opened),
    ]),
  );
}

function variables(workload: Workload, container: Container, opened: OpenedSecrets): Values[] {
  return secretsIn(variablesName(workload.name, container.name), container.env, opened);
}

function files(workload: Workload, container: Container, opened: OpenedSecrets): Values[] {
  return container.mounts.flatMap(({ source }, index) => {
    if (source.kind !== "files") return [];
    const name = filesName(workload.name, container.name, index);
    const texts = Object.entries(source.files).flatMap(([key, file]) =>
      file.kind === "text" ? [[key, file.value]] : [],
    );
    const configMap: Values[] =
      texts.length === 0 ? [] : [{ kind: "ConfigMap", name, entries: Object.fromEntries(texts) as Values["entries"] }];
    return [...configMap, ...secretsIn(name, source.files, opened)];
  });
}

function secretsIn(name: string, values: Readonly<Record<string, ValueSource>>, opened: OpenedSecrets): Values[] {
  const entries = Object.entries(values).flatMap(([key, source]) =>
    source.kind === "secret" ? [[key, bytesOf(source, opened)]] : [],
  );
  return entries.length === 0
    ? []
    : [{ kind: "Secret", name, entries: Object.fromEntries(entries) as Values["entries"] }];
}

function bytesOf({ secret, key }: { secret: string; key: string }, opened: OpenedSecrets): string {
  const value = opened.get(secret)?.get(key);
  if (value !== undefined) return Buffer.from(value).toString("base64");
  throw new OrchestratorError("refused", `The application needs the secret ${secret} with the entry ${key}`);
}
