/**
 * Fails when a shared room holds what one room alone uses: a file lives in the room that alone uses it. Tests and mocks do not count as
 * users of what is shipped.
 */
import { dirname } from "node:path";

import { readFiles, report } from "./files.ts";
import { importsOf } from "./importsOf.ts";

interface SharedRoom {
  /** The folder whose files several rooms must use. */
  folder: string;
  /** Which files can be users. */
  users: (path: string) => boolean;
}

/** The rooms of contracts that stand above their parts. */
const ownerOf: Readonly<Record<string, string>> = {
  "contracts/ChallengeManager.sol": "contracts/challenges",
  "contracts/NodeRegistry.sol": "contracts/nodes",
  "contracts/OrderEscrow.sol": "contracts/orders",
  "contracts/TaskEscrow.sol": "contracts/tasks",
  "contracts/attestation/CollateralStore.sol": "contracts/attestation/collateral",
  "contracts/attestation/DcapVerifier.sol": "contracts/attestation/dcap",
  "contracts/attestation/QuorumVerifier.sol": "contracts/attestation/quorum",
  "contracts/attestation/SimulationCollateralStore.sol": "contracts/attestation/collateral",
  "contracts/attestation/SimulationDcapVerifier.sol": "contracts/attestation/dcap",
};

const isShipped = (path: string): boolean => path.startsWith("contracts/") && !path.startsWith("contracts/mocks/");

const sharedRooms: readonly SharedRoom[] = [
  { folder: "contracts/libraries", users: isShipped },
  { folder: "contracts/attestation/formats", users: isShipped },
  { folder: "tasks/support", users: (path) => /^(tasks|demo)\//.test(path) },
  { folder: "test/solidity/utils", users: (path) => path.startsWith("test/solidity/") },
  { folder: "test/fixtures", users: (path) => /^(test|scripts)\//.test(path) },
];

const files = ["contracts", "src", "tasks", "demo", "modules", "scripts", "test"].flatMap((folder) => [
  ...readFiles(folder, ".sol"),
  ...readFiles(folder, ".ts"),
]);
const importersOf = new Map<string, string[]>();
for (const file of files) {
  for (const { target } of importsOf(file)) {
    if (target !== undefined) importersOf.set(target, [...(importersOf.get(target) ?? []), file.path]);
  }
}

/** The room of a file; a contract without parts and a file at the root of tests or scripts is a room of its own. */
function roomOf(path: string): string {
  const folder = dirname(path);
  const isAlone = ["contracts", "contracts/attestation", "test/integration", "scripts"].includes(folder);
  return ownerOf[path] ?? (isAlone ? path : folder);
}

/** The rooms that use a file of a shared room, by way of other files of that room too. */
function roomsUsing(path: string, { folder, users }: SharedRoom, seen = new Set<string>()): Set<string> {
  const rooms = new Set<string>();
  if (seen.has(path)) return rooms;
  seen.add(path);
  for (const importer of (importersOf.get(path) ?? []).filter(users)) {
    if (dirname(importer) !== folder) rooms.add(roomOf(importer));
    else for (const room of roomsUsing(importer, { folder, users }, seen)) rooms.add(room);
  }
  return rooms;
}

const shared = sharedRooms.flatMap((room) =>
  files
    .filter(({ path }) => dirname(path) === room.folder)
    .map(({ path }) => ({ path, rooms: [...roomsUsing(path, room)] })),
);
const problems = shared
  // A test at the root has no room of its own that Mocha would not load as tests.
  .filter(({ rooms }) => rooms.length < 2 && !/^test\/integration\/[^/]+$/.test(rooms[0] ?? ""))
  .map(
    ({ path, rooms }) =>
      `${path}: ${rooms[0] === undefined ? "nothing uses it" : `only ${rooms[0]} uses it; move it there`}`,
  );
report("shared rooms are shared", problems, `${String(shared.length)} files`);
