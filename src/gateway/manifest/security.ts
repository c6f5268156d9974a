import type { Place } from "./place.ts";
import { fieldsOf, flagAt, integerAt, itemsOf, onlyFlag, textAt, wordAt, type Refused } from "./read.ts";

/** Largest user that Linux knows. */
const MAX_USER = 2 ** 31 - 1;

/** Who a container runs as. */
export interface Security {
  readonly runAsUser: number | undefined;
  readonly readOnlyRoot: boolean;
}

const HOST = "it reaches into the provider's machine";
const REFUSED: Refused = {
  procMount: HOST,
  sysctls: HOST,
  seLinuxOptions: HOST,
  windowsOptions: "only Linux containers run here",
  appArmorProfile: "the gateway chooses it",
  runAsGroup: "the group is the user's own; leave it out",
  fsGroup: "volumes belong to the user that runs; leave it out",
  fsGroupChangePolicy: "volumes belong to the user that runs; leave it out",
  supplementalGroups: "containers have no further groups",
  supplementalGroupsPolicy: "containers have no further groups",
};

function userAt(runAsUser: Place, runAsNonRoot: Place): number | undefined {
  flagAt(runAsNonRoot);
  return integerAt(runAsUser, 1, MAX_USER);
}

function checkSeccomp(place: Place): void {
  const { type } = fieldsOf(place, ["type"], { localhostProfile: HOST });
  wordAt(type, ["RuntimeDefault"], "others are weaker, or the provider's own");
}

/** Reads a pod's security context: what holds for all of its containers. */
export function podSecurityAt(place: Place): number | undefined {
  const fields = fieldsOf(place, ["runAsUser", "runAsNonRoot", "seccompProfile"], REFUSED);
  checkSeccomp(fields.seccompProfile);
  return userAt(fields.runAsUser, fields.runAsNonRoot);
}

function checkCapabilities(place: Place): void {
  const { add, drop } = fieldsOf(place, ["add", "drop"]);
  for (const item of itemsOf(add))
    item.fault(`Capabilities cannot be added: ${JSON.stringify(textAt(item) ?? "")} is refused`);
  for (const item of itemsOf(drop)) textAt(item);
}

/**
 * Reads a container's security context. What the gateway enforces anyhow may be written out.
 *
 * @param podUser The pod's user, which holds where the container has none.
 */
export function securityAt(place: Place, podUser: number | undefined): Security {
  const fields = fieldsOf(
    place,
    [
      ...(["privileged", "allowPrivilegeEscalation", "capabilities", "seccompProfile"] as const),
      ...(["runAsUser", "runAsNonRoot", "readOnlyRootFilesystem"] as const),
    ],
    REFUSED,
  );
  onlyFlag(fields.privileged, false, `containers here are never privileged, since ${HOST}`);
  onlyFlag(fields.allowPrivilegeEscalation, false, "processes here never gain privileges");
  checkCapabilities(fields.capabilities);
  checkSeccomp(fields.seccompProfile);
  return {
    runAsUser: userAt(fields.runAsUser, fields.runAsNonRoot) ?? podUser,
    readOnlyRoot: flagAt(fields.readOnlyRootFilesystem) ?? false,
  };
}
