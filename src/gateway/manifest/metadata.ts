import { labelsAt } from "./names.ts";
import type { Place } from "./place.ts";
import { entriesOf, fieldsOf, isGiven, textAt, type Refused } from "./read.ts";

/** The annotation of a Service that anybody may reach without a token. */
const PUBLIC = "computing-power/public";

const REFUSED: Refused = {
  namespace: "every order has one of its own, which the gateway makes; leave it out",
  generateName: "give a name",
  ...Object.fromEntries(
    ["uid", "resourceVersion", "generation", "selfLink", "managedFields", "ownerReferences", "finalizers"].map(
      (name) => [name, "only a cluster sets it; leave it out"],
    ),
  ),
};

/** What a document or a template is called and labelled. */
export interface Metadata {
  readonly name: string | undefined;
  readonly namePlace: Place;
  readonly labels: Readonly<Record<string, string>>;
  readonly isPublic: boolean;
}

/**
 * Reads metadata.
 *
 * @param nameOf Reads the name; templates have none.
 */
export function metadataAt(
  place: Place,
  nameOf?: (place: Place) => string | undefined,
  allow: { readonly isPublic: boolean } = { isPublic: false },
): Metadata {
  const fields = fieldsOf(place, ["name", "labels", "annotations", "creationTimestamp"], REFUSED);
  if (fields.creationTimestamp.isThere) fields.creationTimestamp.fault("Only a cluster sets it; leave it out");
  let name: string | undefined;
  if (nameOf === undefined) textAt(fields.name);
  else if (isGiven(fields.name)) name = nameOf(fields.name);
  return {
    name,
    namePlace: fields.name,
    labels: labelsAt(fields.labels),
    isPublic: annotationsAt(fields.annotations, allow.isPublic),
  };
}

/** Reads annotations: whether a service is public. Others would have no effect here, and are faults. */
function annotationsAt(place: Place, isService: boolean): boolean {
  let isPublic = false;
  for (const { key, place: value, keyPlace } of entriesOf(place)) {
    if (key !== PUBLIC || !isService) {
      const where = key === PUBLIC ? "only a Service takes it" : "it would have no effect here; leave it out";
      keyPlace.fault(`The annotation ${JSON.stringify(key.slice(0, 80))} is refused: ${where}`);
      continue;
    }
    const text = textAt(value);
    if (text !== undefined && text !== "true" && text !== "false") value.fault('This must be "true" or "false"');
    isPublic = text === "true";
  }
  return isPublic;
}
