import type { z } from "zod";

/** What every variable begins with that overrides a field of a service's configuration. */
export const prefixOf = (service: string): string => `COMPUTING_POWER_${service.toUpperCase()}_`;

/** A field that a variable overrides. */
export interface Override {
  /** Name of the variable. */
  readonly variable: string;
  /** Where the field is in the configuration. */
  readonly path: readonly string[];
  /** How the variable's text becomes the field's value. */
  readonly form: "text" | "number" | "boolean" | "json";
  /** The part of the configuration that is dropped when the variable is set: the alternatives of a choice exclude each other. */
  readonly replaces: readonly string[] | undefined;
}

/** What is looked at of a zod schema. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly Schema[];
  readonly discriminator?: string;
}

interface Schema {
  readonly def: Definition;
}

const FORMS: Readonly<Record<string, Override["form"]>> = {
  number: "number",
  boolean: "boolean",
  array: "json",
  record: "json",
};

/** The variable of a field: the gateway's `chain.maxBlockAge` is `COMPUTING_POWER_GATEWAY_CHAIN_MAX_BLOCK_AGE`. */
function variableOf(prefix: string, path: readonly string[]): string {
  const words = path.map((name) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return prefix + words.join("_");
}

/** Every variable that overrides a field of a service's configuration. */
export function overridesOf(schema: z.ZodType, service: string): Override[] {
  const found = collect(schema, [], undefined).map((each) => ({
    variable: variableOf(prefixOf(service), each.path),
    ...each,
  }));
  return [...new Map(found.map((each) => [each.variable, each])).values()];
}

function collect(
  { def }: Schema,
  path: readonly string[],
  replaces: Override["replaces"],
): Omit<Override, "variable">[] {
  if (def.innerType !== undefined) return collect(def.innerType, path, replaces);
  if (def.shape !== undefined) {
    return Object.entries(def.shape).flatMap(([name, field]) => collect(field, [...path, name], replaces));
  }
  if (def.options !== undefined) {
    const dropped = def.discriminator === undefined ? path : replaces;
    return def.options.flatMap((option) => collect(option, path, dropped));
  }
  return [{ path, form: FORMS[def.type] ?? "text", replaces }];
}

/** What a variable's text stands for; text that has not the form stays as it is, for the schema to refuse. */
function valueOf(form: Override["form"], text: string): unknown {
  if (form === "number") return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (form === "boolean") return text === "true" || text === "false" ? text === "true" : text;
  return form === "json" ? JSON.parse(text) : text;
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fieldsAt(root: Fields, path: readonly string[]): Fields {
  let fields = root;
  for (const name of path) {
    const next = fields[name];
    const inner = isFields(next) ? next : {};
    fields[name] = inner;
    fields = inner;
  }
  return fields;
}

function put(root: Fields, path: readonly string[], value: unknown): void {
  const name = path.at(-1);
  if (name !== undefined) fieldsAt(root, path.slice(0, -1))[name] = value;
}

/**
 * Overrides fields by variables. An empty variable counts as none.
 *
 * @param value The configuration as its file has it; not changed.
 * @returns The configuration, and what is wrong with the variables, a sentence each: never with their values, which may be secret.
 */
export function overrideByEnvironment(
  value: unknown,
  { service, overrides }: { readonly service: string; readonly overrides: readonly Override[] },
  environment: Readonly<Record<string, string | undefined>>,
): { readonly value: unknown; readonly faults: readonly string[] } {
  const prefix = prefixOf(service);
  const set = Object.entries(environment).filter(([name, text]) => name.startsWith(prefix) && text !== "");
  if (set.length === 0) return { value, faults: [] };
  const root = isFields(value) ? structuredClone(value) : {};
  const known = new Map(overrides.map((each) => [each.variable, each]));
  const faults: string[] = [];
  const dropped = new Set<string>();
  for (const [name, text = ""] of set) {
    const override = known.get(name);
    if (override === undefined) {
      faults.push(`${name}: no field has this variable`);
      continue;
    }
    const { path, form, replaces } = override;
    if (replaces !== undefined && !dropped.has(replaces.join("."))) {
      dropped.add(replaces.join("."));
      put(root, replaces, {});
    }
    try {
      put(root, path, valueOf(form, text));
    } catch {
      faults.push(`${name}: not JSON`);
    }
  }
  return { value: root, faults };
}
