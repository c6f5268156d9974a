import { fileName, isVariableName, objectName, variableName } from "./names.ts";
import type { Place } from "./place.ts";
import { checkUnique, fieldsOf, isGiven, itemsOf, onlyFlag, quoted, textAt } from "./read.ts";
import { configMapAt, configValueAt, secretValueAt, type Reference, type Surroundings } from "./surroundings.ts";
import type { ValueSource } from "../orchestrator/application.ts";

/** Variables that a container may have. */
const MAX_VARIABLES = 500;
const MANY = `a container may have ${String(MAX_VARIABLES)} variables`;
const OPTIONAL = "what is referred to must be there";

function referenceAt(place: Place): Reference {
  const fields = fieldsOf(place, ["name", "key", "optional"]);
  onlyFlag(fields.optional, false, OPTIONAL);
  return {
    name: isGiven(fields.name) ? objectName(fields.name) : undefined,
    namePlace: fields.name,
    key: isGiven(fields.key) ? fileName(fields.key) : undefined,
    keyPlace: fields.key,
  };
}

function sourceAt(place: Place, surroundings: Surroundings): ValueSource | undefined {
  const fields = fieldsOf(place, ["configMapKeyRef", "secretKeyRef"], {
    fieldRef: "what a cluster knows of a pod is not told to it",
    resourceFieldRef: "write the value out",
    fileKeyRef: "write the value out",
  });
  const { configMapKeyRef: config, secretKeyRef: secret } = fields;
  if (config.isThere === secret.isThere) {
    place.fault("Exactly one of configMapKeyRef and secretKeyRef is required");
    return undefined;
  }
  return config.isThere
    ? configValueAt(surroundings, referenceAt(config))
    : secretValueAt(surroundings, referenceAt(secret));
}

interface Variable {
  readonly name: string | undefined;
  readonly place: Place;
  readonly value: ValueSource | undefined;
}

function variableAt(place: Place, surroundings: Surroundings): Variable {
  const fields = fieldsOf(place, ["name", "value", "valueFrom"]);
  const name = isGiven(fields.name) ? variableName(fields.name) : undefined;
  if (fields.value.isThere && fields.valueFrom.isThere)
    fields.valueFrom.fault("There is a value already; give one of both");
  if (fields.valueFrom.isThere) return { name, place: fields.name, value: sourceAt(fields.valueFrom, surroundings) };
  return { name, place: fields.name, value: { kind: "text", value: textAt(fields.value) ?? "" } };
}

/** The variables that all entries of a ConfigMap make. */
function importedAt(place: Place, surroundings: Surroundings): [string, ValueSource][] {
  const fields = fieldsOf(place, ["configMapRef", "prefix"], {
    secretRef: "name each entry of a secret by env[].valueFrom.secretKeyRef",
  });
  const prefix = textAt(fields.prefix) ?? "";
  if (!isGiven(fields.configMapRef)) return [];
  const { name, optional } = fieldsOf(fields.configMapRef, ["name", "optional"]);
  onlyFlag(optional, false, OPTIONAL);
  const map = configMapAt(surroundings, isGiven(name) ? objectName(name) : undefined, name) ?? {};
  const entries = Object.entries(map);
  const wrong = entries.map(([key]) => prefix + key).find((variable) => !isVariableName(variable));
  if (wrong !== undefined) fields.configMapRef.fault(`${quoted(wrong)} is not a variable's name`);
  if (entries.length <= MAX_VARIABLES) return entries.map(([key, value]) => [prefix + key, value]);
  fields.configMapRef.fault(`The ConfigMap has ${String(entries.length)} entries; ${MANY}`);
  return [];
}

/** Reads a container's variables: those of whole ConfigMaps, then those by name, which win. */
export function envAt(env: Place, envFrom: Place, surroundings: Surroundings): Record<string, ValueSource> {
  const imported = itemsOf(envFrom, 8).flatMap((item) => importedAt(item, surroundings));
  const variables = itemsOf(env, MAX_VARIABLES).map((item) => variableAt(item, surroundings));
  checkUnique(variables, "variable");
  const named = variables.flatMap(({ name, value }): [string, ValueSource][] =>
    name === undefined || value === undefined ? [] : [[name, value]],
  );
  const all = new Map([...imported, ...named]);
  if (all.size > MAX_VARIABLES) envFrom.fault(`There are ${String(all.size)} variables; ${MANY}`);
  return Object.fromEntries([...all].slice(0, MAX_VARIABLES));
}
