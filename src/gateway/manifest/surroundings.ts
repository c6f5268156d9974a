import type { Place } from "./place.ts";
import { quoted } from "./read.ts";
import type { ValueSource, Volume } from "../orchestrator/application.ts";

/** What pods of a manifest may refer to. */
export interface Surroundings {
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, ValueSource>>>;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Volumes that a StatefulSet's templates make, by the templates' names: its containers mount them without naming them again. */
  readonly claimed?: ReadonlyMap<string, Volume>;
  /** The keys of the secrets that the user has sealed, by name; undefined where they are not known, and references are not checked. */
  readonly secrets: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

/** Says that a name leads nowhere. */
export function missing(place: Place, what: string, name: string, known: Iterable<string>, remedy = ""): void {
  const near = place.near(name, known);
  const hint = near === undefined ? remedy : `; did you mean ${near}?`;
  place.fault(`There is no ${what} ${quoted(name)}${hint}`);
}

/** A reference to an entry of something by name and key, as its places say. */
export interface Reference {
  readonly name: string | undefined;
  readonly namePlace: Place;
  readonly key: string | undefined;
  readonly keyPlace: Place;
}

/** The files of a ConfigMap. */
export function configMapAt(
  { configMaps }: Surroundings,
  name: string | undefined,
  place: Place,
): Readonly<Record<string, ValueSource>> | undefined {
  if (name === undefined) return undefined;
  const found = configMaps.get(name);
  if (found === undefined) missing(place, "ConfigMap", name, configMaps.keys(), " in this manifest");
  return found;
}

/** An entry of a ConfigMap. */
export function configValueAt(
  surroundings: Surroundings,
  { name, namePlace, key, keyPlace }: Reference,
): ValueSource | undefined {
  const map = configMapAt(surroundings, name, namePlace);
  if (map === undefined || key === undefined) return undefined;
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  if (value === undefined) missing(keyPlace, `key in ConfigMap ${name ?? ""},`, key, Object.keys(map));
  return value;
}

/** An entry of a sealed secret. */
export function secretValueAt(
  { secrets }: Surroundings,
  { name, namePlace, key, keyPlace }: Reference,
): ValueSource | undefined {
  if (name === undefined || key === undefined) return undefined;
  const keys = secrets?.get(name);
  const remedy = "; seal it with `app secret set`";
  if (secrets !== undefined && keys === undefined) missing(namePlace, "sealed secret", name, secrets.keys(), remedy);
  else if (keys?.has(key) === false) missing(keyPlace, `key in the sealed secret ${name},`, key, keys, remedy);
  return { kind: "secret", secret: name, key };
}
