/** The sample enclave program as a process of its own; see serving/command.ts, and protocol.ts for what it answers. */
import { runEnclave } from "./serving/command.ts";

void runEnclave(process.argv.slice(2));
