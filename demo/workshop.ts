import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { filesBelow, leaksIn } from "./leaks.ts";
import { EnclaveClient } from "../src/enclave/index.ts";

/** What was looked through for secrets, and what was found. */
export interface Search {
  readonly secrets: number;
  readonly files: number;
  /** Of the program's output and the files. */
  readonly bytes: number;
  /** The secrets that stand somewhere. */
  readonly found: readonly string[];
}

/** A temporary folder and the enclave program at work in it. Close it when done. */
export class Workshop {
  readonly program: EnclaveClient;
  readonly #folder: string;
  readonly #printed: Uint8Array[];

  private constructor(folder: string, program: EnclaveClient, printed: Uint8Array[]) {
    this.#folder = folder;
    this.program = program;
    this.#printed = printed;
  }

  /** Starts the program, whose quotes are those of a simulated platform of this name. */
  static async open(platform: string): Promise<Workshop> {
    const folder = mkdtempSync(join(tmpdir(), "demo-"));
    const printed: Uint8Array[] = [];
    try {
      const program = await EnclaveClient.start({
        ...{ folder, platform, believes: "host" },
        onOutput: (chunk) => printed.push(chunk),
      });
      return new Workshop(folder, program, printed);
    } catch (error) {
      rmSync(folder, { recursive: true });
      throw error;
    }
  }

  /** Where a file of the folder is. */
  path(name: string): string {
    return join(this.#folder, name);
  }

  /** Writes a file into the folder. Returns where it is. */
  put(name: string, content: Uint8Array | string): string {
    const path = this.path(name);
    writeFileSync(path, content);
    return path;
  }

  /** Looks for secrets in all that the program has printed and all that lies in the folder. */
  search(secrets: ReadonlyMap<string, Uint8Array>): Search {
    const files = filesBelow(this.#folder).map((file) => readFileSync(file));
    const places = [Buffer.concat(this.#printed), ...files];
    return {
      secrets: secrets.size,
      files: files.length,
      bytes: places.reduce((sum, { length }) => sum + length, 0),
      found: places.flatMap((place) => leaksIn(place, secrets)),
    };
  }

  /** Ends the program, and its key with it. May be called again. */
  async stop(): Promise<void> {
    await this.program.close();
  }

  /** Ends the program and removes the folder. */
  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
