import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

import { converse } from "./conversation.ts";
import { prepareFolder, removeStale } from "./place.ts";
import type { EnclaveService } from "./service.ts";
import { InputError } from "../../inputError.ts";
import { toJson } from "../../json.ts";
import { EnclaveError, problemOf } from "../errors.ts";

/** The most clients at once. */
export const MAX_CLIENTS = 64;

/** Milliseconds that a client which is turned away has to read why. */
const TO_READ = 1_000;

/** A program that listens. */
export interface Listening {
  /** Leaves all clients and removes the socket. */
  close(): Promise<void>;
}

/**
 * Answers clients at a Unix socket that only this account can use.
 *
 * @param path Where the socket is to be, in a folder that nobody else can use; the folder is made if it is missing.
 * @throws {InputError} When it cannot be there.
 */
export async function listen(service: EnclaveService, path: string): Promise<Listening> {
  prepareFolder(path);
  await removeStale(path);
  const clients = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // What ends a connection ends the conversation too.
    socket.on("error", () => undefined);
    if (clients.size >= MAX_CLIENTS) {
      turnAway(socket);
      return;
    }
    clients.add(socket);
    socket.on("close", () => clients.delete(socket));
    void answer(service, socket);
  });
  await bind(server, path);
  return {
    close: async () => {
      server.close();
      for (const socket of clients) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Binds the socket; until it has its mode, that of its folder keeps others out. */
async function bind(server: Server, path: string): Promise<void> {
  try {
    server.listen(path);
    await once(server, "listening");
    chmodSync(path, 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem =
      code === "EADDRINUSE" ? `Another program has started at "${path}"` : `Nothing can listen at "${path}"`;
    throw new InputError(`${problem} (${String(code)})`, "Stop the other one, or name another path.", { cause });
  }
}

async function answer(service: EnclaveService, socket: Socket): Promise<void> {
  try {
    await converse(service, socket, socket);
    socket.end();
  } catch {
    socket.destroy();
  }
}

function turnAway(socket: Socket): void {
  const busy = new EnclaveError("BUSY", `The program has ${MAX_CLIENTS} clients, and takes no more`);
  // Were the socket closed at once, a client that is still asking could not read the answer.
  socket.resume();
  socket.end(`${toJson({ id: null, error: problemOf(busy) }, 0)}\n`);
  const leave = setTimeout(() => socket.destroy(), TO_READ);
  socket.on("close", () => {
    clearTimeout(leave);
  });
}
