import { isMap, isScalar, isSeq, type Node, type Scalar } from "yaml";

import type { Place } from "./place.ts";

/** A value as messages show it: strangers' long texts are cut. */
export function quoted(text: string): string {
  return `"${text.length > 60 ? `${text.slice(0, 57)}...` : text}"`;
}

const pathOf = (path: string, key: string): string =>
  /^[A-Za-z_][\w-]*$/.test(key) ? `${path}${path === "" ? "" : "."}${key}` : `${path}[${JSON.stringify(key)}]`;

/** What a node is, in words. */
function kindOf(node: Node): string {
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list";
  const { value } = node as Scalar;
  return typeof value === "string" ? "text" : `the ${typeof value} ${String(value)}`;
}

/** The keys of a mapping and what they hold. Nothing where there is none; if something else is there, that is a fault. */
export function entriesOf(place: Place): { readonly key: string; readonly place: Place; readonly keyPlace: Place }[] {
  const { node } = place;
  if (node === undefined) return [];
  if (!isMap(node)) {
    place.fault(`This must be a mapping, not ${kindOf(node)}`);
    return [];
  }
  return (node.items as { key: Scalar; value: Node | null }[]).map(({ key, value }) => {
    const name = String(key.value);
    const path = pathOf(place.path, name);
    const keyPlace = place.part(path, key);
    return { key: name, place: keyPlace.part(path, value), keyPlace };
  });
}

/** Fields that Kubernetes knows and that are not taken here, and why not. */
export type Refused = Readonly<Record<string, string>>;

/**
 * The fields of a mapping, each a place whether it is there or not. Every other field is a fault.
 *
 * @param names The fields that are taken.
 * @param refused Others that Kubernetes has, with the reason why they are not.
 */
export function fieldsOf<Name extends string>(
  place: Place,
  names: readonly Name[],
  refused: Refused = {},
): Readonly<Record<Name, Place>> {
  const { node } = place;
  const isSilent = place.isSilent || (node !== undefined && !isMap(node));
  const found = new Map(entriesOf(place).map((entry) => [entry.key, entry]));
  for (const { key, keyPlace } of found.values()) {
    if (!(names as readonly string[]).includes(key)) keyPlace.fault(unknownField(keyPlace, key, names, refused));
  }
  const places = names.map((name) => [
    name,
    found.get(name)?.place ?? place.part(pathOf(place.path, name), undefined, isSilent),
  ]);
  return Object.fromEntries(places) as Record<Name, Place>;
}

function unknownField(place: Place, key: string, names: readonly string[], refused: Refused): string {
  const reason = Object.hasOwn(refused, key) ? refused[key] : undefined;
  if (reason !== undefined) return `${key} is refused: ${reason}`;
  if (key === "<<") return "Merge keys are not part of YAML 1.2; write the fields out";
  const near = place.near(key, names);
  return `There is no field ${quoted(key)} here${near === undefined ? "" : `; did you mean ${near}?`}`;
}

/** The items of a list. Nothing where there is none. */
export function itemsOf(place: Place, most = Number.MAX_SAFE_INTEGER): Place[] {
  const { node } = place;
  if (node === undefined) return [];
  if (!isSeq(node)) {
    place.fault(`This must be a list, not ${kindOf(node)}`);
    return [];
  }
  if (node.items.length > most)
    place.fault(`The list has ${String(node.items.length)} items; at most ${String(most)} are allowed`);
  return node.items.slice(0, most).map((item, index) => place.part(`${place.path}[${String(index)}]`, item as Node));
}

/** Whether something is there; if not, that is a fault. */
export function isGiven(place: Place, remedy = ""): boolean {
  if (!place.isThere)
    place.fault(`${place.path.replace(/^.*\./, "")} is required${remedy === "" ? "" : `: ${remedy}`}`);
  return place.isThere;
}

/** Says so of a mapping that has nothing, such as a selector, which would find everything. */
export function checkNotEmpty(place: Place): void {
  if (isMap(place.node) && place.node.items.length === 0) place.fault("This is empty; give at least one");
}

/** The text at a place; undefined where there is none. Numbers and booleans are none: YAML readers differ about them. */
export function textAt(place: Place): string | undefined {
  const { node } = place;
  if (node === undefined) return undefined;
  if (!isScalar(node)) place.fault(`This must be text, not ${kindOf(node)}`);
  else if (typeof node.value !== "string")
    place.fault(`This must be text: write ${JSON.stringify(sourceOf(node))}, in quotes`);
  else if (node.value.includes("\0")) place.fault("The text has a zero byte, which ends it for most programs");
  else return node.value;
  return undefined;
}

/** A plain value as it is written, such as `1e3`. */
function sourceOf(node: Scalar): string {
  return node.source ?? String(node.value);
}

/** The text or number at a place, as it is written. */
export function writtenAt(place: Place): string | undefined {
  const { node } = place;
  if (isScalar(node) && typeof node.value === "number") return sourceOf(node);
  return textAt(place);
}

/** Text of a form; `rule` says of which, such as "at most 63 lower-case letters". */
export function formAt(place: Place, form: RegExp, rule: string): string | undefined {
  const text = textAt(place);
  if (text === undefined || form.test(text)) return text;
  place.fault(`${quoted(text)} is not ${rule}`);
  return undefined;
}

/** A whole number between two, both included. */
export function integerAt(place: Place, least: number, most: number): number | undefined {
  const { node } = place;
  if (node === undefined) return undefined;
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  const written = isScalar(node) ? quoted(sourceOf(node)) : kindOf(node);
  place.fault(`${written} is not a whole number from ${String(least)} to ${String(most)}`);
  return undefined;
}

/** A number of seconds and the like: what a place says, or what holds where it says nothing. */
export function integerOr(place: Place, least: number, most: number, otherwise: number): number {
  return integerAt(place, least, most) ?? otherwise;
}

/** True or false. */
export function flagAt(place: Place): boolean | undefined {
  const { node } = place;
  if (node === undefined) return undefined;
  if (isScalar(node) && typeof node.value === "boolean") return node.value;
  place.fault(`This must be true or false, not ${kindOf(node)}`);
  return undefined;
}

/** One of some words. */
export function wordAt<Word extends string>(place: Place, words: readonly Word[], reason = ""): Word | undefined {
  const text = textAt(place);
  const word = words.find((each) => each === text);
  if (text !== undefined && word === undefined) {
    const allowed = words.length === 1 ? `only ${words.join("")} is` : `${words.join(", ")} are`;
    place.fault(`${quoted(text)} is refused; ${allowed} allowed${reason === "" ? "" : `: ${reason}`}`);
  }
  return word;
}

/** A flag that may be written out, but only as what holds anyhow. */
export function onlyFlag(place: Place, value: boolean, reason: string): void {
  const flag = flagAt(place);
  if (flag !== undefined && flag !== value) place.fault(`${String(flag)} is refused: ${reason}`);
}

/** Texts of a list. */
export function textsAt(place: Place): readonly string[] | undefined {
  if (!place.isThere) return undefined;
  return itemsOf(place).map((item) => {
    if (!item.isThere) item.fault("This must be text");
    return textAt(item) ?? "";
  });
}

/** Says of things that have the same name that they do; `what` is one of them, such as "container". */
export function checkUnique(
  named: readonly { readonly name: string | undefined; readonly place: Place }[],
  what: string,
): void {
  const seen = new Set<string>();
  for (const { name, place } of named) {
    if (name === undefined) continue;
    if (seen.has(name)) place.fault(`There is another ${what} ${quoted(name)}`);
    seen.add(name);
  }
}
