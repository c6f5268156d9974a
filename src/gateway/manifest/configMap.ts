import type { DocumentHead } from "./document.ts";
import { metadataAt } from "./metadata.ts";
import { isFileName, objectName } from "./names.ts";
import type { Place } from "./place.ts";
import { entriesOf, quoted, textAt } from "./read.ts";
import type { ValueSource } from "../orchestrator/application.ts";

/** Texts by name, and the place of what they are called together. */
export interface ReadConfigMap {
  readonly name: string | undefined;
  readonly place: Place;
  readonly data: Readonly<Record<string, ValueSource>>;
}

/** Reads a ConfigMap. */
export function configMapOf({ metadata, data }: DocumentHead): ReadConfigMap {
  const { name, namePlace } = metadataAt(metadata, objectName);
  const entries = entriesOf(data).map(({ key, place, keyPlace }): [string, ValueSource] => {
    if (!isFileName(key)) keyPlace.fault(`${quoted(key)} is not a key of letters, digits, "-", "_" and "."`);
    return [key, { kind: "text", value: textAt(place) ?? "" }];
  });
  return { name, place: namePlace, data: Object.fromEntries(entries) };
}
