import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HARDHAT = join(ROOT, "node_modules/hardhat/dist/src/cli.js");

/** Milliseconds that a command which keeps running has until it is ready. */
const START = 60_000;

/** Where commands and their results are shown. */
export interface Screen {
  readonly command: (line: string) => void;
  readonly result: (text: string) => void;
}

/**
 * A Hardhat project of somebody else's in a folder of its own, with a chain that no other process uses: what runs in it are the commands
 * of the documents, each a process as in a terminal.
 */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "demo-app-"));
  readonly #screen: Screen;
  readonly #running: ChildProcess[] = [];

  /**
   * @param phrase Mnemonic of the chain's accounts.
   * @param url Where its chain will be.
   */
  constructor(phrase: string, url: string, screen: Screen) {
    this.#screen = screen;
    const accounts = { mnemonic: phrase };
    const networks = {
      default: {
        type: "edr-simulated",
        chainType: "l1",
        hardfork: "osaka",
        accounts,
        allowBlocksWithSameTimestamp: true,
      },
      localhost: { type: "http", chainType: "l1", url },
    };
    const plugin = pathToFileURL(join(ROOT, "tasks/index.ts")).href;
    writeFileSync(this.file("package.json"), JSON.stringify({ type: "module" }));
    const others = JSON.stringify({ networks, paths: { ignition: "." } });
    const config = `import platform from ${JSON.stringify(plugin)};\nexport default { plugins: [platform], ...${others} };\n`;
    writeFileSync(this.file("hardhat.config.ts"), config);
    symlinkSync(join(ROOT, "node_modules"), this.file("node_modules"));
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** Runs a command to its end and shows its result; what it prints, as {@link quietly} does. */
  async run(...words: readonly string[]): Promise<string> {
    const printed = await this.quietly(...words);
    this.#screen.result(printed);
    return printed;
  }

  /**
   * Runs a command to its end and shows the command alone.
   *
   * @returns What it printed to stdout.
   * @throws When it fails, with all that it printed.
   */
  async quietly(...words: readonly string[]): Promise<string> {
    const child = this.#spawn(words);
    let [result, all] = ["", ""];
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      result += text;
      all += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      all += text;
    });
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`\`npx hardhat ${words.join(" ")}\` ended with ${String(code)}:\n${all}`);
    return result;
  }

  /**
   * Starts a command that keeps running, and waits until it says that it is ready.
   *
   * @throws When it ends instead, or is not ready in a minute, with what it printed.
   */
  async start(ready: RegExp, ...words: readonly string[]): Promise<void> {
    const child = this.#spawn(words);
    this.#running.push(child);
    let printed = "";
    await new Promise<void>((resolve, reject) => {
      const fail = (what: string) => {
        reject(new Error(`\`npx hardhat ${words.join(" ")}\` ${what}:\n${printed}`));
      };
      const timer = setTimeout(fail, START, "is not ready after a minute");
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => {
          printed += text;
          if (ready.test(printed)) resolve();
        });
      }
      child.once("exit", () => {
        clearTimeout(timer);
        fail("has ended");
      });
    });
  }

  /** Ends what still runs, the last first, and removes the folder. */
  async close(): Promise<void> {
    for (const child of this.#running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGINT");
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(words: readonly string[]): ChildProcess {
    this.#screen.command(`npx hardhat ${words.join(" ")}`);
    // A group of its own: Ctrl-C reaches the demo alone, which ends them in order.
    return spawn(process.execPath, [HARDHAT, ...words], {
      cwd: this.folder,
      env: { ...process.env, COMPUTING_POWER_STATE: this.file("state") },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  }
}
