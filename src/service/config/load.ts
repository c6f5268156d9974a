import { readFileSync } from "node:fs";

import json5 from "json5";
import type { z } from "zod";

import { overrideByEnvironment, overridesOf } from "./environment.ts";
import { InputError } from "../../inputError.ts";

/** A service's configuration. */
export interface ConfigKind<Schema extends z.ZodType> {
  /** The service, such as "gateway"; the docs have an example of its name. */
  readonly service: string;
  readonly schema: Schema;
}

/** Where a configuration comes from. */
export interface ConfigSources {
  /** Path of the JSON5 file; nothing where variables say everything. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new InputError(`The configuration ${file} cannot be read`, "Name a JSON5 file that this account can read.", {
      cause,
    });
  }
}

function parseFile(file: string, service: string): unknown {
  const text = readText(file);
  try {
    return json5.parse<unknown>(text);
  } catch (error) {
    // The parser's words quote the file, which may hold what is secret.
    const { lineNumber, columnNumber } = error as { lineNumber?: number; columnNumber?: number };
    const place = lineNumber === undefined ? "" : ` at line ${String(lineNumber)}, column ${String(columnNumber ?? 1)}`;
    throw new InputError(
      `The configuration ${file} is not JSON5${place}`,
      `Correct it there; docs/${service}.json5 is an example.`,
    );
  }
}

const pathOf = (path: readonly PropertyKey[]): string => (path.length === 0 ? "the file" : path.map(String).join("."));

/** Fields of a configuration, and where they come from. */
export interface ConfigFields {
  readonly fields: unknown;
  /** Names it in errors, such as its path. */
  readonly origin: string;
  readonly environment: ConfigSources["environment"];
}

/**
 * Makes a service's configuration of fields, overridden by variables such as `COMPUTING_POWER_GATEWAY_LISTEN_PORT`, with every default filled in.
 *
 * @throws {InputError} With all that is wrong, field by field.
 */
export function completeConfig<Schema extends z.ZodType>(
  { service, schema }: ConfigKind<Schema>,
  { fields, origin, environment }: ConfigFields,
): z.infer<Schema> {
  const overrides = overridesOf(schema, service);
  const { value, faults } = overrideByEnvironment(fields, { service, overrides }, environment);
  const result = schema.safeParse(value);
  const wrong = result.error?.issues.map(({ path, message }) => `${pathOf(path)}: ${message}`) ?? [];
  const all = [...faults, ...wrong];
  if (result.success && all.length === 0) return result.data;
  const count = all.length === 1 ? "1 fault" : `${String(all.length)} faults`;
  throw new InputError(
    `The ${service}'s configuration from ${origin} has ${count}`,
    `Correct them; docs/${service}.json5 explains every field.`,
    { faults: all },
  );
}

/**
 * Loads a service's configuration: what its file says, completed as {@link completeConfig} does.
 *
 * @throws {InputError} For a file that cannot be read, and with all that is wrong, field by field.
 */
export function loadConfig<Schema extends z.ZodType>(
  kind: ConfigKind<Schema>,
  { file, environment }: ConfigSources,
): z.infer<Schema> {
  const fields = file === undefined ? {} : parseFile(file, kind.service);
  return completeConfig(kind, { fields, origin: file ?? "the environment", environment });
}
