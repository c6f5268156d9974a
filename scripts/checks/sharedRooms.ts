import { dirname } from "node:path";

import type { SourceFile } from "./files.ts";
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
  "contracts/DataGrants.sol": "contracts/grants",
  "contracts/NodeRegistry.sol": "contracts/nodes",
  "contracts/OrderEscrow.sol": "contracts/orders",
  "contracts/TaskEscrow.sol": "contracts/tasks",
  "contracts/ValidatorSet.sol": "contracts/validators",
  "contracts/attestation/CollateralStore.sol": "contracts/attestation/collateral",
  "contracts/attestation/DcapVerifier.sol": "contracts/attestation/dcap",
  "contracts/attestation/QuorumVerifier.sol": "contracts/attestation/quorum",
};

const isShipped = (path: string): boolean => path.startsWith("contracts/") && !path.startsWith("contracts/mocks/");

const sharedRooms: readonly SharedRoom[] = [
  { folder: "contracts/libraries", users: isShipped },
  { folder: "contracts/attestation/formats", users: isShipped },
  { folder: "tasks/support", users: (path) => /^(tasks|demo)\//.test(path) },
  { folder: "test/solidity/utils", users: (path) => path.startsWith("test/solidity/") },
  { folder: "test/fixtures", users: (path) => /^(test|scripts)\//.test(path) },
];

/** The room of a file; a contract without parts and a file at the root of tests or scripts is a room of its own. */
function roomOf(path: string): string {
  const folder = dirname(path);
  const isAlone = ["contracts", "contracts/attestation", "test/integration", "scripts"].includes(folder);
  return ownerOf[path] ?? (isAlone ? path : folder);
}

/** The rooms that use a file of a shared room, by way of other files of that room too. */
function roomsUsing(
  path: string,
  { folder, users }: SharedRoom,
  importersOf: ReadonlyMap<string, readonly string[]>,
  seen = new Set<string>(),
): Set<string> {
  const rooms = new Set<string>();
  if (seen.has(path)) return rooms;
  seen.add(path);
  for (const importer of (importersOf.get(path) ?? []).filter(users)) {
    if (dirname(importer) !== folder) rooms.add(roomOf(importer));
    else for (const room of roomsUsing(importer, { folder, users }, importersOf, seen)) rooms.add(room);
  }
  return rooms;
}

/** Which files import each file. */
function importers(files: readonly SourceFile[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const file of files) {
    for (const { target } of importsOf(file)) {
      if (target !== undefined) found.set(target, [...(found.get(target) ?? []), file.path]);
    }
  }
  return found;
}

/**
 * What is wrong with the shared rooms: a file lives in the room that alone uses it. Tests and mocks do not count as users of what is
 * shipped.
 *
 * @param files All files of the project.
 * @returns How many files the shared rooms have, and what is wrong with them.
 */
export function checkSharedRooms(files: readonly SourceFile[]): { count: number; problems: string[] } {
  const importersOf = importers(files);
  const shared = sharedRooms.flatMap((room) =>
    files
      .filter(({ path }) => dirname(path) === room.folder)
      .map(({ path }) => ({ path, rooms: [...roomsUsing(path, room, importersOf)] })),
  );
  const problems = shared
    // A test at the root has no room of its own that Mocha would not load as tests.
    .filter(({ rooms }) => rooms.length < 2 && !/^test\/integration\/[^/]+$/.test(rooms[0] ?? ""))
    .map(
      ({ path, rooms: [room] }) =>
        `${path}: ${room === undefined ? "nothing uses it" : `only ${room} uses it; move it there`}`,
    );
  return { count: shared.length, problems };
}
