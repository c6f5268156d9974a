/** Fails when a shared room holds what one room alone uses. */
import { readFiles, report } from "./files.ts";
import { checkSharedRooms } from "./sharedRooms.ts";

const files = ["contracts", "src", "tasks", "demo", "modules", "scripts", "test"].flatMap((folder) => [
  ...readFiles(folder, ".sol"),
  ...readFiles(folder, ".ts"),
]);
const { count, problems } = checkSharedRooms(files);
report("shared rooms are shared", problems, `${String(count)} files`);
