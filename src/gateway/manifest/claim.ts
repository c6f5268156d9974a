import type { DocumentHead } from "./document.ts";
import { metadataAt } from "./metadata.ts";
import { labelName, objectName } from "./names.ts";
import type { Place } from "./place.ts";
import { checkUnique, fieldsOf, isGiven, itemsOf, quoted, textAt, wordAt, type Refused } from "./read.ts";
import { quantityAt } from "./resources.ts";
import type { Volume } from "../orchestrator/application.ts";

const PROVIDER = "the provider chooses where volumes lie";
const REFUSED: Refused = {
  storageClassName: PROVIDER,
  volumeName: PROVIDER,
  volumeAttributesClassName: PROVIDER,
  selector: PROVIDER,
  dataSource: "volumes begin empty",
  dataSourceRef: "volumes begin empty",
};

function sizeAt(place: Place): number | undefined {
  if (!isGiven(place, "give requests.storage, such as 1Gi")) return undefined;
  const { requests, limits } = fieldsOf(place, ["requests", "limits"]);
  if (!isGiven(requests, "give storage, such as 1Gi")) return undefined;
  const { storage } = fieldsOf(requests, ["storage"]);
  const size = isGiven(storage, "such as 1Gi") ? quantityAt(storage, 1) : undefined;
  const { storage: limit } = fieldsOf(limits, ["storage"]);
  const most = quantityAt(limit, 1);
  if (most !== undefined && most !== size) limit.fault("Limits must equal requests; leave the limit out");
  return size;
}

/** Reads a claim's specification. */
function claimSizeAt(spec: Place): number {
  const fields = fieldsOf(spec, ["accessModes", "resources", "volumeMode"], REFUSED);
  wordAt(fields.volumeMode, ["Filesystem"], "volumes are folders");
  if (isGiven(fields.accessModes, "ReadWriteOnce")) {
    const modes = itemsOf(fields.accessModes);
    for (const mode of modes) wordAt(mode, ["ReadWriteOnce"], "a volume lies on the order's own node");
    if (modes.length === 0) fields.accessModes.fault("ReadWriteOnce is required");
  }
  return sizeAt(fields.resources) ?? 0;
}

/** A volume, and the place of its name. */
export interface ReadClaim {
  readonly name: string | undefined;
  readonly place: Place;
  readonly volume: Volume;
}

/** Reads a PersistentVolumeClaim. */
export function claimOf({ metadata, spec }: DocumentHead): ReadClaim {
  const { name, namePlace } = metadataAt(metadata, objectName);
  return { name, place: namePlace, volume: { name: name ?? "", size: claimSizeAt(spec) } };
}

/**
 * Reads a StatefulSet's templates of claims. With one replica each is one claim, named as Kubernetes does.
 *
 * @param set The StatefulSet's name.
 * @returns The volumes by the names of their templates.
 */
export function claimTemplatesAt(place: Place, set: string | undefined): readonly (readonly [string, Volume])[] {
  const templates = itemsOf(place, 16).map((item) => {
    const fields = fieldsOf(item, ["apiVersion", "kind", "metadata", "spec", "status"]);
    wordAt(fields.apiVersion, ["v1"]);
    wordAt(fields.kind, ["PersistentVolumeClaim"]);
    const { name, namePlace } = metadataAt(fields.metadata, labelName);
    if (isGiven(fields.spec) && fields.status.isThere) textAt(fields.status);
    const full = `${name ?? ""}-${set ?? ""}-0`;
    if (full.length > 63) namePlace.fault(`The volume's name ${quoted(full)} has more than 63 characters`);
    return { name, place: namePlace, volume: { name: full, size: claimSizeAt(fields.spec) } };
  });
  checkUnique(templates, "template of a volume");
  return templates.flatMap(({ name, volume }): (readonly [string, Volume])[] =>
    name === undefined ? [] : [[name, volume]],
  );
}
